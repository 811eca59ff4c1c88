import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';

/**
 * The facts as they follow from touchpoints, in SQL: for those that did not come by ingestion, and to check those that did.
 * `from`: `touchpoints`, or a relation with the same columns.
 */

const nameSql = (db: Database, property: string): Fragment => db`
  case when jsonb_typeof(properties -> ${property}) = 'string' and char_length(properties ->> ${property}) between 1 and 200
         then properties ->> ${property}
       when jsonb_typeof(properties -> ${property}) = 'number' and properties ->> ${property} ~ '^-?[0-9]{1,15}$'
         then properties ->> ${property} end`;

/** Minor units; null for what is no amount of the currency. */
const costSql = (db: Database): Fragment => db`(
  select case when minor = trunc(minor) then minor::bigint end
  from (
    select case when jsonb_typeof(properties -> 'cost') in ('string', 'number')
                 and properties ->> 'cost' ~ '^[0-9]{1,12}(\\.[0-9]{1,8})?$'
                then (properties ->> 'cost')::numeric * power(10::numeric, currency_exponent(currency)) end as minor) as cost)`;

const itemsSql = (db: Database): Fragment => db`
  coalesce((
    select case when type = 'order.returned' then abs(sum(round((line ->> 'quantity')::numeric, 6)))
                else sum(round((line ->> 'quantity')::numeric, 6)) end
    from jsonb_array_elements(lines) as line), 0)`;

export const purchaseRows = (db: Database, from: Fragment): Fragment => db`
  select record_id, occurred_at, id, kind, order_id,
         kind = 'ORDER' and (order_id is null or
           row_number() over (partition by record_id, kind, order_id order by occurred_at, id) = 1) as opens_order,
         source, channel, campaign, store, currency, value_minor, cost_minor, items
  from (
    select record_id, occurred_at, id, case type when 'order.completed' then 'ORDER' else 'RETURN' end as kind,
           ${nameSql(db, 'orderId')} as order_id, source, channel, campaign, ${nameSql(db, 'store')} as store, currency,
           value_minor, ${costSql(db)} as cost_minor, ${itemsSql(db)} as items
    from ${from} as t
    where type in ('order.completed', 'order.returned') and value_minor is not null
  ) as told`;

const isTrue = (db: Database, property: string): Fragment => db`properties -> ${property} = 'true'::jsonb`;

export const signalRows = (db: Database, from: Fragment): Fragment => db`
  select record_id, occurred_at, t.id, told.kind, told.subject, told.score, told.ends_at, source, channel
  from ${from} as t cross join lateral (
    select properties ->> 'survey' as kind, ${nameSql(db, 'variant')} as subject, score, null::timestamptz as ends_at
    from (select case when jsonb_typeof(properties -> 'score') = 'number' and properties ->> 'score' ~ '^[0-9]{1,2}$'
                      then (properties ->> 'score')::double precision end as score) as answer
    where type = 'survey.answered' and case properties ->> 'survey'
      when 'NPS' then score between 0 and 10 when 'CSAT' then score between 1 and 5 when 'CES' then score between 1 and 7 end
    union all
    select 'CASE_OPENED', ${nameSql(db, 'caseId')},
           case when ${isTrue(db, 'complaint')} or properties ->> 'severity' = 'SEVERE' then 1 else 0 end, null
    where type = 'case.opened'
    union all
    select case type when 'case.resolved' then 'CASE_RESOLVED' when 'case.waiting' then 'CASE_WAITING'
                     when 'case.resumed' then 'CASE_RESUMED' else 'CASE_REOPENED' end,
           ${nameSql(db, 'caseId')}, null, null
    where type in ('case.resolved', 'case.waiting', 'case.resumed', 'case.reopened')
    union all
    select 'CSAT', 'CASE', (properties ->> 'satisfaction')::double precision, null
    where type = 'case.resolved' and jsonb_typeof(properties -> 'satisfaction') = 'number'
      and properties ->> 'satisfaction' ~ '^[1-5]$'
    union all
    select case type when 'contract.ended' then 'CONTRACT_ENDED' else 'CONTRACT' end, ${nameSql(db, 'contractId')}, null,
           case when type <> 'contract.ended' and properties ->> 'endsAt'
                  ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?(Z|[+-](0\\d|1[0-4]):[0-5]\\d)$'
                then instant_or_null(properties ->> 'endsAt') end
    where type in ('contract.started', 'contract.renewed', 'contract.ended')
    union all
    select 'EXIT', null, null, null where type = 'customer.left'
    union all
    select 'ADVOCACY', null, null, null where type in ('reference.given', 'referral.qualified')
  ) as told`;

/** `purchases` tells which shipments open an order: the stored ones, or {@link purchaseRows}. */
export const cellRows = (db: Database, from: Fragment, purchases: Fragment): Fragment => db`
  select date_trunc('hour', t.occurred_at, 'UTC') as hour, t.type, t.channel, t.source, coalesce(t.campaign, '') as campaign,
         coalesce(p.currency, '') as currency, count(*) as touchpoints, count(*) filter (where p.opens_order) as orders,
         coalesce(sum(p.value_minor), 0)::bigint as value_minor,
         coalesce(sum(p.value_minor) filter (where p.cost_minor is not null), 0)::bigint as costed_minor,
         coalesce(sum(p.cost_minor), 0)::bigint as cost_minor, coalesce(sum(p.items), 0) as items
  from ${from} as t left join ${purchases} as p using (record_id, occurred_at, id)
  group by 1, 2, 3, 4, 5, 6`;

export async function insertPurchasesFrom(tx: Tx, from: Fragment): Promise<void> {
  await tx`
    insert into purchases (record_id, occurred_at, id, kind, order_id, opens_order, source, channel, campaign, store,
                           currency, value_minor, cost_minor, items)
    ${purchaseRows(tx, from)}`;
}

export async function insertSignalsFrom(tx: Tx, from: Fragment): Promise<void> {
  await tx`
    insert into signals (record_id, occurred_at, id, kind, subject, score, ends_at, source, channel)
    ${signalRows(tx, from)}`;
}

/** What the touchpoints add to the cells. Their purchases are stored. */
export async function insertCellChangesFrom(tx: Tx, id: string, from: Fragment): Promise<void> {
  await tx`
    insert into metric_cell_changes (id, ordinal, hour, type, channel, source, campaign, currency, touchpoints, orders,
                                     value_minor, costed_minor, cost_minor, items)
    select ${id}, row_number() over (), cells.* from (${cellRows(tx, from, tx`purchases`)}) as cells`;
}

/**
 * Stops ingestion before it writes facts, until the transaction ends. Touchpoints of those who wait are not visible yet, and
 * add their facts themselves afterwards.
 */
export async function lockFacts(tx: Tx): Promise<void> {
  await tx`lock table purchases, signals, metric_cells, metric_cell_changes in exclusive mode`;
}

export async function deleteFacts(tx: Tx): Promise<void> {
  await tx`truncate purchases, signals, metric_cells, metric_cell_changes`;
}
