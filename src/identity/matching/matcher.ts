import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MatchRequests, RequestName, ResponseMessage } from './match-requests.ts';

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((done: number) => void) | undefined;
}

/**
 * A thread that compares people. It starts with the first request and ends with {@link close}; one that dies fails the
 * requests that wait for it, and the next request starts another.
 */
export class Matcher {
  #worker: Worker | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();

  ask<Name extends RequestName>(
    name: Name,
    ask: MatchRequests[Name]['ask'],
    onProgress?: (done: number) => void,
  ): Promise<MatchRequests[Name]['answer']> {
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#worker!.postMessage({ id, name, ask });
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // Beside this file, as TypeScript or as what has been built of it.
    const worker = new Worker(new URL(`./matching-thread${extname(import.meta.url)}`, import.meta.url));
    worker.on('message', (message: ResponseMessage) => this.#settle(message));
    worker.on('error', (error) => this.#fail(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#fail(worker, new Error('The thread that compares people has ended.')));
    // It must not keep a command alive that has nothing else to do.
    worker.unref();
    return worker;
  }

  #settle(message: ResponseMessage): void {
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    if ('progress' in message) {
      waiting.onProgress?.(message.progress);
      return;
    }
    this.#waiting.delete(message.id);
    if ('error' in message) waiting.reject(message.error);
    else waiting.resolve(message.answer as never);
  }

  #fail(worker: Worker, error: Error): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
