import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ModelWork, WorkName } from './model-work.ts';

/** Fits in threads of their own, one after the other: a fit needs a core, and memory for everybody's history. */
export class ModelThreads {
  #last: Promise<unknown> = Promise.resolve();
  readonly #running = new Set<Worker>();
  #closed = false;

  /** `buffers` are handed over: they are empty here afterwards. */
  ask<Name extends WorkName>(
    name: Name,
    ask: ModelWork[Name]['ask'],
    buffers: readonly ArrayBuffer[],
  ): Promise<ModelWork[Name]['answer']> {
    const answer = this.#last.then(() => this.#run(name, ask, buffers));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Ends what runs: whoever waits for it hears so. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((worker) => worker.terminate()));
  }

  #run<Name extends WorkName>(
    name: Name,
    ask: ModelWork[Name]['ask'],
    buffers: readonly ArrayBuffer[],
  ): Promise<ModelWork[Name]['answer']> {
    if (this.#closed) throw new Error('The server stops: no models are fitted any more.');
    // Beside this file, as TypeScript or as what has been built of it.
    const file = new URL(`./model-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { workerData: { name, ask }, transferList: [...buffers] });
    this.#running.add(worker);
    return new Promise<ModelWork[Name]['answer']>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('The thread that fits models has ended.')));
    }).finally(() => this.#running.delete(worker));
  }
}
