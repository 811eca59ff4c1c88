import type { ClaimFold, RecordFold, TraitFold } from '../identity/evidence.ts';
import { isoDay } from '../kernel/iso-day.ts';
import type { AcceptedTouchpoint } from './touchpoint.ts';
import { traitsBit, typeBit } from './type-bits.ts';

/** What one record's orders and returns in a batch add up to, in one currency. Amounts in minor units. */
export interface RevenueFold {
  readonly recordId: string;
  readonly currency: string;
  orders: number;
  returns: number;
  gross: bigint;
  returned: bigint;
  firstOrderAt: Date | null;
  lastOrderAt: Date | null;
}

/** A batch, added up: what is left to say once for each record instead of once for each touchpoint. */
export interface BatchFold {
  readonly records: readonly RecordFold[];
  readonly claims: readonly ClaimFold[];
  readonly traits: readonly TraitFold[];
  readonly revenue: readonly RevenueFold[];
}

/**
 * Adds a batch up. Every part is a commutative monoid (count, sum, minimum, maximum, latest by (time, id)), so the
 * result doesn't depend on the order of the touchpoints, nor on how they were cut into batches. Sorted by id, the
 * order in which rows are locked.
 */
export function foldBatch(touchpoints: readonly AcceptedTouchpoint[]): BatchFold {
  const records = new Map<string, RecordFold>();
  const claims = new Map<string, ClaimFold>();
  const traits = new Map<string, TraitFold>();
  const revenue = new Map<string, RevenueFold>();
  for (const touchpoint of touchpoints) {
    foldRecord(records, touchpoint);
    foldClaims(claims, touchpoint);
    foldTraits(traits, touchpoint);
    foldRevenue(revenue, touchpoint);
  }
  return { records: sorted(records), claims: sorted(claims), traits: sorted(traits), revenue: sorted(revenue) };
}

function sorted<T>(folds: ReadonlyMap<string, T>): T[] {
  return [...folds.keys()].sort().map((key) => folds.get(key)!);
}

function foldRecord(folds: Map<string, RecordFold>, touchpoint: AcceptedTouchpoint): void {
  const { recordId: id, source, key, occurredAt } = touchpoint;
  const namesPerson = touchpoint.identifiers.some((identifier) => identifier.namesPerson);
  const fold = folds.get(id);
  if (!fold) {
    const owned = !touchpoint.unidentified;
    const typesSeen = typesOf(touchpoint);
    const period = { firstAt: occurredAt, lastAt: occurredAt };
    folds.set(id, { id, source, key, owned, namesPerson, ...period, touchpoints: 1, typesSeen });
    return;
  }
  fold.touchpoints += 1;
  fold.owned ||= !touchpoint.unidentified;
  fold.namesPerson ||= namesPerson;
  fold.typesSeen |= typesOf(touchpoint);
  if (occurredAt < fold.firstAt) fold.firstAt = occurredAt;
  if (occurredAt > fold.lastAt) fold.lastAt = occurredAt;
}

function typesOf({ type, traits }: AcceptedTouchpoint): bigint {
  return traits ? typeBit(type) | traitsBit : typeBit(type);
}

function foldClaims(folds: Map<string, ClaimFold>, touchpoint: AcceptedTouchpoint): void {
  for (const { id: identifierId, kind, value, given, blocked } of touchpoint.identifiers) {
    const { recordId, occurredAt: firstSeenAt, id: firstTouchpointId } = touchpoint;
    const lastSeenOn = isoDay(firstSeenAt);
    const name = identifierId + recordId;
    const fold = folds.get(name);
    if (!fold) {
      folds.set(name, {
        identifierId,
        recordId,
        kind,
        value,
        blocked,
        given,
        firstSeenAt,
        firstTouchpointId,
        lastSeenOn,
      });
      continue;
    }
    if (isEarlier(firstSeenAt, firstTouchpointId, fold.firstSeenAt, fold.firstTouchpointId)) {
      Object.assign(fold, { given, firstSeenAt, firstTouchpointId });
    }
    if (lastSeenOn > fold.lastSeenOn) fold.lastSeenOn = lastSeenOn;
  }
}

function foldTraits(folds: Map<string, TraitFold>, touchpoint: AcceptedTouchpoint): void {
  if (!touchpoint.traits) return;
  const { recordId, occurredAt: setAt, id: touchpointId } = touchpoint;
  for (const [name, value] of Object.entries(touchpoint.traits)) {
    const fold = folds.get(recordId + name);
    if (!fold || isEarlier(fold.setAt, fold.touchpointId, setAt, touchpointId)) {
      folds.set(recordId + name, { recordId, name, value, setAt, touchpointId });
    }
  }
}

/** (time, id) order: the id breaks the tie of two touchpoints in one millisecond, the same way on every node. */
function isEarlier(aAt: Date, aId: string, bAt: Date, bId: string): boolean {
  return aAt.getTime() === bAt.getTime() ? aId < bId : aAt < bAt;
}

function foldRevenue(folds: Map<string, RevenueFold>, touchpoint: AcceptedTouchpoint): void {
  const { type, recordId, currency, valueMinor, occurredAt } = touchpoint;
  if (valueMinor === null || currency === null) return;
  if (type !== 'order.completed' && type !== 'order.returned') return;
  const name = recordId + currency;
  const fold = folds.get(name) ?? noRevenue(recordId, currency);
  folds.set(name, fold);
  if (type === 'order.returned') {
    fold.returns += 1;
    fold.returned += valueMinor;
    return;
  }
  fold.orders += 1;
  fold.gross += valueMinor;
  if (!fold.firstOrderAt || occurredAt < fold.firstOrderAt) fold.firstOrderAt = occurredAt;
  if (!fold.lastOrderAt || occurredAt > fold.lastOrderAt) fold.lastOrderAt = occurredAt;
}

function noRevenue(recordId: string, currency: string): RevenueFold {
  return { recordId, currency, orders: 0, returns: 0, gross: 0n, returned: 0n, firstOrderAt: null, lastOrderAt: null };
}
