import { lockCustomers } from '../../identity/customers.queries.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Platform } from '../../kernel/context.ts';
import { lookUpByIndex } from '../../kernel/plans.queries.ts';
import { findCustomersBehind, findToldBehind, smallestId } from './consent-check.queries.ts';
import { foldCustomerConsents } from './consent-folder.service.ts';
import { introducePurposes } from './consent-purposes.queries.ts';
import { consentTypes, statementOf, toRow } from './consent-touchpoint.ts';
import type { ConsentsMoved } from './consents.events.ts';
import { deleteStrayConsents, insertStatements } from './consents.queries.ts';

export interface RebuiltConsents {
  /** Statements that touchpoints make, and that were missing. */
  readonly statements: number;
  /** Customers for whom something else counts now. */
  readonly changes: number;
}

const recordsAtOnce = 2_000;
const customersAtOnce = 500;

/**
 * Makes statements of the touchpoints that came before the platform knew their types, and keeps what counts for every customer
 * anew. Beside a running server, a few customers at a time. What was said stays: statements outlive their touchpoints.
 */
export async function rebuildConsents(
  platform: Pick<Platform, 'pool' | 'clock' | 'feed'>,
  reactions: readonly ConsentsMoved[],
): Promise<RebuiltConsents> {
  const statements = await restateTouchpoints(platform);
  let [changes, after] = [0, smallestId];
  for (;;) {
    const ids = await findCustomersBehind(platform.pool, after, customersAtOnce);
    if (ids.length === 0) break;
    changes += await foldPage(platform, reactions, ids);
    after = ids.at(-1)!;
  }
  await deleteStrayConsents(platform.pool);
  return { statements, changes };
}

async function restateTouchpoints({ pool, clock }: Pick<Platform, 'pool' | 'clock'>): Promise<number> {
  let [statements, after] = [0, smallestId];
  for (;;) {
    const page = await findToldBehind(pool, { after, limit: recordsAtOnce, types: [...consentTypes] });
    if (page.last === null || page.last === undefined) return statements;
    const said = page.told.map(statementOf).filter((statement) => statement !== undefined);
    if (said.length > 0) {
      statements += await pool.begin(async (tx) => {
        await introducePurposes(tx, [...new Set(said.map(({ purpose }) => purpose))].sort(), clock.now());
        return insertStatements(tx, said.map(toRow));
      });
    }
    after = page.last;
  }
}

async function foldPage(
  { pool, clock, feed }: Pick<Platform, 'pool' | 'clock' | 'feed'>,
  reactions: readonly ConsentsMoved[],
  ids: readonly string[],
): Promise<number> {
  const changed = await pool.begin(async (tx) => {
    await Promise.all([lookUpByIndex(tx), lockCustomers(tx, ids)]);
    const at = clock.now();
    // Who was absorbed between being found and being locked has no records any more, and so no consents either.
    const changes = [...(await foldCustomerConsents(tx, { at, customerIds: ids }))];
    const customerIds = [...new Set(changes.map(({ subjectId }) => subjectId))].sort();
    if (customerIds.length === 0) return 0;
    for (const react of reactions) changes.push(...(await react(tx, { at, customerIds })));
    await appendChanges(tx, at, changes);
    return customerIds.length;
  });
  if (changed > 0) feed.wake();
  return changed;
}
