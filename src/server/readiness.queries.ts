import type { Database } from '../kernel/database.ts';

export async function pingDatabase(db: Database): Promise<void> {
  await db`select 1`;
}
