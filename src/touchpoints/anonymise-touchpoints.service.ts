import { lockCustomers } from '../identity/customers.queries.ts';
import type { CustomersRegrouped } from '../identity/identity.events.ts';
import { lockIdentities } from '../identity/identity.queries.ts';
import { holdRules } from '../identity/identity-rules.queries.ts';
import { findOwners } from '../identity/recount.queries.ts';
import { appendChanges } from '../kernel/changes.queries.ts';
import type { Tx } from '../kernel/database.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import { anonymiseRows, type KeptProperty } from './anonymise-touchpoints.queries.ts';
import type { TouchpointRow } from './removal.events.ts';

export interface AnonymisingSettings {
  readonly now: Date;
  /** What modules keep up to date about customers: conditions may look at what is no longer there. */
  readonly regrouped: readonly CustomersRegrouped[];
  readonly kept: readonly KeptProperty[];
}

/** Anonymises touchpoints; records, identifiers and sums stay. Ingestion goes on meanwhile. Answers how many there were. */
export async function anonymiseTouchpoints(
  tx: Tx,
  { now, regrouped, kept }: AnonymisingSettings,
  rows: readonly TouchpointRow[],
): Promise<number> {
  await Promise.all([holdRules(tx), lookUpByIndex(tx), lockIdentities(tx)]);
  const customerIds = await findOwners(tx, [...new Set(rows.map(({ recordId }) => recordId))]);
  await lockCustomers(tx, customerIds);
  const changed = await anonymiseRows(tx, rows, kept);
  if (changed === 0 || customerIds.length === 0) return changed;
  for (const react of regrouped) await appendChanges(tx, now, await react(tx, { at: now, customerIds, absorbed: [] }));
  return changed;
}
