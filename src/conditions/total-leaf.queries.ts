import { currencyExponent } from '../kernel/money.ts';
import type { TotalCondition } from './condition.ts';
import { matchSql, rowsOf } from './event-match.queries.ts';
import { mayHaveValue, valueRows } from './event-values.queries.ts';
import { numberTestSql } from './number-test.queries.ts';
import { testNumber } from './number-test.ts';
import { earliest, type LeafSql, never, type SqlScope } from './sql-scope.queries.ts';
import { revenueTypes, summedMatch } from './total-leaf.ts';
import { type WindowSql, windowSql } from './window.queries.ts';

export function compileTotal(leaf: TotalCondition, scope: SqlScope): LeafSql {
  const match = summedMatch(leaf);
  const within = windowSql(leaf.window, scope);
  scope.rows(rowsOf(match, within.after));
  const matches = `${matchSql(match, scope)} and ${isMeasured(leaf, scope)}`;
  const which = `${matches} and ${within.contains}`;
  const rows = numberRows(leaf, which, scope);
  const passes = (over: string) => measureTest(leaf, over, scope);
  const verdict =
    leaf.measure === 'NET_REVENUE'
      ? numberTestSql(`${scope.aggregate(revenueSql(leaf, which, scope), '0')}`, leaf, scope)
      : scope.aggregate(`(select ${passes('')} from ${rows})`, ofNothing(leaf));
  const coming = scope.aggregate(`min(t.occurred_at) filter (where ${matches} and ${within.awaits})`, 'null');
  const leaving = within.keeps
    ? never
    : scope.aggregate(
        `(case when ${canTurn(leaf, which, scope)} then ${leavingSql({ rows, within, passes })} end)`,
        'null',
      );
  return { verdict, next: earliest(within.enters(coming), leaving) };
}

/** Whether `t` can make a difference: boolean or null. */
function isMeasured({ measure, currency, property }: TotalCondition, scope: SqlScope): string {
  return measure === 'NET_REVENUE' ? `t.currency = ${scope.value(currency!, 'text')}` : mayHaveValue(property!, scope);
}

/** In units of the currency. The measure that is asked for most needs no list of its numbers. */
function revenueSql({ currency }: TotalCondition, which: string, scope: SqlScope): string {
  return `(coalesce(sum(${minorSql(scope)}) filter (where ${which}), 0) * ${unitOf(currency!, scope)})`;
}

function minorSql(scope: SqlScope): string {
  const returned = scope.value(revenueTypes.returned, 'text');
  return `(case when t.type = ${returned} then -t.value_minor else t.value_minor end)`;
}

/** Whether another verdict can follow from touchpoints that leave: a revenue that is too small only grows where returns do. */
function canTurn(leaf: TotalCondition, which: string, scope: SqlScope): string {
  const grows = leaf.measure !== 'NET_REVENUE' || !['AT_LEAST', 'MORE'].includes(leaf.comparison);
  if (grows) return `count(*) filter (where ${which}) > 0`;
  const passes = numberTestSql(revenueSql(leaf, which, scope), leaf, scope);
  return `${passes} or bool_or(${minorSql(scope)} < 0) filter (where ${which})`;
}

function unitOf(currency: string, scope: SqlScope): string {
  return scope.value(`1e-${currencyExponent(currency) ?? 2}`, 'numeric');
}

/** A `from` item with a row (`at`, `x`: numeric or null) for each number; of DISTINCT for each value, where it was last. */
function numberRows(leaf: TotalCondition, which: string, scope: SqlScope): string {
  const { measure, property, currency } = leaf;
  if (measure === 'NET_REVENUE') {
    const unit = unitOf(currency!, scope);
    const sign = `case when t.type = ${scope.value(revenueTypes.returned, 'text')} then -1 else 1 end`;
    const filter = `filter (where ${which})`;
    return `unnest(array_agg(t.occurred_at) ${filter}, array_agg(t.value_minor * ${sign} * ${unit}) ${filter}) as numbers (at, x)`;
  }
  const rows = valueRows(which, property!, scope);
  if (measure === 'DISTINCT') return `(select max(at) as at, 1 as x from ${rows} group by value) as numbers`;
  return `(select at, value::numeric as x from ${rows} where jsonb_typeof(value) = 'number') as numbers`;
}

/** Whether the measure of the rows passes; `over` says of which of them, in the words of a window function. */
function measureTest(leaf: TotalCondition, over: string, scope: SqlScope): string {
  switch (leaf.measure) {
    case 'SUM':
    case 'NET_REVENUE':
      return numberTestSql(`coalesce(sum(x)${over}, 0)`, leaf, scope);
    case 'AVERAGE':
      return numberTestSql(`sum(x)${over}`, leaf, scope, `count(x)${over}`);
    case 'MINIMUM':
      return numberTestSql(`min(x)${over}`, leaf, scope);
    case 'MAXIMUM':
      return numberTestSql(`max(x)${over}`, leaf, scope);
    case 'DISTINCT':
      return numberTestSql(`count(x)${over}`, leaf, scope);
  }
}

/** The verdict on who has no touchpoint. */
function ofNothing(leaf: TotalCondition): string {
  const isNothing = leaf.measure === 'AVERAGE' || leaf.measure === 'MINIMUM' || leaf.measure === 'MAXIMUM';
  return String(!isNothing && testNumber('0', leaf));
}

interface Measured {
  readonly rows: string;
  readonly within: WindowSql;
  readonly passes: (over: string) => string;
}

/** The first time that touchpoints leave after which what remains has another verdict. */
function leavingSql({ rows, within, passes }: Measured): string {
  const remaining = passes(' over (order by leave desc groups between unbounded preceding and 1 preceding)');
  return `(
    select min(leave) filter (where then_passes <> now_passes)
    from (
      select leave, ${passes(' over ()')} as now_passes, ${remaining} as then_passes
      from (select x, ${within.leaves('at')} as leave from ${rows}) as left_at
    ) as steps)`;
}
