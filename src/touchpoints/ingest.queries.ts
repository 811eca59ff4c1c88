import type { Database, Tx } from '../kernel/database.ts';
import { column, idColumn, idList, jsonLines } from '../kernel/sql-array.ts';
import type { RevenueFold } from './fold.ts';
import type { AcceptedTouchpoint } from './touchpoint.ts';

/** Enters receipts in order of id; answers the ids that are new. Waits for a concurrent sender of the same message. */
export async function insertReceipts(tx: Tx, touchpoints: readonly AcceptedTouchpoint[]): Promise<Set<string>> {
  const rows = await tx<{ id: string }[]>`
    insert into receipts (id, fingerprint, record_id, occurred_at)
    select * from unnest(
      ${idColumn(touchpoints, (touchpoint) => touchpoint.id)}::uuid[],
      ${idColumn(touchpoints, (touchpoint) => touchpoint.fingerprint)}::uuid[],
      ${idColumn(touchpoints, (touchpoint) => touchpoint.recordId)}::uuid[],
      ${column(touchpoints, (touchpoint) => touchpoint.occurredAt)}::timestamptz[])
    on conflict (id) do nothing
    returning id`;
  return new Set(rows.map((row) => row.id));
}

/** In the place of the hash of a body that nobody may know any more: every repeat of the message is a repeat. */
export const unknownBody = '00000000-0000-0000-0000-000000000000';

/** Takes back receipts of this transaction. */
export async function deleteReceipts(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`delete from receipts where id = any(${idList(ids)}::uuid[])`;
}

export interface ReceiptState {
  readonly id: string;
  readonly fingerprint: string;
  readonly customerId: string | null;
}

export async function findReceipts(db: Database, ids: readonly string[]): Promise<ReceiptState[]> {
  return db<ReceiptState[]>`
    select receipts.id, receipts.fingerprint, records.customer_id as "customerId"
    from receipts left join records on records.id = receipts.record_id
    where receipts.id = any(${idList(ids)}::uuid[])`;
}

export async function insertTouchpoints(tx: Tx, touchpoints: readonly AcceptedTouchpoint[]): Promise<void> {
  await tx`
    insert into touchpoints (record_id, occurred_at, id, received_at, source, message_id, type, channel, direction,
                             value_minor, currency, campaign, traits, properties, lines, context, identifier_ids, given)
    select record_id, occurred_at, id, received_at, source, message_id, type, channel, direction,
           value_minor, currency, campaign, traits::jsonb, properties::jsonb, lines::jsonb, context::jsonb,
           identifier_ids::uuid[], given::jsonb
    from rows from (
      unnest(
        ${idColumn(touchpoints, (touchpoint) => touchpoint.recordId)}::uuid[],
        ${column(touchpoints, (touchpoint) => touchpoint.occurredAt)}::timestamptz[],
        ${idColumn(touchpoints, (touchpoint) => touchpoint.id)}::uuid[],
        ${column(touchpoints, (touchpoint) => touchpoint.receivedAt)}::timestamptz[],
        ${column(touchpoints, (touchpoint) => touchpoint.source)}::text[],
        ${column(touchpoints, (touchpoint) => touchpoint.messageId)}::text[],
        ${column(touchpoints, (touchpoint) => touchpoint.type)}::text[],
        ${column(touchpoints, (touchpoint) => touchpoint.channel)}::text[],
        ${column(touchpoints, (touchpoint) => touchpoint.direction)}::text[],
        ${column(touchpoints, (touchpoint) => touchpoint.valueMinor)}::bigint[],
        ${column(touchpoints, (touchpoint) => touchpoint.currency)}::text[],
        ${column(touchpoints, (touchpoint) => touchpoint.campaign)}::text[],
        ${column(touchpoints, ({ identifiers }) => idList(identifiers.map(({ id }) => id)))}::text[]),
      string_to_table(${jsonLines(touchpoints, (touchpoint) => touchpoint.traits)}::text, E'\\n', 'null'),
      string_to_table(${jsonLines(touchpoints, (touchpoint) => touchpoint.properties)}::text, E'\\n', 'null'),
      string_to_table(${jsonLines(touchpoints, (touchpoint) => touchpoint.lines)}::text, E'\\n', 'null'),
      string_to_table(${jsonLines(touchpoints, (touchpoint) => touchpoint.context)}::text, E'\\n', 'null'),
      string_to_table(${jsonLines(touchpoints, givenOf)}::text, E'\\n', 'null')
    ) as new (record_id, occurred_at, id, received_at, source, message_id, type, channel, direction, value_minor,
              currency, campaign, identifier_ids, traits, properties, lines, context, given)`;
}

/** How it spelled those of its identifiers that are spelled otherwise; null for most. */
function givenOf({ identifiers }: AcceptedTouchpoint): Record<string, string> | null {
  let given: Record<string, string> | null = null;
  for (const { id, given: spelled } of identifiers) {
    if (spelled === null) continue;
    given ??= {};
    given[id] = spelled;
  }
  return given;
}

export async function addToRevenue(tx: Tx, revenue: readonly RevenueFold[]): Promise<void> {
  await tx`
    insert into record_revenue (record_id, currency, orders, returns, gross, returned, first_order_at, last_order_at)
    select * from unnest(
      ${idColumn(revenue, (fold) => fold.recordId)}::uuid[],
      ${column(revenue, (fold) => fold.currency)}::text[],
      ${column(revenue, (fold) => fold.orders)}::integer[],
      ${column(revenue, (fold) => fold.returns)}::integer[],
      ${column(revenue, (fold) => fold.gross)}::bigint[],
      ${column(revenue, (fold) => fold.returned)}::bigint[],
      ${column(revenue, (fold) => fold.firstOrderAt)}::timestamptz[],
      ${column(revenue, (fold) => fold.lastOrderAt)}::timestamptz[])
    on conflict (record_id, currency) do update
    set orders = record_revenue.orders + excluded.orders,
        returns = record_revenue.returns + excluded.returns,
        gross = record_revenue.gross + excluded.gross,
        returned = record_revenue.returned + excluded.returned,
        first_order_at = least(record_revenue.first_order_at, excluded.first_order_at),
        last_order_at = greatest(record_revenue.last_order_at, excluded.last_order_at)`;
}

/**
 * Refreshes what customers' orders and returns add up to, from the sums of their records. One customer after the other: a
 * join of all of them with all sums would grow with the square of the batch wherever it is not made by hashing.
 */
export async function foldRevenue(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await tx`
    update customers
    set orders = folded.orders, first_order_at = folded.first_order_at, last_order_at = folded.last_order_at,
        revenue = folded.revenue
    from unnest(${idList(customerIds)}::uuid[]) as touched (id)
    cross join lateral (
      select coalesce(sum(orders), 0) as orders, min(first_order_at) as first_order_at,
             max(last_order_at) as last_order_at,
             coalesce(jsonb_object_agg(currency, jsonb_build_object(
               'orders', orders, 'returns', returns, 'gross', gross, 'returned', returned)), '{}') as revenue
      from (
        select v.currency, sum(v.orders) as orders, sum(v.returns) as returns, sum(v.gross) as gross,
               sum(v.returned) as returned, min(v.first_order_at) as first_order_at,
               max(v.last_order_at) as last_order_at
        from records r join record_revenue v on v.record_id = r.id
        where r.customer_id = touched.id
        group by v.currency
      ) as by_currency
    ) as folded
    where customers.id = touched.id`;
}
