/** A stream that can also be ended from outside, with an error that its reader is told. */
export class EndableStream<T> implements AsyncIterableIterator<T> {
  readonly #source: AsyncIterableIterator<T>;
  readonly #atEnd: () => void;
  #failure: { readonly error: unknown } | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #ended = false;

  /** `atEnd` is called once, whoever ends it. */
  constructor(source: AsyncIterableIterator<T>, atEnd: () => void) {
    this.#source = source;
    this.#atEnd = atEnd;
  }

  next(): Promise<IteratorResult<T>> {
    const failure = this.#failure;
    if (failure) {
      // Told once; then there is nothing more.
      this.#failure = undefined;
      return Promise.reject(failure.error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#source.next().then(
        (result) => {
          this.#reject = undefined;
          if (result.done) this.#end();
          resolve(result);
        },
        (error: unknown) => {
          this.#end();
          reject(error);
        },
      );
    });
  }

  async return(): Promise<IteratorResult<T>> {
    this.#end();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  /** A reader who waits is told at once, any other with the next call. */
  fail(error: unknown): void {
    if (this.#ended) return;
    const reject = this.#reject;
    if (!reject) this.#failure = { error };
    this.#end();
    reject?.(error);
    // Whatever it says to that, nobody is there any more to hear it.
    void this.#source.return?.().catch(() => {});
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    this.#reject = undefined;
    if (this.#ended) return;
    this.#ended = true;
    this.#atEnd();
  }
}
