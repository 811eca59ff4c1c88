import type { Database } from './database.ts';

export interface ServerDescription {
  readonly version: string;
  /** As a person reads it, such as `12 MB`. */
  readonly size: string;
  /** A commit that was acknowledged survives a crash. */
  readonly durable: boolean;
}

export async function describeServer(db: Database): Promise<ServerDescription> {
  const [row] = await db<ServerDescription[]>`
    select current_setting('server_version') as version,
           pg_size_pretty(pg_database_size(current_database())) as size,
           current_setting('synchronous_commit') <> 'off' and current_setting('fsync') = 'on' as durable`;
  if (!row) throw new Error('The database answered without a row.');
  return row;
}
