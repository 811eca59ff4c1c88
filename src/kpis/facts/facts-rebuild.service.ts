import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Platform } from '../../kernel/context.ts';
import {
  deleteFacts,
  insertCellChangesFrom,
  insertPurchasesFrom,
  insertSignalsFrom,
  lockFacts,
} from './facts-rebuild.queries.ts';

/** Derives all facts anew from the touchpoints. Ingestion waits meanwhile: a repair, not a routine. */
export async function rebuildFacts({ pool, ids, clock }: Pick<Platform, 'pool' | 'ids' | 'clock'>): Promise<void> {
  await pool.begin(async (tx) => {
    await lockFacts(tx);
    await deleteFacts(tx);
    await insertPurchasesFrom(tx, tx`touchpoints`);
    await insertSignalsFrom(tx, tx`touchpoints`);
    const id = ids.uuid();
    await insertCellChangesFrom(tx, id, tx`touchpoints`);
    // For whoever keeps answers.
    await appendChanges(tx, clock.now(), [
      { topic: 'kpis.changed', customerId: null, subjectId: id, detail: { what: 'FACTS' } },
    ]);
  });
}
