import { canonicalJson } from '../kernel/json.ts';
import { durationInterval } from './duration.ts';
import type { Moment } from './moment.ts';
import { boundParameters, never, type RowNeed, type SqlScope } from './sql-scope.queries.ts';
import { type Bounds, boundsOf, type Calendar, type Period, periodEnd, type Window } from './window.ts';

/** The SQL of a window. */
export interface WindowSql {
  /** Whether `t` lies in it: boolean. */
  readonly contains: string;
  /** Whether `t` is yet to come into it, by time alone: boolean. */
  readonly awaits: string;
  /** The same two of any instant. */
  holds(instant: string): string;
  expects(instant: string): string;
  /** What occurred at this instant (`timestamptz`) or before is not in the window, and never comes in. */
  readonly start: string;
  /** When the touchpoint that occurred at `instant` (in the window) leaves it: `timestamptz`, null for null. Monotonic. */
  leaves(instant: string): string;
  /** When the touchpoint that occurred at `instant` (awaited) comes in. Monotonic. */
  enters(instant: string): string;
  /** Whether nothing leaves it, ever. */
  readonly keeps: boolean;
  /** For `scope.rows`: awaited touchpoints are later than those inside. */
  readonly after?: RowNeed['after'];
}

export function windowSql(window: Window, scope: SqlScope): WindowSql {
  const name = `window ${canonicalJson(window)}`;
  const read = (moment: Moment): Bounds => boundsOf(window, moment);
  const { after, through } = boundParameters(scope, name, read);
  const holds = (instant: string) => `(${instant} > ${after} and ${instant} <= ${through})`;
  const expects = (instant: string) =>
    `(${instant} > ${through} and ${instant} > ${after}${stillComes(window, instant, scope)})`;
  const bounded =
    'ever' in window || ('absolute' in window && window.absolute.from === undefined)
      ? {}
      : { after: { name, read: (moment: Moment) => read(moment).after } };
  return {
    contains: holds('t.occurred_at'),
    awaits: expects('t.occurred_at'),
    holds,
    expects,
    start: after,
    keeps: 'ever' in window || 'absolute' in window,
    ...edgesOf(window, scope),
    ...bounded,
  };
}

/** What lies behind the end of an absolute window never comes in. */
function stillComes(window: Window, instant: string, scope: SqlScope): string {
  if (!('absolute' in window) || window.absolute.to === undefined) return '';
  return ` and ${instant} < ${scope.value(new Date(window.absolute.to), 'timestamptz')}`;
}

type Edges = Pick<WindowSql, 'leaves' | 'enters'>;

function edgesOf(window: Window, scope: SqlScope): Edges {
  const onArrival = (instant: string) => instant;
  if ('last' in window) {
    const length = scope.value(durationInterval(window.last), 'interval');
    return { leaves: (instant) => `(${instant} + ${length})`, enters: onArrival };
  }
  if ('between' in window) {
    const [from, to] = [window.between.from, window.between.to].map((age) =>
      scope.value(durationInterval(age), 'interval'),
    );
    return { leaves: (instant) => `(${instant} + ${from})`, enters: (instant) => `(${instant} + ${to})` };
  }
  if ('period' in window) return periodEdges(window.period, scope);
  if ('lastCalendar' in window) return calendarEdges(window.lastCalendar, scope);
  return { leaves: () => never, enters: onArrival };
}

function periodEdges({ unit, ago }: Period, scope: SqlScope): Edges {
  const end = scope.moment(`end of ${unit}`, 'timestamptz', (moment) => periodEnd(unit, moment));
  const whenThere = (instant: string) => `(case when ${instant} is not null then ${end} end)`;
  // A touchpoint of the future comes in at its time, where that is within the current period.
  return {
    leaves: whenThere,
    enters: ago > 0 ? whenThere : (instant) => `least(${instant}, ${whenThere(instant)})`,
  };
}

function calendarEdges({ count, unit }: Calendar, scope: SqlScope): Edges {
  const units = scope.value(`${count} ${unit.toLowerCase()}s`, 'interval');
  const leaves = (instant: string) => {
    const following = `((${instant} at time zone ${scope.zone})::date + 1)`;
    return startOfDaySql(firstDaySince(following, { unit, units }), scope);
  };
  return { leaves, enters: (instant) => instant };
}

/**
 * The first day that lies so many units behind `day` or behind a later one. In a month that is too short for it, that is
 * the first of the month after: PostgreSQL's sum would be the last of the short one.
 */
function firstDaySince(day: string, { unit, units }: { unit: Calendar['unit']; units: string }): string {
  if (unit === 'DAY' || unit === 'WEEK') return `(${day} + ${units})`;
  const month = `(date_trunc('month', ${day}::timestamp) + ${units})`;
  return `least(${month} + (${day} - date_trunc('month', ${day}::timestamp)::date) * interval '1 day', ${month} + interval '1 month')`;
}

/** The first instant of a day, given as its midnight without a zone. Where clocks go back to midnight, there are two. */
export function startOfDaySql(midnight: string, { zone }: SqlScope): string {
  const reading = (local: string) => `(${local} at time zone ${zone})`;
  const second = `interval '1 second'`;
  return `least(${reading(midnight)}, ${reading(`(${midnight} - ${second})`)} + ${second})`;
}
