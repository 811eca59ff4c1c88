import {
  emptyChanges,
  findFeedEpoch,
  loadCluster,
  lockFeedEpoch,
  mayReadCluster,
  startFeedEpoch,
} from './change-feed-epoch.queries.ts';
import type { Pool } from './database.ts';

/**
 * The epoch of this database's change feed: the history in which its transaction numbers mean something.
 *
 * A dump restored into another cluster brings lines with the old cluster's numbers, which there may lie in the future,
 * where they would hide behind the snapshot guard or collide with new ones. So they go, and a new epoch begins: clients
 * get `CURSOR_EXPIRED` and start over. Runs at every start, before anything is written.
 */
export async function openFeedEpoch(pool: Pool): Promise<string> {
  return pool.begin(async (tx) => {
    await lockFeedEpoch(tx);
    const cluster = (await mayReadCluster(tx)) ? await loadCluster(tx) : null;
    const known = await findFeedEpoch(tx);
    if (known && !isOtherCluster(known.cluster, cluster)) return known.epoch;
    if (known) await emptyChanges(tx);
    return startFeedEpoch(tx, cluster);
  });
}

/** Only when both are known: a right that was granted or withdrawn is no reason to forget the feed. */
function isOtherCluster(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now;
}
