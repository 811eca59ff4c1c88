import type { Tx } from '../../kernel/database.ts';
import { column, idColumn } from '../../kernel/sql-array.ts';
import type { CellChange } from './metric-cell.ts';
import type { PurchaseRow } from './order-openings.ts';
import { itemsText } from './purchase.ts';
import type { Signal } from './signal.ts';

interface OpeningRow extends Omit<PurchaseRow, 'valueMinor' | 'costMinor' | 'itemsMicro'> {
  readonly valueMinor: bigint;
  readonly costMinor: bigint | null;
}

/** The rows that open these orders. Their records are locked. */
export async function findOpeningRows(
  tx: Tx,
  orders: readonly { recordId: string; orderId: string }[],
): Promise<PurchaseRow[]> {
  const rows = await tx<OpeningRow[]>`
    select p.record_id as "recordId", p.occurred_at as "occurredAt", p.id, p.kind, p.order_id as "orderId",
           p.opens_order as "opensOrder", p.source, p.channel, p.campaign, p.store, p.currency,
           p.value_minor as "valueMinor", p.cost_minor as "costMinor"
    from unnest(
      ${idColumn(orders, ({ recordId }) => recordId)}::uuid[],
      ${column(orders, ({ orderId }) => orderId)}::text[]) as named (record_id, order_id)
    cross join lateral (
      select * from purchases
      where record_id = named.record_id and order_id = named.order_id and opens_order
      offset 0) as p`;
  // How much it was of is of no interest: it only stops being the first.
  return rows.map((row) => ({ ...row, itemsMicro: 0n }));
}

export async function insertPurchases(tx: Tx, rows: readonly PurchaseRow[]): Promise<void> {
  await tx`
    insert into purchases (record_id, occurred_at, id, kind, order_id, opens_order, source, channel, campaign, store,
                           currency, value_minor, cost_minor, items)
    select * from unnest(
      ${idColumn(rows, (row) => row.recordId)}::uuid[],
      ${column(rows, (row) => row.occurredAt)}::timestamptz[],
      ${idColumn(rows, (row) => row.id)}::uuid[],
      ${column(rows, (row) => row.kind)}::text[],
      ${column(rows, (row) => row.orderId)}::text[],
      ${column(rows, (row) => row.opensOrder)}::boolean[],
      ${column(rows, (row) => row.source)}::text[],
      ${column(rows, (row) => row.channel)}::text[],
      ${column(rows, (row) => row.campaign)}::text[],
      ${column(rows, (row) => row.store)}::text[],
      ${column(rows, (row) => row.currency)}::text[],
      ${column(rows, (row) => row.valueMinor)}::bigint[],
      ${column(rows, (row) => row.costMinor)}::bigint[],
      ${column(rows, (row) => itemsText(row.itemsMicro))}::numeric[])`;
}

/** They are not the first shipments of their orders any more. */
export async function closeOpenings(tx: Tx, rows: readonly PurchaseRow[]): Promise<void> {
  await tx`
    update purchases set opens_order = false
    from unnest(
      ${idColumn(rows, (row) => row.recordId)}::uuid[],
      ${column(rows, (row) => row.occurredAt)}::timestamptz[],
      ${idColumn(rows, (row) => row.id)}::uuid[]) as overtaken (record_id, occurred_at, id)
    where purchases.record_id = overtaken.record_id and purchases.occurred_at = overtaken.occurred_at
      and purchases.id = overtaken.id`;
}

export async function insertSignals(tx: Tx, signals: readonly Signal[]): Promise<void> {
  await tx`
    insert into signals (record_id, occurred_at, id, kind, subject, score, ends_at, source, channel)
    select * from unnest(
      ${idColumn(signals, (signal) => signal.recordId)}::uuid[],
      ${column(signals, (signal) => signal.occurredAt)}::timestamptz[],
      ${idColumn(signals, (signal) => signal.id)}::uuid[],
      ${column(signals, (signal) => signal.kind)}::text[],
      ${column(signals, (signal) => signal.subject)}::text[],
      ${column(signals, (signal) => signal.score)}::double precision[],
      ${column(signals, (signal) => signal.endsAt)}::timestamptz[],
      ${column(signals, (signal) => signal.source)}::text[],
      ${column(signals, (signal) => signal.channel)}::text[])`;
}

/** `id`: of these changes together, a new one. */
export async function insertCellChanges(tx: Tx, id: string, cells: readonly CellChange[]): Promise<void> {
  await tx`
    insert into metric_cell_changes (id, ordinal, hour, type, channel, source, campaign, currency, touchpoints, orders,
                                     value_minor, costed_minor, cost_minor, items)
    select ${id}, ordinality, hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor,
           costed_minor, cost_minor, items
    from unnest(
      ${column(cells, (cell) => cell.hour)}::timestamptz[],
      ${column(cells, (cell) => cell.type)}::text[],
      ${column(cells, (cell) => cell.channel)}::text[],
      ${column(cells, (cell) => cell.source)}::text[],
      ${column(cells, (cell) => cell.campaign)}::text[],
      ${column(cells, (cell) => cell.currency)}::text[],
      ${column(cells, (cell) => cell.touchpoints)}::bigint[],
      ${column(cells, (cell) => cell.orders)}::bigint[],
      ${column(cells, (cell) => cell.valueMinor)}::bigint[],
      ${column(cells, (cell) => cell.costedMinor)}::bigint[],
      ${column(cells, (cell) => cell.costMinor)}::bigint[],
      ${column(cells, (cell) => itemsText(cell.itemsMicro))}::numeric[])
      with ordinality as cell (hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor,
                               costed_minor, cost_minor, items, ordinality)`;
}
