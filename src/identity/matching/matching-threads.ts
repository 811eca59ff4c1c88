import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { dismantleTable, type MatchTable } from './match-table.ts';
import type { MatchingWork, WorkName } from './matching-work.ts';

export interface WorkRequest<Name extends WorkName> {
  readonly id: number;
  readonly name: Name;
  readonly ask: MatchingWork[Name]['ask'];
}

export interface WorkReply<Name extends WorkName> {
  readonly id: number;
  readonly answer: MatchingWork[Name]['answer'];
}

interface Waiting {
  readonly request: WorkRequest<WorkName>;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Threads that share a table. Whoever is idle takes the next piece of work; the first failure ends them all. */
export class MatchingThreads {
  readonly #idle: Worker[];
  readonly #threads: readonly Worker[];
  readonly #queue: Waiting[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  #lastId = 0;
  #failure: unknown;

  constructor(table: MatchTable, threads: number) {
    // Beside this file, as TypeScript or as what has been built of it.
    const file = new URL(`./matching-worker${extname(import.meta.url)}`, import.meta.url);
    const workerData = dismantleTable(table);
    this.#threads = Array.from({ length: threads }, () => new Worker(file, { workerData }));
    this.#idle = [...this.#threads];
    for (const thread of this.#threads) {
      thread.on('message', (reply: WorkReply<WorkName>) => this.#settle(thread, reply));
      thread.on('error', (error) => this.fail(error));
    }
  }

  ask<Name extends WorkName>(name: Name, ask: MatchingWork[Name]['ask']): Promise<MatchingWork[Name]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#queue.push({ request: { id: ++this.#lastId, name, ask }, resolve, reject });
      this.#distribute();
    });
  }

  /** Ends everything at once; whoever waits hears why. */
  fail(reason: unknown): void {
    this.#failure ??= reason;
    const waiting = [...this.#busy.values(), ...this.#queue.splice(0)];
    this.#busy.clear();
    for (const { reject } of waiting) reject(this.#failure);
    for (const thread of this.#threads) void thread.terminate();
  }

  async close(): Promise<void> {
    this.#failure ??= new Error('The threads have been closed.');
    const running = this.#threads.filter(({ threadId }) => threadId !== -1);
    await Promise.all(running.map((thread) => Promise.all([once(thread, 'exit'), thread.terminate()])));
  }

  #settle(thread: Worker, { answer }: WorkReply<WorkName>): void {
    const waiting = this.#busy.get(thread);
    if (!waiting) return;
    this.#busy.delete(thread);
    this.#idle.push(thread);
    this.#distribute();
    waiting.resolve(answer as never);
  }

  #distribute(): void {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const thread = this.#idle.shift()!;
      const waiting = this.#queue.shift()!;
      this.#busy.set(thread, waiting);
      thread.postMessage(waiting.request);
    }
  }
}
