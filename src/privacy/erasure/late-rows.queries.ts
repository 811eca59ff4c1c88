import type { Database, Tx } from '../../kernel/database.ts';

/** Old ids of records whose people were erased since, and have not come back. */
export async function findErasedSince(db: Database, since: Date): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from suppressions where kind = 'RECORD' and at >= ${since} and lifted_at is null order by at, id`;
  return rows.map(({ id }) => id);
}

export async function tryLockLateRows(tx: Tx): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtext('rundum.late-rows')) as locked`;
  return row!.locked;
}
