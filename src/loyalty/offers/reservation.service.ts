import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { groupBy } from '../../kernel/lists.ts';
import { lockBudgets, release, reserve, spendUnreserved } from './budgets.queries.ts';
import { findOverdueOffers, lapse } from './presentations.queries.ts';

interface Wanted {
  readonly offerId: string;
  readonly amount: bigint;
  readonly now: Date;
}

/** Presentations of one transaction. */
const mostAtOnce = 1_000;

/**
 * Reserves one use. Where there is no room, what is held by presentations whose time is over is released first: whether the
 * worker has come by does not matter. False: there is no room.
 */
export async function reserveOrLapse(tx: Tx, { offerId, amount, now }: Wanted): Promise<boolean> {
  if (await reserve(tx, offerId, amount)) return true;
  // Tried again whatever this found: while it waited for the lock, somebody else may have released it all.
  await lapseOf(tx, [offerId], now);
  return reserve(tx, offerId, amount);
}

/** The same for what was used already. */
export async function spendOrLapse(tx: Tx, { offerId, amount, now }: Wanted): Promise<boolean> {
  if (await spendUnreserved(tx, offerId, amount)) return true;
  await lapseOf(tx, [offerId], now);
  return spendUnreserved(tx, offerId, amount);
}

/** Releases what open presentations hold whose time is over; answers how many there were. For the worker that keeps time. */
export async function releaseExpired({ pool, clock }: Pick<Context, 'pool' | 'clock'>): Promise<number> {
  const now = clock.now();
  for (let lapsed = 0; ; ) {
    const done = await pool.begin(async (tx) => {
      const offerIds = await findOverdueOffers(tx, now, mostAtOnce);
      return offerIds.length === 0 ? 0 : lapseOf(tx, offerIds, now);
    });
    lapsed += done;
    // Fewer than there is room for: the rest is being decided by others right now.
    if (done < mostAtOnce) return lapsed;
  }
}

/** `offerIds` sorted: budgets first, then presentations, as everybody does. */
async function lapseOf(tx: Tx, offerIds: readonly string[], now: Date): Promise<number> {
  await lockBudgets(tx, offerIds);
  const lapsed = await lapse(tx, { offerIds, now, limit: mostAtOnce });
  const held = groupBy(
    lapsed.filter((one) => one.held),
    ({ offerId }) => offerId,
  );
  for (const [offerId, ones] of held) {
    const amount = ones.reduce((total, { reserved }) => total + reserved, 0n);
    await release(tx, offerId, { amount, uses: ones.length });
  }
  return lapsed.length;
}
