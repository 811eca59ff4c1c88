import { DateTime, type DurationLikeObject } from 'luxon';
import { badInput } from '../kernel/errors.ts';
import { checkDuration, type Duration, durationMs, shift } from './duration.ts';
import type { Moment } from './moment.ts';

export const periodUnits = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const;
export type PeriodUnit = (typeof periodUnits)[number];

export const calendarUnits = ['DAY', 'WEEK', 'MONTH', 'YEAR'] as const;

/**
 * When touchpoints count. Nothing that lies in the future counts, in any window: it comes in when its time has come.
 *
 * - `ever`
 * - `last`: so long ago or less. 30 DAY is 720 hours; a touchpoint leaves to the second.
 * - `between`: ages, the older first: at least `to` ago, less than `from`.
 * - `lastCalendar`: since the beginning of the day that lies so many calendar units back. 1 MONTH on March 31 begins on
 *   February 28 at midnight in the organisation's zone; touchpoints leave at midnights.
 * - `period`: a calendar period, 0 the current one, 1 the one before it. Weeks begin on Monday.
 * - `absolute`: from an instant (included) to an instant (not included); one may be left out.
 */
export type Window =
  | { readonly ever: true }
  | { readonly last: Duration }
  | { readonly between: { readonly from: Duration; readonly to: Duration } }
  | { readonly lastCalendar: Calendar }
  | { readonly period: Period }
  | { readonly absolute: { readonly from?: string; readonly to?: string } };

export interface Calendar {
  readonly count: number;
  readonly unit: (typeof calendarUnits)[number];
}

export interface Period {
  readonly unit: (typeof periodUnits)[number];
  /** 0: the current one. */
  readonly ago: number;
}

/** The instants of a window: behind `after`, and up to `through`, which belongs to it. Null: since ever. */
export interface Bounds {
  readonly after: Date | null;
  readonly through: Date;
}

export function boundsOf(window: Window, { now, timeZone }: Moment): Bounds {
  if ('ever' in window) return { after: null, through: now };
  if ('last' in window) return { after: shift(now, window.last, -1), through: now };
  if ('between' in window) {
    return { after: shift(now, window.between.from, -1), through: shift(now, window.between.to, -1) };
  }
  const today = startOf('DAY', DateTime.fromJSDate(now, { zone: timeZone }));
  if ('lastCalendar' in window) {
    const { count, unit } = window.lastCalendar;
    return { after: justBefore(startOf('DAY', today.minus(unitsOf(unit, count))).toJSDate()), through: now };
  }
  if ('period' in window) {
    const { unit, ago } = window.period;
    const from = startOf(unit, startOf(unit, today).minus(unitsOf(unit, ago)));
    const to = startOf(unit, from.plus(unitsOf(unit, 1)));
    return { after: justBefore(from.toJSDate()), through: earlier(justBefore(to.toJSDate()), now) };
  }
  const { from, to } = window.absolute;
  return {
    after: from === undefined ? null : justBefore(new Date(from)),
    through: to === undefined ? now : earlier(justBefore(new Date(to)), now),
  };
}

export function isWithin(instant: Date, { after, through }: Bounds): boolean {
  return (after === null || instant > after) && instant <= through;
}

/** When the current period ends. */
export function periodEnd(unit: PeriodUnit, { now, timeZone }: Moment): Date {
  const from = startOf(unit, DateTime.fromJSDate(now, { zone: timeZone }));
  return startOf(unit, from.plus(unitsOf(unit, 1))).toJSDate();
}

/** The first instant of the day of `local`, or of its week, month, … Where clocks go back to midnight, there are two. */
export function startOf(unit: PeriodUnit, local: DateTime): DateTime {
  const midnight = local.startOf(unit.toLowerCase() as 'month');
  return midnight.getPossibleOffsets()[0] ?? midnight;
}

function unitsOf(unit: PeriodUnit, count: number): DurationLikeObject {
  return { [unit.toLowerCase()]: count };
}

/** Instants are whole milliseconds, everywhere. */
function justBefore(instant: Date): Date {
  return new Date(instant.getTime() - 1);
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}

/** Throws `BAD_USER_INPUT` for a window that holds nothing. */
export function checkWindow(given: Window, field: string): Window {
  const members = Object.entries(given ?? {}).filter(([, value]) => value != null);
  if (members.length !== 1) {
    const names = members.map(([name]) => name).join(' and ');
    throw badInput(`Expected exactly one kind of window, got ${names || 'none'}.`, field);
  }
  const window = Object.fromEntries(members) as unknown as Window;
  const at = `${field}.${members[0]![0]}`;
  if ('ever' in window) return checkEver(window.ever, at);
  if ('last' in window) return { last: checkDuration(window.last, at) };
  if ('between' in window) return { between: checkAges(window.between, at) };
  if ('lastCalendar' in window) return { lastCalendar: checkCalendar(window.lastCalendar, at) };
  if ('period' in window) return { period: checkPeriod(window.period, at) };
  if ('absolute' in window) return { absolute: checkAbsolute(window.absolute, at) };
  throw badInput('Expected a window: ever, last, between, lastCalendar, period or absolute.', at);
}

function checkEver(ever: true, field: string): Window {
  if (ever === true) return { ever };
  throw badInput(`Expected \`true\`, got ${JSON.stringify(ever)}.`, field);
}

function checkAges({ from, to }: { from: Duration; to: Duration }, field: string) {
  const ages = { from: checkDuration(from, `${field}.from`), to: checkDuration(to, `${field}.to`) };
  if (durationMs(ages.from) > durationMs(ages.to)) return ages;
  throw badInput('Expected `from` to be longer ago than `to`.', `${field}.from`);
}

/** How far back periods can lie: ten years. */
export const mostUnits: Readonly<Record<PeriodUnit, number>> = {
  DAY: 3650,
  WEEK: 520,
  MONTH: 120,
  QUARTER: 40,
  YEAR: 10,
};

function checkCalendar({ count, unit }: Calendar, field: string): Calendar {
  const most = mostUnits[checkUnit(unit, calendarUnits, `${field}.unit`)];
  if (Number.isInteger(count) && count >= 1 && count <= most) return { count, unit };
  throw badInput(`Expected 1 to ${most} calendar ${unit.toLowerCase()}s, got ${count}.`, `${field}.count`);
}

function checkPeriod({ unit, ago }: Period, field: string): Period {
  const most = mostUnits[checkUnit(unit, periodUnits, `${field}.unit`)];
  if (Number.isInteger(ago) && ago >= 0 && ago <= most) return { unit, ago };
  throw badInput(`Expected 0 (the current one) to ${most} ${unit.toLowerCase()}s ago, got ${ago}.`, `${field}.ago`);
}

export function checkUnit<Unit extends string>(unit: Unit, units: readonly Unit[], field: string): Unit {
  if (units.includes(unit)) return unit;
  throw badInput(`Expected ${units.join(', ')}; got ${JSON.stringify(unit)}.`, field);
}

function checkAbsolute({ from, to }: { from?: string | null; to?: string | null }, field: string) {
  const bounds = {
    ...(from == null ? {} : { from: instantText(from, `${field}.from`) }),
    ...(to == null ? {} : { to: instantText(to, `${field}.to`) }),
  };
  if (bounds.from === undefined && bounds.to === undefined) throw badInput('Give `from`, `to` or both.', field);
  if (bounds.from !== undefined && bounds.to !== undefined && bounds.from >= bounds.to) {
    throw badInput('Expected `from` before `to`.', `${field}.to`);
  }
  return bounds;
}

/** An RFC 3339 instant in its one spelling in UTC. A text without an offset would be another instant on another machine. */
export function instantText(text: string | Date, field: string): string {
  const instant = text instanceof Date ? text : rfc3339.test(text) ? new Date(text) : new Date(Number.NaN);
  const year = instant.getUTCFullYear();
  if (year >= 1000 && year <= 9999 && hasDayOfMonth(text)) return instant.toISOString();
  throw badInput(`Expected an RFC 3339 instant, got ${JSON.stringify(text)?.slice(0, 80)}.`, field);
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** JavaScript takes the 30th of February for a day in March. */
function hasDayOfMonth(text: string | Date): boolean {
  if (text instanceof Date) return true;
  const day = Number(text.slice(8, 10));
  return day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
}
