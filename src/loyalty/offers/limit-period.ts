import { DateTime } from 'luxon';
import type { LimitPeriod } from './offer.ts';

/** The period that an instant lies in, by the organisation's calendar: half-open. Weeks begin on Monday. Null: ever. */
export function periodAround(per: LimitPeriod, at: Date, timeZone: string): { start: Date; end: Date } | null {
  if (per === 'EVER') return null;
  const unit = per.toLowerCase() as 'day' | 'week' | 'month' | 'year';
  const start = DateTime.fromJSDate(at, { zone: timeZone }).startOf(unit);
  return { start: start.toJSDate(), end: start.plus({ [unit]: 1 }).toJSDate() };
}
