import { DateTime, IANAZone } from 'luxon';
import { badInput } from '../../kernel/errors.ts';
import { Calendar, type Day, periodStart, plusDays, plusMonths } from '../../loyalty/earning/calendar.ts';
import type { MetricComparison, MetricGrain, MetricTime } from './metric-query.ts';

/** Half-open. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** The time of a query, with what its words mean. */
export interface Period extends Span {
  readonly grain: MetricGrain | null;
  readonly zone: string;
  readonly fill: boolean;
  /** When each bucket begins; the first may do so before `from`. One, if there is no grain. */
  readonly starts: readonly Date[];
}

/** What the numbers of a period are compared with. */
export interface Comparison extends Span {
  readonly starts: readonly Date[];
  /** Bucket of the period → bucket that it is compared with, both from 0. */
  readonly pairs: readonly (readonly [bucket: number, before: number])[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;
const months: Readonly<Record<'MONTH' | 'QUARTER' | 'YEAR', number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };
const shortest: Readonly<Record<MetricGrain, number>> = {
  HOUR: hourMs,
  DAY: dayMs,
  WEEK: 7 * dayMs,
  MONTH: 28 * dayMs,
  QUARTER: 90 * dayMs,
  YEAR: 365 * dayMs,
};

const dayPattern = /^\d{4}-\d\d-\d\d$/;
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
/** What both JavaScript and PostgreSQL can count with, and nobody sells anything beyond. */
const [firstYear, lastYear] = [1900, 2200];

const calendars = new Map<string, Calendar>();

/** Throws `BAD_USER_INPUT` for what is no time, and for more than `most` buckets. */
export function periodOf(time: MetricTime, { zone: organisation, most }: { zone: string; most: number }): Period {
  const zone = checkZone(time.timezone ?? organisation);
  const from = instantOf(time.from, { field: 'time.from', zone });
  const to = instantOf(time.to, { field: 'time.to', zone });
  if (!(from < to)) throw badInput('Expected `from` before `to`.', 'time.from');
  const grain = time.grain ?? null;
  if (time.fill && grain === null) throw badInput('`fill` needs a `grain`.', 'time.fill');
  checkBuckets({ from, to }, grain, most);
  return { from, to, grain, zone, fill: time.fill ?? false, starts: startsOf({ from, to }, grain, zone) };
}

/** More buckets than can be are refused before they are made. */
function checkBuckets({ from, to }: Span, grain: MetricGrain | null, most: number): void {
  if (grain === null) return;
  const buckets = Math.ceil((to.getTime() - from.getTime()) / shortest[grain]);
  if (buckets > most)
    throw badInput(
      `The period has about ${buckets} buckets, ${most} are possible: take a coarser grain.`,
      'time.grain',
    );
}

/** Instants at which buckets begin, from the one in which the span begins. */
export function startsOf({ from, to }: Span, grain: MetricGrain | null, zone: string): Date[] {
  if (grain === null) return [from];
  if (grain === 'HOUR') return hoursOf({ from, to }, zone);
  const calendar = calendarOf(zone);
  const starts: Date[] = [];
  for (let day = firstDay(calendar.dayOf(from), grain); ; day = nextDay(day, grain)) {
    const start = calendar.startOf(day);
    if (start >= to) return starts;
    // A day that a change of the zone skips (Samoa, 30 December 2011) begins and ends at once.
    if (starts.at(-1)?.getTime() !== start.getTime()) starts.push(start);
  }
}

/** Hours of the clock. One that comes twice is two buckets; where clocks move by half an hour, one is short. */
function hoursOf({ from, to }: Span, zone: string): Date[] {
  const starts = new Set<number>();
  let time = from.getTime();
  let offset = offsetMs(zone, time);
  let steadyUntil = time;
  while (time < to.getTime()) {
    const start = Math.floor((time + offset) / hourMs) * hourMs - offset;
    starts.add(start);
    const next = start + hourMs;
    // To ask for the offset costs more than all else. No zone changes it twice within a week.
    if (next > steadyUntil && offsetMs(zone, next + weekMs) === offset) steadyUntil = next + weekMs;
    const later = next <= steadyUntil ? offset : offsetMs(zone, next);
    time = later === offset ? next : changeBetween(zone, start, next);
    offset = later;
  }
  return [...starts].sort((a, b) => a - b).map((start) => new Date(start));
}

/** When the offset changes: at a whole minute. */
function changeBetween(zone: string, from: number, to: number): number {
  const before = offsetMs(zone, from);
  for (let time = from; time < to; time += 60_000) if (offsetMs(zone, time) !== before) return time;
  return to;
}

/** Whether all offsets of the zone within a span are whole hours, so that each of its buckets is made of hours of UTC. */
export function hasWholeHours({ from, to }: Span, zone: string): boolean {
  for (let time = from.getTime(); time < to.getTime(); time += weekMs)
    if (offsetMs(zone, time) % hourMs !== 0) return false;
  return offsetMs(zone, to.getTime()) % hourMs === 0;
}

export function isWholeHour(at: Date): boolean {
  return at.getTime() % hourMs === 0;
}

/** The period that another one is compared with, and which bucket with which. */
export function comparisonOf(comparison: MetricComparison, period: Period): Comparison {
  const span = spanBefore(comparison, period);
  const starts = startsOf(span, period.grain, period.zone);
  const pairs =
    comparison.previous === 'YEAR' && period.grain !== null && period.grain !== 'WEEK'
      ? pairsByDate(period, starts)
      : period.starts.slice(0, starts.length).map((_, index) => [index, index] as const);
  return { ...span, starts, pairs };
}

function spanBefore({ previous, period: explicit }: MetricComparison, period: Period): Span {
  const { zone } = period;
  if (explicit) {
    const from = instantOf(explicit.from, { field: 'compareTo.period.from', zone });
    const to = instantOf(explicit.to, { field: 'compareTo.period.to', zone });
    if (!(from < to)) throw badInput('Expected `from` before `to`.', 'compareTo.period.from');
    return { from, to };
  }
  if (previous === 'PERIOD') return periodBefore(period);
  // Weeks of another year begin on other dates: 52 weeks earlier they are the same days of the week.
  if (period.grain === 'WEEK')
    return { from: plus(period.from, zone, { weeks: -52 }), to: plus(period.to, zone, { weeks: -52 }) };
  return { from: plus(period.from, zone, { years: -1 }), to: plus(period.to, zone, { years: -1 }) };
}

/** Whole months are compared with as many months, whole days with as many days, all else with as many milliseconds. */
function periodBefore({ from, to, zone }: Period): Span {
  const [begin, end] = [local(from, zone), local(to, zone)];
  const wholeMonths = end.diff(begin, 'months').months;
  if (Number.isInteger(wholeMonths) && begin.day === 1 && isMidnight(begin) && isMidnight(end))
    return { from: plus(from, zone, { months: -wholeMonths }), to: from };
  const wholeDays = Math.round(end.diff(begin, 'days').days);
  if (isMidnight(begin) && isMidnight(end)) return { from: plus(from, zone, { days: -wholeDays }), to: from };
  return { from: new Date(2 * from.getTime() - to.getTime()), to: from };
}

/** By the same date and hour a year earlier: what comes after 29 February stays with its date. */
function pairsByDate({ starts, zone }: Period, before: readonly Date[]): [number, number][] {
  const pairs: [number, number][] = [];
  let at = 0;
  for (const [bucket, start] of starts.entries()) {
    const wanted = plus(start, zone, { years: -1 }).getTime();
    while (at + 1 < before.length && before[at + 1]!.getTime() <= wanted) at += 1;
    if (before.length > 0 && before[at]!.getTime() <= wanted) pairs.push([bucket, at]);
    else if (bucket === 0 && before.length > 0) pairs.push([bucket, 0]);
  }
  return pairs;
}

function firstDay(day: Day, grain: MetricGrain): Day {
  if (grain === 'DAY' || grain === 'HOUR') return day;
  if (grain === 'WEEK') return plusDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
  return periodStart(day, months[grain]);
}

function nextDay(day: Day, grain: MetricGrain): Day {
  if (grain === 'DAY' || grain === 'HOUR') return plusDays(day, 1);
  return grain === 'WEEK' ? plusDays(day, 7) : plusMonths(day, months[grain]);
}

function checkZone(zone: string): string {
  if (IANAZone.isValidZone(zone)) return zone;
  throw badInput(
    `Expected an IANA time zone such as "Europe/Zurich", got ${JSON.stringify(zone.slice(0, 80))}.`,
    'time.timezone',
  );
}

function instantOf(text: string, { field, zone }: { field: string; zone: string }): Date {
  const isDay = dayPattern.test(text);
  const instant = new Date(text);
  const year = Number(text.slice(0, 4));
  if ((!isDay && !instantPattern.test(text)) || !exists(text.slice(0, 10)) || Number.isNaN(instant.getTime())) {
    throw badInput(
      `Expected a date such as "2026-03-01" or an RFC 3339 instant, got ${JSON.stringify(text.slice(0, 80))}.`,
      field,
    );
  }
  if (year < firstYear || year > lastYear) throw badInput(`Expected a year from ${firstYear} to ${lastYear}.`, field);
  return isDay ? calendarOf(zone).startOf(text) : instant;
}

/** JavaScript takes 30 February for 2 March. */
function exists(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().slice(0, 10) === day;
}

function calendarOf(zone: string): Calendar {
  let calendar = calendars.get(zone);
  if (!calendar) {
    // There are some hundred zones; calendars remember days, and bound that themselves.
    if (calendars.size > 50) calendars.clear();
    calendar = new Calendar(zone);
    calendars.set(zone, calendar);
  }
  return calendar;
}

function offsetMs(zone: string, time: number): number {
  return IANAZone.create(zone).offset(time) * 60_000;
}

function local(at: Date, zone: string): DateTime {
  return DateTime.fromJSDate(at, { zone });
}

function plus(
  at: Date,
  zone: string,
  duration: { years?: number; months?: number; weeks?: number; days?: number },
): Date {
  return local(at, zone).plus(duration).toJSDate();
}

function isMidnight(at: DateTime): boolean {
  return at.hour === 0 && at.minute === 0 && at.second === 0 && at.millisecond === 0;
}
