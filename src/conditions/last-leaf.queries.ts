import type { LastCondition } from './condition.ts';
import { matchSql, propertyTestSql, rowsOf } from './event-match.queries.ts';
import { earliest, type LeafSql, type SqlScope } from './sql-scope.queries.ts';
import { windowSql } from './window.queries.ts';

export function compileLast({ match, has, window }: LastCondition, scope: SqlScope): LeafSql {
  const matches = matchSql(match, scope);
  const passes = propertyTestSql(has, scope);
  const within = windowSql(window, scope);
  scope.rows(rowsOf(match, within.after));
  const inside = `filter (where ${matches} and ${within.contains})`;
  const verdict = scope.aggregate(
    `(array_agg(${passes} order by t.occurred_at desc, t.id desc) ${inside})[1]`,
    'false',
  );
  const coming = (which: string) =>
    within.enters(
      scope.aggregate(`min(t.occurred_at) filter (where ${matches} and ${within.awaits} and ${which})`, 'null'),
    );
  const leaving = within.leaves(scope.aggregate(`max(t.occurred_at) ${inside}`, 'null'));
  // When the last one leaves, those before it have left; and one that comes matters where it says something else.
  const next = `case when ${verdict} then ${earliest(leaving, coming(`not ${passes}`))} else ${earliest(coming(passes))} end`;
  return { verdict, next };
}
