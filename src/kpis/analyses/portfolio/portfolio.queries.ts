import type { Database, Tx } from '../../../kernel/database.ts';
import type { HistoryPurchase } from '../../customers/customer-history.ts';
import type { LifecycleStage } from '../../lifecycle/stage.ts';
import { inSegments, type SegmentScope } from '../../segment-scope.queries.ts';
import { streamRows } from '../streaming.queries.ts';
import type { PortfolioGroup } from './portfolio.ts';

export interface PortfolioQuestion {
  readonly scope: SegmentScope;
  readonly segmentIds: readonly string[];
}

/** Everybody who is identified or has bought, as it is stored: scores as of their run, all else as of now. */
export async function countPortfolio(
  db: Database,
  { scope, segmentIds }: PortfolioQuestion,
): Promise<PortfolioGroup[]> {
  const rows = await db<(Omit<PortfolioGroup, 'revenueMinor' | 'costedMinor' | 'costMinor'> & Sums)[]>`
    select s.abc_class as abc, s.rfm_segment as rfm, coalesce(l.stage, 'ANONYMOUS') as stage, k.currency,
           count(*)::int as customers, coalesce(sum(k.gross_minor - k.returned_minor), 0)::text as revenue,
           coalesce(sum(k.costed_minor), 0)::text as costed, coalesce(sum(k.cost_minor), 0)::text as cost
    from customer_lifecycles l
    full join customer_kpis k on k.customer_id = l.customer_id
    left join customer_scores s on s.customer_id = k.customer_id
    where (l.stage <> 'ANONYMOUS' or k.customer_id is not null)
      and ${inSegments(db, scope, { customer: db`coalesce(l.customer_id, k.customer_id)`, segmentIds })}
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4`;
  return rows.map(({ revenue, costed, cost, ...row }) => {
    return { ...row, revenueMinor: BigInt(revenue), costedMinor: BigInt(costed), costMinor: BigInt(cost) };
  });
}

interface Sums {
  readonly revenue: string;
  readonly costed: string;
  readonly cost: string;
}

/** When those who are scored now were scored: the earliest and the latest. */
export async function findScoredAt(db: Database): Promise<{ first: Date | null; last: Date | null }> {
  const [row] = await db<{ first: Date | null; last: Date | null }[]>`
    select min(scored_at) as first, max(scored_at) as last from customer_scores`;
  return row!;
}

export interface PastCustomer {
  readonly customerId: string;
  /** Null: they had none, being anonymous. */
  readonly stage: LifecycleStage | null;
  /** In the segments that were asked for. All others are needed, too: classes compare everybody. */
  readonly asked: boolean;
  readonly purchases: readonly HistoryPurchase[];
}

/** Everybody who had a stage by an instant or had bought by then, with their purchases up to it. */
export async function streamPast(
  tx: Tx,
  { at, scope, segmentIds }: PortfolioQuestion & { at: Date },
  each: (customer: PastCustomer) => void,
): Promise<void> {
  const query = tx<(Omit<PastCustomer, 'purchases'> & { purchases: string | null })[]>`
    with staged as (
      select distinct on (customer_id) customer_id, to_stage as stage from lifecycle_transitions
      where at <= ${at} order by customer_id, at desc, ordinal desc
    ),
    bought as (
      select r.customer_id,
             json_agg(json_build_array(
               p.id, p.record_id, (extract(epoch from p.occurred_at) * 1000)::bigint, p.kind = 'ORDER', p.order_id,
               p.opens_order, p.currency, p.value_minor::text, p.cost_minor::text, p.items)
               order by p.occurred_at, p.id)::text as purchases
      from purchases p join records r on r.id = p.record_id
      where p.occurred_at < ${at} and r.customer_id is not null
      group by 1
    )
    select coalesce(s.customer_id, b.customer_id) as "customerId", s.stage, b.purchases,
           (${inSegments(tx, scope, { customer: tx`coalesce(s.customer_id, b.customer_id)`, segmentIds })}) as asked
    from staged s full join bought b on b.customer_id = s.customer_id
    where s.stage <> 'ANONYMOUS' or b.customer_id is not null`;
  await streamRows(query, ({ purchases, ...customer }) => {
    const told = purchases === null ? [] : (JSON.parse(purchases) as StoredPurchase[]);
    each({ ...customer, purchases: told.map(toPurchase) });
  });
}

type StoredPurchase = readonly [
  id: string,
  recordId: string,
  at: number,
  ordered: boolean,
  orderId: string | null,
  opensOrder: boolean,
  currency: string,
  valueMinor: string,
  costMinor: string | null,
  items: number,
];

function toPurchase(stored: StoredPurchase): HistoryPurchase {
  const [id, recordId, at, ordered, orderId, opensOrder, currency, valueMinor, costMinor, items] = stored;
  return {
    ...{ id, recordId, at: new Date(at), kind: ordered ? 'ORDER' : 'RETURN', orderId, opensOrder, currency, items },
    valueMinor: BigInt(valueMinor),
    costMinor: costMinor === null ? null : BigInt(costMinor),
  };
}
