import { canonicalJson } from '../kernel/json.ts';
import { durationInterval } from './duration.ts';
import type { Moment } from './moment.ts';
import { boundParameters, never, type RowNeed, type SqlScope } from './sql-scope.queries.ts';
import { type Bounds, boundsOf, nextMidnight, periodEnd, type Window } from './window.ts';

/** The SQL of a window. */
export interface WindowSql {
  /** Whether `t` lies in it: boolean. */
  readonly contains: string;
  /** Whether `t` is yet to come into it, by time alone: boolean. */
  readonly awaits: string;
  /** When the touchpoint that occurred at `instant` (in the window) leaves it: `timestamptz`, null for null. */
  leaves(instant: string): string;
  /** When the touchpoint that occurred at `instant` (awaited) comes in. */
  enters(instant: string): string;
  /** For `scope.rows`: awaited touchpoints are later than those inside. */
  readonly after?: RowNeed['after'];
}

export function windowSql(window: Window, scope: SqlScope): WindowSql {
  const name = `window ${canonicalJson(window)}`;
  const read = (moment: Moment): Bounds => boundsOf(window, moment);
  const { after, through } = boundParameters(scope, name, read);
  const bounded =
    'ever' in window || ('absolute' in window && window.absolute.from === undefined)
      ? {}
      : { after: { name, read: (moment: Moment) => read(moment).after } };
  return {
    contains: `(t.occurred_at > ${after} and t.occurred_at <= ${through})`,
    awaits: `(t.occurred_at > ${through}${stillComes(window, scope)})`,
    ...edgesOf(window, scope),
    ...bounded,
  };
}

/** What lies behind the end of an absolute window, or of a period that is over, never comes in. */
function stillComes(window: Window, scope: SqlScope): string {
  if (!('absolute' in window) || window.absolute.to === undefined) return '';
  return ` and t.occurred_at < ${scope.value(new Date(window.absolute.to), 'timestamptz')}`;
}

function edgesOf(window: Window, scope: SqlScope): Pick<WindowSql, 'leaves' | 'enters'> {
  const onArrival = (instant: string) => instant;
  if ('ever' in window || 'absolute' in window) return { leaves: () => never, enters: onArrival };
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
  if ('period' in window) {
    const { unit } = window.period;
    const end = scope.moment(`end of ${unit}`, 'timestamptz', (moment) => periodEnd(unit, moment));
    const whenThere = (instant: string) => `(case when ${instant} is not null then ${end} end)`;
    // A touchpoint of the future comes in at its time, where that is within the current period.
    return {
      leaves: whenThere,
      enters: window.period.ago > 0 ? whenThere : (instant) => `least(${instant}, ${whenThere(instant)})`,
    };
  }
  const { count, unit } = window.lastCalendar;
  const midnight = scope.moment('midnight', 'timestamptz', nextMidnight);
  const units = scope.value(`${count} ${unit.toLowerCase()}s`, 'interval');
  // The first day that lies so many units and a day behind. At the end of a month that can be a few days early, where the
  // shorter month has no such day: then midnight by midnight is looked again.
  const leaves = (instant: string) =>
    `greatest(((((${instant} at time zone ${scope.zone})::date + ${units})::date + 1)::timestamp at time zone ${scope.zone}), case when ${instant} is not null then ${midnight} end)`;
  return { leaves, enters: onArrival };
}
