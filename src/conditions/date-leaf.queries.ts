import type { DateCondition } from './condition.ts';
import { type Duration, durationInterval } from './duration.ts';
import { type LeafSql, never, type SqlScope } from './sql-scope.queries.ts';
import { startOfDaySql } from './window.queries.ts';

export function compileDate(leaf: DateCondition, scope: SqlScope): LeafSql {
  if (leaf.anniversaryWithinDays !== undefined) return anniversarySql(leaf.trait, leaf.anniversaryWithinDays, scope);
  const begins = ofDate(leaf.trait, scope, {
    day: (given) => startOfDaySql(`${given}::timestamp`, scope),
    instant: (given) => given,
  });
  const { verdict, next } = distanceSql(leaf, scope);
  const of = (expression: string) => `(select ${expression} from (select ${begins} as begins offset 0) as d)`;
  return {
    verdict: of(`coalesce(${verdict}, false)`),
    next: next === null ? never : of(`coalesce(${next}, ${never})`),
  };
}

/** Days that there are: February 29th in leap years only. Casting any other text would be an error. */
const day =
  '(?:[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))' +
  '|(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)';
/** PostgreSQL takes no offset of 16 hours. */
const time =
  '[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]+)?)?(?:[Zz]|[+-](?:0[0-9]|1[0-5]):[0-5][0-9])';

/** Of a value that is a day or an instant; null of any other. What is no text begins with no year. */
function ofDate(
  trait: string,
  scope: SqlScope,
  answer: { day(day: string): string; instant(at: string): string },
): string {
  const text = `(c.traits ->> ${scope.value(trait, 'text')})`;
  // Fractions beyond milliseconds are cut off, as in JavaScript; PostgreSQL would round them.
  const instant = `regexp_replace(${text}, '(\\.[0-9]{3})[0-9]+', '\\1')::timestamptz`;
  return `
    case when ${text} ~ '^${day}$' then ${answer.day(`${text}::date`)}
         when ${text} ~ '^${day}${time}$' then ${answer.instant(instant)} end`;
}

/** Of `d.begins`; both may be null. */
function distanceSql(leaf: DateCondition, scope: SqlScope): { verdict: string; next: string | null } {
  const { now } = scope;
  const instant = (text: string) => scope.value(new Date(text), 'timestamptz');
  const length = (duration: Duration) => scope.value(durationInterval(duration), 'interval');
  if (leaf.before !== undefined) return { verdict: `d.begins < ${instant(leaf.before)}`, next: null };
  if (leaf.after !== undefined) return { verdict: `d.begins >= ${instant(leaf.after)}`, next: null };
  if (leaf.withinLast) {
    const ends = `d.begins + ${length(leaf.withinLast)}`;
    return {
      verdict: `d.begins <= ${now} and ${ends} > ${now}`,
      next: `case when d.begins > ${now} then d.begins when ${ends} > ${now} then ${ends} end`,
    };
  }
  if (leaf.withinNext) {
    const starts = `d.begins - ${length(leaf.withinNext)}`;
    // Instants are whole milliseconds: the first one that lies behind it.
    const ends = `d.begins + interval '1 millisecond'`;
    return {
      verdict: `${starts} <= ${now} and d.begins >= ${now}`,
      next: `case when ${starts} > ${now} then ${starts} when d.begins >= ${now} then ${ends} end`,
    };
  }
  const starts = `d.begins + ${length(leaf.olderThan!)}`;
  return { verdict: `${starts} <= ${now}`, next: `case when ${starts} > ${now} then ${starts} end` };
}

/**
 * PostgreSQL's sum of a February 29th and years is the 28th where there is no other. `offset 0` keeps the planner from
 * writing each step out wherever it is used.
 */
function anniversarySql(trait: string, days: number, scope: SqlScope): LeafSql {
  const local = (instant: string) => `(${instant} at time zone ${scope.zone})::date`;
  const born = ofDate(trait, scope, { day: (given) => given, instant: local });
  const within = scope.value(days, 'integer');
  const of = (expression: string) => `(
    select ${expression}
    from (
      select today, case when this_year >= today then this_year else (day + (years + 1) * interval '1 year')::date end as next
      from (
        select *, (day + years * interval '1 year')::date as this_year
        from (
          select *, greatest(extract(year from today) - extract(year from day), 1)::integer as years
          from (select ${born} as day, ${local(scope.now)} as today offset 0) as days offset 0
        ) as days offset 0
      ) as days offset 0
    ) as d)`;
  const isWithin = `d.next - d.today <= ${within}`;
  const edge = startOfDaySql(`(case when ${isWithin} then d.next + 1 else d.next - ${within} end)::timestamp`, scope);
  return { verdict: of(`coalesce(${isWithin}, false)`), next: of(`coalesce(${edge}, ${never})`) };
}
