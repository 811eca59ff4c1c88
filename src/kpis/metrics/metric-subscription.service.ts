import { setTimeout as sleep } from 'node:timers/promises';
import { requireScope } from '../../access/scopes.ts';
import type { ChangeSubscription } from '../../kernel/change-feed-subscription.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import type { MetricEngine } from './metric-engine.service.ts';
import type { MetricQuery } from './metric-query.ts';
import type { MetricTable } from './metric-table.ts';
import { matters } from './metric-watch.ts';

export interface MetricSubscription {
  readonly query: MetricQuery;
  /** Seconds between two answers at least, from 1 to 3,600. Default 1. */
  readonly every?: number | null;
}

const longestSeconds = 3_600;
/** How often to look where time alone moves numbers. */
const movingMs = 60_000;

/**
 * The answer to a query, at once, and again whenever the numbers have changed, but not too often. Whoever reads slowly gets
 * fewer answers, never an old one last.
 */
export async function subscribeToMetrics(
  ctx: Context,
  engine: MetricEngine,
  { query, every }: MetricSubscription,
): Promise<AsyncIterableIterator<MetricTable>> {
  requireScope(ctx, 'metrics:read');
  const seconds = every ?? 1;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > longestSeconds)
    throw badInput(`Expected whole seconds from 1 to ${longestSeconds}.`, 'every');
  const watch = await engine.watch(ctx, query);
  const changes = await ctx.feed.subscribe({
    topics: ['touchpoint.recorded', ...watch.topics],
    match: (change) => matters(change, watch),
    // One that waits says as much as a thousand.
    combine: (_waiting, next) => next,
  });
  const ask = () => engine.query(ctx, query);
  return new MetricUpdates({ ask, changes, everyMs: seconds * 1000, moving: watch.moving });
}

interface Updates {
  readonly ask: () => Promise<MetricTable>;
  readonly changes: ChangeSubscription;
  readonly everyMs: number;
  readonly moving: boolean;
}

/** A plain iterator, not a generator: one that waits can't be told to return. */
class MetricUpdates implements AsyncIterableIterator<MetricTable> {
  readonly #parts: Updates;
  readonly #ending = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #change: Promise<IteratorResult<unknown>> | undefined;
  /** The numbers that the subscriber has. */
  #told: string | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Updates) {
    this.#parts = parts;
  }

  next(): Promise<IteratorResult<MetricTable, undefined>> {
    // Calls that overlap wait for each other: each gets an answer of its own.
    const next = this.#turn.then(() => this.#next());
    this.#turn = next.catch(() => {});
    return next;
  }

  async return(): Promise<IteratorResult<MetricTable, undefined>> {
    this.#ending.abort();
    await this.#parts.changes.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<MetricTable, undefined>> {
    try {
      for (;;) {
        if (this.#told !== undefined && !(await this.#changed())) return this.return();
        await this.#rest();
        if (this.#ending.signal.aborted) return this.return();
        const table = await this.#ask();
        if (table) return { done: false, value: table };
      }
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  /** Waits for something that may matter. False: there will be nothing more. */
  async #changed(): Promise<boolean> {
    this.#change ??= this.#parts.changes.next();
    const result = this.#parts.moving ? await Promise.race([this.#change, this.#pause(movingMs)]) : await this.#change;
    if (result === undefined) return !this.#ending.signal.aborted;
    this.#change = undefined;
    return !result.done;
  }

  async #rest(): Promise<void> {
    const left = this.#askedAt + this.#parts.everyMs - performance.now();
    if (left > 0) await this.#pause(left);
  }

  async #pause(ms: number): Promise<undefined> {
    await sleep(ms, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {});
  }

  /** `undefined`: the numbers are those that the subscriber has. */
  async #ask(): Promise<MetricTable | undefined> {
    this.#askedAt = performance.now();
    const table = await this.#parts.ask();
    const { rows, totals, suppressedRows } = table;
    const numbers = JSON.stringify([rows, totals, suppressedRows]);
    if (numbers === this.#told) return undefined;
    this.#told = numbers;
    return table;
  }
}
