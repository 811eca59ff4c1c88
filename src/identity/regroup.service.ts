import { appendChanges, type NewChange } from '../kernel/changes.queries.ts';
import type { Tx } from '../kernel/database.ts';
import type { Ids } from '../kernel/ids.ts';
import { deleteCustomers, foldTotals, lockCustomers } from './customers.queries.ts';
import { foldTraits } from './golden-traits.service.ts';
import type { Regrouping } from './identify.ts';
import type { CustomersRegrouped } from './identity.events.ts';
import { findNeighbourhood, lockIdentities, lockRecords } from './identity.queries.ts';
import { recheckNames } from './recount.queries.ts';
import { readEvidence, regroupRecords } from './regroup-records.service.ts';
import type { Cause } from './regrouping.ts';
import type { RefusedLink, Resolution } from './resolution.ts';
import type { IdentityRules } from './rules.ts';

export interface RegroupSettings {
  readonly now: Date;
  readonly ids: Ids;
  readonly rules: IdentityRules;
  /** What other modules keep up to date, in order; see the wiring. */
  readonly reactions: readonly CustomersRegrouped[];
}

/** Around whom people are resolved again. */
export interface Seeds {
  readonly recordIds: readonly string[];
  readonly identifierIds: readonly string[];
  /** Records that lost or gained an identifier: their customers are refreshed even if they keep their records. */
  readonly touched?: readonly string[];
}

export interface Regrouped {
  readonly resolution: Resolution;
  readonly regrouping: Regrouping;
  readonly refused: readonly RefusedLink[];
}

/**
 * Resolves people again after something other than a touchpoint changed the evidence, and brings everything derived up
 * to date. Takes the identity lock, then locks as ingestion does. A constant number of statements.
 */
export async function regroup(tx: Tx, settings: RegroupSettings, cause: Cause, seeds: Seeds): Promise<Regrouped> {
  await lockIdentities(tx);
  const recordIds = await findNeighbourhood(tx, seeds);
  const { touched = [] } = seeds;
  if (touched.length > 0) await recheckNamesLocked(tx, { recordIds, touched }, settings.rules);
  return regroupNeighbourhood(tx, settings, cause, recordIds, touched);
}

/** The same for records that are known to be closed, under the identity lock. */
export async function regroupNeighbourhood(
  tx: Tx,
  settings: RegroupSettings,
  cause: Cause,
  recordIds: readonly string[],
  touched: readonly string[] = [],
): Promise<Regrouped> {
  const [records, said] = await Promise.all([lockRecords(tx, recordIds), readEvidence(tx, recordIds)]);
  const origin = { ...settings, ...cause, created: new Set<string>() };
  const regrouped = await regroupRecords(tx, origin, { records, ...said });
  const { customerOf } = regrouped.resolution;
  const owners = touched.map((id) => customerOf.get(id)).filter((id) => id !== undefined);
  await refreshCustomers(tx, settings, regrouped.regrouping, new Set(owners));
  return regrouped;
}

/**
 * Sees anew whether records carry an identifier that names a person, in a statement after the one that locks them:
 * whoever adds such a claim to a record holds the record's lock until both are committed. Locks all records of the
 * neighbourhood at once, in their order. Answers those that changed.
 */
export async function recheckNamesLocked(
  tx: Tx,
  { recordIds, touched = recordIds }: { recordIds: readonly string[]; touched?: readonly string[] },
  rules: IdentityRules,
): Promise<string[]> {
  await lockRecords(tx, recordIds);
  return recheckNames(tx, touched, rules);
}

/**
 * Folds the customers anew whose records changed hands, and those in `touched`, which lost or gained an identifier; tells
 * the other modules and the change feed.
 */
async function refreshCustomers(
  tx: Tx,
  { now, reactions }: Pick<RegroupSettings, 'now' | 'reactions'>,
  { absorbed, split, concerned }: Regrouping,
  touched: ReadonlySet<string>,
): Promise<void> {
  const gone = absorbed.map(({ id }) => id).sort();
  const all = [...concerned.union(touched)].sort();
  if (all.length === 0) return;
  const customerIds = all.filter((id) => !gone.includes(id));
  await Promise.all([
    lockCustomers(tx, all),
    gone.length > 0 && deleteCustomers(tx, gone),
    foldTotals(tx, customerIds, now),
    foldTraits(tx, customerIds),
  ]);
  const changes: NewChange[] = [
    // Whoever has no records left at all is absorbed by nobody.
    ...absorbed
      .filter(({ id, into }) => id !== into)
      .map(({ id, into }) => customerChange('customer.merged', id, { into })),
    ...split.map(({ id, from }) => customerChange('customer.split', id, { from })),
    ...customerIds.map((id) => customerChange('customer.changed', id, { reasons: ['IDENTITY'] })),
  ];
  for (const react of reactions) changes.push(...(await react(tx, { at: now, customerIds, absorbed })));
  await appendChanges(tx, now, changes);
}

function customerChange(topic: NewChange['topic'], id: string, detail: NewChange['detail']): NewChange {
  return { topic, customerId: id, subjectId: id, detail };
}
