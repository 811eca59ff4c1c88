import type { FirstCondition } from './condition.ts';
import { matchSql, rowsOf } from './event-match.queries.ts';
import { earliest, type LeafSql, type SqlScope } from './sql-scope.queries.ts';
import { windowSql } from './window.queries.ts';

export function compileFirst({ match, window }: FirstCondition, scope: SqlScope): LeafSql {
  const matches = matchSql(match, scope);
  const within = windowSql(window, scope);
  // One that lies long before the window is the first all the same.
  scope.rows(rowsOf(match));
  const past = `${matches} and t.occurred_at <= ${scope.now}`;
  const first = scope.aggregate(`min(t.occurred_at) filter (where ${past})`, 'null');
  const future = scope.aggregate(
    `min(t.occurred_at) filter (where ${matches} and t.occurred_at > ${scope.now})`,
    'null',
  );
  const verdict = `coalesce(${within.holds(first)}, false)`;
  // The first one stays the first: what is yet to come only matters where there is none.
  const next = `case when ${first} is null then ${earliest(within.enters(future))}
                     when ${verdict} then ${earliest(within.leaves(first))}
                     when ${within.expects(first)} then ${earliest(within.enters(first))}
                     else 'infinity' end`;
  return { verdict, next };
}
