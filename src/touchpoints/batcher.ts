import { DomainError } from '../kernel/errors.ts';

export interface BatcherOptions<T, R> {
  /** Handles a batch; answers one result for each item, in order. */
  readonly run: (items: readonly T[]) => Promise<readonly R[]>;
  readonly maximumItems: number;
  /** How long the first item waits for company. */
  readonly maximumWaitMs: number;
  /** Items that may wait; more are refused with `OVERLOADED`. */
  readonly maximumQueued: number;
  /** Batches under way at once. */
  readonly concurrency: number;
}

interface Group<T, R> {
  readonly items: readonly T[];
  readonly resolve: (results: readonly R[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the items of many callers into batches. While as many batches run as may, items gather, so batches grow
 * with the load. A caller's items stay together.
 */
export class MicroBatcher<T, R> {
  readonly #options: BatcherOptions<T, R>;
  #waiting: Group<T, R>[] = [];
  #queued = 0;
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];

  constructor(options: BatcherOptions<T, R>) {
    this.#options = options;
  }

  /** Items that wait for their batch. */
  get queued(): number {
    return this.#queued;
  }

  /** Throws `OVERLOADED` with a hint when the queue is full; nothing has been taken then. */
  add(items: readonly T[]): Promise<readonly R[]> {
    if (items.length === 0) return Promise.resolve([]);
    if (this.#queued > 0 && this.#queued + items.length > this.#options.maximumQueued) throw overloaded(this.#queued);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
      this.#queued += items.length;
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  drained(): Promise<void> {
    if (this.#queued === 0 && this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#running >= this.#options.concurrency || this.#queued === 0) return;
    if (this.#queued >= this.#options.maximumItems) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#options.maximumWaitMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running >= this.#options.concurrency) return;
    const groups = this.#take();
    if (groups.length === 0) return;
    this.#running += 1;
    void this.#run(groups);
    this.#schedule();
  }

  #take(): Group<T, R>[] {
    let size = 0;
    let count = 0;
    for (const group of this.#waiting) {
      if (count > 0 && size + group.items.length > this.#options.maximumItems) break;
      size += group.items.length;
      count += 1;
    }
    this.#queued -= size;
    return this.#waiting.splice(0, count);
  }

  async #run(groups: readonly Group<T, R>[]): Promise<void> {
    try {
      const results = await this.#options.run(groups.flatMap((group) => group.items));
      let from = 0;
      for (const group of groups) {
        group.resolve(results.slice(from, from + group.items.length));
        from += group.items.length;
      }
    } catch (error) {
      for (const group of groups) group.reject(error);
    } finally {
      this.#running -= 1;
      this.#schedule();
      if (this.#running === 0 && this.#queued === 0) for (const done of this.#idle.splice(0)) done();
    }
  }
}

/** Nothing was taken: the same call will pass later. */
export function overloaded(queued: number): DomainError {
  return new DomainError(
    'OVERLOADED',
    `${queued} touchpoints wait already; nothing of this call was taken. Try again.`,
    {
      retryAfterMs: 500,
    },
  );
}
