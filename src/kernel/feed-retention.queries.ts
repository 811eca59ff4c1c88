import type { FeedPosition } from './change-cursor.ts';
import type { Tx } from './database.ts';

/** False when another node holds it. Released with the transaction, so it works through PgBouncer too. */
export async function tryLockRetention(tx: Tx): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtext('rundum.feed-retention')) as locked`;
  return row?.locked ?? false;
}

/**
 * The last of the oldest `limit` lines up to which *all* are from before `cutoff`; `undefined` when the oldest line
 * is to be kept. Times may run slightly against the order of the feed (clocks of several nodes), the deletion never
 * does: readers are promised that everything behind the horizon is there.
 */
export async function findExpiredThrough(tx: Tx, cutoff: Date, limit: number): Promise<FeedPosition | undefined> {
  const [row] = await tx<{ tx: string; seq: string }[]>`
    with horizon as (
      select coalesce((value -> 'horizon' ->> 'tx'), '0')::xid8 as tx,
             coalesce((value -> 'horizon' ->> 'seq')::bigint, -1) as seq
      from settings where name = 'change_feed'
    ), oldest as (
      -- From the horizon on, not from the start of the index: that is full of what was deleted and not yet vacuumed.
      select changes.tx, changes.seq, changes.at < ${cutoff} as expired
      from changes, horizon
      where (changes.tx, changes.seq) > (horizon.tx, horizon.seq)
        and changes.tx < pg_snapshot_xmin(pg_current_snapshot())
      order by changes.tx, changes.seq
      limit ${limit}
    ), judged as (
      select tx, seq, bool_and(expired) over (order by tx, seq) as all_expired from oldest
    )
    select tx::text as tx, seq::text as seq from judged where all_expired
    order by judged.tx desc, judged.seq desc limit 1`;
  return row && { tx: BigInt(row.tx), seq: BigInt(row.seq) };
}

/** Returns how many lines it deleted. */
export async function deleteChangesThrough(tx: Tx, through: FeedPosition): Promise<number> {
  const result = await tx`
    delete from changes
    where (tx, seq) <= (${through.tx.toString()}::text::xid8, ${through.seq.toString()}::text::bigint)`;
  return result.count;
}

/** Remembers what has been deleted, in the transaction that deletes it: no reader can miss lines without noticing. */
export async function moveHorizon(tx: Tx, horizon: FeedPosition): Promise<void> {
  const stored = { tx: horizon.tx.toString(), seq: horizon.seq.toString() };
  await tx`
    update settings set value = value || jsonb_build_object('horizon', ${tx.json(stored)}::jsonb)
    where name = 'change_feed'`;
}
