import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn, idList } from '../../kernel/sql-array.ts';
import type { PurchaseKpis } from './purchase-fold.ts';

/** Writes rows that are new or differ from what is stored. */
export async function upsertKpis(tx: Tx, rows: readonly PurchaseKpis[], now: Date): Promise<void> {
  await tx`
    insert into customer_kpis as stored (
      customer_id, currency, orders, net_orders, returns, gross_minor, returned_minor, costed_minor, cost_minor, items,
      first_order_at, last_order_at, purchase_days, first_purchase_day, second_purchase_day, last_purchase_day,
      mean_repeat_minor, gap_median, gap_q80, gap_q95, updated_at)
    select new.*, ${now}::timestamptz from unnest(
      ${idColumn(rows, (row) => row.customerId)}::uuid[],
      ${column(rows, (row) => row.currency)}::text[],
      ${column(rows, (row) => row.orders)}::integer[],
      ${column(rows, (row) => row.netOrders)}::integer[],
      ${column(rows, (row) => row.returns)}::integer[],
      ${column(rows, (row) => row.grossMinor)}::bigint[],
      ${column(rows, (row) => row.returnedMinor)}::bigint[],
      ${column(rows, (row) => row.costedMinor)}::bigint[],
      ${column(rows, (row) => row.costMinor)}::bigint[],
      ${column(rows, (row) => row.items)}::double precision[],
      ${column(rows, (row) => row.firstOrderAt)}::timestamptz[],
      ${column(rows, (row) => row.lastOrderAt)}::timestamptz[],
      ${column(rows, (row) => row.purchaseDays)}::integer[],
      ${column(rows, (row) => row.firstPurchaseDay)}::integer[],
      ${column(rows, (row) => row.secondPurchaseDay)}::integer[],
      ${column(rows, (row) => row.lastPurchaseDay)}::integer[],
      ${column(rows, (row) => row.meanRepeatMinor)}::double precision[],
      ${column(rows, (row) => row.gapMedian)}::double precision[],
      ${column(rows, (row) => row.gapQ80)}::double precision[],
      ${column(rows, (row) => row.gapQ95)}::double precision[]) as new
    on conflict (customer_id) do update
    set currency = excluded.currency, orders = excluded.orders, net_orders = excluded.net_orders,
        returns = excluded.returns, gross_minor = excluded.gross_minor, returned_minor = excluded.returned_minor,
        costed_minor = excluded.costed_minor, cost_minor = excluded.cost_minor, items = excluded.items,
        first_order_at = excluded.first_order_at, last_order_at = excluded.last_order_at,
        purchase_days = excluded.purchase_days, first_purchase_day = excluded.first_purchase_day,
        second_purchase_day = excluded.second_purchase_day,
        last_purchase_day = excluded.last_purchase_day, mean_repeat_minor = excluded.mean_repeat_minor,
        gap_median = excluded.gap_median, gap_q80 = excluded.gap_q80, gap_q95 = excluded.gap_q95,
        updated_at = excluded.updated_at
    where (stored.currency, stored.orders, stored.net_orders, stored.returns, stored.gross_minor, stored.returned_minor,
           stored.costed_minor, stored.cost_minor, stored.items, stored.first_order_at, stored.last_order_at,
           stored.purchase_days, stored.first_purchase_day, stored.second_purchase_day, stored.last_purchase_day, stored.mean_repeat_minor,
           stored.gap_median, stored.gap_q80, stored.gap_q95)
      is distinct from
          (excluded.currency, excluded.orders, excluded.net_orders, excluded.returns, excluded.gross_minor,
           excluded.returned_minor, excluded.costed_minor, excluded.cost_minor, excluded.items, excluded.first_order_at,
           excluded.last_order_at, excluded.purchase_days, excluded.first_purchase_day, excluded.second_purchase_day, excluded.last_purchase_day,
           excluded.mean_repeat_minor, excluded.gap_median, excluded.gap_q80, excluded.gap_q95)`;
}

/** Of customers who are no more, or have no order and no return any more. */
export async function forgetKpis(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await tx`delete from customer_kpis where customer_id = any(${idList(customerIds)}::uuid[])`;
}

/** Of customers who are no more, or have no order any more. */
export async function forgetScores(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await tx`delete from customer_scores where customer_id = any(${idList(customerIds)}::uuid[])`;
}

/** What is stored of these customers. */
export async function findKpis(db: Database, customerIds: readonly string[]): Promise<PurchaseKpis[]> {
  return db`
    select customer_id as "customerId", currency, orders, net_orders as "netOrders", returns, gross_minor as "grossMinor",
           returned_minor as "returnedMinor", costed_minor as "costedMinor", cost_minor as "costMinor", items,
           first_order_at as "firstOrderAt", last_order_at as "lastOrderAt", purchase_days as "purchaseDays",
           first_purchase_day as "firstPurchaseDay", second_purchase_day as "secondPurchaseDay", last_purchase_day as "lastPurchaseDay",
           mean_repeat_minor as "meanRepeatMinor", gap_median as "gapMedian", gap_q80 as "gapQ80", gap_q95 as "gapQ95"
    from customer_kpis where customer_id = any(${idList(customerIds)}::uuid[])`;
}

/** Of what a batch brought of a customer beside purchases and signals. */
export interface Touched {
  readonly customerId: string;
  /** It came first of all, though late. */
  readonly isEarliest: boolean;
  /** It is not only the latest. */
  readonly isLate: boolean;
}

/**
 * Whose KPIs follow from when they were touched, of customers who did no more than that: who was archived, or may have become
 * so meanwhile, and whose first touchpoint came late. For most it is one look into an index that finds nobody.
 */
export async function findMovedByTouch(tx: Tx, touched: readonly Touched[], now: Date): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select batch.id
    from unnest(
      ${idColumn(touched, ({ customerId }) => customerId)}::uuid[],
      ${column(touched, ({ isEarliest }) => isEarliest)}::boolean[],
      ${column(touched, ({ isLate }) => isLate)}::boolean[]) as batch (id, earliest, late)
    cross join lateral (
      select stage, due_at from customer_lifecycles where customer_id = batch.id offset 0) as l
    where batch.earliest
      or l.stage = 'ARCHIVED'
      or (l.stage = 'PROSPECT' and l.due_at <= ${now})
      or (l.stage = 'PROSPECT' and batch.late and exists (
        select from lifecycle_transitions t where t.customer_id = batch.id and t.to_stage = 'ARCHIVED'))`;
  return rows.map(({ id }) => id);
}

/** Customers in order of id, for whoever goes over all of them. */
export async function listCustomerIds(db: Database, after: string | null, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from customers where ${after}::uuid is null or id > ${after}::uuid order by id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** Rows of nobody: customers who were merged into others, or have no order and no return. */
export async function findStrayKpis(db: Database, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select customer_id as id from (
      select customer_id from customer_kpis union select customer_id from customer_scores) as kept
    where not exists (select from customers where id = kept.customer_id)
    order by customer_id limit ${limit}`;
  return rows.map(({ id }) => id);
}
