import type { Database } from '../kernel/database.ts';
import { idList } from '../kernel/sql-array.ts';

/** Records on which something about consents or preferences was said. */
export async function findRecordsWithStatements(db: Database, recordIds: readonly string[]): Promise<string[]> {
  const ids = idList(recordIds);
  const rows = await db<{ id: string }[]>`
    select record_id as id from consent_statements where record_id = any(${ids}::uuid[])
    union select record_id from preference_statements where record_id = any(${ids}::uuid[])`;
  return rows.map(({ id }) => id);
}
