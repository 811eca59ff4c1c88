import type { Database } from './database.ts';

/** The secret from which this database derives the ids of facts. The first migration made it. */
export async function loadIdSecret(db: Database): Promise<string> {
  const [row] = await db<{ secret: string }[]>`select value #>> '{}' as secret from settings where name = 'id_secret'`;
  if (!row) throw new Error('The table settings has no id_secret: this database was not made by the migrations.');
  return row.secret;
}
