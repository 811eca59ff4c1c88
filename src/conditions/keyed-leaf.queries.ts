import type { KeyedCondition } from './condition.ts';
import { matchSql, rowsOf } from './event-match.queries.ts';
import { distinctValueRows, mayHaveValue } from './event-values.queries.ts';
import { numberTestSql } from './number-test.queries.ts';
import { rangeOf } from './number-test.ts';
import { earliest, type LeafSql, never, type SqlScope } from './sql-scope.queries.ts';
import { type WindowSql, windowSql } from './window.queries.ts';

export function compileKeyed({ match, property, count, window }: KeyedCondition, scope: SqlScope): LeafSql {
  const matches = matchSql(match, scope);
  const within = windowSql(window, scope);
  scope.rows(rowsOf(match, within.after));
  const which = `${matches} and ${within.contains}`;
  const rows = distinctValueRows(which, property, scope);
  // Of fewer touchpoints than it takes no value has enough.
  const least = scope.value(Math.max(rangeOf(count)?.least ?? 1, 1), 'integer');
  const ifEnough = (query: string) => `(case when count(*) filter (where ${which}) >= ${least} then ${query} end)`;
  const passes = (number: string) => numberTestSql(number, count, scope);
  const verdict = scope.aggregate(
    ifEnough(`(
      select bool_or(passes) from (select ${passes('count(*)')} as passes from ${rows} group by value) as counts)`),
    'false',
  );
  const coming = within.enters(
    scope.aggregate(
      `min(t.occurred_at) filter (where ${matches} and ${within.awaits} and ${mayHaveValue(property, scope)})`,
      'null',
    ),
  );
  const leaving = within.keeps ? never : scope.aggregate(ifEnough(leavingSql({ rows, within, passes })), 'null');
  // With more touchpoints a value that is frequent enough stays so, unless it can be too frequent.
  const staysTrue = rangeOf(count)?.most === null;
  const soonest = earliest(leaving, coming);
  return { verdict, next: staysTrue ? `case when ${verdict} then ${earliest(leaving)} else ${soonest} end` : soonest };
}

interface Counts {
  readonly rows: string;
  readonly within: WindowSql;
  readonly passes: (number: string) => string;
}

/**
 * When touchpoints leave so that the verdict turns: it stays true for as long as any value passes, and false until the
 * first one does. A value that is in no touchpoint any more is none.
 */
function leavingSql({ rows, within, passes }: Counts): string {
  return `(
    select case when bool_or(passes) then max(coalesce(turn, ${never})) filter (where passes) else min(turn) end
    from (
      select passes, min(leave) filter (where passes <> (remaining > 0 and ${passes('remaining')})) as turn
      from (
        select value, leave, ${passes('count(*) over (partition by value)')} as passes,
               count(*) over (partition by value order by leave desc
                              groups between unbounded preceding and 1 preceding) as remaining
        from (select value, ${within.leaves('at')} as leave from ${rows}) as left_at
      ) as counts
      group by value, passes
    ) as turns)`;
}
