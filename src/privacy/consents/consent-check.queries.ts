import type { Database } from '../../kernel/database.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { column } from '../../kernel/sql-array.ts';

/** No id is smaller. */
export const smallestId = '00000000-0000-0000-0000-000000000000';

/** The next customers, by id. */
export async function findCustomersBehind(db: Database, after: string, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from customers where id > ${after} order by id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** Consents of customers that there are not. */
export async function findStrayConsents(
  db: Database,
  limit: number,
): Promise<{ customerId: string; purpose: string; channel: string }[]> {
  return db`
    select customer_id as "customerId", purpose, channel from customer_consents k
    where not exists (select from customers c where c.id = k.customer_id)
    order by customer_id, purpose, channel limit ${limit}`;
}

/** A stored touchpoint, as far as statements are made of it. */
export interface ToldTouchpoint {
  readonly recordId: string;
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly properties: JsonObject | null;
}

/** The next records, by id, with their touchpoints of these types. */
export async function findToldBehind(
  db: Database,
  { after, limit, types }: { after: string; limit: number; types: readonly string[] },
): Promise<{ last: string | undefined; told: ToldTouchpoint[] }> {
  const rows = await db<(ToldTouchpoint & { last: string })[]>`
    with page as (select id from records where id > ${after} order by id limit ${limit})
    select (select max(id::text) from page) as last, t.*
    from (select 1) as one left join lateral (
      select t.record_id as "recordId", t.id, t.type, t.source, t.occurred_at as "occurredAt",
             t.received_at as "receivedAt", t.properties
      from page join touchpoints t on t.record_id = page.id
      where t.type = any(${column(types, (type) => type)}::text[])
    ) as t on true`;
  return { last: rows[0]?.last, told: rows.filter(({ id }) => id !== null) };
}
