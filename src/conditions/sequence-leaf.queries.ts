import type { SequenceCondition } from './condition.ts';
import { durationInterval } from './duration.ts';
import { matchSql, propertySql, rowsOf } from './event-match.queries.ts';
import { earliest, type LeafSql, type SqlScope } from './sql-scope.queries.ts';
import { type WindowSql, windowSql } from './window.queries.ts';

export function compileSequence(leaf: SequenceCondition, scope: SqlScope): LeafSql {
  const within = windowSql(leaf.window, scope);
  // What follows a touchpoint of the window lies behind its start, too.
  scope.rows(rowsOf(leaf.first, within.after));
  scope.rows(rowsOf(leaf.followedBy, within.after));
  const parts: Parts = { leaf, within, length: scope.value(durationInterval(leaf.within), 'interval') };
  return leaf.missing ? compileMissing(parts, scope) : compileFollowed(parts, scope);
}

interface Parts {
  readonly leaf: SequenceCondition;
  readonly within: WindowSql;
  /** How long `then` may take: `interval`. */
  readonly length: string;
}

function compileFollowed(parts: Parts, scope: SqlScope): LeafSql {
  const { leaf, within } = parts;
  const [newest, awaited, pending] = summary(
    [
      `max(at) filter (where come > 0 and ${within.holds('at')})`,
      `min(at) filter (where known > 0 and ${within.expects('at')})`,
      `min(at) filter (where known > come and ${within.holds('at')})`,
    ],
    parts,
    scope,
  );
  const coming = scope.aggregate(
    `min(t.occurred_at) filter (where ${matchSql(leaf.followedBy, scope)} and t.occurred_at > ${scope.now})`,
    'null',
  );
  const verdict = `(${newest} is not null)`;
  const arrives = `case when ${pending} is not null then ${coming} end`;
  const next = `case when ${verdict} then ${earliest(within.leaves(newest))}
                     else ${earliest(within.enters(awaited), arrives)} end`;
  return { verdict, next };
}

function compileMissing(parts: Parts, scope: SqlScope): LeafSql {
  const { within, length } = parts;
  const isOver = `at + ${length} <= ${scope.now}`;
  const [newest, awaited, pending] = summary(
    [
      `max(at) filter (where known = 0 and ${within.holds('at')} and ${isOver})`,
      `min(at) filter (where known = 0 and ${within.expects('at')})`,
      `min(at) filter (where known = 0 and ${within.holds('at')} and not ${isOver})`,
    ],
    parts,
    scope,
  );
  const verdict = `(${newest} is not null)`;
  const ends = (instant: string) => `(${instant} + ${length})`;
  const next = `case when ${verdict} then ${earliest(within.leaves(newest))}
                     else ${earliest(`greatest(${within.enters(awaited)}, ${ends(awaited)})`, ends(pending))} end`;
  return { verdict, next };
}

/**
 * Three instants, by aggregates over all touchpoints `first` in the window or awaited: `at`, and how many `then` follow it
 * in time, of those that have `come` and of those `known`, which includes future ones. Counting within a moving frame
 * goes through the sorted touchpoints once, however many there are. Most customers have no `first`: nothing is sorted then.
 */
function summary(aggregates: readonly [string, string, string], parts: Parts, scope: SqlScope) {
  const { leaf, within, length } = parts;
  const isFirst = `${matchSql(leaf.first, scope)} and (${within.contains} or ${within.awaits})`;
  const firsts = listSql(isFirst, leaf, scope);
  const followers = listSql(`${matchSql(leaf.followedBy, scope)} and t.occurred_at > ${within.start}`, leaf, scope);
  const instants = scope.aggregate(
    `(case when bool_or(${isFirst}) then (
    select array[${aggregates.join(', ')}]
    from (
      select at, follows, count(*) filter (where follows and at <= ${scope.now}) over soon as come,
             count(*) filter (where follows) over soon as known
      from (select *, false as follows from ${firsts} union all select *, true from ${followers}) as listed
      window soon as (${leaf.same === undefined ? '' : 'partition by key '}order by at
                      range between interval '1 millisecond' following and ${length} following)
    ) as counted
    where not follows) end)`,
    'null',
  );
  return [`(${instants})[1]`, `(${instants})[2]`, `(${instants})[3]`] as const;
}

function listSql(which: string, { same }: SequenceCondition, scope: SqlScope): string {
  if (same === undefined) return `unnest(array_agg(t.occurred_at) filter (where ${which})) as list (at)`;
  const key = propertySql(same, scope);
  const filter = `filter (where ${which} and ${key} <> 'null')`;
  return `unnest(array_agg(t.occurred_at) ${filter}, array_agg(${key}) ${filter}) as list (at, key)`;
}
