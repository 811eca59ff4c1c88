import type { Fragment } from 'postgres';
import type { Tx } from '../../kernel/database.ts';
import { column, idColumn } from '../../kernel/sql-array.ts';
import type { TouchpointRow } from '../../touchpoints/removal.events.ts';
import { leavingRows } from '../../touchpoints/removal.queries.ts';
import { cellRows } from './facts-rebuild.queries.ts';

const keys = (tx: Tx, rows: readonly TouchpointRow[]): Fragment => tx`
  unnest(
    ${idColumn(rows, ({ recordId }) => recordId)}::uuid[],
    ${column(rows, ({ occurredAt }) => occurredAt)}::timestamptz[],
    ${idColumn(rows, ({ id }) => id)}::uuid[]) as k (record_id, occurred_at, id)`;

/** Takes these touchpoints out of the roll-up. Their purchases are still stored. */
export async function takeFromCells(tx: Tx, id: string, leaving: readonly TouchpointRow[]): Promise<number> {
  const added = await tx`
    insert into metric_cell_changes (id, ordinal, hour, type, channel, source, campaign, currency, touchpoints, orders,
                                     value_minor, costed_minor, cost_minor, items)
    select ${id}, row_number() over (), hour, type, channel, source, campaign, currency, -touchpoints, -orders, -value_minor,
           -costed_minor, -cost_minor, -items
    from (${cellRows(tx, leavingRows(tx, leaving), tx`purchases`)}) as cells`;
  return added.count;
}

export interface OrderName {
  readonly recordId: string;
  readonly orderId: string;
}

/** Answers the orders that have lost the shipment which opened them. */
export async function deletePurchases(
  tx: Tx,
  leaving: readonly TouchpointRow[],
): Promise<{ rows: number; opened: OrderName[] }> {
  const rows = await tx<(OrderName & { opensOrder: boolean; orderId: string | null })[]>`
    delete from purchases p using ${keys(tx, leaving)}
    where p.record_id = k.record_id and p.occurred_at = k.occurred_at and p.id = k.id
    returning p.record_id as "recordId", p.order_id as "orderId", p.opens_order as "opensOrder"`;
  return { rows: rows.length, opened: rows.filter(({ opensOrder, orderId }) => opensOrder && orderId !== null) };
}

export async function deleteSignals(tx: Tx, leaving: readonly TouchpointRow[]): Promise<number> {
  const deleted = await tx`
    delete from signals s using ${keys(tx, leaving)}
    where s.record_id = k.record_id and s.occurred_at = k.occurred_at and s.id = k.id`;
  return deleted.count;
}

/** The first shipment that is left opens the order; it counts in the roll-up where it lies. `id`: of these changes together. */
export async function reopenOrders(tx: Tx, id: string, orders: readonly OrderName[]): Promise<void> {
  const opening = await tx<TouchpointRow[]>`
    update purchases set opens_order = true
    from unnest(
      ${idColumn(orders, ({ recordId }) => recordId)}::uuid[],
      ${column(orders, ({ orderId }) => orderId)}::text[]) as k (record_id, order_id)
    cross join lateral (
      select p.occurred_at, p.id from purchases p
      where p.record_id = k.record_id and p.order_id = k.order_id and p.kind = 'ORDER'
      order by p.occurred_at, p.id limit 1) as first
    where purchases.record_id = k.record_id and purchases.occurred_at = first.occurred_at and purchases.id = first.id
    returning purchases.record_id as "recordId", purchases.occurred_at as "occurredAt", purchases.id`;
  if (opening.length === 0) return;
  await tx`
    insert into metric_cell_changes (id, ordinal, hour, type, channel, source, campaign, currency, touchpoints, orders,
                                     value_minor, costed_minor, cost_minor, items)
    select ${id}, row_number() over (), hour, 'order.completed', channel, source, campaign, currency, 0, orders, 0, 0, 0, 0
    from (
      select date_trunc('hour', p.occurred_at, 'UTC') as hour, p.channel, p.source, coalesce(p.campaign, '') as campaign,
             p.currency, count(*) as orders
      from ${keys(tx, opening)} join purchases p using (record_id, occurred_at, id)
      group by 1, 2, 3, 4, 5) as cells`;
}
