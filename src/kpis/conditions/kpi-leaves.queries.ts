import type { Fragment } from 'postgres';
import type { KpiCondition, LifecycleCondition } from '../../conditions/condition.ts';
import { type RegisteredLeaf, register } from '../../conditions/core-leaves.queries.ts';
import { durationInterval } from '../../conditions/duration.ts';
import type { FurtherFacts } from '../../conditions/facts.queries.ts';
import { type KpiName, kpiNames } from '../../conditions/kpi-names.ts';
import { numberTestSql } from '../../conditions/number-test.queries.ts';
import { type LeafSql, never, type SqlScope } from '../../conditions/sql-scope.queries.ts';
import type { Database } from '../../kernel/database.ts';
import { currencyExponent } from '../../kernel/money.ts';
import { column } from '../../kernel/sql-array.ts';
import { countedKpis, kpiLeaf } from './kpi-leaf.ts';
import { lifecycleLeaf } from './lifecycle-leaf.ts';

/** What KPIs add to the condition language. */
export const kpiLeaves: readonly RegisteredLeaf[] = [
  register(kpiLeaf, compileKpi),
  register(lifecycleLeaf, compileLifecycle),
];

interface Source {
  readonly table: 'customer_kpis' | 'customer_scores';
  /** `numeric`, of the row `k`; amounts in minor units. */
  readonly sql: string;
}

/** Exactly what is stored: a cast would leave 15 digits of a float. */
const exact = (float: string) => `k.${float}::text::numeric`;
const fold = (sql: string): Source => ({ table: 'customer_kpis', sql });
const score = (sql: string): Source => ({ table: 'customer_scores', sql });
const net = '(k.gross_minor - k.returned_minor)::numeric';

/** Of the average, rounded half away from zero, as the view shows it. */
const sources: { readonly [Kpi in KpiName]: Source } = {
  ORDERS: fold('k.orders::numeric'),
  NET_ORDERS: fold('k.net_orders::numeric'),
  NET_REVENUE: fold(net),
  MARGIN: fold('case when k.costed_minor <> 0 or k.cost_minor <> 0 then (k.costed_minor - k.cost_minor)::numeric end'),
  AVERAGE_ORDER_VALUE: fold(
    `case when k.orders > 0 then sign(${net}) * div(2 * abs(${net}) + k.orders, 2 * k.orders) end`,
  ),
  PURCHASE_DAYS: fold('k.purchase_days::numeric'),
  GAP_MEDIAN_DAYS: fold(exact('gap_median')),
  RECENCY_SCORE: score('k.recency::numeric'),
  FREQUENCY_SCORE: score('k.frequency::numeric'),
  MONETARY_SCORE: score('k.monetary::numeric'),
  CLV: score('k.clv_minor::numeric'),
  EXPECTED_ORDERS: score(exact('expected_orders')),
  PROBABILITY_ALIVE: score(exact('probability_alive')),
  CHURN_RISK: score(exact('churn_risk')),
};

/** Whoever moves what is stored has the customer evaluated again: there is nothing to wait for. */
export function compileKpi({ kpi, currency, ...test }: KpiCondition, scope: SqlScope): LeafSql {
  const { table, sql } = sources[kpi];
  const units = currency === undefined ? sql : `(${sql}) * 1e-${currencyExponent(currency) ?? 2}`;
  const own = currency === undefined ? '' : ` and k.currency = ${scope.value(currency, 'text')}`;
  const number = `(select ${units} from ${table} k where k.customer_id = c.id${own})`;
  return { verdict: numberTestSql(countedKpis.has(kpi) ? `coalesce(${number}, 0)` : number, test, scope), next: never };
}

export function compileLifecycle(leaf: LifecycleCondition, scope: SqlScope): LeafSql {
  if (leaf.riskBands) return among('l.risk_band', leaf.riskBands, scope);
  if (leaf.rfmSegments) return among('s.rfm_segment', leaf.rfmSegments, scope);
  if (leaf.abcClasses) return among('s.abc_class', leaf.abcClasses, scope);
  return stageSql(leaf, scope);
}

function among(name: string, keys: readonly string[], scope: SqlScope): LeafSql {
  const table = name.startsWith('l.') ? 'customer_lifecycles l' : 'customer_scores s';
  const alias = name.slice(0, 1);
  const list = listOf(keys, scope);
  return {
    verdict: `exists (select from ${table} where ${alias}.customer_id = c.id and ${name} = any(${list}))`,
    next: never,
  };
}

/** Who is anonymous has no row, since they were first seen. */
function stageSql({ stages, inStageFor }: LifecycleCondition, scope: SqlScope): LeafSql {
  const fits = `coalesce(coalesce(l.stage, case when not c.identified then 'ANONYMOUS' end) = any(${listOf(stages!, scope)}), false)`;
  const from = 'from (values (c.id)) as one (id) left join customer_lifecycles l on l.customer_id = one.id';
  if (!inStageFor) return { verdict: `(select ${fits} ${from})`, next: never };
  const { now } = scope;
  const length = scope.value(durationInterval(inStageFor), 'interval');
  const row = scope.lookUp(`select ${fits} as fits, coalesce(l.since, c.first_seen_at) + ${length} as edge ${from}`);
  return {
    verdict: `(${row}.fits and ${row}.edge <= ${now})`,
    next: `case when ${row}.fits and ${row}.edge > ${now} then ${row}.edge else ${never} end`,
  };
}

function listOf(keys: readonly string[], scope: SqlScope): string {
  return scope.value(
    column(keys, (key) => key),
    'text[]',
  );
}

/** What has to be read of customers to judge these. */
export const kpiFacts: readonly FurtherFacts[] = [
  { leaf: 'kpi', query: kpisOf },
  { leaf: 'lifecycle', query: stagesOf },
];

/** KPIs of customers as `KpiFacts`, for conditions that are judged outside the database. */
export function kpisOf(db: Database, customers: Fragment): Fragment {
  return db`
    select c.id, jsonb_build_object(
      'currency', (select currency from customer_kpis k where k.customer_id = c.id),
      'scoredCurrency', (select currency from customer_scores k where k.customer_id = c.id),
      'numbers', coalesce((select ${db.unsafe(numbersOf('customer_kpis'))} from customer_kpis k where k.customer_id = c.id), '{}')
        || coalesce((select ${db.unsafe(numbersOf('customer_scores'))} from customer_scores k where k.customer_id = c.id), '{}')
      ) as facts
    from unnest(${customers}) as c (id)`;
}

function numbersOf(table: Source['table']): string {
  const names = kpiNames.filter((kpi) => sources[kpi].table === table);
  return `jsonb_build_object(${names.map((kpi) => `'${kpi}', (${sources[kpi].sql})::text`).join(', ')})`;
}

/** Stages and classes of customers as `LifecycleFacts`, for conditions that are judged outside the database. */
export function stagesOf(db: Database, customers: Fragment): Fragment {
  return db`
    select c.id, jsonb_build_object(
      'stage', l.stage, 'since', (extract(epoch from l.since) * 1000)::bigint, 'band', l.risk_band,
      'rfmSegment', s.rfm_segment, 'abcClass', s.abc_class) as facts
    from unnest(${customers}) as c (id)
    left join lateral (select * from customer_lifecycles where customer_id = c.id offset 0) as l on true
    left join lateral (select * from customer_scores where customer_id = c.id offset 0) as s on true`;
}
