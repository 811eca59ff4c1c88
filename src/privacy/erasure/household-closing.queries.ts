import type { Database, Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

/** Waits for the step of the deriver that is under way; until the end of the transaction there is no other. */
export async function lockDerivation(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('rundum.household-derivation'))`;
}

/** Households and accounts in which these records are. */
export async function findGroups(db: Database, recordIds: readonly string[]): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select household_id as id from household_members where record_id = any(${idList(recordIds)}::uuid[])
    union
    select account_id from account_members where record_id = any(${idList(recordIds)}::uuid[])
    order by id`;
  return rows.map(({ id }) => id);
}
