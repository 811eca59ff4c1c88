import type { Database } from '../kernel/database.ts';

/** To whom does this record belong now? `undefined`: there is no such record, or it is nobody's. */
export async function findOwnerOfRecord(db: Database, recordId: string): Promise<string | undefined> {
  const [row] = await db<{ id: string }[]>`
    select customer_id as id from records where id = ${recordId} and customer_id is not null`;
  return row?.id;
}

export async function findRecordIds(db: Database, customerId: string): Promise<string[]> {
  const rows = await db<{ id: string }[]>`select id from records where customer_id = ${customerId} order by id`;
  return rows.map(({ id }) => id);
}
