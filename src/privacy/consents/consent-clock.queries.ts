import type { Database, Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

/** A consent that has ended, and of whose end the change feed has not told. */
export interface Ended {
  readonly customerId: string;
  readonly purpose: string;
  readonly channel: string;
  readonly status: 'GRANTED' | 'PENDING';
}

/** Customers with consents that have ended, those that ended first. */
export async function findEnded(db: Database, now: Date, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select distinct id from (
      select customer_id as id from customer_consents
      where expires_at is not null and expires_at is distinct from told_expiry and expires_at <= ${now}
      order by expires_at, customer_id, purpose, channel
      limit ${limit}
    ) as ended`;
  return rows.map(({ id }) => id);
}

/** The next instant at which one will end. */
export async function findNextEnd(db: Database): Promise<Date | null> {
  const [row] = await db<{ at: Date }[]>`
    select expires_at as at from customer_consents
    where expires_at is not null and expires_at is distinct from told_expiry
    order by expires_at, customer_id, purpose, channel limit 1`;
  return row?.at ?? null;
}

/** Of customers who are locked: notes that their end is told, and answers of which. */
export async function noteEnded(tx: Tx, customerIds: readonly string[], now: Date): Promise<Ended[]> {
  return tx`
    update customer_consents set told_expiry = expires_at
    where customer_id = any(${idList(customerIds)}::uuid[])
      and expires_at is not null and expires_at is distinct from told_expiry and expires_at <= ${now}
    returning customer_id as "customerId", purpose, channel, status`;
}
