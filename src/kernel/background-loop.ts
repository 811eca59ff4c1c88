import { setTimeout as sleep } from 'node:timers/promises';

/** Runs round after round beside everything else, resting in between, until it is stopped. Keeps no process alive. */
export class BackgroundLoop {
  /** Answers for how long to rest after it, in milliseconds. Must not throw. */
  readonly #round: () => Promise<number>;
  readonly #stopping = new AbortController();
  #waking = new AbortController();
  #running: Promise<void> | undefined;

  constructor(round: () => Promise<number>) {
    this.#round = round;
  }

  /** Aborted by `stop`: for what takes long within a round. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Finishes the round under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#running;
  }

  /** Ends the rest, or does without the next one. */
  wake(): void {
    this.#waking.abort();
  }

  async #run(): Promise<void> {
    while (!this.stopping.aborted) await this.#rest(await this.#round());
  }

  async #rest(ms: number): Promise<void> {
    if (ms <= 0) return;
    const { signal } = this.#waking;
    await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted && !this.stopping.aborted) this.#waking = new AbortController();
  }
}
