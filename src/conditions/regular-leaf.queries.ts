import type { RegularCondition } from './condition.ts';
import { matchSql, rowsOf } from './event-match.queries.ts';
import type { Moment } from './moment.ts';
import { periodsOf } from './regular-leaf.ts';
import { earliest, type LeafSql, type SqlScope, withinBounds } from './sql-scope.queries.ts';
import { startOfDaySql } from './window.queries.ts';

export function compileRegular(leaf: RegularCondition, scope: SqlScope): LeafSql {
  const { match, unit, periods, atLeast } = leaf;
  const matches = matchSql(match, scope);
  const name = `last ${periods} ${unit}`;
  const read = (moment: Moment) => periodsOf(leaf, moment);
  scope.rows(rowsOf(match, { name, read: (moment) => read(moment).after }));
  const period = `date_trunc(${scope.value(unit.toLowerCase(), 'text')}, t.occurred_at at time zone ${scope.zone})`;
  // The verdict holds for as long as this one is among them: the newer ones stay longer.
  const decisive = scope.aggregate(
    `(array_agg(distinct ${period} order by ${period} desc)
      filter (where ${matches} and ${withinBounds(scope, name, read)}))[${scope.value(atLeast, 'integer')}]`,
    'null',
  );
  const coming = scope.aggregate(
    `min(t.occurred_at) filter (where ${matches} and t.occurred_at > ${scope.now})`,
    'null',
  );
  const verdict = `(${decisive} is not null)`;
  const length = scope.value(unit === 'QUARTER' ? `${3 * periods} months` : `${periods} ${unit}s`, 'interval');
  const leaves = startOfDaySql(`(${decisive} + ${length})`, scope);
  return { verdict, next: `case when ${verdict} then ${leaves} else ${earliest(coming)} end` };
}
