import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, type AllocatedLot, allocate, type Consumption } from '../../../src/loyalty/ledger/allocation.ts';
import type { Holding, Holdings } from '../../../src/loyalty/ledger/bucket.ts';
import {
  debtLot,
  type Lot,
  type LotTerms,
  movements,
  nothingHeld,
  settled,
  settledDebt,
  unissued,
} from '../../../src/loyalty/ledger/lot.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { allocateNaively } from '../oracle/allocation.ts';

const numRuns = propertyRuns(1_000);

/** Few instants, so that lots open, expire and are used at the same ones. */
const moments = fc.integer({ min: 0, max: 12 }).map(instant);

function instant(at: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + at * 3_600_000);
}

const lots: fc.Arbitrary<AllocatedLot[]> = fc.uniqueArray(
  fc
    .record({
      id: fc.integer({ min: 0, max: 99 }).map((number) => `lot-${String(number).padStart(2, '0')}`),
      granted: fc.bigInt({ min: 0n, max: 9n }),
      earnedAt: moments,
      pending: fc.constantFrom(0, 0, 0, 2, 5),
      lasts: fc.oneof(fc.constant(null), fc.integer({ min: -1, max: 9 })),
    })
    .map(({ pending, lasts, ...lot }) => {
      const availableAt = new Date(lot.earnedAt.getTime() + pending * 3_600_000);
      return {
        ...lot,
        availableAt,
        expiresAt: lasts === null ? null : new Date(availableAt.getTime() + lasts * 3_600_000),
      };
    }),
  { selector: ({ id }) => id, maxLength: 7 },
);

const consumptions: fc.Arbitrary<Consumption[]> = fc.uniqueArray(
  fc.record({
    decisionId: fc.integer({ min: 0, max: 99 }).map((number) => `dec-${String(number).padStart(2, '0')}`),
    at: moments,
    points: fc.bigInt({ min: 1n, max: 12n }),
    bucket: fc.constantFrom('REDEEMED', 'RESERVED', 'TRANSFERRED', 'ADJUSTED'),
  }),
  { selector: ({ decisionId }) => decisionId, maxLength: 5 },
);

/** Nothing has been taken in the future; lots may open and expire there. */
const accounts: fc.Arbitrary<{ account: Account; now: Date }> = fc
  .record({ lots, consumptions, debt: fc.constantFrom('OWED', 'WRITTEN_OFF'), later: fc.integer({ min: 0, max: 8 }) })
  .map(({ later, ...account }) => {
    const last = Math.max(instant(0).getTime(), ...account.consumptions.map(({ at }) => at.getTime()));
    return { account, now: new Date(last + later * 3_600_000) };
  });

function plain({ holdings: held, uncovered }: ReturnType<typeof allocate>) {
  const lotsHeld = [...held].map(([id, where]) => [id, where] as const);
  return { held: lotsHeld.sort(([a], [b]) => (a < b ? -1 : 1)), uncovered };
}

function total(points: Partial<Record<string, bigint>>): bigint {
  return Object.values(points).reduce<bigint>((sum, one) => sum + (one ?? 0n), 0n);
}

describe('Where points are', () => {
  test('is what the naive oracle finds by moving single points', () => {
    fc.assert(
      fc.property(accounts, ({ account, now }) => {
        expect(plain(allocate(account, now))).toEqual(plain(allocateNaively(account, now)));
      }),
      { numRuns },
    );
  });

  test('does not depend on the order in which lots and consumptions became known', () => {
    const shuffled = accounts.chain(({ account, now }) =>
      fc
        .tuple(
          fc.shuffledSubarray([...account.lots], { minLength: account.lots.length }),
          fc.shuffledSubarray([...account.consumptions], { minLength: account.consumptions.length }),
        )
        .map(([some, taken]) => ({ account, now, other: { ...account, lots: some, consumptions: taken } })),
    );
    fc.assert(
      fc.property(shuffled, ({ account, other, now }) => {
        expect(plain(allocate(other, now))).toEqual(plain(allocate(account, now)));
      }),
      { numRuns },
    );
  });

  test('loses and invents nothing: every lot holds what was granted, and what was taken is covered or not', () => {
    fc.assert(
      fc.property(accounts, ({ account, now }) => {
        const { holdings: held, uncovered } = allocate(account, now);
        for (const { id, granted } of account.lots) expect(total(held.get(id)!)).toBe(granted);
        for (const bucket of ['REDEEMED', 'RESERVED', 'TRANSFERRED', 'ADJUSTED'] as const) {
          const covered = [...held.values()].reduce((sum, where) => sum + (where[bucket] ?? 0n), 0n);
          const taken = account.consumptions.filter((one) => one.bucket === bucket);
          expect(covered + (uncovered[bucket] ?? 0n)).toBe(taken.reduce((sum, { points }) => sum + points, 0n));
        }
      }),
      { numRuns },
    );
  });

  test('only lets expire what is unspent, and only after its time', () => {
    fc.assert(
      fc.property(accounts, ({ account, now }) => {
        const { holdings: held } = allocate(account, now);
        for (const { id, expiresAt, granted } of account.lots) {
          const { EXPIRED = 0n, AVAILABLE = 0n, PENDING = 0n, ...taken } = held.get(id)!;
          const isOver = expiresAt !== null && expiresAt <= now;
          expect(isOver ? EXPIRED : AVAILABLE + PENDING).toBe(granted - total(taken));
          expect(isOver ? AVAILABLE + PENDING : EXPIRED).toBe(0n);
        }
      }),
      { numRuns },
    );
  });

  test('leaves what is pending alone: nothing is taken from a lot before it is available', () => {
    fc.assert(
      fc.property(accounts, ({ account, now }) => {
        const { holdings: held } = allocate(account, now);
        for (const { id, availableAt, granted } of account.lots.filter((lot) => now < lot.availableAt)) {
          const { PENDING = 0n, EXPIRED = 0n } = held.get(id)!;
          expect([availableAt, PENDING + EXPIRED]).toEqual([availableAt, granted]);
        }
      }),
      { numRuns },
    );
  });
});

const key = { recordId: 'rec', programId: 'prg', wallet: 'points' };

function stored(lot: AllocatedLot): Lot {
  const terms: LotTerms = { ...key, ...lot, source: 'TOUCHPOINT', sourceId: lot.id, version: 1, grants: [] };
  return unissued(terms);
}

/** Enters movements as the ledger does: what leaves one bucket enters another. */
function entered(lot: Lot, moves: ReturnType<typeof movements>): { issued: bigint; holdings: Holdings } {
  const held: Record<Holding, bigint> = { ...lot.holdings };
  let { issued } = lot;
  for (const { from, to, points } of moves) {
    if (from === 'ISSUED') issued += points;
    else held[from] -= points;
    if (to === 'ISSUED') issued -= points;
    else held[to] += points;
  }
  return { issued, holdings: held };
}

/** Enters several states of an account one after the other; lots that are gone are worth nothing. */
function settleThrough(states: readonly { account: Account; now: Date }[]): void {
  const known = new Map<string, Lot>([['debt', debtLot(key, states[0]!.now)]]);
  for (const { account, now } of states) {
    const gone = [...known.values()].filter(
      ({ id, source }) => source !== 'DEBT' && account.lots.every((lot) => lot.id !== id),
    );
    const everything = { ...account, lots: [...account.lots, ...gone.map((lot) => ({ ...lot, granted: 0n }))] };
    const allocation = allocate(everything, now);
    for (const lot of everything.lots) {
      const before = known.get(lot.id) ?? stored(lot);
      known.set(lot.id, entering(before, settled({ ...before, ...lot }, allocation.holdings.get(lot.id)!, now)));
    }
    const debt = known.get('debt')!;
    known.set('debt', entering(debt, settledDebt(debt, allocation.uncovered, account.debt)));
    checkSums(everything, [...known.values()], total(allocation.uncovered));
  }
}

function entering(before: Lot, after: Lot): Lot {
  const moves = movements(before, after);
  expect(moves.every(({ points, from, to }) => points > 0n && from !== to)).toBe(true);
  expect(entered(before, moves)).toEqual({ issued: after.issued, holdings: after.holdings });
  expect(total(after.holdings)).toBe(after.issued);
  return after;
}

/** What was taken is all there, by what it was taken for; what nothing covers is owed, or borne by the programme. */
function checkSums({ lots: all, consumptions: taken, debt }: Account, known: readonly Lot[], uncovered: bigint): void {
  const sumOf = (bucket: Holding) => known.reduce((sum, lot) => sum + lot.holdings[bucket], 0n);
  const takenFor = (bucket: Holding) =>
    taken.filter((one) => one.bucket === bucket).reduce((sum, { points }) => sum + points, 0n);
  const [owed, borne] = debt === 'OWED' ? [uncovered, 0n] : [0n, uncovered];
  for (const bucket of ['REDEEMED', 'RESERVED', 'TRANSFERRED'] as const) expect(sumOf(bucket)).toBe(takenFor(bucket));
  expect(sumOf('ADJUSTED')).toBe(takenFor('ADJUSTED') - borne);
  const resting = sumOf('PENDING') + sumOf('AVAILABLE') + owed + sumOf('EXPIRED');
  const spent = taken.reduce((sum, { points }) => sum + points, 0n) - uncovered;
  expect(resting + spent).toBe(all.reduce((sum, { granted }) => sum + granted, 0n));
}

describe('The ledger of an account', () => {
  test('replayed from its movements gives what every lot holds, and every movement is more than nothing', () => {
    fc.assert(
      fc.property(fc.array(accounts, { minLength: 1, maxLength: 4 }), (states) => {
        const debt = states[0]!.account.debt;
        settleThrough(sorted(states).map(({ account, now }) => ({ account: { ...account, debt }, now })));
      }),
      { numRuns },
    );
  });

  test('has nothing at first', () => {
    expect(
      unissued(stored({ id: 'a', granted: 5n, earnedAt: instant(0), availableAt: instant(0), expiresAt: null })),
    ).toMatchObject({ issued: 0n, holdings: nothingHeld, dueAt: null });
  });
});

function sorted<T extends { now: Date }>(states: readonly T[]): T[] {
  return [...states].sort((a, b) => a.now.getTime() - b.now.getTime());
}
