/**
 * Where one writer hands pages to one reader. The writer is at most one page ahead: `give` resolves when the page before has
 * been taken, so it works on the next one while the reader has this one.
 */
export class PageExchange<P> {
  #page: P | undefined;
  #taken: ((goOn: boolean) => void) | undefined;
  #waiting: { resolve: (page: P | undefined) => void; reject: (error: unknown) => void } | undefined;
  #end: { error: unknown } | 'FINISHED' | undefined;
  #left = false;
  #reason: unknown;
  #leaving: ((working: boolean) => void) | undefined;

  /** The reader wants no more. */
  get left(): boolean {
    return this.#left;
  }

  /** Resolves, once there is room for another page, with whether one is wanted. */
  give(page: P): Promise<boolean> {
    if (this.#left) return Promise.resolve(false);
    if (this.#waiting) {
      this.#waiting.resolve(page);
      this.#waiting = undefined;
      return Promise.resolve(true);
    }
    this.#page = page;
    return new Promise((resolve) => {
      this.#taken = resolve;
    });
  }

  /** The next page; undefined: there is none. */
  async take(): Promise<P | undefined> {
    if (this.#left) throw this.#reason;
    const page = this.#page;
    if (page !== undefined) {
      this.#page = undefined;
      this.#taken?.(true);
      this.#taken = undefined;
      return page;
    }
    if (this.#end === 'FINISHED') return undefined;
    if (this.#end) throw this.#end.error;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  finish(): void {
    this.#finish('FINISHED');
  }

  fail(error: unknown): void {
    this.#finish({ error });
  }

  /** Ends it from the reader's side; who waits for a page is told the reason. */
  leave(reason: unknown = new Error('The reader has left.')): void {
    if (this.#left) return;
    const working = this.#taken === undefined && this.#end === undefined;
    this.#left = true;
    this.#reason = reason;
    this.#page = undefined;
    this.#taken?.(false);
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
    this.#leaving?.(working);
  }

  /** Tells the writer at once, and whether it is making a page: who waits with one hears it there. */
  onLeave(listener: (working: boolean) => void): void {
    this.#leaving = listener;
    if (this.#left) listener(true);
  }

  #finish(end: { error: unknown } | 'FINISHED'): void {
    this.#end ??= end;
    if (!this.#waiting) return;
    if (end === 'FINISHED') this.#waiting.resolve(undefined);
    else this.#waiting.reject(end.error);
    this.#waiting = undefined;
  }
}
