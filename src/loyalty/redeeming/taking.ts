import { type AllocatedLot, allocate, byUse, type Consumption } from '../ledger/allocation.ts';
import type { AccountKey } from '../ledger/lot.ts';

/** An account that may be taken from. */
export interface Spendable {
  readonly account: AccountKey;
  readonly customerId: string;
  readonly lots: readonly AllocatedLot[];
  /** What is taken from it already; nothing that was released. */
  readonly consumptions: readonly Consumption[];
  readonly debt: 'OWED' | 'WRITTEN_OFF';
}

/** What is to be taken, and when. */
export interface Wanted {
  readonly decisionId: string;
  readonly points: bigint;
  readonly at: Date;
  readonly now: Date;
}

export interface Piece {
  readonly lot: AllocatedLot;
  readonly points: bigint;
}

/** How much of it comes from one account, and from which lots. */
export interface Taking {
  readonly account: AccountKey;
  readonly points: bigint;
  readonly pieces: readonly Piece[];
}

export interface Plan {
  /** What could be taken at the most. */
  readonly available: bigint;
  /** Undefined: not enough. */
  readonly takings: readonly Taking[] | undefined;
}

/**
 * From which accounts points are taken: what expires first, then what was earned first, whosesoever it is. Of an instant in
 * the past only what was there then and has not been spent since. What somebody owes on one account is not available on
 * their others.
 */
export function planTaking(accounts: readonly Spendable[], wanted: Wanted): Plan {
  const open = accounts.map((account) => openAccount(account, wanted));
  const allowed = allowedByCustomer(open);
  const available = [...allowed.values()].reduce((sum, points) => sum + points, 0n);
  if (available < wanted.points) return { available, takings: undefined };
  return { available, takings: walk(open, { allowed, points: wanted.points }) };
}

interface OpenAccount {
  readonly spendable: Spendable;
  readonly remaining: readonly Piece[];
  /** What may be taken of the account at the most. */
  cap: bigint;
  readonly owed: bigint;
}

function openAccount(spendable: Spendable, wanted: Wanted): OpenAccount {
  const { lots, consumptions, debt } = spendable;
  const earlier = consumptions.filter((one) => isBefore(one, wanted));
  const isPast = earlier.length < consumptions.length || wanted.at < wanted.now;
  const known = isPast ? lots.filter(({ availableAt }) => availableAt <= wanted.at) : lots;
  const { holdings } = allocate({ lots: known, consumptions: earlier, debt }, wanted.at);
  const remaining = known
    .map((lot): Piece => ({ lot, points: holdings.get(lot.id)?.AVAILABLE ?? 0n }))
    .filter(({ points }) => points > 0n);
  const there = remaining.reduce((sum, { points }) => sum + points, 0n);
  const owed = debt === 'OWED' ? uncoveredOf(spendable, consumptions, wanted.now) : 0n;
  return { spendable, remaining, owed, cap: isPast ? mostTakeable(spendable, { wanted, there }) : there };
}

/** As {@link allocate} orders them. */
function isBefore(consumption: Consumption, { at, decisionId }: Wanted): boolean {
  const apart = consumption.at.getTime() - at.getTime();
  return apart < 0 || (apart === 0 && consumption.decisionId < decisionId);
}

/** The most that was there and leaves nothing uncovered that is covered now. */
function mostTakeable(spendable: Spendable, { wanted, there }: { wanted: Wanted; there: bigint }): bigint {
  const { consumptions } = spendable;
  const { decisionId, at, now } = wanted;
  const before = uncoveredOf(spendable, consumptions, now);
  const leavesAllCovered = (points: bigint) => {
    const taken: Consumption = { decisionId, at, points, bucket: 'REDEEMED' };
    return uncoveredOf(spendable, [...consumptions, taken], now) <= before;
  };
  let [least, most] = [0n, there < wanted.points ? there : wanted.points];
  while (least < most) {
    const middle = (least + most + 1n) / 2n;
    if (leavesAllCovered(middle)) least = middle;
    else most = middle - 1n;
  }
  return least;
}

function uncoveredOf({ lots, debt }: Spendable, consumptions: readonly Consumption[], now: Date): bigint {
  const { uncovered } = allocate({ lots, consumptions, debt }, now);
  return Object.values(uncovered).reduce((sum, points) => sum + points, 0n);
}

function allowedByCustomer(open: readonly OpenAccount[]): Map<string, bigint> {
  const allowed = new Map<string, bigint>();
  for (const { spendable, cap, owed } of open) {
    allowed.set(spendable.customerId, (allowed.get(spendable.customerId) ?? 0n) + cap - owed);
  }
  for (const [customerId, points] of allowed) if (points < 0n) allowed.set(customerId, 0n);
  return allowed;
}

function walk(
  open: readonly OpenAccount[],
  { allowed, points }: { allowed: Map<string, bigint>; points: bigint },
): Taking[] {
  const all = open.flatMap((one) => one.remaining.map((piece) => ({ one, piece })));
  all.sort((a, b) => byUse(a.piece.lot, b.piece.lot) || compare(recordOf(a.one), recordOf(b.one)));
  const taken = new Map<OpenAccount, Piece[]>();
  let left = points;
  for (const { one, piece } of all) {
    const { customerId } = one.spendable;
    const used = smallest(left, piece.points, one.cap, allowed.get(customerId)!);
    if (used === 0n) continue;
    left -= used;
    one.cap -= used;
    allowed.set(customerId, allowed.get(customerId)! - used);
    taken.set(one, [...(taken.get(one) ?? []), { lot: piece.lot, points: used }]);
  }
  return [...taken].map(([{ spendable }, pieces]) => ({
    account: spendable.account,
    points: pieces.reduce((sum, piece) => sum + piece.points, 0n),
    pieces,
  }));
}

function recordOf({ spendable }: OpenAccount): string {
  return spendable.account.recordId;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function smallest(...numbers: readonly bigint[]): bigint {
  return numbers.reduce((least, number) => (number < least ? number : least));
}
