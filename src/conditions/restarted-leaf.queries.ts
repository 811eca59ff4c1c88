import type { RestartedCondition } from './condition.ts';
import { durationInterval } from './duration.ts';
import { matchSql, rowsOf } from './event-match.queries.ts';
import { earliest, type LeafSql, type SqlScope } from './sql-scope.queries.ts';

export function compileRestarted({ match, pause, within }: RestartedCondition, scope: SqlScope): LeafSql {
  const matches = matchSql(match, scope);
  // The one before the pause may lie back as far as one likes.
  scope.rows(rowsOf(match));
  const length = scope.value(durationInterval(within), 'interval');
  const restarts = scope.aggregate(restartsSql({ matches, length, pause }, scope), 'null');
  const [newest, coming] = [`(${restarts})[1]`, `(${restarts})[2]`];
  const verdict = `(${newest} is not null)`;
  return { verdict, next: `case when ${verdict} then ${newest} + ${length} else ${earliest(coming)} end` };
}

/**
 * The newest touchpoint of the last `length` that came after a pause, and the first of the future that will. Of those
 * before only the newest matters, so that the list is short however long the history is.
 */
function restartsSql(
  { matches, length, pause }: { matches: string; length: string; pause: RestartedCondition['pause'] },
  scope: SqlScope,
): string {
  const since = `(${scope.now} - ${length})`;
  const recent = `array_agg(t.occurred_at) filter (where ${matches} and t.occurred_at > ${since})`;
  const before = `max(t.occurred_at) filter (where ${matches} and t.occurred_at <= ${since})`;
  return `(
    select array[max(at) filter (where at <= ${scope.now}), min(at) filter (where at > ${scope.now})]
    from (select at, lag(at, 1, ${before}) over (order by at) as previous from unnest(${recent}) as recent (at)) as pairs
    where at - previous >= ${scope.value(durationInterval(pause), 'interval')})`;
}
