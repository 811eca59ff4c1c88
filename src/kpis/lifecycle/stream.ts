/** Things that happened, one after the other. Instants are milliseconds. */
export class Stream<T> {
  readonly #items: readonly T[];
  readonly #timeOf: (item: T, index: number) => number;
  #index = 0;
  /** When the next one happens; ∞: none. */
  next: number;

  /** `items` in order of time. */
  constructor(items: readonly T[], timeOf: (item: T, index: number) => number) {
    this.#items = items;
    this.#timeOf = timeOf;
    this.next = this.#look();
  }

  take(): T {
    const item = this.#items[this.#index]!;
    this.#index += 1;
    this.next = this.#look();
    return item;
  }

  /** Passes over all that happened up to then; answers the last of it. */
  skipTo(at: number): T | undefined {
    let [from, to] = [this.#index, this.#items.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#timeOf(this.#items[middle]!, middle) <= at) from = middle + 1;
      else to = middle;
    }
    const last = from > this.#index ? this.#items[from - 1] : undefined;
    this.#index = from;
    this.next = this.#look();
    return last;
  }

  #look(): number {
    const item = this.#items[this.#index];
    return item === undefined ? Number.POSITIVE_INFINITY : this.#timeOf(item, this.#index);
  }
}
