import type { CustomerCut } from '../kernel/boundary.ts';
import { beforeTransaction } from '../kernel/change-cursor.ts';
import type { FollowedCustomer } from '../kernel/change-feed-follow.ts';
import type { Database } from '../kernel/database.ts';

/** Whether a record is of a customer who is inside now. */
export async function isRecordInside(db: Database, recordId: string, cut: CustomerCut): Promise<boolean> {
  const rows = await db`select from records r where r.id = ${recordId} and ${cut(db, db`r.customer_id`)}`;
  return rows.length > 0;
}

/** Whose is this record now, and what other records do they have? One statement, so that both are of one moment. */
export async function findFollowedCustomer(
  db: Database,
  recordId: string,
  cut?: CustomerCut,
): Promise<FollowedCustomer | undefined> {
  const [row] = await db<{ customerId: string; recordIds: string[]; guard: string }[]>`
    select own.customer_id as "customerId",
           array(select r.id::text from records r where r.customer_id = own.customer_id) as "recordIds",
           pg_snapshot_xmin(pg_current_snapshot())::text as guard
    from records own
    where own.id = ${recordId} and own.customer_id is not null ${cut ? db`and ${cut(db, db`own.customer_id`)}` : db``}`;
  return row && { customerId: row.customerId, recordIds: row.recordIds, asOf: beforeTransaction(BigInt(row.guard)) };
}
