import { IANAZone } from 'luxon';
import { badInput } from '../../kernel/errors.ts';
import { Calendar, type Day, periodStart, plusDays, plusMonths } from '../../loyalty/earning/calendar.ts';
import { tooMuch } from './analysis-errors.ts';

export const analysisGrains = ['WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const;
/** Weeks begin on Monday. */
export type AnalysisGrain = (typeof analysisGrains)[number];

export interface PeriodInput {
  /** Half-open. An RFC 3339 instant, or a date, which stands for the beginning of that day in the zone. */
  readonly from: string;
  readonly to: string;
  /** IANA. Default: the organisation's. */
  readonly timezone?: string | null;
}

export interface Period {
  readonly from: Date;
  readonly to: Date;
  readonly calendar: Calendar;
}

/** Buckets that follow each other, each from one edge to the next: one edge more than there are buckets. */
export interface Buckets {
  readonly days: readonly Day[];
  readonly edges: readonly Date[];
}

const months: Readonly<Record<Exclude<AnalysisGrain, 'WEEK'>, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };
/** What PostgreSQL and JavaScript can both count with, and nobody sells anything beyond. */
const [firstYear, lastYear] = [1900, 2200];
const dayPattern = /^\d{4}-\d\d-\d\d$/;
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

export function periodOf({ from, to, timezone }: PeriodInput, defaultZone: string): Period {
  const calendar = calendarOf(timezone ?? defaultZone);
  const period = { from: instantOf(from, { field: 'from', calendar }), to: instantOf(to, { field: 'to', calendar }) };
  if (!(period.from < period.to)) throw badInput('Expected an instant before `to`.', 'from');
  return { ...period, calendar };
}

/** Whole buckets: from the beginning of the one in which a period begins to the end of the one in which it ends. */
export function bucketsOf({ from, to, calendar }: Period, grain: AnalysisGrain, most: number): Buckets {
  const days = [bucketStart(calendar.dayOf(from), grain)];
  while (calendar.startOf(days.at(-1)!) < to) {
    if (days.length > most)
      throw tooMuch(`Expected a period of at most ${most} buckets.`, { field: 'to', limit: most });
    days.push(nextBucket(days.at(-1)!, grain));
  }
  return { days, edges: days.map((day) => calendar.startOf(day)) };
}

/** The same buckets, and so many that follow them. */
export function withFurther({ days }: Buckets, { calendar, grain, count }: Further): Buckets {
  const all = [...days];
  for (let left = count; left > 0; left -= 1) all.push(nextBucket(all.at(-1)!, grain));
  return { days: all, edges: all.map((day) => calendar.startOf(day)) };
}

interface Further {
  readonly calendar: Calendar;
  readonly grain: AnalysisGrain;
  readonly count: number;
}

function bucketStart(day: Day, grain: AnalysisGrain): Day {
  return grain === 'WEEK' ? plusDays(day, -sinceMonday(day)) : periodStart(day, months[grain]);
}

function nextBucket(day: Day, grain: AnalysisGrain): Day {
  return grain === 'WEEK' ? plusDays(day, 7) : plusMonths(day, months[grain]);
}

function sinceMonday(day: Day): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

function calendarOf(zone: string): Calendar {
  if (!IANAZone.isValidZone(zone))
    throw badInput(
      `Expected an IANA time zone such as "Europe/Zurich", got ${JSON.stringify(zone.slice(0, 80))}.`,
      'timezone',
    );
  return new Calendar(zone);
}

function instantOf(text: string, { field, calendar }: { field: string; calendar: Calendar }): Date {
  const instant = new Date(text);
  const written = dayPattern.test(text) || instantPattern.test(text);
  if (!written || Number.isNaN(instant.getTime()) || !exists(text))
    throw badInput(
      `Expected a date such as "2026-03-01" or an RFC 3339 instant, got ${JSON.stringify(text.slice(0, 80))}.`,
      field,
    );
  const year = Number(text.slice(0, 4));
  if (year < firstYear || year > lastYear) throw badInput(`Expected a year from ${firstYear} to ${lastYear}.`, field);
  return dayPattern.test(text) ? calendar.startOf(text) : instant;
}

/** JavaScript takes 30 February for 2 March. */
function exists(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day;
}
