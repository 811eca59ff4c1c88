import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../../kernel/database.ts';
import { inSegments, type SegmentScope } from '../../segment-scope.queries.ts';
import { streamRows } from '../streaming.queries.ts';

export const attributionKeys = ['CHANNEL', 'CAMPAIGN', 'SOURCE'] as const;
/** What credit is shared by. */
export type AttributionKey = (typeof attributionKeys)[number];

export interface PathQuestion {
  readonly from: Date;
  readonly to: Date;
  readonly lookbackDays: number;
  readonly by: AttributionKey;
  /** Null: all but those that tell of dealings, see `dealings`. */
  readonly touchTypes: readonly string[] | null;
  readonly currency: string | null;
  readonly scope: SegmentScope;
  readonly segmentIds: readonly string[];
}

export interface ConversionRow {
  /** Null: a receipt that is nobody's. */
  readonly customerId: string | null;
  readonly currency: string;
  readonly valueMinor: bigint;
  /** Null: nothing came before it. Else the earliest first. */
  readonly keys: readonly string[] | null;
  /** Days before the order. */
  readonly ages: readonly number[] | null;
}

/**
 * Orders of a period, customer by customer, each with the touchpoints of its customer within the time to look back. An order is
 * worth all of its shipments, whenever they left.
 */
export async function streamConversions(
  tx: Tx,
  asked: PathQuestion,
  each: (row: ConversionRow) => void,
): Promise<void> {
  const query = tx<ConversionRow[]>`
    with conversion as materialized (${conversions(tx, asked)}),
    touch as (
      ${touches(tx, asked, tx`t.occurred_at >= ${asked.from}::timestamptz - ${lookback(tx, asked)}`)}
        and r.customer_id in (select customer_id from conversion)
    ),
    path as (
      select c.id, array_agg(t.key order by t.at, t.id) as keys,
             array_agg(extract(epoch from c.at - t.at)::double precision / 86400 order by t.at, t.id) as ages
      from conversion c
      join touch t on t.customer_id = c.customer_id and t.at < c.at and t.at >= c.at - ${lookback(tx, asked)}
      group by c.id
    )
    select c.customer_id as "customerId", c.currency, c.value_minor as "valueMinor", p.keys, p.ages
    from conversion c left join path p on p.id = c.id
    order by c.customer_id, c.at, c.id`;
  await streamRows(query, each);
}

/** How often walks that came to nothing went from one to another. */
export interface LostMove {
  /** Null: they began. */
  readonly from: string | null;
  /** Null: they ended. */
  readonly to: string | null;
  readonly times: number;
}

/**
 * A walk that came to nothing: touchpoints of a customer in the period that no order followed within the time to look back,
 * between one order and the next. Orders after the period are looked for, too: those touchpoints didn't come to nothing.
 */
export async function countLostMoves(tx: Tx, asked: PathQuestion): Promise<LostMove[]> {
  return tx`
    with touch as (${touches(tx, asked, tx`t.occurred_at >= ${asked.from}`)}),
    event as (
      select customer_id, at, id, key, null::timestamptz as ordered from touch
      union all
      select r.customer_id, p.occurred_at, p.id, null, p.occurred_at
      from purchases p join records r on r.id = p.record_id
      where p.kind = 'ORDER' and p.opens_order and r.customer_id is not null
        and p.occurred_at >= ${asked.from} and p.occurred_at < ${asked.to}::timestamptz + ${lookback(tx, asked)}
    ),
    -- An order at the very instant of a touchpoint does not follow it.
    placed as (
      select *, count(ordered) over earlier as walk, min(ordered) over later as next
      from event
      window earlier as (partition by customer_id order by at, ordered nulls last, id),
             later as (partition by customer_id order by at, ordered nulls last, id
                       rows between current row and unbounded following)
    ),
    lost as (
      select key, lag(key) over walks as before, lead(key) over walks as after
      from placed where ordered is null and (next is null or next > at + ${lookback(tx, asked)})
      window walks as (partition by customer_id, walk order by at, id)
    )
    select before as "from", key as "to", count(*)::int as times from lost group by 1, 2
    union all
    select key, null, count(*)::int from lost where after is null group by 1`;
}

function conversions(db: Database, { from, to, currency, scope, segmentIds }: PathQuestion): Fragment {
  return db`
    select p.id, r.customer_id, p.occurred_at as at, p.currency,
           coalesce((select sum(s.value_minor) from purchases s
                     where s.record_id = p.record_id and s.order_id = p.order_id and s.kind = 'ORDER'
                       and s.currency = p.currency), p.value_minor)::bigint as value_minor
    from purchases p join records r on r.id = p.record_id
    where p.kind = 'ORDER' and p.opens_order and p.occurred_at >= ${from} and p.occurred_at < ${to}
      ${currency === null ? db`` : db`and p.currency = ${currency}`}
      and ${inSegments(db, scope, { customer: db`r.customer_id`, segmentIds })}`;
}

function touches(db: Database, { to, by, touchTypes, scope, segmentIds }: PathQuestion, since: Fragment): Fragment {
  const key = { CHANNEL: db`t.channel`, CAMPAIGN: db`t.campaign`, SOURCE: db`t.source` }[by];
  return db`
    select r.customer_id, t.occurred_at as at, t.id, ${key} as key
    from touchpoints t join records r on r.id = t.record_id
    where ${since} and t.occurred_at < ${to} and ${key} is not null and r.customer_id is not null
      and ${touchTypes === null ? db`t.type !~ ${dealings}` : db`t.type = any(${touchTypes as string[]}::text[])`}
      and t.type not in ('order.completed', 'order.returned')
      and ${inSegments(db, scope, { customer: db`r.customer_id`, segmentIds })}`;
}

/** Types of touchpoints that tell what befell a customer, not what brought them. */
const dealings = '^(order|case|survey|contract|customer|reference|referral|profile|consent|loyalty|offer)\\.';

function lookback(db: Database, { lookbackDays }: PathQuestion): Fragment {
  // Hours, not days: a day in SQL is as long as the session's time zone makes it.
  return db`make_interval(hours => ${lookbackDays * 24}::int)`;
}
