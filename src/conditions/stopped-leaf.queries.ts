import type { StoppedCondition } from './condition.ts';
import { durationInterval } from './duration.ts';
import { matchSql, rowsOf } from './event-match.queries.ts';
import { earliest, type LeafSql, type SqlScope } from './sql-scope.queries.ts';

export function compileStopped({ match, none }: StoppedCondition, scope: SqlScope): LeafSql {
  const matches = matchSql(match, scope);
  scope.rows(rowsOf(match));
  const newest = scope.aggregate(
    `max(t.occurred_at) filter (where ${matches} and t.occurred_at <= ${scope.now})`,
    'null',
  );
  const coming = scope.aggregate(
    `min(t.occurred_at) filter (where ${matches} and t.occurred_at > ${scope.now})`,
    'null',
  );
  const length = scope.value(durationInterval(none), 'interval');
  const verdict = `coalesce(${newest} + ${length} <= ${scope.now}, false)`;
  // Where there is none yet, the first to come begins the time.
  const falls = `coalesce(${newest}, ${coming}) + ${length}`;
  return { verdict, next: `case when ${verdict} then ${earliest(coming)} else ${earliest(falls)} end` };
}
