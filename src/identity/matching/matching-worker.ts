import { parentPort, workerData } from 'node:worker_threads';
import { assembleTable, type TableParts } from './match-table.ts';
import type { WorkReply, WorkRequest } from './matching-threads.ts';
import { MatchingWorker, type WorkName } from './matching-work.ts';

/** A thread that does pieces of a run, on a table that it shares with the others. Started by `MatchingThreads`. */

const worker = new MatchingWorker(assembleTable(workerData as TableParts));

parentPort?.on('message', ({ id, name, ask }: WorkRequest<WorkName>) => {
  parentPort?.postMessage({ id, answer: worker.do(name, ask) } satisfies WorkReply<WorkName>);
});
