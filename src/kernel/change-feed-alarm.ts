import { setTimeout as sleep } from 'node:timers/promises';

/** Paces a reader: it looks again when rung for, but not too often, and once in a while even if nobody rings. */
export class Alarm {
  #rung = false;
  #wakeUp: (() => void) | undefined;

  /** Costs next to nothing, however often. A ring while nobody waits counts for the next wait. */
  ring(): void {
    this.#rung = true;
    this.#wakeUp?.();
  }

  async wait(leastMs: number, mostMs: number): Promise<void> {
    await sleep(leastMs);
    if (!this.#rung && mostMs > leastMs) await this.#untilRung(mostMs - leastMs);
    this.#rung = false;
  }

  async #untilRung(mostMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = undefined;
  }
}
