import type { ClaimFold, RecordFold } from './evidence.ts';
import type { ClaimState, NewIdentifier, RecordState } from './identity.queries.ts';
import type { Resolution } from './resolution.ts';
import { countedUpTo, type IdentityRules, isCut, ruleFor } from './rules.ts';

/** Claims of a batch beside the stored ones: what must be written. */
export interface ClaimChanges {
  readonly added: readonly ClaimFold[];
  /** Known, but the batch has earlier evidence: the neighbourhood resolves again. */
  readonly earlier: readonly ClaimFold[];
  /** Known, and only seen on a later day. */
  readonly later: readonly ClaimFold[];
  /** Taken away from their records by a decision: known, and without effect. */
  readonly removed: readonly ClaimFold[];
}

export function compareClaims(claims: readonly ClaimFold[], stored: readonly ClaimState[]): ClaimChanges {
  const known = new Map(stored.map((claim) => [claim.identifierId + claim.recordId, claim]));
  const changes: { [K in keyof ClaimChanges]: ClaimFold[] } = { added: [], earlier: [], later: [], removed: [] };
  for (const claim of claims) {
    const state = known.get(claim.identifierId + claim.recordId);
    if (state?.removedBy) changes.removed.push(claim);
    if (!state) changes.added.push(claim);
    else if (hasEarlierEvidence(claim, state)) changes.earlier.push(claim);
    else if (claim.lastSeenOn > state.lastSeenOn) changes.later.push(claim);
  }
  return changes;
}

function hasEarlierEvidence(claim: ClaimFold, state: ClaimState): boolean {
  const difference = claim.firstSeenAt.getTime() - state.firstSeenAt.getTime();
  return difference < 0 || (difference === 0 && claim.firstTouchpointId < state.firstTouchpointId);
}

/** The identifiers of new claims, each with its claimants in this batch, counted up to just past the limit. */
export function identifiersOf(claims: readonly ClaimFold[], rules: IdentityRules): NewIdentifier[] {
  return [...Map.groupBy(claims, (claim) => claim.identifierId).values()].map((claimants) => {
    const { identifierId: id, kind, value, blocked } = claimants[0]!;
    // Not counted: a value of everybody's would be a hot row.
    if (blocked) return { id, kind, value, blocked, records: 0, cut: false };
    const cut = isCut(ruleFor(rules, kind), claimants.length);
    return { id, kind, value, blocked, records: Math.min(claimants.length, countedUpTo(rules, kind)), cut };
  });
}

export interface Reassignment {
  readonly recordId: string;
  readonly from: string | null;
  readonly customerId: string | null;
  readonly componentId: string | null;
}

/** The records whose customer or neighbourhood a resolution changes; one that it leaves out is nobody's. */
export function reassignments(records: readonly RecordState[], resolution: Resolution): Reassignment[] {
  const changed: Reassignment[] = [];
  for (const { id, customerId: from, componentId: component } of records) {
    const customerId = resolution.customerOf.get(id) ?? null;
    const componentId = resolution.componentOf.get(id) ?? null;
    if (customerId !== from || componentId !== component) changed.push({ recordId: id, from, customerId, componentId });
  }
  return changed;
}

/** Existing records whose customer may change without a new claim: first seen earlier than known, or owned at last. */
export function recordsToResolve(existing: readonly RecordFold[], known: ReadonlyMap<string, RecordState>): string[] {
  return existing
    .filter((record) => {
      const state = known.get(record.id)!;
      return record.firstAt < state.firstAt || (record.owned && !state.owned);
    })
    .map((record) => record.id);
}

/** The stored state with the batch's earlier first touchpoints and new owners in it. */
export function withBatch(records: readonly RecordState[], batch: readonly RecordFold[]): RecordState[] {
  const shares = new Map(batch.map((record) => [record.id, record]));
  return records.map((record) => {
    const share = shares.get(record.id);
    if (share === undefined) return record;
    const firstAt = share.firstAt < record.firstAt ? share.firstAt : record.firstAt;
    return { ...record, firstAt, owned: record.owned || share.owned };
  });
}

export interface Regrouping {
  /** Customers that are no more, with the survivor that took their founding record. */
  readonly absorbed: readonly { id: string; into: string }[];
  /** Customers that came out of others. */
  readonly split: readonly { id: string; from: string }[];
  /** Every customer, old or new, whose set of records changed. */
  readonly concerned: ReadonlySet<string>;
  /** Those of them who gave or took a record that was there before; the others only got new ones. */
  readonly moved: ReadonlySet<string>;
}

/** What became of the customers when records moved. `customersBefore` and `customersAfter` cover the neighbourhood. */
export function regroupingOf(
  moves: readonly Reassignment[],
  customersBefore: ReadonlySet<string>,
  resolution: Resolution,
): Regrouping {
  const customersAfter = new Set(resolution.customerOf.values());
  const concerned = new Set<string>();
  const moved = new Set<string>();
  const split = new Map<string, string>();
  for (const { from, customerId } of moves) {
    if (from === customerId) continue;
    if (customerId !== null) concerned.add(customerId);
    // What a record that this transaction created was called before it joined somebody, nobody has ever heard.
    if (from !== null && !customersBefore.has(from)) continue;
    if (customerId !== null) moved.add(customerId);
    if (from === null) continue;
    concerned.add(from);
    moved.add(from);
    if (customerId !== null && !customersBefore.has(customerId) && customersAfter.has(from))
      split.set(customerId, from);
  }
  const absorbed = [...customersBefore]
    .filter((id) => !customersAfter.has(id))
    .map((id) => ({ id, into: resolution.customerOf.get(id) ?? heirOf(id, moves) }));
  return { absorbed, split: [...split].map(([id, from]) => ({ id, from })), concerned, moved };
}

/** Of a customer that was founded by a receipt, which is nobody's again: whoever has the rest of its records. */
function heirOf(customerId: string, moves: readonly Reassignment[]): string {
  const heirs = moves.filter(({ from, customerId: to }) => from === customerId && to !== null);
  return heirs.map(({ customerId: to }) => to!).sort()[0] ?? customerId;
}
