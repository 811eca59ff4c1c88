import type { Tx } from '../kernel/database.ts';
import type { Ids } from '../kernel/ids.ts';
import type { ClaimFold, Evidence, RecordFold } from './evidence.ts';
import {
  type ClaimChanges,
  compareClaims,
  identifiersOf,
  type Regrouping,
  recordsToResolve,
  withBatch,
} from './identify.ts';
import {
  addClaimants,
  addToRecords,
  type ClaimState,
  findCarried,
  findClaimants,
  findClaims,
  findNeighbourhood,
  findRecords,
  insertIdentifiers,
  insertRecords,
  lockIdentities,
  lockRecords,
  type NewIdentifier,
  type RecordState,
  upsertClaims,
} from './identity.queries.ts';
import { readEvidence, regroupRecords } from './regroup-records.service.ts';
import type { RefusedLink, Resolution } from './resolution.ts';
import { countedUpTo, exceedsLimit, type IdentityRules, isCut, ruleFor } from './rules.ts';

export interface IdentityOutcome {
  /** Record of the batch → its customer now; null for a receipt of nobody. */
  readonly customerOf: ReadonlyMap<string, string | null>;
  readonly created: readonly string[];
  readonly regrouping: Regrouping;
  /** Customers with a claim that is new to them. */
  readonly claimed: ReadonlySet<string>;
  /** Customers with a claim that they have had for longer than was known. */
  readonly antedated: ReadonlySet<string>;
  /** Evidence of this batch, or tied to it, that was refused and was not before. */
  readonly refused: readonly RefusedLink[];
  /** Claims new with this batch on values that too many records carry: they join nobody. */
  readonly cut: readonly ClaimFold[];
  /** Claims that a decision took away from their records. */
  readonly removed: readonly ClaimFold[];
}

export interface EvidenceSettings {
  readonly now: Date;
  readonly ids: Ids;
  readonly rules: IdentityRules;
}

const unchanged: Regrouping = { absorbed: [], split: [], concerned: new Set(), moved: new Set() };

/**
 * Takes in what a batch says about who is who, in a constant number of statements.
 *
 * Locks come in one order everywhere, so that no two batches can wait for each other in a circle: new records by id,
 * new identifiers by id, the identity lock (only where existing people may be joined), claims by id, counts of
 * known identifiers, existing records by id. What is read before its lock is only used where it can't grow stale.
 */
export async function recordEvidence(tx: Tx, settings: EvidenceSettings, evidence: Evidence): Promise<IdentityOutcome> {
  const [found, stored] = await Promise.all([
    findRecords(
      tx,
      evidence.records.map(({ id }) => id),
    ),
    evidence.claims.length > 0 ? findClaims(tx, evidence.claims) : [],
  ]);
  const created = await createRecords(tx, evidence.records, found, settings.now);
  const existing = evidence.records.filter((record) => !created.has(record.id));
  const batch: Batch = { evidence, existing, created, ...settings };
  const known = await readKnown(tx, batch, found, stored);
  const { added, earlier, removed } = known.claims;
  nameByNewClaims(existing, added, settings.rules);
  const { around, cut } = await recordClaims(tx, batch, known);
  const grouping = around ? await resolveAround(tx, batch, around) : await keepGroups(tx, batch);
  const { customerOf } = grouping;
  return {
    ...grouping,
    claimed: customersOf(added, customerOf),
    antedated: customersOf(earlier, customerOf),
    cut,
    removed,
  };
}

interface Batch extends EvidenceSettings {
  readonly evidence: Evidence;
  readonly existing: readonly RecordFold[];
  /** Records that this transaction created. */
  readonly created: ReadonlySet<string>;
}

interface Known {
  readonly records: ReadonlyMap<string, RecordState>;
  readonly claims: ClaimChanges;
}

/**
 * Only claims that are new can make a known record a person's: what the others say is in the record already, and one that
 * was taken away from it, perhaps at this moment, must not say it again.
 */
function nameByNewClaims(records: readonly RecordFold[], added: readonly ClaimFold[], rules: IdentityRules): void {
  const named = added.filter(({ blocked, kind }) => !blocked && ruleFor(rules, kind).namesPerson);
  const naming = new Set(named.map(({ recordId }) => recordId));
  for (const record of records) record.namesPerson = naming.has(record.id);
}

/** Around what people must be resolved again. */
interface Seeds {
  readonly recordIds: readonly string[];
  readonly identifierIds: readonly string[];
}

/** Whom to resolve again. */
interface Around {
  readonly recordIds: ReadonlySet<string>;
  /** Claims to be counted before that. */
  readonly uncounted: readonly ClaimFold[];
}

/**
 * Creates the records that were not found; answers the ids created. Inserting those that exist too would be harmless, but
 * would wait for everybody who is updating one of them.
 */
async function createRecords(tx: Tx, records: readonly RecordFold[], found: readonly RecordState[], now: Date) {
  const ids = new Set(found.map(({ id }) => id));
  const missing = records.filter(({ id }) => !ids.has(id));
  return new Set(missing.length > 0 ? await insertRecords(tx, missing, now) : []);
}

async function readKnown(
  tx: Tx,
  { existing, evidence }: Batch,
  found: readonly RecordState[],
  stored: readonly ClaimState[],
): Promise<Known> {
  // Created by somebody else between the look and our attempt. Its claims count as new here, which does no harm.
  const late = new Set(existing.map(({ id }) => id)).difference(new Set(found.map(({ id }) => id)));
  const records = late.size > 0 ? [...found, ...(await findRecords(tx, [...late]))] : found;
  return {
    records: new Map(records.map((record) => [record.id, record])),
    claims: compareClaims(evidence.claims, stored),
  };
}

/**
 * Writes the claims. Answers no `around` where nobody can be joined or parted by them: all new claims are those of new
 * records, on identifiers that nobody else carries or that join nobody.
 */
async function recordClaims(tx: Tx, batch: Batch, known: Known): Promise<{ around?: Around; cut: ClaimFold[] }> {
  const { added, earlier, later } = known.claims;
  const identifiers = identifiersOf(added, batch.rules);
  const { shared, linking, cut } = await placeIdentifiers(tx, batch, identifiers);
  const seeds = {
    identifierIds: [
      ...[...shared, ...linking].map((identifier) => identifier.id),
      ...(await findRelieved(tx, earlier, batch.rules)),
    ],
    recordIds: [
      ...[...added, ...earlier].map((claim) => claim.recordId).filter((id) => !batch.created.has(id)),
      ...recordsToResolve(batch.existing, known.records),
      ...overfullRecords(added, batch),
    ],
  };
  const resolves = seeds.identifierIds.length > 0 || seeds.recordIds.length > 0;
  const changed = [...added, ...earlier, ...later].sort(byIdentifierAndRecord);
  const around = resolves ? await joinPeople(tx, batch, seeds, { changed, added, linking }) : undefined;
  if (!resolves && changed.length > 0) await upsertClaims(tx, changed);
  return { around, cut: added.filter(({ identifierId }) => cut.has(identifierId)) };
}

interface ClaimsToWrite {
  readonly changed: readonly ClaimFold[];
  readonly added: readonly ClaimFold[];
  readonly linking: readonly NewIdentifier[];
}

/** From here on others wait for this batch, so what can be sent together is. */
async function joinPeople(tx: Tx, batch: Batch, seeds: Seeds, claims: ClaimsToWrite): Promise<Around> {
  const linkingIds = new Set(claims.linking.map(({ id }) => id));
  const linkingClaims = claims.added.filter(({ identifierId }) => linkingIds.has(identifierId));
  const doubtful = linkingClaims.filter(({ recordId }) => !batch.created.has(recordId));
  const [, entered, , recordIds] = await Promise.all([
    lockIdentities(tx),
    doubtful.length > 0 ? findClaims(tx, doubtful) : [],
    claims.changed.length > 0 && upsertClaims(tx, claims.changed),
    findNeighbourhood(tx, seeds),
  ]);
  // A batch that had the lock before may have entered some of them after this one read what is known.
  const uncounted = compareClaims(linkingClaims, entered).added;
  return { recordIds: new Set(recordIds), uncounted };
}

/**
 * Where values count within a window, an earlier time can take a record below its limit: then all that it carries of the
 * kind may join, which it did not before.
 */
async function findRelieved(tx: Tx, earlier: readonly ClaimFold[], rules: IdentityRules): Promise<string[]> {
  const windowed = earlier.filter(({ kind }) => ruleFor(rules, kind).valuesWindowDays !== null);
  if (windowed.length === 0) return [];
  const kinds = [...new Set(windowed.map(({ kind }) => kind))];
  return findCarried(
    tx,
    windowed.map(({ recordId }) => recordId),
    kinds,
  );
}

/** New records that bring more values of a kind than one customer may hold: their refusal must be remembered. */
function overfullRecords(added: readonly ClaimFold[], { created, rules }: Batch): string[] {
  const limited = added.filter(
    ({ recordId, kind }) => created.has(recordId) && !!ruleFor(rules, kind).valuesPerCustomer,
  );
  return [...Map.groupBy(limited, ({ recordId, kind }) => `${recordId} ${kind}`).values()]
    .filter((claims) => {
      const rule = ruleFor(rules, claims[0]!.kind);
      if (claims.length <= rule.valuesPerCustomer! || rule.strength === 'EVIDENCE_ONLY') return false;
      return exceedsLimit(rule, new Map(claims.map((claim) => [claim.identifierId, claim.firstSeenAt.getTime()])));
    })
    .map((claims) => claims[0]!.recordId);
}

/** Counts claims on identifiers that were there before. */
async function countClaimants(tx: Tx, { rules, now }: Batch, uncounted: readonly ClaimFold[]): Promise<void> {
  if (uncounted.length === 0) return;
  const additions = identifiersOf(uncounted, rules).map(({ id, kind, records }) => ({
    id,
    claims: records,
    stopAt: countedUpTo(rules, kind),
  }));
  await addClaimants(tx, additions, now);
}

/**
 * `shared`: new, and carried by several records of the batch. `linking`: carried before, and not cut until now. `cut`: on
 * more records than may carry them, before this batch or with it.
 */
async function placeIdentifiers(tx: Tx, { now, rules }: Batch, identifiers: readonly NewIdentifier[]) {
  if (identifiers.length === 0) return { shared: [], linking: [], cut: new Set<string>() };
  const fresh = new Set(await insertIdentifiers(tx, identifiers, now));
  const shared = identifiers.filter(({ id, records }) => fresh.has(id) && records > 1);
  const carried = identifiers.filter(({ id }) => !fresh.has(id));
  const ids = carried.map(({ id }) => id);
  const claimants = ids.length > 0 ? await findClaimants(tx, ids) : [];
  const before = new Map(claimants.map((claimant) => [claimant.id, claimant]));
  const isCutWith = ({ id, kind, records }: NewIdentifier) =>
    isCut(ruleFor(rules, kind), records + (before.get(id)?.records ?? 0));
  const linking = carried.filter(
    // One that the rules in force have not unblocked yet is taken for linking: it is then counted under the lock.
    ({ id, kind, blocked }) =>
      !blocked && (before.get(id)!.blocked || !isCut(ruleFor(rules, kind), before.get(id)!.records)),
  );
  return {
    shared,
    linking,
    cut: new Set(identifiers.filter((one) => !one.blocked && isCutWith(one)).map(({ id }) => id)),
  };
}

function byIdentifierAndRecord(a: ClaimFold, b: ClaimFold): number {
  return a.identifierId + a.recordId < b.identifierId + b.recordId ? -1 : 1;
}

type Grouping = Omit<IdentityOutcome, 'claimed' | 'antedated' | 'cut' | 'removed'>;

/** Existing records stay with their customers, new ones are customers of their own. */
async function keepGroups(tx: Tx, { evidence, existing, created }: Batch): Promise<Grouping> {
  const customerOf = new Map<string, string | null>();
  for (const { id, owned } of evidence.records) customerOf.set(id, owned ? id : null);
  if (existing.length > 0) {
    const ids = existing.map((record) => record.id);
    const [locked] = await Promise.all([lockRecords(tx, ids), addToRecords(tx, existing)]);
    for (const record of locked) customerOf.set(record.id, record.customerId);
  }
  const newCustomers = [...created].filter((id) => customerOf.get(id) === id);
  return { customerOf, created: newCustomers, regrouping: unchanged, refused: [] };
}

async function resolveAround(tx: Tx, batch: Batch, { recordIds, uncounted }: Around): Promise<Grouping> {
  const { evidence, existing, created } = batch;
  const concerned = [...recordIds.union(new Set(evidence.records.map(({ id }) => id)))];
  const [, locked, said] = await Promise.all([
    countClaimants(tx, batch, uncounted),
    lockRecords(tx, concerned),
    readEvidence(tx, [...recordIds]),
    existing.length > 0 && addToRecords(tx, existing),
  ]);
  const records = withBatch(locked, existing).filter(({ id }) => recordIds.has(id));
  const origin = { cause: 'TOUCHPOINTS', causeId: null, ...batch } as const;
  const { resolution, regrouping, refused } = await regroupRecords(tx, origin, { records, ...said });
  return {
    customerOf: new Map(locked.map(({ id, customerId }) => [id, resolution.customerOf.get(id) ?? customerId])),
    created: newCustomersOf(locked, created, resolution),
    regrouping,
    refused,
  };
}

/** Customers without any record that was somebody's before. */
function newCustomersOf(
  records: readonly RecordState[],
  created: ReadonlySet<string>,
  { customerOf }: Resolution,
): string[] {
  const customers = new Set<string>();
  const continued = new Set<string>();
  for (const { id, customerId } of records) {
    const customer = customerOf.get(id) ?? customerId;
    if (customer === null) continue;
    customers.add(customer);
    if (customerId !== null && !created.has(id)) continued.add(customer);
  }
  return [...customers.difference(continued)];
}

function customersOf(claims: readonly ClaimFold[], customerOf: ReadonlyMap<string, string | null>): Set<string> {
  return new Set(claims.map((claim) => customerOf.get(claim.recordId)).filter((id) => id !== null && id !== undefined));
}
