import type { TraitHeldCondition } from './condition.ts';
import { durationInterval } from './duration.ts';
import { earliest, type LeafSql, type SqlScope } from './sql-scope.queries.ts';

export function compileTraitHeld({ trait, value, atLeast, lessThan }: TraitHeldCondition, scope: SqlScope): LeafSql {
  scope.rows({ settingTrait: trait });
  const name = scope.value(trait, 'text');
  const isSaid = `t.traits -> ${name} = ${scope.value(JSON.stringify(value), 'text')}::jsonb`;
  const since = heldSince({ name, isSaid }, scope);
  const coming = `min(t.occurred_at) filter (where t.traits ? ${name} and t.occurred_at > ${scope.now})`;
  const ends = [atLeast, lessThan].map((length) =>
    length ? `(${since} + ${scope.value(durationInterval(length), 'interval')})` : null,
  );
  const tests = [
    ...(ends[0] ? [`coalesce(${ends[0]} <= ${scope.now}, false)`] : []),
    ...(ends[1] ? [`coalesce(${ends[1]} > ${scope.now}, false)`] : []),
  ];
  const ahead = ends.flatMap((end) => (end ? [`case when ${end} > ${scope.now} then ${end} end`] : []));
  return { verdict: `(${tests.join(' and ')})`, next: earliest(scope.aggregate(coming, 'null'), ...ahead) };
}

/**
 * When the value was said first without another one since. The latest word first, each with its time if it is this value:
 * the run ends before the first null.
 */
function heldSince({ name, isSaid }: { name: string; isSaid: string }, scope: SqlScope): string {
  const words = `
    array_agg(case when ${isSaid} then t.occurred_at end order by t.occurred_at desc, t.id desc)
      filter (where t.traits ? ${name} and t.occurred_at <= ${scope.now})`;
  const length = `coalesce(array_position(${words}, null), cardinality(${words}) + 1) - 1`;
  return scope.aggregate(`(${words})[${length}]`, 'null');
}
