import type { ApiKeyRow } from './api-keys.table.ts';
import { rateLimited } from './errors.ts';

export type QuotaPeriod = 'MINUTE' | 'DAY';

/** How many requests a key has made in the minute and on the day (UTC) of this moment. */
export interface Used {
  readonly inMinute: number;
  readonly onDay: number;
}

const lengthInMs: Record<QuotaPeriod, number> = { MINUTE: 60_000, DAY: 86_400_000 };

export function minuteOf(now: Date): Date {
  return new Date(startOf('MINUTE', now));
}

export function isLimited(key: Pick<ApiKeyRow, 'requestsPerMinute' | 'requestsPerDay'>): boolean {
  return key.requestsPerMinute !== null || key.requestsPerDay !== null;
}

/** Throws `RATE_LIMITED` when one more request would be too many. */
export function checkQuota(
  { requestsPerMinute, requestsPerDay }: Pick<ApiKeyRow, 'requestsPerMinute' | 'requestsPerDay'>,
  { inMinute, onDay }: Used,
  now: Date,
): void {
  // The day first: who has used that up need not come back in a minute.
  if (requestsPerDay !== null && onDay >= requestsPerDay) throw beyond('DAY', requestsPerDay, now);
  if (requestsPerMinute !== null && inMinute >= requestsPerMinute) throw beyond('MINUTE', requestsPerMinute, now);
}

function beyond(period: QuotaPeriod, limit: number, now: Date): Error {
  const resetsAt = new Date(startOf(period, now) + lengthInMs[period]);
  return rateLimited({ period, limit, resetsAt, retryAfterMs: resetsAt.getTime() - now.getTime() });
}

/** Periods are those of the clock, in UTC, so that every node means the same one. */
function startOf(period: QuotaPeriod, now: Date): number {
  const length = lengthInMs[period];
  return Math.floor(now.getTime() / length) * length;
}
