import type { Tx } from '../../../kernel/database.ts';
import { inSegments, type SegmentScope } from '../../segment-scope.queries.ts';
import { streamRows } from '../streaming.queries.ts';
import type { ChurnHistory } from './churn.ts';

export interface ChurnQuestion {
  /** What happened from then on is left out. */
  readonly before: Date;
  readonly scope: SegmentScope;
  readonly segmentIds: readonly string[];
}

/** Everybody's purchases, customer by customer: a list as one text costs this process a third of what rows would. */
export async function streamPurchases(
  tx: Tx,
  { before, scope, segmentIds }: ChurnQuestion,
  each: (history: ChurnHistory) => void,
): Promise<void> {
  const query = tx<{ purchases: string }[]>`
    select json_agg(json_build_array(
             (extract(epoch from p.occurred_at) * 1000)::bigint, p.kind = 'ORDER', p.order_id, p.opens_order, p.currency,
             p.value_minor::text) order by p.occurred_at, p.id)::text as purchases
    from purchases p join records r on r.id = p.record_id
    where p.occurred_at < ${before} and r.customer_id is not null
      and ${inSegments(tx, scope, { customer: tx`r.customer_id`, segmentIds })}
    group by r.customer_id`;
  await streamRows(query, ({ purchases }) => {
    const told = JSON.parse(purchases) as StoredPurchase[];
    each({ purchases: told.map(toPurchase), signals: [] });
  });
}

type StoredPurchase = readonly [
  at: number,
  ordered: boolean,
  orderId: string | null,
  opensOrder: boolean,
  currency: string,
  valueMinor: string,
];

function toPurchase([at, ordered, orderId, opensOrder, currency, valueMinor]: StoredPurchase) {
  const kind = ordered ? ('ORDER' as const) : ('RETURN' as const);
  return { at: new Date(at), kind, orderId, opensOrder, currency, valueMinor: BigInt(valueMinor) };
}

/** Everybody's contracts, customer by customer. */
export async function streamContracts(
  tx: Tx,
  { before, scope, segmentIds }: ChurnQuestion,
  each: (history: ChurnHistory) => void,
): Promise<void> {
  const query = tx<{ signals: string }[]>`
    select json_agg(json_build_array(
             (extract(epoch from s.occurred_at) * 1000)::bigint, s.kind, s.subject,
             (extract(epoch from s.ends_at) * 1000)::bigint) order by s.occurred_at, s.id, s.kind)::text as signals
    from signals s join records r on r.id = s.record_id
    where s.kind in ('CONTRACT', 'CONTRACT_ENDED') and s.occurred_at < ${before} and r.customer_id is not null
      and ${inSegments(tx, scope, { customer: tx`r.customer_id`, segmentIds })}
    group by r.customer_id`;
  await streamRows(query, ({ signals }) => {
    const told = JSON.parse(signals) as StoredSignal[];
    each({ purchases: [], signals: told.map(toSignal) });
  });
}

type StoredSignal = readonly [at: number, kind: string, subject: string | null, endsAt: number | null];

function toSignal([at, kind, subject, endsAt]: StoredSignal) {
  return { id: '', at: new Date(at), kind, subject, score: null, endsAt: endsAt === null ? null : new Date(endsAt) };
}
