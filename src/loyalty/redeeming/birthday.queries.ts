import type { Database } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

/** Customers by id whose golden trait `birthday` is a date with one of these ends (`03-29`). */
export async function findBirthdayCustomers(
  db: Database,
  { days, after, limit }: { days: readonly string[]; after: string | null; limit: number },
): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from customers
    where identified and (${after}::uuid is null or id > ${after}::uuid)
      and traits ->> 'birthday' ~ '^\\d{4}-\\d{2}-\\d{2}'
      and substr(traits ->> 'birthday', 6, 5) = any(${days as string[]}::text[])
    order by id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** The same among customers who are locked: whose birthday it still is. */
export async function findCelebrating(
  db: Database,
  customerIds: readonly string[],
  days: readonly string[],
): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from customers
    where id = any(${idList(customerIds)}::uuid[]) and substr(traits ->> 'birthday', 6, 5) = any(${days as string[]}::text[])`;
  return rows.map(({ id }) => id);
}
