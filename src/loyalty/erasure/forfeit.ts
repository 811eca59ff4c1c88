import { allocate } from '../ledger/allocation.ts';
import type { StoredConsumption } from '../ledger/ledger.queries.ts';
import { type AccountKey, type Lot, type LotTerms, lotId } from '../ledger/lot.ts';

export interface ClosingAccount {
  readonly account: AccountKey;
  readonly lots: readonly Lot[];
  /** Nothing that was released. */
  readonly consumptions: readonly StoredConsumption[];
  readonly debt: 'OWED' | 'WRITTEN_OFF';
}

/** What brings an account to nothing. */
export interface Forfeit {
  readonly account: AccountKey;
  readonly decisionId: string;
  /** What the member gets; negative: what they lose. */
  readonly points: bigint;
  /** What could be spent. */
  readonly taken: bigint;
  /** Lots that are worth something else now: those that wait are worth nothing, and one pays what is owed. */
  readonly lots: readonly LotTerms[];
}

/** Undefined where there is nothing to take and nothing owed. */
export function forfeit(
  { account, lots, consumptions, debt }: ClosingAccount,
  { at, decisionId }: { at: Date; decisionId: string },
): Forfeit | undefined {
  const own = lots.filter(({ source }) => source !== 'DEBT');
  const { holdings, uncovered } = allocate({ lots: own, consumptions, debt }, at);
  const taken = sum([...holdings.values()].map(({ AVAILABLE = 0n }) => AVAILABLE));
  const waiting = own.filter(({ id }) => (holdings.get(id)?.PENDING ?? 0n) > 0n);
  const owed = debt === 'OWED' ? sum(Object.values(uncovered)) : 0n;
  if (taken === 0n && waiting.length === 0 && owed === 0n) return undefined;
  const lost = taken + sum(waiting.map(({ granted }) => granted));
  const changed = waiting.map((lot): LotTerms => ({ ...lot, granted: 0n, grants: [] }));
  const paid = owed > 0n ? [payment(account, { at, decisionId, owed })] : [];
  return { account, decisionId, points: owed - lost, taken, lots: [...changed, ...paid] };
}

function payment(
  account: AccountKey,
  { at, decisionId, owed }: { at: Date; decisionId: string; owed: bigint },
): LotTerms {
  const times = { earnedAt: at, availableAt: at, expiresAt: null };
  return {
    ...account,
    ...times,
    id: lotId({ ...account, ...times, sourceId: decisionId }),
    source: 'DECISION',
    sourceId: decisionId,
    version: null,
    grants: [{ rule: null, line: null, points: owed }],
    granted: owed,
  };
}

function sum(points: readonly bigint[]): bigint {
  return points.reduce((total, one) => total + one, 0n);
}
