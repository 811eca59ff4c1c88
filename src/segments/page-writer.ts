/** Writes what comes in faster than it can be waited for: page by page, one after the other. */
export class PageWriter<T> {
  readonly #size: number;
  readonly #write: (page: readonly T[]) => Promise<void>;
  readonly #failing = new AbortController();
  #page: T[] = [];
  #written = Promise.resolve();

  constructor(size: number, write: (page: readonly T[]) => Promise<void>) {
    this.#size = size;
    this.#write = write;
  }

  /** Aborted as soon as a page could not be written: nothing after it will be. */
  get failed(): AbortSignal {
    return this.#failing.signal;
  }

  add(item: T): void {
    this.#page.push(item);
    if (this.#page.length >= this.#size) this.#turn();
  }

  /** Writes the rest. Throws what a page failed with. */
  async finish(): Promise<void> {
    this.#turn();
    await this.#written;
  }

  #turn(): void {
    const page = this.#page;
    this.#page = [];
    this.#written = this.#written.then(() => this.#write(page));
    this.#written.catch((reason: unknown) => this.#failing.abort(reason));
  }
}
