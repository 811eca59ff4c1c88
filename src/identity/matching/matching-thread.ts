import { parentPort } from 'node:worker_threads';
import type { RequestMessage, ResponseMessage } from './match-requests.ts';
import { MatchingDesk } from './matching-desk.ts';

/** The thread in which people are compared, so that the API's thread stays free. Started by `Matcher`. */

if (!parentPort) throw new Error('This file is run as a worker thread.');
const port = parentPort;

let current = 0;
const desk = new MatchingDesk((progress) => respond({ id: current, progress }));

port.on('message', async ({ id, name, ask }: RequestMessage) => {
  current = id;
  try {
    respond({ id, answer: await desk.answer(name, ask) });
  } catch (error) {
    respond({ id, error: error instanceof Error ? error : new Error(String(error)) });
  }
});

function respond(message: ResponseMessage): void {
  port.postMessage(message);
}
