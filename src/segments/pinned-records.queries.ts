import type { Database } from '../kernel/database.ts';
import { idList } from '../kernel/sql-array.ts';

/** Records that somebody has put on a list. */
export async function findRecordsOnLists(db: Database, recordIds: readonly string[]): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select distinct record_id as id from segment_list_entries where record_id = any(${idList(recordIds)}::uuid[])`;
  return rows.map(({ id }) => id);
}
