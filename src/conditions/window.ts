import { DateTime } from 'luxon';
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
  const local = DateTime.fromJSDate(now, { zone: timeZone });
  if ('lastCalendar' in window) {
    const { count, unit } = window.lastCalendar;
    const from = local
      .startOf('day')
      .minus({ [unit.toLowerCase()]: count })
      .startOf('day');
    return { after: justBefore(from.toJSDate()), through: now };
  }
  if ('period' in window) {
    const { unit, ago } = window.period;
    const name = unit.toLowerCase() as 'month';
    const from = local
      .startOf(name)
      .minus({ [name]: ago })
      .startOf(name);
    const to = from.plus({ [name]: 1 }).startOf(name);
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

/** The next midnight in the organisation's zone. */
export function nextMidnight({ now, timeZone }: Moment): Date {
  return DateTime.fromJSDate(now, { zone: timeZone }).startOf('day').plus({ day: 1 }).startOf('day').toJSDate();
}

/** When the current period ends. */
export function periodEnd(unit: PeriodUnit, { now, timeZone }: Moment): Date {
  const name = unit.toLowerCase() as 'month';
  return DateTime.fromJSDate(now, { zone: timeZone })
    .startOf(name)
    .plus({ [name]: 1 })
    .startOf(name)
    .toJSDate();
}

/** Instants are whole milliseconds, everywhere. */
function justBefore(instant: Date): Date {
  return new Date(instant.getTime() - 1);
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}

/** Throws `BAD_USER_INPUT` for a window that holds nothing. */
export function checkWindow(window: Window, field: string): Window {
  const names = Object.keys(window ?? {});
  if (names.length !== 1) {
    throw badInput(`Expected exactly one kind of window, got ${names.join(' and ') || 'none'}.`, field);
  }
  if ('ever' in window) return { ever: true };
  if ('last' in window) return { last: checkDuration(window.last, `${field}.last`) };
  if ('between' in window) return { between: checkAges(window.between, `${field}.between`) };
  if ('lastCalendar' in window) return { lastCalendar: checkCalendar(window.lastCalendar, `${field}.lastCalendar`) };
  if ('period' in window) return { period: checkPeriod(window.period, `${field}.period`) };
  return { absolute: checkAbsolute(window.absolute, `${field}.absolute`) };
}

function checkAges({ from, to }: { from: Duration; to: Duration }, field: string) {
  const ages = { from: checkDuration(from, `${field}.from`), to: checkDuration(to, `${field}.to`) };
  if (durationMs(ages.from) > durationMs(ages.to)) return ages;
  throw badInput('Expected `from` to be longer ago than `to`.', `${field}.from`);
}

const mostUnits = { DAY: 3650, WEEK: 520, MONTH: 120, QUARTER: 40, YEAR: 10 } as const;

function checkCalendar({ count, unit }: Calendar, field: string): Calendar {
  if (Number.isInteger(count) && count >= 1 && count <= mostUnits[unit]) return { count, unit };
  throw badInput(`Expected 1 to ${mostUnits[unit]} calendar ${unit.toLowerCase()}s, got ${count}.`, `${field}.count`);
}

function checkPeriod({ unit, ago }: Period, field: string): Period {
  if (Number.isInteger(ago) && ago >= 0 && ago <= mostUnits[unit]) return { unit, ago };
  const most = mostUnits[unit];
  throw badInput(`Expected 0 (the current one) to ${most} ${unit.toLowerCase()}s ago, got ${ago}.`, `${field}.ago`);
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

/** An RFC 3339 instant in its one spelling in UTC. */
export function instantText(text: string | Date, field: string): string {
  const instant = new Date(text);
  if (!Number.isNaN(instant.getTime()) && instant.getUTCFullYear() >= 0 && instant.getUTCFullYear() <= 9999) {
    return instant.toISOString();
  }
  throw badInput(`Expected an RFC 3339 instant, got ${JSON.stringify(text).slice(0, 80)}.`, field);
}
