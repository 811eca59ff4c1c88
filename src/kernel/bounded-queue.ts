/** How a value joins a waiting one: the combination, or `undefined` to stand beside it. */
export type Combine<T> = (waiting: T, next: T) => T | undefined;

/**
 * Hands values from one producer that never waits to one consumer that may be slow, in order and in bounded memory.
 * What happens when it is full is the producer's decision: `push` says no.
 */
export class BoundedQueue<T> {
  readonly #capacity: number;
  readonly #combine: Combine<T> | undefined;
  #values: T[] = [];
  #waiters: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #closed = false;

  constructor(capacity: number, combine?: Combine<T>) {
    this.#capacity = capacity;
    this.#combine = combine;
  }

  get size(): number {
    return this.#values.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** False when there is no room; the value is then not in the queue. After the end values are dropped. */
  push(value: T): boolean {
    if (this.#closed) return true;
    const waiter = this.#waiters.shift();
    if (waiter) {
      waiter({ done: false, value });
      return true;
    }
    if (this.#combineWithLast(value)) return true;
    if (this.#values.length >= this.#capacity) return false;
    this.#values.push(value);
    return true;
  }

  #combineWithLast(value: T): boolean {
    const last = this.#values.at(-1);
    if (last === undefined) return false;
    const combined = this.#combine?.(last, value);
    if (combined === undefined) return false;
    this.#values[this.#values.length - 1] = combined;
    return true;
  }

  /** What still waits is dropped at once: nobody may ever come for it. */
  close(): void {
    this.#closed = true;
    this.#values = [];
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#values.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}
