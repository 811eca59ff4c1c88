import type { Database } from '../../kernel/database.ts';

export interface DatabaseState {
  /** `pg_snapshot` as text: what is visible now. */
  readonly snapshot: string;
  /** Of the change feed: the history in which transaction numbers mean something. */
  readonly epoch: string | null;
}

export async function findDatabaseState(db: Database): Promise<DatabaseState> {
  const [row] = await db<DatabaseState[]>`
    select pg_current_snapshot()::text as snapshot,
           (select value ->> 'epoch' from settings where name = 'change_feed') as epoch`;
  return row!;
}
