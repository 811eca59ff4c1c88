import { canonicalJson } from '../../kernel/json.ts';
import type { MemberState } from '../earning/member-fold.ts';
import { allocate, restingPlace } from '../ledger/allocation.ts';
import { type Holdings, holdings } from '../ledger/bucket.ts';
import type { StoredConsumption } from '../ledger/ledger.queries.ts';
import { type Lot, type LotTerms, settled, settledDebt } from '../ledger/lot.ts';
import type { FoundDifference } from './ledger-verifier.queries.ts';

/** Everything of one account. */
export interface StoredAccount {
  readonly lots: readonly Lot[];
  readonly consumptions: readonly StoredConsumption[];
  readonly debt: 'OWED' | 'WRITTEN_OFF';
}

/** Lots whose points are somewhere else than decisions and time put them. What time moves may lag behind in the ledger. */
export function misallocated({ lots, consumptions, debt }: StoredAccount, now: Date): FoundDifference[] {
  const own = lots.filter(({ source }) => source !== 'DEBT');
  const { holdings: wanted, uncovered } = allocate({ lots: own, consumptions, debt }, now);
  const found = own.flatMap((lot) => {
    const { holdings: expected } = settled(lot, wanted.get(lot.id) ?? {}, now);
    return compare(lot, expected, timely(lot, now));
  });
  const owing = lots.find(({ source }) => source === 'DEBT');
  if (owing) return [...found, ...compare(owing, settledDebt(owing, uncovered, debt).holdings, owing.holdings)];
  const missing = Object.entries(uncovered).filter(([, points]) => points !== 0n);
  if (missing.length === 0) return found;
  const [one] = consumptions;
  const record = `${one!.recordId} ${one!.programId} ${one!.wallet}`;
  return [...found, { record, expected: `uncovered ${textOf(Object.fromEntries(missing))}`, stored: 'nothing' }];
}

/** Where the points are once time has moved them. */
function timely(lot: Lot, now: Date): Holdings {
  const { PENDING, AVAILABLE, EXPIRED, ...rest } = lot.holdings;
  const held = { PENDING: 0n, AVAILABLE: 0n, EXPIRED, ...rest };
  const resting = restingPlace(lot, now);
  // What was available doesn't become pending again: that would be a fault.
  if (resting === 'PENDING') return { ...held, PENDING, AVAILABLE };
  held[resting] += PENDING + AVAILABLE;
  return held;
}

function compare(lot: Lot, expected: Holdings, stored: Holdings): FoundDifference[] {
  if (holdings.every((bucket) => expected[bucket] === stored[bucket])) return [];
  return [{ record: `${lot.recordId} ${lot.id}`, expected: textOf(expected), stored: textOf(stored) }];
}

function textOf(held: Partial<Record<string, bigint>>): string {
  const parts = Object.entries(held).filter(([, points]) => points !== 0n);
  return parts.map(([bucket, points]) => `${bucket} ${points}`).join(', ') || 'nothing';
}

/** Lots that touchpoints should have given, and those that they have, where they differ. Worth nothing is as good as none. */
export function misearned(expected: readonly LotTerms[], stored: readonly LotTerms[]): FoundDifference[] {
  const wanted = new Map(expected.filter(hasPoints).map((lot) => [nameOf(lot), termsText(lot)]));
  const have = new Map(stored.filter(hasPoints).map((lot) => [nameOf(lot), termsText(lot)]));
  return [...new Set([...wanted.keys(), ...have.keys()])]
    .filter((name) => wanted.get(name) !== have.get(name))
    .map((name) => ({ record: name, expected: wanted.get(name) ?? 'none', stored: have.get(name) ?? 'none' }));
}

function hasPoints({ granted }: LotTerms): boolean {
  return granted !== 0n;
}

function nameOf({ recordId, id }: LotTerms): string {
  return `${recordId} ${id}`;
}

/** All that a lot is by its touchpoint. Parts that are worth nothing by now may be left out. */
function termsText({ wallet, granted, version, earnedAt, availableAt, expiresAt, grants }: LotTerms): string {
  const parts = grants
    .filter(({ points }) => points !== 0n)
    .map(({ rule, line, points }) => `${rule}${line === null ? '' : `[${line}]`} ${points}`)
    .sort();
  const times = [earnedAt, availableAt, ...(expiresAt ? [expiresAt] : [])].map((at) => at.toISOString());
  return `${granted} ${wallet} by version ${version}: ${parts.join(', ')}; ${times.join(', ')}`;
}

/** What was folded in parts is what is folded at once, whatever the order of names. */
export function stateText(state: MemberState): string {
  return canonicalJson({ ...state, awaited: [...new Set(state.awaited)].sort() });
}
