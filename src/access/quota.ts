import type { ApiKeyRow } from './api-keys.table.ts';
import { costLimited, rateLimited, tooExpensive } from './errors.ts';

export type QuotaPeriod = 'MINUTE' | 'DAY';

/** What a key has used in the minute and on the day (UTC) of this moment. */
export interface Used {
  /** Requests. */
  readonly inMinute: number;
  readonly onDay: number;
  /** Points of cost. */
  readonly costInMinute: number;
}

type Quota = Pick<ApiKeyRow, 'requestsPerMinute' | 'requestsPerDay'>;

const lengthInMs: Record<QuotaPeriod, number> = { MINUTE: 60_000, DAY: 86_400_000 };

export function minuteOf(now: Date): Date {
  return new Date(startOf('MINUTE', now));
}

export function isLimited(key: Quota): boolean {
  return key.requestsPerMinute !== null || key.requestsPerDay !== null;
}

/** Throws `RATE_LIMITED` when one more request would be too many. */
export function checkQuota({ requestsPerMinute, requestsPerDay }: Quota, { inMinute, onDay }: Used, now: Date): void {
  // The day first: who has used that up need not come back in a minute.
  if (requestsPerDay !== null && onDay >= requestsPerDay) throw beyond('DAY', requestsPerDay, now);
  if (requestsPerMinute !== null && inMinute >= requestsPerMinute) throw beyond('MINUTE', requestsPerMinute, now);
}

/**
 * What a key may spend in a minute; `null`: any amount. What the server gives every key limits none that could lift its own limit:
 * one that the operator sets does.
 */
export function costBudget(
  { costPerMinute, scopes }: Pick<ApiKeyRow, 'costPerMinute' | 'scopes'>,
  usual: number | null,
): number | null {
  if (costPerMinute !== null) return costPerMinute;
  return scopes.includes('admin') ? null : usual;
}

/** Throws `RATE_LIMITED` when an operation may cost more than is left, `OPERATION_TOO_EXPENSIVE` when it always will. */
export function checkBudget(requested: number, limit: number, { costInMinute }: Used, now: Date): void {
  if (requested > limit) throw tooExpensive(requested, limit);
  if (costInMinute + requested <= limit) return;
  const resetsAt = endOf('MINUTE', now);
  const remaining = remainingOf(limit, costInMinute);
  throw costLimited({ requested, limit, remaining, resetsAt, retryAfterMs: resetsAt.getTime() - now.getTime() });
}

/** One limit of a key at one moment. */
export interface RateLimit {
  /** `minute` and `day` count requests, `cost` points. */
  readonly name: 'minute' | 'day' | 'cost';
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly resetsAt: Date;
}

/** What limits a key, and what is left of it. `budget`: its points a minute. */
export function rateLimitsOf(key: Quota, budget: number | null, used: Used, now: Date): RateLimit[] {
  const limits: RateLimit[] = [];
  const add = (name: RateLimit['name'], period: QuotaPeriod, limit: number | null, spent: number) => {
    if (limit === null) return;
    const remaining = remainingOf(limit, spent);
    limits.push({ name, limit, windowSeconds: lengthInMs[period] / 1_000, remaining, resetsAt: endOf(period, now) });
  };
  add('minute', 'MINUTE', key.requestsPerMinute, used.inMinute);
  add('day', 'DAY', key.requestsPerDay, used.onDay);
  add('cost', 'MINUTE', budget, used.costInMinute);
  return limits;
}

/** Nodes together can have gone beyond, and what was given back may arrive before what was taken. */
function remainingOf(limit: number, spent: number): number {
  return Math.min(limit, Math.max(0, limit - spent));
}

function beyond(period: QuotaPeriod, limit: number, now: Date): Error {
  const resetsAt = endOf(period, now);
  return rateLimited({ period, limit, resetsAt, retryAfterMs: resetsAt.getTime() - now.getTime() });
}

/** Periods are those of the clock, in UTC, so that every node means the same one. */
function startOf(period: QuotaPeriod, now: Date): number {
  const length = lengthInMs[period];
  return Math.floor(now.getTime() / length) * length;
}

function endOf(period: QuotaPeriod, now: Date): Date {
  return new Date(startOf(period, now) + lengthInMs[period]);
}
