import type { Pool } from '../../kernel/database.ts';
import {
  type FactDifference,
  findCellDifferences,
  findPurchaseDifferences,
  findSignalDifferences,
} from './facts-verifier.queries.ts';

const shown = 20;

/** Whether purchases, signals and the roll-up are what follows from the touchpoints, at one instant. The first differences. */
export async function verifyFacts(pool: Pool): Promise<FactDifference[]> {
  return pool.begin('isolation level repeatable read read only', async (tx) => [
    ...(await findPurchaseDifferences(tx, shown)),
    ...(await findSignalDifferences(tx, shown)),
    ...(await findCellDifferences(tx, shown)),
  ]);
}
