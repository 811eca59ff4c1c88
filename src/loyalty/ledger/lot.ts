import { fingerprintUuid } from '../../kernel/ids.ts';
import { type Allocation, nextMove } from './allocation.ts';
import { type Bucket, buckets, type Holding, type Holdings, holdings } from './bucket.ts';

/** How points of a lot came about. */
export interface Grant {
  /** Key of the rule; null: a decision. */
  readonly rule: string | null;
  /** Place in the lines of the touchpoint, from 0; null: for the whole. */
  readonly line: number | null;
  /** Net of returns. */
  readonly points: bigint;
}

export interface AccountKey {
  readonly recordId: string;
  readonly programId: string;
  readonly wallet: string;
}

export type LotSource = 'TOUCHPOINT' | 'DECISION' | 'DEBT';

/** What a lot is worth, whatever has become of its points. */
export interface LotTerms extends AccountKey {
  readonly id: string;
  readonly source: LotSource;
  readonly sourceId: string | null;
  readonly earnedAt: Date;
  readonly availableAt: Date;
  readonly expiresAt: Date | null;
  readonly version: number | null;
  readonly grants: readonly Grant[];
  readonly granted: bigint;
}

/** A lot as it is stored. */
export interface Lot extends LotTerms {
  readonly issued: bigint;
  readonly holdings: Holdings;
  readonly dueAt: Date | null;
}

export const nothingHeld: Holdings = Object.freeze(
  Object.fromEntries(holdings.map((holding) => [holding, 0n])),
) as Holdings;

export function accountName({ recordId, programId, wallet }: AccountKey): string {
  return `${recordId} ${programId} ${wallet}`;
}

/** The same facts give the same lot, on every node and in any order of arrival. */
export function lotId(lot: Pick<LotTerms, 'programId' | 'wallet' | 'sourceId' | 'availableAt' | 'expiresAt'>): string {
  const times = [lot.availableAt.getTime(), lot.expiresAt?.getTime() ?? 'never'];
  return fingerprintUuid(['lot', lot.programId, lot.wallet, lot.sourceId, ...times].join('\n'));
}

/** What an account owes is kept on a lot of its own, which holds less than nothing. */
export function debtLot(account: AccountKey, openedAt: Date): Lot {
  const { recordId, programId, wallet } = account;
  return {
    ...{ recordId, programId, wallet },
    id: fingerprintUuid(['debt', recordId, programId, wallet].join('\n')),
    source: 'DEBT',
    sourceId: null,
    earnedAt: openedAt,
    availableAt: openedAt,
    expiresAt: null,
    version: null,
    grants: [],
    granted: 0n,
    issued: 0n,
    holdings: nothingHeld,
    dueAt: null,
  };
}

/** A lot of which nothing has been entered yet. */
export function unissued(terms: LotTerms): Lot {
  return { ...terms, issued: 0n, holdings: nothingHeld, dueAt: null };
}

/** The lot with its points where they should be. What was issued stays issued: what it is worth less was reversed. */
export function settled(lot: Lot, where: Partial<Record<Holding, bigint>>, now: Date): Lot {
  const issued = lot.granted > lot.issued ? lot.granted : lot.issued;
  const held = { ...nothingHeld, ...where, REVERSED: issued - lot.granted };
  const waits = held.PENDING > 0n || held.AVAILABLE > 0n;
  return { ...lot, issued, holdings: held, dueAt: waits && lot.source !== 'DEBT' ? nextMove(lot, now) : null };
}

/** Spent and covered by nothing: owed by the member, or borne by the programme. */
export function settledDebt(lot: Lot, uncovered: Allocation['uncovered'], debt: 'OWED' | 'WRITTEN_OFF'): Lot {
  const total = Object.values(uncovered).reduce((sum, points) => sum + points, 0n);
  const borne = debt === 'OWED' ? 'AVAILABLE' : 'ADJUSTED';
  const where = { ...nothingHeld, ...uncovered };
  return { ...lot, holdings: { ...where, [borne]: where[borne] - total } };
}

export interface Movement {
  readonly from: Bucket;
  readonly to: Bucket;
  readonly points: bigint;
}

/** How to get from what is stored to what should be: both sides of each movement are one row of the ledger. */
export function movements(before: Lot, after: Lot): Movement[] {
  const balanceOf = (lot: Lot, bucket: Bucket) => (bucket === 'ISSUED' ? -lot.issued : lot.holdings[bucket]);
  const deltas = buckets.map((bucket) => ({ bucket, points: balanceOf(after, bucket) - balanceOf(before, bucket) }));
  const givers = deltas.filter(({ points }) => points < 0n).map(({ bucket, points }) => ({ bucket, left: -points }));
  const takers = deltas.filter(({ points }) => points > 0n).map(({ bucket, points }) => ({ bucket, left: points }));
  const found: Movement[] = [];
  for (const giver of givers) {
    for (const taker of takers) {
      const points = giver.left < taker.left ? giver.left : taker.left;
      if (points === 0n) continue;
      giver.left -= points;
      taker.left -= points;
      found.push({ from: giver.bucket, to: taker.bucket, points });
    }
  }
  return found;
}

/** Whether an account's lot has to be written. */
export function isChanged(before: Lot, after: Lot): boolean {
  return (
    before.granted !== after.granted ||
    before.issued !== after.issued ||
    before.dueAt?.getTime() !== after.dueAt?.getTime() ||
    holdings.some((holding) => before.holdings[holding] !== after.holdings[holding])
  );
}
