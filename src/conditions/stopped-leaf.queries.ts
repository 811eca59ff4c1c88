import type { StoppedCondition } from './condition.ts';
import { durationInterval, shift } from './duration.ts';
import { matchSql, rowsOf } from './event-match.queries.ts';
import { earliest, type LeafSql, type SqlScope } from './sql-scope.queries.ts';

export function compileStopped({ match, none }: StoppedCondition, scope: SqlScope): LeafSql {
  const matches = matchSql(match, scope);
  const length = scope.value(durationInterval(none), 'interval');
  scope.rows(rowsOf(match, { name: `last ${durationInterval(none)}`, read: ({ now }) => shift(now, none, -1) }));
  const isOver = `t.occurred_at + ${length} <= ${scope.now}`;
  const newest = scope.aggregate(
    `max(t.occurred_at) filter (where ${matches} and t.occurred_at <= ${scope.now} and not (${isOver}))`,
    'null',
  );
  const coming = scope.aggregate(
    `min(t.occurred_at) filter (where ${matches} and t.occurred_at > ${scope.now})`,
    'null',
  );
  // Of those that are over it takes a single one, and none where another one is recent.
  const verdict = scope.occurs(`${matches} and ${isOver}`, rowsOf(match), `(${newest} is not null)`);
  // Where there is none yet, the first to come begins the time.
  const falls = `coalesce(${newest}, ${coming}) + ${length}`;
  return { verdict, next: `case when ${verdict} then ${earliest(coming)} else ${earliest(falls)} end` };
}
