import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BatchFold, foldBatch } from '../../src/touchpoints/fold.ts';
import type { AcceptedTouchpoint, TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { accept } from '../support/accepted.ts';

/** Few names and few instants, so that everything collides. */
const draft = fc.record<Partial<TouchpointDraft>>({
  source: fc.constantFrom('web', 'pos'),
  key: fc.constantFrom(null, 'k1', 'k2', 'receipt:0', 'receipt:1'),
  identifiers: fc.array(
    fc.record({
      kind: fc.constantFrom('email', 'anonymousId'),
      value: fc.constantFrom('j.o@gmail.com', 'jo@gmail.com', 'a@x.ch'),
    }),
    { maxLength: 2 },
  ),
  occurredAt: fc.integer({ min: 0, max: 3 }).map((days) => new Date(Date.UTC(2026, 9, 1 + days)).toISOString()),
  traits: fc.dictionary(fc.constantFrom('city', 'name'), fc.constantFrom('x', 'y', null), { maxKeys: 2 }),
  type: fc.constantFrom('page.viewed', 'order.completed', 'order.returned'),
  value: fc.record({ amount: fc.constantFrom('10.00', '0.05'), currency: fc.constantFrom('EUR', 'CHF') }),
});
const batch = fc
  .array(draft, { maxLength: 12 })
  .map((drafts) => drafts.map((one, index) => accept({ ...one, messageId: String(index) })));

const least = <T>(a: T, b: T) => (a <= b ? a : b);
const most = <T>(a: T, b: T) => (a >= b ? a : b);
const bounds = (pick: typeof least, a: Date | null, b: Date | null) => (a && b ? pick(a, b) : (a ?? b));

/** What the database does with the folds of two batches, written independently: `a`, then `b`, into the same rows. */
function merge(a: BatchFold, b: BatchFold): BatchFold {
  return {
    records: joined(
      a.records,
      b.records,
      ({ id }) => id,
      (x, y) => ({
        ...x,
        owned: x.owned || y.owned,
        namesPerson: x.namesPerson || y.namesPerson,
        typesSeen: x.typesSeen | y.typesSeen,
        firstAt: least(x.firstAt, y.firstAt),
        lastAt: most(x.lastAt, y.lastAt),
        touchpoints: x.touchpoints + y.touchpoints,
      }),
    ),
    claims: joined(
      a.claims,
      b.claims,
      (claim) => claim.identifierId + claim.recordId,
      (x, y) => {
        const first = [x, y].sort((one, other) =>
          when(one.firstSeenAt, one.firstTouchpointId) < when(other.firstSeenAt, other.firstTouchpointId) ? -1 : 1,
        )[0]!;
        return { ...first, lastSeenOn: most(x.lastSeenOn, y.lastSeenOn) };
      },
    ),
    traits: joined(
      a.traits,
      b.traits,
      (trait) => trait.recordId + trait.name,
      (x, y) => (when(x.setAt, x.touchpointId) > when(y.setAt, y.touchpointId) ? x : y),
    ),
    revenue: joined(
      a.revenue,
      b.revenue,
      (sum) => sum.recordId + sum.currency,
      (x, y) => ({
        ...x,
        orders: x.orders + y.orders,
        returns: x.returns + y.returns,
        gross: x.gross + y.gross,
        returned: x.returned + y.returned,
        firstOrderAt: bounds(least, x.firstOrderAt, y.firstOrderAt),
        lastOrderAt: bounds(most, x.lastOrderAt, y.lastOrderAt),
      }),
    ),
  };
}

function when(at: Date, id: string): string {
  return at.toISOString() + id;
}

function joined<T>(a: readonly T[], b: readonly T[], nameOf: (row: T) => string, join: (x: T, y: T) => T): T[] {
  const rows = new Map(a.map((row) => [nameOf(row), row]));
  for (const row of b) {
    const known = rows.get(nameOf(row));
    rows.set(nameOf(row), known ? join(known, row) : row);
  }
  return [...rows.keys()].sort().map((name) => rows.get(name)!);
}

describe('the fold of a batch', () => {
  test('does not depend on the order of the touchpoints', () => {
    const shuffled = batch.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    );
    fc.assert(
      fc.property(shuffled, ([given, other]) => {
        expect(foldBatch(other)).toEqual(foldBatch(given));
      }),
      { numRuns: 300 },
    );
  });

  test('is what the folds of its parts add up to, however it is cut', () => {
    fc.assert(
      fc.property(batch, fc.nat({ max: 12 }), (given, cut) => {
        expect(merge(foldBatch(given.slice(0, cut)), foldBatch(given.slice(cut)))).toEqual(foldBatch(given));
      }),
      { numRuns: 300 },
    );
  });

  test('of nothing is nothing', () => {
    expect(foldBatch([])).toEqual({ records: [], claims: [], traits: [], revenue: [] });
  });

  test('comes in order of ids, the order in which rows are locked', () => {
    fc.assert(
      fc.property(batch, (given) => {
        const { records, claims } = foldBatch(given);
        const names = [records.map(({ id }) => id), claims.map((claim) => claim.identifierId + claim.recordId)];
        for (const list of names) expect(list).toEqual([...new Set(list)].sort());
      }),
    );
  });
});

describe('a fold counts', () => {
  const at = (day: number) => new Date(Date.UTC(2026, 9, day)).toISOString();
  const order = (amount: string, day: number, change: Partial<TouchpointDraft> = {}): AcceptedTouchpoint =>
    accept({ key: 'k', type: 'order.completed', value: { amount, currency: 'EUR' }, occurredAt: at(day), ...change });

  test('orders and returns apart, for each currency, and times of orders alone', () => {
    const { revenue } = foldBatch([
      order('10.00', 3),
      order('5.50', 2),
      order('5.50', 9, { type: 'order.returned' }),
      order('7.00', 5, { value: { amount: '7', currency: 'CHF' } }),
      order('1.00', 1, { type: 'cart.updated' }),
    ]);
    expect(revenue.map(({ recordId: _, ...sums }) => sums)).toEqual([
      {
        currency: 'CHF',
        orders: 1,
        returns: 0,
        gross: 700n,
        returned: 0n,
        firstOrderAt: new Date(at(5)),
        lastOrderAt: new Date(at(5)),
      },
      {
        currency: 'EUR',
        orders: 2,
        returns: 1,
        gross: 1550n,
        returned: 550n,
        firstOrderAt: new Date(at(2)),
        lastOrderAt: new Date(at(3)),
      },
    ]);
  });

  test('a return alone without any time of an order', () => {
    const { revenue } = foldBatch([order('3.00', 1, { type: 'order.returned' })]);
    expect(revenue).toMatchObject([
      { orders: 0, returns: 1, gross: 0n, returned: 300n, firstOrderAt: null, lastOrderAt: null },
    ]);
  });

  test('sums beyond what a JavaScript number holds exactly', () => {
    const orders = Array.from({ length: 10_000 }, (_, index) =>
      order('10000000000.00', 1, { messageId: `large-${index}` }),
    );
    expect(foldBatch(orders).revenue[0]!.gross).toBe(10_000n * 10n ** 12n);
  });

  test('the latest of two traits of one instant by the id of their touchpoints', () => {
    const both = [accept({ key: 'k', traits: { city: 'x' } }), accept({ key: 'k', traits: { city: 'y' } })];
    const winner = both.reduce((a, b) => (a.id > b.id ? a : b));
    for (const order of [both, both.toReversed()]) {
      expect(foldBatch(order).traits).toMatchObject([
        { name: 'city', value: winner.traits!.city, touchpointId: winner.id },
      ]);
    }
  });

  test('a trait that was taken back as null', () => {
    const both = [
      accept({ key: 'k', traits: { city: 'x' }, occurredAt: at(1) }),
      accept({ key: 'k', traits: { city: null }, occurredAt: at(2) }),
    ];
    expect(foldBatch(both).traits).toMatchObject([{ value: null }]);
  });
});
