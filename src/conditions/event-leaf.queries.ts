import type { EventCondition, NumberTest } from './condition.ts';
import { asksWhether } from './event-leaf.ts';
import { matchSql, rowsOf } from './event-match.queries.ts';
import { numberTestSql } from './number-test.queries.ts';
import { rangeOf } from './number-test.ts';
import { earliest, type LeafSql, never, type SqlScope } from './sql-scope.queries.ts';
import { type WindowSql, windowSql } from './window.queries.ts';

export function compileEvent(leaf: EventCondition, scope: SqlScope): LeafSql {
  const { match, count, window } = leaf;
  const whether = asksWhether(leaf);
  if (whether) return compileWhether(leaf, whether, scope);
  const matches = matchSql(match, scope);
  const within = windowSql(window, scope);
  scope.rows(rowsOf(match, within.after));
  const found = scope.aggregate(`count(*) filter (where ${matches} and ${within.contains})`, '0');
  const verdict = numberTestSql(`${found}::numeric`, count, scope);
  return { verdict, next: nextOfCount({ matches, within, found, count, verdict }, scope) };
}

/** The first one that is found is enough. */
function compileWhether({ match, window }: EventCondition, whether: 'EVER' | 'NEVER', scope: SqlScope): LeafSql {
  const matches = matchSql(match, scope);
  const within = windowSql(window, scope);
  scope.rows(rowsOf(match, { name: 'now', read: ({ now }) => now }));
  const occurs = scope.occurs(`${matches} and ${within.contains}`, rowsOf(match));
  const coming = scope.aggregate(`min(t.occurred_at) filter (where ${matches} and ${within.awaits})`, 'null');
  const next = `case when ${occurs} then ${never} else ${earliest(within.enters(coming))} end`;
  return { verdict: whether === 'EVER' ? occurs : `(not ${occurs})`, next };
}

interface Counted {
  readonly matches: string;
  readonly within: WindowSql;
  readonly found: string;
  readonly count: NumberTest;
  readonly verdict: string;
}

/**
 * When a count can pass a bound by time alone. One that is high enough falls below when the `least`-th newest touchpoint
 * leaves, however many older ones leave before, and one that is too high when the one after the `most` newest does; one
 * that is too low can only grow by touchpoints that are yet to come in.
 */
function nextOfCount({ matches, within, count, found, verdict }: Counted, scope: SqlScope): string {
  const entering = within.enters(
    scope.aggregate(`min(t.occurred_at) filter (where ${matches} and ${within.awaits})`, 'null'),
  );
  const leaving = (n: number) => (within.keeps ? never : within.leaves(newest(n, { matches, within }, scope)));
  const range = rangeOf(count);
  // NOT_EQUALS: the verdict falls, or rises, when exactly so many are left.
  if (range === null) {
    const number = Number(count.value);
    const falling = `case when ${found} > ${scope.value(number, 'integer')} then ${leaving(number + 1)} end`;
    const rising = number > 0 ? `case when not ${verdict} then ${leaving(number)} end` : 'null';
    return earliest(entering, falling, rising);
  }
  const { least, most } = range;
  const whileTrue = [...(least > 0 ? [leaving(least)] : []), ...(most === null ? [] : [entering])];
  const whileFalse =
    most === null || most < 0
      ? earliest(entering)
      : `case when ${found} > ${scope.value(most, 'integer')} then ${earliest(leaving(most + 1))} else ${earliest(entering)} end`;
  return `case when ${verdict} then ${earliest(...whileTrue, never)} else ${whileFalse} end`;
}

/** When the n-th newest matching touchpoint of the window occurred. */
function newest(n: number, { matches, within }: Pick<Counted, 'matches' | 'within'>, scope: SqlScope): string {
  const filter = `filter (where ${matches} and ${within.contains})`;
  if (n === 1) return scope.aggregate(`max(t.occurred_at) ${filter}`, 'null');
  // Sorted here, for the few whose count is of interest: an ordered aggregate would have the touchpoints of all sorted.
  const all = scope.aggregate(`array_agg(t.occurred_at) ${filter}`, 'null');
  return `(select at from unnest(${all}) as at order by at desc offset ${scope.value(n - 1, 'integer')} limit 1)`;
}
