import type { Database, Tx } from './database.ts';

export async function lockFeedEpoch(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('rundum.feed-epoch'))`;
}

/** Whether this role may ask which cluster this is: everybody may by default, some hosting services forbid it. */
export async function mayReadCluster(db: Database): Promise<boolean> {
  const [row] = await db<{ may: boolean }[]>`
    select has_function_privilege('pg_catalog.pg_control_system()', 'execute') as may`;
  return row?.may ?? false;
}

/** Unique to the cluster since `initdb`; standbys and file-level backups share it, a restored dump does not. */
export async function loadCluster(db: Database): Promise<string> {
  const [row] = await db<{ cluster: string }[]>`select system_identifier::text as cluster from pg_control_system()`;
  if (!row) throw new Error('PostgreSQL did not say which cluster it is.');
  return row.cluster;
}

export interface FeedEpoch {
  readonly epoch: string;
  readonly cluster: string | null;
}

export async function findFeedEpoch(db: Database): Promise<FeedEpoch | undefined> {
  const [row] = await db<FeedEpoch[]>`
    select value ->> 'epoch' as epoch, value ->> 'cluster' as cluster from settings where name = 'change_feed'`;
  return row;
}

/** Replaces everything that was known of the feed: a new epoch has no horizon yet. */
export async function startFeedEpoch(tx: Tx, cluster: string | null): Promise<string> {
  const [row] = await tx<{ epoch: string }[]>`
    insert into settings (name, value)
    values ('change_feed', jsonb_build_object('epoch', left(gen_random_uuid()::text, 8), 'cluster', ${cluster}::text))
    on conflict (name) do update set value = excluded.value
    returning value ->> 'epoch' as epoch`;
  if (!row) throw new Error('The epoch of the change feed was not stored.');
  return row.epoch;
}

export async function emptyChanges(tx: Tx): Promise<void> {
  await tx`truncate changes`;
}
