import type { Database } from '../../kernel/database.ts';

/** A sample of the customers who had bought by then: always the same ones, in an order that has nothing to do with them. */
export async function sampleBuyers(db: Database, boughtBy: Date, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select customer_id as id from customer_kpis where first_order_at <= ${boughtBy}
    order by md5(customer_id::text), customer_id limit ${limit}`;
  return rows.map(({ id }) => id);
}
