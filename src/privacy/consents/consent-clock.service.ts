import { lockFreeCustomers } from '../../identity/customers.queries.ts';
import { BackgroundLoop } from '../../kernel/background-loop.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Platform } from '../../kernel/context.ts';
import { findEnded, findNextEnd, noteEnded } from './consent-clock.queries.ts';
import { consentChange } from './consent-folding.ts';

const customersAtOnce = 500;
/** How long it sleeps at most: what another node has written is seen then. */
const everyMs = 1_000;
/** Another holds the customers whose consents have ended. */
const retryMs = 50;

/**
 * Tells the change feed of consents that have ended. Nothing else waits for it: whoever reads a consent, and every segment,
 * compares the time itself. With nothing due that is one look at an index a second; any number of nodes can run it.
 */
export class ConsentClock {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>;
  readonly #loop = new BackgroundLoop(() => this.#round());
  #failures = 0;

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>) {
    this.#platform = platform;
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Answers how many ends it told of; null where others hold all of those customers. */
  async step(): Promise<number | null> {
    const { pool, clock, feed } = this.#platform;
    const customerIds = await findEnded(pool, clock.now(), customersAtOnce);
    if (customerIds.length === 0) return 0;
    const told = await pool.begin(async (tx) => {
      const locked = await lockFreeCustomers(tx, customerIds);
      if (locked.length === 0) return null;
      const at = clock.now();
      const ended = await noteEnded(tx, locked, at);
      const changes = ended.map((one) => consentChange(one, { from: one.status, to: 'EXPIRED' }));
      await appendChanges(tx, at, changes);
      return ended.length;
    });
    if (told) feed.wake();
    return told;
  }

  async #round(): Promise<number> {
    try {
      const told = await this.step();
      this.#failures = 0;
      if (told === null) return retryMs;
      return told > 0 ? 0 : await this.#untilNext();
    } catch (err) {
      if (this.#failures === 0) this.#platform.log.warn({ err }, 'ends of consents could not be told; trying again');
      this.#failures += 1;
      return everyMs;
    }
  }

  async #untilNext(): Promise<number> {
    const { pool, clock } = this.#platform;
    const next = await findNextEnd(pool);
    return next ? Math.max(1, Math.min(everyMs, next.getTime() - clock.now().getTime())) : everyMs;
  }
}
