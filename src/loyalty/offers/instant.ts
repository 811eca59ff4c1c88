import { badInput } from '../../kernel/errors.ts';

const minute = 60_000;
const oldestMs = 30 * 24 * 60 * minute;
/** Clocks of tills differ a little. */
const skewMs = 5 * minute;
/** What is older was sent by a till that was offline, or by its queue. */
const lateMs = 15 * minute;

/** When something took place: now unless said otherwise, up to 30 days ago. Throws `BAD_USER_INPUT`. */
export function readInstant(occurredAt: Date | null | undefined, now: Date, field = 'input.occurredAt'): Date {
  if (occurredAt == null) return now;
  const age = now.getTime() - occurredAt.getTime();
  if (age > oldestMs) throw badInput('Expected a time within the last 30 days.', field);
  if (age < -skewMs) throw badInput('Expected a time that is not in the future.', field);
  return age < 0 ? now : occurredAt;
}

export function isLate(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() > lateMs;
}
