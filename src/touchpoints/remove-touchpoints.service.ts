import { lockCustomers } from '../identity/customers.queries.ts';
import {
  deleteRecords,
  deleteUnclaimed,
  findIdentifiers,
  findRecordsDecidedOn,
  silenceRecords,
} from '../identity/forgotten-records.queries.ts';
import { findNeighbourhood, lockIdentities, lockRecords } from '../identity/identity.queries.ts';
import { holdRules, lockRules } from '../identity/identity-rules.queries.ts';
import { findOwners } from '../identity/recount.queries.ts';
import { regroup } from '../identity/regroup.service.ts';
import type { IdentityRules } from '../identity/rules.ts';
import { settleIdentifiers } from '../identity/settle-identifiers.service.ts';
import { appendChanges } from '../kernel/changes.queries.ts';
import type { Tx } from '../kernel/database.ts';
import type { Ids } from '../kernel/ids.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import type { RemovalReactions, TouchpointRow } from './removal.events.ts';
import {
  type ClaimName,
  deleteTouchpoints,
  findDoubtfulClaims,
  findTold,
  lockRevenue,
  redateClaims,
  refoldRecordRevenue,
  refoldRecords,
  withdrawClaims,
  withdrawTraits,
} from './removal.queries.ts';
import { RemovalReceipt } from './removal-receipt.ts';

export interface RemovalSettings {
  readonly now: Date;
  readonly ids: Ids;
  /** The rules in force. */
  readonly rules: IdentityRules;
  readonly reactions: RemovalReactions;
  /** Identifiers and traits stay known as long as their record has any touchpoint: what goes is history, not who it is. */
  readonly keepsIdentity: boolean;
  /** Throws {@link RecordEmptied} where a record would be left without any touchpoint. */
  readonly keepsRecords?: boolean;
}

export interface Removed {
  readonly receipt: RemovalReceipt;
  /** Customers, by the ids that they had before, some of whose touchpoints went. */
  readonly customersBefore: readonly string[];
  /** Those who are still there, as they are called now. */
  readonly customersNow: readonly string[];
}

/**
 * Keeps everything that records touchpoints or decides who is who waiting until the transaction ends, and waits for what is
 * under way. What is read from now on stays true, and no touchpoint on its way can meet a record that is being deleted.
 */
export async function stopRecording(tx: Tx): Promise<void> {
  await lockRules(tx);
  await Promise.all([lookUpByIndex(tx), lockIdentities(tx)]);
}

/**
 * Keeps only what concerns these records waiting, in the order of locks of ingestion. Enough where no record loses its last
 * touchpoint, and nothing that says who somebody is goes: nobody can be looking for what is deleted.
 */
export async function holdRecords(tx: Tx, recordIds: readonly string[]): Promise<void> {
  await Promise.all([holdRules(tx), lookUpByIndex(tx), lockRevenue(tx, recordIds), lockIdentities(tx)]);
  // All at once, those that will be folded with them included: a second lot could wait for somebody who waits for these.
  await lockRecords(tx, await findNeighbourhood(tx, { recordIds, identifierIds: [] }));
}

/** A record was to stay, and has nothing left: see {@link holdRecords}. */
export class RecordEmptied extends Error {}

/**
 * Deletes touchpoints and makes everything that follows from touchpoints what it would be had these never been sent; only
 * their receipts stay, so that a repeat is known as one. After {@link stopRecording} or {@link holdRecords}. The number of statements doesn't
 * depend on how many there are.
 */
export async function removeTouchpoints(
  tx: Tx,
  settings: RemovalSettings,
  leaving: readonly TouchpointRow[],
): Promise<Removed> {
  const receipt = new RemovalReceipt();
  const recordIds = [...new Set(leaving.map(({ recordId }) => recordId))].sort();
  const customersBefore = await findOwners(tx, recordIds);
  await lockCustomers(tx, customersBefore);
  for (const forget of settings.reactions.leaving) receipt.add(await forget(tx, leaving));
  const claims = settings.keepsIdentity ? [] : await findDoubtfulClaims(tx, leaving);
  const empty = await withdraw(tx, settings, { leaving, recordIds, claims, receipt });
  const freed = await settleEmpty(tx, settings, empty, receipt);
  const relieved = await settleCarried(tx, settings, { claims, freed, receipt });
  const { now, ids, rules, reactions } = settings;
  const cause = { cause: 'TOUCHPOINTS', causeId: null } as const;
  const seeds = { recordIds, identifierIds: relieved, touched: recordIds };
  await regroup(tx, { now, ids, rules, reactions: reactions.regrouped }, cause, seeds);
  for (const recount of reactions.recounting) receipt.add(await recount(tx, recordIds));
  const customersNow = await findOwners(tx, recordIds);
  if (empty.length > 0) await forgetRecords(tx, reactions, empty, receipt);
  return { receipt, customersBefore, customersNow };
}

interface Withdrawal {
  readonly leaving: readonly TouchpointRow[];
  readonly recordIds: readonly string[];
  readonly claims: readonly ClaimName[];
  readonly receipt: RemovalReceipt;
}

/** Answers the records that nothing is left of. */
async function withdraw(tx: Tx, settings: RemovalSettings, withdrawal: Withdrawal): Promise<string[]> {
  const { leaving, recordIds, receipt } = withdrawal;
  const told = await findTold(tx, leaving);
  receipt.count('touchpoints', await deleteTouchpoints(tx, leaving));
  const spending = told.filter(({ orders }) => orders).map(({ recordId }) => recordId);
  if (spending.length > 0) receipt.count('record_revenue', await refoldRecordRevenue(tx, spending));
  if (!settings.keepsIdentity && told.some(({ traits }) => traits)) {
    receipt.count('record_traits', await withdrawTraits(tx, leaving));
  }
  const emptied = await refoldRecords(tx, recordIds);
  if (emptied.length === 0) return [];
  if (settings.keepsRecords) throw new RecordEmptied();
  const pins = [findRecordsDecidedOn, ...settings.reactions.pinned];
  const pinned = new Set((await Promise.all(pins.map((find) => find(tx, emptied)))).flat());
  return emptied.filter((id) => !pinned.has(id));
}

/** What customers have of records that go is given up while these still are theirs. Answers the identifiers they carried. */
async function settleEmpty(
  tx: Tx,
  { now, reactions }: RemovalSettings,
  empty: readonly string[],
  receipt: RemovalReceipt,
): Promise<string[]> {
  if (empty.length === 0) return [];
  const customerIds = await findOwners(tx, empty);
  for (const settle of reactions.settling) {
    await appendChanges(tx, now, await settle(tx, { at: now, customerIds, absorbed: [] }));
  }
  const carried = await silenceRecords(tx, empty);
  receipt.count('claims', carried.length);
  return carried;
}

interface Carried {
  readonly claims: readonly ClaimName[];
  /** Identifiers of records that go. */
  readonly freed: readonly string[];
  readonly receipt: RemovalReceipt;
}

/** Answers the identifiers that were on too many records and are not any more: they join somebody again. */
async function settleCarried(
  tx: Tx,
  { rules, now }: RemovalSettings,
  { claims, freed, receipt }: Carried,
): Promise<string[]> {
  const { identifierIds } = claims.length > 0 ? await withdrawClaims(tx, claims) : { identifierIds: [] };
  receipt.count('claims', identifierIds.length);
  if (claims.length > 0) await redateClaims(tx, claims);
  const fewer = [...new Set([...identifierIds, ...freed])].sort();
  if (fewer.length === 0) return [];
  const before = await findIdentifiers(tx, fewer);
  await settleIdentifiers(tx, before, { rules, now });
  receipt.count('identifiers', await deleteUnclaimed(tx, fewer));
  const cutBefore = new Set(before.filter(({ cut }) => cut).map(({ id }) => id));
  const after = cutBefore.size > 0 ? await findIdentifiers(tx, [...cutBefore]) : [];
  return after.filter(({ cut }) => !cut).map(({ id }) => id);
}

async function forgetRecords(
  tx: Tx,
  reactions: RemovalReactions,
  recordIds: readonly string[],
  receipt: RemovalReceipt,
): Promise<void> {
  for (const forget of reactions.recordsLeaving) receipt.add(await forget(tx, recordIds));
  receipt.add(await deleteRecords(tx, recordIds));
}
