import { parentPort, workerData } from 'node:worker_threads';
import { doWork, type WorkMessage } from './model-work.ts';

/** The thread in which models are fitted, so that the API's thread stays free. Started by `ModelThreads`, for one answer. */

const { name, ask } = workerData as WorkMessage;
parentPort?.postMessage(doWork(name, ask));
