import type { Database, Tx } from '../../kernel/database.ts';

/**
 * Held to the end of the transaction, so that one node at a time matches. Released with the connection, should the
 * node die, and it works through PgBouncer too. False when somebody else holds it.
 */
export async function tryLockMatching(tx: Tx): Promise<boolean> {
  // The transaction only holds the lock, idle while the work is done on other connections.
  await tx`select set_config('idle_in_transaction_session_timeout', '0', true)`;
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtext('rundum.matching')) as locked`;
  return row?.locked ?? false;
}

export interface MatchProgress {
  readonly epoch: string;
  /** The last transaction of the change feed that has been looked at. */
  readonly tx: string;
  readonly at: Date;
  /** The model by which the blocks were made; null while they are incomplete. */
  readonly modelVersion: number | null;
  /** The blocking rules that have blocks. */
  readonly rules: readonly string[];
}

export async function findProgress(db: Database): Promise<MatchProgress | undefined> {
  const [row] = await db<MatchProgress[]>`
    select epoch, tx::text as tx, at, model_version as "modelVersion", rules from match_progress where name = 'matching'`;
  return row;
}

export async function saveProgress(db: Database, progress: MatchProgress): Promise<void> {
  await db`
    insert into match_progress (name, epoch, tx, at, model_version, rules)
    values ('matching', ${progress.epoch}, ${progress.tx}::text::xid8, ${progress.at}, ${progress.modelVersion},
            ${JSON.stringify(progress.rules)}::text::jsonb)
    on conflict (name) do update
    set epoch = excluded.epoch, tx = excluded.tx, at = excluded.at, model_version = excluded.model_version,
        rules = excluded.rules`;
}

export interface FeedEnd {
  readonly epoch: string;
  /** Every transaction up to this one has ended. */
  readonly tx: string;
  /** Up to this one lines may have been deleted; null: nothing yet. */
  readonly horizon: string | null;
}

export async function findFeedEnd(db: Database): Promise<FeedEnd> {
  const [row] = await db<FeedEnd[]>`
    select value ->> 'epoch' as epoch, value -> 'horizon' ->> 'tx' as horizon,
           (pg_snapshot_xmin(pg_current_snapshot())::text::numeric - 1)::text as tx
    from settings where name = 'change_feed'`;
  if (!row) throw new Error('The settings do not hold the epoch of the change feed.');
  return row;
}

export interface ChangedRecords {
  /** Everything up to this transaction has been looked at. */
  readonly tx: string;
  /** When the last of it was made; null where there was nothing. */
  readonly at: Date | null;
  readonly recordIds: readonly string[];
  /**
   * Records that were one customer and are not any more, or about which a decision was taken back: pairs that were not
   * worth a thought now may be.
   */
  readonly partedIds: readonly string[];
}

/**
 * Records whose traits or identifiers may have changed in the transactions behind `after`: whole transactions, of
 * about `lines` lines, and only those that nothing can commit in front of any more. Most touchpoints tell nothing new
 * about a person, and are passed over here.
 */
export async function findChangedRecords(db: Database, after: string, lines: number): Promise<ChangedRecords> {
  const [row] = await db<ChangedRecords[]>`
    with bounds as materialized (
      select ${after}::text::xid8 as after, pg_snapshot_xmin(pg_current_snapshot()) as guard
    ), cut as materialized (
      -- The transaction in which the line after the last one lies is read to its end.
      select tx from changes
      where tx > (select after from bounds) and tx < (select guard from bounds)
      order by tx, seq
      offset ${lines} limit 1
    ), part as materialized (
      select changes.* from changes
      where tx > (select after from bounds) and tx < (select guard from bounds)
        and tx <= coalesce((select tx from cut), (select guard from bounds))
    ), concerned as (
      select distinct tx, customer_id from part
      where topic = 'customer.created' or (topic = 'customer.changed' and detail -> 'reasons' ?| '{TRAITS,IDENTITY}')
    ), touched as (
      select p.tx, p.customer_id, (p.detail ->> 'recordId')::uuid as record_id
      from part p join concerned using (tx, customer_id)
      where p.topic = 'touchpoint.recorded'
    ), changed as (
      select record_id from touched
      union
      -- Not by a touchpoint: somebody took an identifier away, say.
      select r.id from concerned c join records r on r.customer_id = c.customer_id
      where not exists (select from touched t where t.tx = c.tx and t.customer_id = c.customer_id)
    ), parted as (
      select distinct r.id
      from part p join records r on r.customer_id in (p.customer_id, (p.detail ->> 'from')::uuid)
      where p.topic in ('customer.split', 'identity.revoked')
    )
    select coalesce((select tx from cut)::text, ((select guard from bounds)::text::numeric - 1)::text) as tx,
           (select max(at) from part) as at,
           coalesce((select array_agg(record_id order by record_id) from changed), '{}') as "recordIds",
           coalesce((select array_agg(id order by id) from parted), '{}') as "partedIds"`;
  return row!;
}

/** Whether there is anything to do: an unfinished run, or changes behind those that a model in use has seen. */
export async function isWorkWaiting(db: Database): Promise<boolean> {
  const [row] = await db<{ waiting: boolean }[]>`
    select exists (select from match_runs where finished_at is null)
        or (exists (select from match_models where active)
          and exists (
            select from changes
            where tx > coalesce((select tx from match_progress where name = 'matching'), '0'::xid8)
              and tx < pg_snapshot_xmin(pg_current_snapshot()))) as waiting`;
  return row!.waiting;
}

/** When the oldest change that has not been looked at was made; null where there is none. */
export async function findOldestUnseen(db: Database): Promise<Date | null> {
  const [row] = await db<{ at: Date }[]>`
    select c.at from changes c
    where c.tx > (select tx from match_progress where name = 'matching')
    order by c.tx, c.seq
    limit 1`;
  return row?.at ?? null;
}
