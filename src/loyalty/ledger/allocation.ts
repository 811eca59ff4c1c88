import type { ConsumptionBucket, Holding } from './bucket.ts';

/** A lot, as far as it matters for what is taken from it. */
export interface AllocatedLot {
  readonly id: string;
  readonly granted: bigint;
  readonly earnedAt: Date;
  readonly availableAt: Date;
  readonly expiresAt: Date | null;
}

/** What was taken out of an account by one decision. */
export interface Consumption {
  readonly decisionId: string;
  readonly at: Date;
  readonly points: bigint;
  readonly bucket: ConsumptionBucket;
}

export interface Allocation {
  /** Where the points of each lot are; buckets that hold none are left out. */
  readonly holdings: ReadonlyMap<string, Partial<Record<Holding, bigint>>>;
  /** What no lot covers, by what it was taken for. */
  readonly uncovered: Partial<Record<ConsumptionBucket, bigint>>;
}

export interface Account {
  readonly lots: readonly AllocatedLot[];
  readonly consumptions: readonly Consumption[];
  /** Whether lots that come later pay for what nothing covered. */
  readonly debt: 'OWED' | 'WRITTEN_OFF';
}

/**
 * Where the points of an account are at `now`: a pure function of what was granted and what was taken, in whichever order
 * both became known. Taken at an instant is what was available at that instant: what expires first, then what was earned
 * first. What nothing covered is paid by the next lot that becomes available, the oldest debt first; of lots that do so at
 * once, by the one that would be used first. Points that are pending at `now` pay nothing yet.
 */
export function allocate({ lots, consumptions, debt }: Account, now: Date): Allocation {
  const book = new AllocationBook(debt);
  const taken = [...consumptions].sort(byInstant);
  let next = 0;
  for (const lot of [...lots].sort(byAvailability)) {
    while (next < taken.length && taken[next]!.at < lot.availableAt) book.take(taken[next++]!);
    if (lot.availableAt <= now) book.open(lot);
    else book.keep(lot);
  }
  while (next < taken.length) book.take(taken[next++]!);
  return book.close(now);
}

/** Orders lots as they are used up. */
export function byUse(a: AllocatedLot, b: AllocatedLot): number {
  return (
    (a.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) - (b.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) ||
    a.earnedAt.getTime() - b.earnedAt.getTime() ||
    compare(a.id, b.id)
  );
}

function byAvailability(a: AllocatedLot, b: AllocatedLot): number {
  return a.availableAt.getTime() - b.availableAt.getTime() || byUse(a, b);
}

function byInstant(a: Consumption, b: Consumption): number {
  return a.at.getTime() - b.at.getTime() || compare(a.decisionId, b.decisionId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface OpenLot {
  readonly lot: AllocatedLot;
  remaining: bigint;
  readonly taken: Partial<Record<Holding, bigint>>;
}

interface Debt {
  readonly bucket: ConsumptionBucket;
  points: bigint;
}

class AllocationBook {
  readonly #debt: Account['debt'];
  readonly #all: OpenLot[] = [];
  /** Those with something left, in the order of their use. */
  #usable: OpenLot[] = [];
  readonly #debts: Debt[] = [];

  constructor(debt: Account['debt']) {
    this.#debt = debt;
  }

  /** A lot that nothing is taken from: its points lie where time puts them. */
  keep(lot: AllocatedLot): OpenLot {
    const kept: OpenLot = { lot, remaining: lot.granted, taken: {} };
    this.#all.push(kept);
    return kept;
  }

  /** A lot becomes available. */
  open(lot: AllocatedLot): void {
    const opened = this.keep(lot);
    if (hasExpired(lot, lot.availableAt)) return;
    if (this.#debt === 'OWED') this.#payWith(opened);
    if (opened.remaining === 0n) return;
    const place = this.#usable.findIndex((other) => byUse(lot, other.lot) < 0);
    this.#usable.splice(place === -1 ? this.#usable.length : place, 0, opened);
  }

  take({ at, points, bucket }: Consumption): void {
    let left = points;
    // Whatever has expired by now has for every later consumption too.
    this.#usable = this.#usable.filter(({ lot, remaining }) => remaining > 0n && !hasExpired(lot, at));
    for (const open of this.#usable) {
      if (left === 0n) return;
      left -= use(open, bucket, left);
    }
    if (left > 0n) this.#debts.push({ bucket, points: left });
  }

  close(now: Date): Allocation {
    const holdings = new Map(this.#all.map((open) => [open.lot.id, holdingsOf(open, now)]));
    const uncovered: Partial<Record<ConsumptionBucket, bigint>> = {};
    for (const { bucket, points } of this.#debts) {
      if (points > 0n) uncovered[bucket] = (uncovered[bucket] ?? 0n) + points;
    }
    return { holdings, uncovered };
  }

  #payWith(open: OpenLot): void {
    for (const debt of this.#debts) {
      if (open.remaining === 0n) return;
      debt.points -= use(open, debt.bucket, debt.points);
    }
  }
}

function use(open: OpenLot, bucket: ConsumptionBucket, wanted: bigint): bigint {
  const used = wanted < open.remaining ? wanted : open.remaining;
  if (used === 0n) return 0n;
  open.remaining -= used;
  open.taken[bucket] = (open.taken[bucket] ?? 0n) + used;
  return used;
}

function holdingsOf({ lot, remaining, taken }: OpenLot, now: Date): Partial<Record<Holding, bigint>> {
  return remaining === 0n ? taken : { ...taken, [restingPlace(lot, now)]: remaining };
}

/** Where points are that nobody has taken. */
export function restingPlace(
  lot: Pick<AllocatedLot, 'availableAt' | 'expiresAt'>,
  now: Date,
): 'PENDING' | 'AVAILABLE' | 'EXPIRED' {
  if (hasExpired(lot, now)) return 'EXPIRED';
  return now < lot.availableAt ? 'PENDING' : 'AVAILABLE';
}

/** When time alone moves the points that nobody has taken. */
export function nextMove(lot: Pick<AllocatedLot, 'availableAt' | 'expiresAt'>, now: Date): Date | null {
  const place = restingPlace(lot, now);
  if (place === 'EXPIRED') return null;
  return place === 'PENDING' ? lot.availableAt : lot.expiresAt;
}

function hasExpired({ expiresAt }: Pick<AllocatedLot, 'expiresAt'>, at: Date): boolean {
  return expiresAt !== null && expiresAt <= at;
}
