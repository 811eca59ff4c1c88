import { DateTime } from 'luxon';
import { comparableOf } from '../identity/trait-value.ts';
import { badInput } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import type { DateCondition } from './condition.ts';
import { checkDuration, shift } from './duration.ts';
import type { LeafKind } from './leaf-kind.ts';
import type { Moment } from './moment.ts';
import { checkName, checkOnly } from './name.ts';
import { traitOf } from './trait-leaf.ts';
import { instantText, startOf } from './window.ts';

const tests = ['before', 'after', 'withinLast', 'withinNext', 'olderThan', 'anniversaryWithinDays'] as const;

/** A golden trait that is a date, against the present. */
export const dateLeaf: LeafKind<'date'> = {
  name: 'date',
  check: (given, field) => ({ trait: checkName(given.trait, `${field}.trait`), ...checkTest(given, field) }),
  needs: ({ trait }) => ({ traits: new Set([trait]) }),
  cost: ({ anniversaryWithinDays }) => (anniversaryWithinDays === undefined ? 2 : 3),
  judge: (leaf, { traits }, moment) => {
    const value = traitOf(traits, leaf.trait);
    const date = readDate(value, moment.timeZone);
    return { verdict: date !== undefined && testDate(date, leaf, moment), found: value ?? null };
  },
};

function checkTest(given: DateCondition, field: string): Omit<DateCondition, 'trait'> {
  const name = checkOnly(given, tests, field);
  const at = `${field}.${name}`;
  if (name === 'before' || name === 'after') return { [name]: instantText(given[name]!, at) };
  if (name === 'anniversaryWithinDays') return { [name]: checkDays(given[name]!, at) };
  return { [name]: checkDuration(given[name]!, at) };
}

function checkDays(days: number, field: string): number {
  if (Number.isInteger(days) && days >= 0 && days <= 365) return days;
  throw badInput(`Expected a whole number of days from 0 to 365, got ${days}.`, field);
}

interface ReadDate {
  /** The instant, or the first one of the day. */
  readonly begins: Date;
  /** The day at midnight in UTC. */
  readonly day: DateTime;
}

/** A minute that there is, and an offset that PostgreSQL takes: up to 15:59. Fractions beyond milliseconds are cut off. */
const instant = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-](0\d|1[0-5]):[0-5]\d)$/i;

/** `undefined`: no date. The years are 1000 to 9999. */
function readDate(value: Json | undefined, timeZone: string): ReadDate | undefined {
  if (typeof value !== 'string' || value.startsWith('0')) return undefined;
  if (comparableOf('DATE', value) !== undefined) {
    const begins = startOf('DAY', DateTime.fromISO(value, { zone: timeZone })).toJSDate();
    return { begins, day: DateTime.fromISO(value, { zone: 'utc' }) };
  }
  const time = instant.test(value) ? comparableOf('DATE_TIME', value) : undefined;
  if (time === undefined) return undefined;
  return { begins: new Date(time), day: localDay(new Date(time), timeZone) };
}

function testDate({ begins, day }: ReadDate, leaf: DateCondition, { now, timeZone }: Moment): boolean {
  if (leaf.before !== undefined) return begins < new Date(leaf.before);
  if (leaf.after !== undefined) return begins >= new Date(leaf.after);
  if (leaf.withinLast) return begins > shift(now, leaf.withinLast, -1) && begins <= now;
  if (leaf.withinNext) return begins >= now && begins <= shift(now, leaf.withinNext, 1);
  if (leaf.olderThan) return begins <= shift(now, leaf.olderThan, -1);
  return daysToAnniversary(day, localDay(now, timeZone)) <= leaf.anniversaryWithinDays!;
}

function daysToAnniversary(day: DateTime, today: DateTime): number {
  const years = Math.max(1, today.year - day.year);
  const thisYear = day.plus({ years });
  const next = thisYear < today ? day.plus({ years: years + 1 }) : thisYear;
  return next.diff(today, 'days').days;
}

function localDay(at: Date, timeZone: string): DateTime {
  const { year, month, day } = DateTime.fromJSDate(at, { zone: timeZone });
  return DateTime.utc(year, month, day);
}
