import { badInput } from '../kernel/errors.ts';

export const durationUnits = ['MINUTE', 'HOUR', 'DAY', 'WEEK'] as const;

/** A length of time: a DAY is 24 hours, a WEEK is 168, whatever clocks are put forward or back meanwhile. */
export interface Duration {
  readonly count: number;
  readonly unit: (typeof durationUnits)[number];
}

const unitMs = { MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000, WEEK: 604_800_000 } as const;

/** Ten years. */
const longest = 3653 * unitMs.DAY;

export function durationMs({ count, unit }: Duration): number {
  return count * unitMs[unit];
}

export function shift(instant: Date, duration: Duration, direction: 1 | -1): Date {
  return new Date(instant.getTime() + direction * durationMs(duration));
}

/** As an interval that PostgreSQL adds to an instant in any session. */
export function durationInterval(duration: Duration): string {
  return `${durationMs(duration) / 1000} seconds`;
}

/** A whole number of units, more than none and at most ten years. Throws `BAD_USER_INPUT`. */
export function checkDuration(given: Duration, field: string): Duration {
  const { count, unit } = given ?? {};
  if (!durationUnits.includes(unit)) {
    throw badInput(`Expected ${durationUnits.join(', ')}; got ${JSON.stringify(unit) ?? 'nothing'}.`, `${field}.unit`);
  }
  if (Number.isInteger(count) && count >= 1 && durationMs({ count, unit }) <= longest) return { count, unit };
  throw badInput(
    `Expected a whole number of ${unit.toLowerCase()}s from 1 to ten years, got ${count}.`,
    `${field}.count`,
  );
}
