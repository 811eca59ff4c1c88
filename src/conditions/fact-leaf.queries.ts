import { currencyExponent } from '../kernel/money.ts';
import type { FactCondition, NumberTest } from './condition.ts';
import { numberTestSql } from './number-test.queries.ts';
import { rangeOf } from './number-test.ts';
import { earliest, type LeafSql, never, type SqlScope } from './sql-scope.queries.ts';

const instants = {
  DAYS_SINCE_FIRST_SEEN: 'c.first_seen_at',
  DAYS_SINCE_LAST_SEEN: 'c.last_seen_at',
  DAYS_SINCE_LAST_ORDER: 'c.last_order_at',
} as const;

export function compileFact(leaf: FactCondition, scope: SqlScope): LeafSql {
  switch (leaf.fact) {
    case 'DAYS_SINCE_FIRST_SEEN':
    case 'DAYS_SINCE_LAST_SEEN':
    case 'DAYS_SINCE_LAST_ORDER':
      return daysSql(instants[leaf.fact], leaf, scope);
    case 'TOUCHPOINTS':
      return constant('c.touchpoints', leaf, scope);
    case 'RECORDS':
      return constant('c.records', leaf, scope);
    case 'ORDERS':
      return constant('c.orders', leaf, scope);
    case 'RETURNS':
      return constant(
        `(select sum((sums.value ->> 'returns')::numeric) from jsonb_each(c.revenue) as sums)`,
        leaf,
        scope,
      );
    case 'NET_REVENUE':
      return { verdict: numberTestSql(netRevenueSql(leaf.currency!, scope), leaf, scope), next: never };
    case 'AVERAGE_ORDER_VALUE':
      return { verdict: numberTestSql(averageSql(leaf.currency!, scope), leaf, scope), next: never };
  }
}

function constant(count: string, test: NumberTest, scope: SqlScope): LeafSql {
  return { verdict: numberTestSql(`coalesce(${count}, 0)::numeric`, test, scope), next: never };
}

function sumOf(name: 'orders' | 'gross' | 'returned', currency: string, scope: SqlScope): string {
  return `(c.revenue -> ${scope.value(currency, 'text')} ->> '${name}')::numeric`;
}

/** Minor units → units. */
function unitsSql(minor: string, currency: string): string {
  return `(${minor} * 1e-${currencyExponent(currency) ?? 2})`;
}

function netRevenueSql(currency: string, scope: SqlScope): string {
  const sum = (name: 'gross' | 'returned') => `coalesce(${sumOf(name, currency, scope)}, 0)`;
  return unitsSql(`(${sum('gross')} - ${sum('returned')})`, currency);
}

/** As the view shows it: rounded half up to the minor unit. */
function averageSql(currency: string, scope: SqlScope): string {
  const orders = `nullif(${sumOf('orders', currency, scope)}, 0)`;
  return unitsSql(`div(2 * ${sumOf('gross', currency, scope)} + ${orders}, 2 * ${orders})`, currency);
}

/** Whole days. One that lies in the future is none ago. */
function daysSql(instant: string, test: NumberTest, scope: SqlScope): LeafSql {
  const { now } = scope;
  const passed = `floor(extract(epoch from (${now} - ${instant})) / 86400)`;
  const days = `(case when ${instant} is not null then greatest(${passed}, 0) end)`;
  const edges = edgesOf(test).map((count) => {
    const edge = `(${instant} + ${scope.value(`${count * 86_400} seconds`, 'interval')})`;
    return `case when ${edge} > ${now} then ${edge} end`;
  });
  return { verdict: numberTestSql(days, test, scope), next: edges.length === 0 ? never : earliest(...edges) };
}

/** The counts of days with which the verdict changes. */
function edgesOf(test: NumberTest): number[] {
  const { least, most } = rangeOf(test) ?? { least: Number(test.value), most: Number(test.value) };
  return [least, ...(most === null ? [] : [most + 1])].filter((days) => days > 0);
}
