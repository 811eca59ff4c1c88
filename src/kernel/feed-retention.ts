import type { Platform } from './context.ts';
import { deleteChangesThrough, findExpiredThrough, moveHorizon, tryLockRetention } from './feed-retention.queries.ts';

const linesAtOnce = 5_000;
const dayInMs = 86_400_000;

export interface FeedRetentionOptions {
  /** How long a client may stay away and still resume. Default 7. */
  readonly days?: number;
  /** Default 60,000. */
  readonly everyMs?: number;
}

/**
 * Deletes what is older than `cutoff`, oldest first, in short transactions. One node at a time: the others go home.
 * Returns how many lines went.
 */
export async function deleteExpiredChanges(
  { pool }: Pick<Platform, 'pool'>,
  cutoff: Date,
  atOnce = linesAtOnce,
): Promise<number> {
  let total = 0;
  for (;;) {
    const deleted = await pool.begin(async (tx) => {
      if (!(await tryLockRetention(tx))) return 0;
      const through = await findExpiredThrough(tx, cutoff, atOnce);
      if (!through) return 0;
      await moveHorizon(tx, through);
      return deleteChangesThrough(tx, through);
    });
    total += deleted;
    if (deleted < atOnce) return total;
  }
}

/** Keeps the change feed from growing for ever. */
export class FeedRetention {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log'>;
  readonly #keptMs: number;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'log'>, options: FeedRetentionOptions = {}) {
    this.#platform = platform;
    this.#keptMs = (options.days ?? 7) * dayInMs;
    this.#everyMs = options.everyMs ?? 60_000;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#running = this.#running.then(() => this.#sweep());
    }, this.#everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }

  async #sweep(): Promise<void> {
    const { pool, clock, log } = this.#platform;
    try {
      const deleted = await deleteExpiredChanges({ pool }, new Date(clock.now().getTime() - this.#keptMs));
      if (deleted > 0) log.info({ deleted }, 'old lines of the change feed deleted');
    } catch (error) {
      log.warn({ err: error }, 'old lines of the change feed could not be deleted; trying again later');
    }
  }
}
