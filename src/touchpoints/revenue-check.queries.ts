import type { Database } from '../kernel/database.ts';
import { idColumn } from '../kernel/sql-array.ts';

export interface RevenueRow {
  readonly id: string;
  readonly orders: number;
  readonly firstOrderAt: Date | null;
  readonly lastOrderAt: Date | null;
  /** JSON text, as the database writes it. */
  readonly revenue: string;
}

export async function findCustomerRevenue(db: Database, customerIds: readonly string[]): Promise<RevenueRow[]> {
  return db<RevenueRow[]>`
    select id, orders, first_order_at as "firstOrderAt", last_order_at as "lastOrderAt", revenue::text as revenue
    from customers where id = any(${customerIds as string[]}::uuid[])`;
}

/** What the sums of these records add up to, for whichever customer they are said to belong to. */
export async function sumRevenue(
  db: Database,
  members: readonly { customerId: string; recordId: string }[],
): Promise<RevenueRow[]> {
  return db<RevenueRow[]>`
    with by_currency as (
      select m.customer_id, v.currency, sum(v.orders) as orders, sum(v.returns) as returns, sum(v.gross) as gross,
             sum(v.returned) as returned, min(v.first_order_at) as first_order_at, max(v.last_order_at) as last_order_at
      from unnest(
        ${idColumn(members, (member) => member.customerId)}::uuid[],
        ${idColumn(members, (member) => member.recordId)}::uuid[]
      ) as m (customer_id, record_id)
      join record_revenue v on v.record_id = m.record_id
      group by m.customer_id, v.currency
    )
    select customer_id as id, sum(orders)::integer as orders, min(first_order_at) as "firstOrderAt",
           max(last_order_at) as "lastOrderAt",
           jsonb_object_agg(currency, jsonb_build_object(
             'orders', orders, 'returns', returns, 'gross', gross, 'returned', returned))::text as revenue
    from by_currency group by customer_id`;
}
