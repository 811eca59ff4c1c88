import { DomainError } from '../../kernel/errors.ts';

/** Who may wait at all, beyond those that are being served. */
const longestQueue = 100;

/** Each download holds a connection for as long as its reader takes: only so many at once, the others wait their turn. */
export class DownloadSlots {
  readonly #waiting: (() => void)[] = [];
  readonly #patience: number;
  #free: number;

  /** `patience`: milliseconds after which who waits is sent away. */
  constructor({ slots, patience = 30_000 }: { readonly slots: number; readonly patience?: number }) {
    this.#free = slots;
    this.#patience = patience;
  }

  /** Answers what gives the slot back, once. Throws `OVERLOADED`. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    let held = true;
    return () => {
      if (held) this.#pass();
      held = false;
    };
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }

  async #wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiting.length >= longestQueue) throw overloaded();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (reason: unknown) => {
      const place = this.#waiting.indexOf(resolve);
      // Whose turn has come already keeps the slot, and gives it back by itself.
      if (place < 0) return;
      this.#waiting.splice(place, 1);
      reject(reason);
    };
    const abort = () => leave(signal.reason);
    this.#waiting.push(resolve);
    signal.addEventListener('abort', abort, { once: true });
    const timer = setTimeout(() => leave(overloaded()), this.#patience);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }
}

function overloaded(): DomainError {
  return new DomainError('OVERLOADED', 'As many downloads as this server takes are under way. Try again shortly.');
}
