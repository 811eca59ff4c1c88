import type { Platform } from '../kernel/context.ts';
import { isoDay } from '../kernel/iso-day.ts';
import type { CachedKey } from './key-cache.ts';
import { addDayUsage, addMinuteUsage } from './key-usage.queries.ts';
import {
  checkBudget,
  checkQuota,
  costBudget,
  isLimited,
  minuteOf,
  type RateLimit,
  rateLimitsOf,
  type Used,
} from './quota.ts';
import { UsageTally } from './usage-tally.ts';

/** How often counts that limit nobody are written. A node that is killed loses so much of the statistics. */
const unhurriedMs = 10_000;

/** What an operation was let in for. */
export interface Charge {
  /** UUID. */
  readonly keyId: string;
  readonly at: Date;
  readonly requested: number;
  /** What the key may spend in a minute; `null`: any amount. */
  readonly budget: number | null;
}

/**
 * Counts what is done with each key, and holds keys to their quota. A request costs some additions: the counts of all nodes
 * come with the key, which is re-read twice a second anyway, and this node's go the other way at the same beat, all keys in
 * one statement. So nodes share a quota to within a second: by so much may a key that uses several at once go beyond.
 * (A limiter that asks the database about each request would be exact, and cost a write for each.)
 */
export class KeyMeter {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log'>;
  /** What keys without a budget of their own may spend in a minute; `null`: any amount. */
  readonly #usualBudget: number | null;
  /** Counted since the last flush. */
  #fresh = new UsageTally();
  /** Counted before; keys that were read in this turn or earlier don't have it in their counts. */
  #sent = new UsageTally();
  #sentTurn = 0;
  #flushedAt: Date;
  /** Other nodes have to know soon. */
  #urgent = false;
  #flushing = false;

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'log'>, usualBudget: number | null = null) {
    this.#platform = platform;
    this.#usualBudget = usualBudget;
    this.#flushedAt = platform.clock.now();
  }

  /** Counts a request. Throws `RATE_LIMITED` for one too many, which doesn't count. */
  admit(key: CachedKey): void {
    const { row } = key;
    const now = this.#platform.clock.now();
    if (isLimited(row)) {
      checkQuota(row, this.#used(key, now), now);
      this.#urgent = true;
    }
    this.#fresh.add(row.id, now, { requests: 1 });
    if (row.requestsPerMinute !== null) this.#fresh.addToMinute(row.id, now);
  }

  /**
   * Takes what an operation may cost at worst. Throws `RATE_LIMITED` for what its key has not left, `OPERATION_TOO_EXPENSIVE`
   * for what it never has; neither costs anything.
   */
  charge(key: CachedKey, requested: number): Charge {
    const { row } = key;
    const at = this.#platform.clock.now();
    const budget = costBudget(row, this.#usualBudget);
    if (budget !== null) checkBudget(requested, budget, this.#used(key, at), at);
    const charge = { keyId: row.id, at, requested, budget };
    this.#addCost(charge, requested);
    return charge;
  }

  /** Gives back what it did not cost, in the minute from which that was taken; takes what it cost beyond. */
  settle(charge: Charge, actual: number): void {
    if (actual !== charge.requested) this.#addCost(charge, actual - charge.requested);
  }

  /** What limits a key, and what is left of it, as far as this node knows. */
  limitsOf(key: CachedKey): RateLimit[] {
    const now = this.#platform.clock.now();
    return rateLimitsOf(key.row, costBudget(key.row, this.#usualBudget), this.#used(key, now), now);
  }

  #addCost({ keyId, at, budget }: Charge, cost: number): void {
    this.#fresh.add(keyId, at, { cost });
    if (budget === null) return;
    this.#fresh.addToMinute(keyId, at, { cost });
    this.#urgent = true;
  }

  /** Touchpoints that were stored. */
  countTouchpoints(keyId: string, touchpoints: number): void {
    if (touchpoints > 0) this.#fresh.add(keyId, this.#platform.clock.now(), { touchpoints });
  }

  /** A request that was answered with an error. */
  countError(keyId: string): void {
    this.#fresh.add(keyId, this.#platform.clock.now(), { errors: 1 });
  }

  /**
   * Writes what was counted, when it is time for that. Call it after the keys in use were re-read. `turn`: of the latest read
   * of keys that has begun.
   */
  async flush(turn: () => number, { force = false } = {}): Promise<void> {
    const now = this.#platform.clock.now();
    const due = force || this.#urgent || now.getTime() - this.#flushedAt.getTime() >= unhurriedMs;
    if (!due || this.#flushing || this.#fresh.isEmpty) return;
    this.#flushing = true;
    const sending = this.#fresh;
    this.#fresh = new UsageTally();
    this.#sent = sending;
    this.#sentTurn = Number.POSITIVE_INFINITY;
    this.#urgent = false;
    this.#flushedAt = now;
    this.#sent = await this.#write(sending);
    this.#sentTurn = turn();
    this.#flushing = false;
  }

  /** Answers what was written. The rest is counted on. No transaction: the two need nothing of each other. */
  async #write(tally: UsageTally): Promise<UsageTally> {
    const { pool, log } = this.#platform;
    const { days, minutes } = tally;
    const [byDay, byMinute] = await Promise.allSettled([
      addDayUsage(pool, days),
      minutes.length > 0 ? addMinuteUsage(pool, minutes) : undefined,
    ]);
    const written = new UsageTally();
    (byDay.status === 'fulfilled' ? written : this.#fresh).takeDays(tally);
    (byMinute.status === 'fulfilled' ? written : this.#fresh).takeMinutes(tally);
    const failure = [byDay, byMinute].find((result) => result.status === 'rejected');
    if (failure) {
      this.#urgent = true;
      log.warn({ err: failure.reason }, 'the use of API keys could not be written; it is counted on');
    }
    return written;
  }

  #used({ row, counts, turn }: CachedKey, now: Date): Used {
    const tallies = turn > this.#sentTurn ? [this.#fresh] : [this.#fresh, this.#sent];
    // What was read of another minute or day says nothing about this one.
    let inMinute = counts.minute.getTime() === minuteOf(now).getTime() ? counts.inMinute : 0;
    let costInMinute = counts.minute.getTime() === minuteOf(now).getTime() ? counts.costInMinute : 0;
    let onDay = counts.day === isoDay(now) ? counts.onDay : 0;
    for (const tally of tallies) {
      inMinute += tally.requestsInMinute(row.id, now);
      costInMinute += tally.costInMinute(row.id, now);
      onDay += tally.requestsOnDay(row.id, now);
    }
    return { inMinute, onDay, costInMinute };
  }
}
