import type { Tx } from './database.ts';

/** Transactions of which it has been said; several modules want it of one. */
const lookingUp = new WeakSet<Tx>();

/**
 * For the rest of the transaction, rows are looked up one by one through their indexes. A batch meets few rows of large
 * tables; but a plan is kept for as long as its connection, and one that was made while the tables were small or not yet
 * analysed reads and joins them whole. That cost as much as all other work on a batch.
 */
export async function lookUpByIndex(tx: Tx): Promise<void> {
  if (lookingUp.has(tx)) return;
  lookingUp.add(tx);
  await tx`
    select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
           -- Each row is looked up once: there is nothing to remember.
           set_config('enable_memoize', 'off', true)`;
}
