import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GivenBasket, readBasket } from '../../../src/loyalty/offers/basket.ts';
import { priceBasket } from '../../../src/loyalty/offers/checkout.ts';
import { discountOf, spread } from '../../../src/loyalty/offers/discount.ts';
import { bonusPoints } from '../../../src/loyalty/offers/earn-preview.ts';
import { isHeldOut } from '../../../src/loyalty/offers/holdout.ts';
import type { Knowledge, Scene } from '../../../src/loyalty/offers/judge-offer.ts';
import { periodAround } from '../../../src/loyalty/offers/limit-period.ts';
import { checkOffer, type GivenOffer } from '../../../src/loyalty/offers/offer-check.ts';
import { type OfferTerms, readTerms } from '../../../src/loyalty/offers/offer-terms.ts';
import { chooseBest, judgeAll, rankOffers, sift } from '../../../src/loyalty/offers/rank-offers.ts';
import { stack } from '../../../src/loyalty/offers/stacking.ts';
import { judgeVouchers, type VoucherView } from '../../../src/loyalty/offers/voucher-terms.ts';
import { basket, chf, fiveOff } from './fixture.ts';

const at = new Date('2026-11-02T12:00:00Z');
const uuid = (number: number) => `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;

function terms(number: number, given: GivenOffer): OfferTerms {
  return readTerms({
    id: uuid(number),
    programId: null,
    name: `offer ${number}`,
    status: 'LIVE',
    definition: checkOffer(given),
    version: 1,
    createdAt: at,
    updatedAt: at,
  });
}

const knowledge: Knowledge = {
  tiers: new Map(),
  uses: new Map(),
  exhausted: new Set(),
  answers: new Map(),
  eligible: new Set(),
  pointCost: () => null,
};

function sceneOf(given: GivenBasket | null): Scene {
  const read = given && readBasket(given);
  const currency = read?.currency ?? null;
  return { at, timeZone: 'Europe/Zurich', channel: 'POS', store: null, basket: read, currency, customerId: uuid(999) };
}

function price(
  given: GivenBasket,
  offers: readonly OfferTerms[],
  vouchers: Parameters<typeof priceBasket>[1]['vouchers'] = [],
) {
  const scene = sceneOf(given);
  const { candidates } = judgeAll(sift(offers, scene).rest, { scene, knowledge });
  return priceBasket(scene.basket!, { candidates, vouchers, knowledge });
}

describe('a discount', () => {
  const given = basket({ sku: 'tea', category: 'drinks', price: '3.33', quantity: 3 }, { sku: 'cup', price: '10.01' });
  test.each<[string, GivenOffer['value'], bigint[]]>([
    ['10 % of all', { percent: { percent: '10' } }, [100n, 100n]],
    ['12.5 % of a category', { percent: { percent: '12.5', of: { categories: ['drinks'] } } }, [125n, 0n]],
    ['50 % and no more than a franc', { percent: { percent: '50', maximum: chf('1') } }, [50n, 50n]],
    ['5 francs', { fixed: { amount: chf('5') } }, [250n, 250n]],
    ['more than it costs', { fixed: { amount: chf('500'), of: { skus: ['cup'] } } }, [0n, 1_001n]],
    ['two for a franc each', { product: { sku: 'tea', quantity: 2, price: chf('1') } }, [466n, 0n]],
    ['one for free', { product: { sku: 'cup', quantity: 1, price: chf('0') } }, [0n, 1_001n]],
    ['a product that is not there', { product: { sku: 'pot', quantity: 1, price: chf('0') } }, [0n, 0n]],
    ['points', { points: { wallet: 'p', points: 5 } }, [0n, 0n]],
  ])('of %s', (_, value, lines) => {
    const { basket: read } = sceneOf(given);
    const prices = read!.lines.map(({ amount }) => amount);
    const discount = discountOf(terms(1, { value }).value, read!.lines, prices);
    expect(discount.lines).toEqual(lines);
    expect(discount.amount).toBe(lines[0]! + lines[1]!);
  });

  test('is spread to the last unit, and no line gets more than it costs', () => {
    const shares = fc.array(fc.bigInt({ min: 0n, max: 100_000n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(shares, fc.double({ min: 0, max: 1, noNaN: true }), (parts, share) => {
        const total = parts.reduce((sum, part) => sum + part, 0n);
        const amount = BigInt(Math.floor(Number(total) * share));
        const { amount: spent, lines } = spread(amount, parts);
        expect(lines.reduce((sum, line) => sum + line, 0n)).toBe(spent);
        expect(spent).toBe(amount);
        for (const [index, line] of lines.entries()) {
          expect(line >= 0n && line <= parts[index]!).toBe(true);
          // Nobody is further than one unit from their exact share.
          if (total > 0n) expect(Math.abs(Number(line * total - parts[index]! * amount))).toBeLessThan(Number(total));
        }
      }),
    );
  });
});

const money = fc.integer({ min: 0, max: 20_000 }).map((minor) => chf((minor / 100).toFixed(2)));
const selection = fc.record({ skus: fc.subarray(['a', 'b', 'c']), categories: fc.subarray(['x', 'y']) });
const value: fc.Arbitrary<GivenOffer['value']> = fc.oneof(
  fc.record({
    percent: fc.record({
      percent: fc.integer({ min: 1, max: 10_000 }).map((hundredths) => String(hundredths / 100)),
      maximum: fc.option(money),
      of: fc.option(selection),
    }),
  }),
  fc.record({ fixed: fc.record({ amount: money, of: fc.option(selection) }) }),
  fc.record({
    product: fc.record({ sku: fc.constantFrom('a', 'b'), quantity: fc.integer({ min: 1, max: 3 }), price: money }),
  }),
);
const offer: fc.Arbitrary<GivenOffer> = fc.record({
  value,
  stacking: fc.record({
    exclusive: fc.boolean(),
    group: fc.option(fc.constantFrom('g', 'h')),
    priority: fc.integer({ min: 0, max: 2 }),
  }),
  margin: fc.option(
    fc.record({
      minimumPercent: fc.constantFrom('0', '20'),
      ifUnknown: fc.constantFrom('ALLOW' as const, 'REFUSE' as const),
    }),
  ),
  expected: fc.record({ worth: fc.option(money), acceptance: fc.constantFrom('0.1', '0.5', '1') }),
});
const line = fc.record({
  sku: fc.constantFrom('a', 'b', 'c'),
  category: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
  quantity: fc.constantFrom(1, 2, 3, 0.335),
  price: fc.integer({ min: 0, max: 5_000 }).map((minor) => (minor / 100).toFixed(2)),
  cost: fc.option(
    fc.integer({ min: 0, max: 3_000 }).map((minor) => (minor / 100).toFixed(2)),
    { nil: undefined },
  ),
});
const baskets = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => basket(...lines));
const offersOf = fc.array(offer, { maxLength: 7 }).map((given) => given.map((one, index) => terms(index + 1, one)));

describe('pricing a basket', () => {
  test('is exact: nothing is negative, lines and totals add up, vouchers included', () => {
    const vouchers = fc.array(value, { maxLength: 3 }).map((values) =>
      values.map((one, index) => ({
        code: `V${index}`,
        outcome: 'APPLIED' as const,
        value: terms(1, { value: one }).value,
      })),
    );
    fc.assert(
      fc.property(baskets, offersOf, vouchers, (given, offers, shown) => {
        const priced = price(given, offers, shown);
        const sums = (pick: (one: (typeof priced.lines)[number]) => bigint) =>
          priced.lines.reduce((sum, one) => sum + pick(one), 0n);
        expect(sums(({ amount }) => amount)).toBe(priced.gross);
        expect(sums(({ discount }) => discount)).toBe(priced.discount + priced.voucherAmount);
        expect(sums(({ total }) => total)).toBe(priced.total);
        expect(priced.gross - priced.discount - priced.voucherAmount).toBe(priced.total);
        for (const one of priced.lines) expect(one.total >= 0n && one.discount >= 0n).toBe(true);
        expect(priced.vouchers.map(({ code }) => code)).toEqual(shown.map(({ code }) => code));
      }),
      { numRuns: 300 },
    );
  });

  test('does not depend on the order of the offers; what is taken goes together', () => {
    fc.assert(
      fc.property(baskets, offersOf, fc.infiniteStream(fc.nat()), (given, offers, order) => {
        const shuffled = offers
          .map((one) => ({ one, key: order.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const said = (priced: ReturnType<typeof price>) => ({
          ...priced,
          rejected: [...priced.rejected].map(({ terms: { offer: of }, reason }) => `${of.id} ${reason}`).sort(),
        });
        expect(said(price(given, shuffled))).toEqual(said(price(given, offers)));
        const scene = sceneOf(given);
        const best = (list: readonly OfferTerms[]) => rankOffers(list, { scene, knowledge, first: 3 }).chosen;
        expect(best(shuffled)).toEqual(best(offers));
        const together = best(offers).map((one) => one.terms.offer.definition.stacking);
        const groups = together.flatMap(({ group }) => (group === null ? [] : [group]));
        expect(new Set(groups).size).toBe(groups.length);
        expect(together.length === 1 || together.every(({ exclusive }) => !exclusive)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('chooses the same without looking at all conditions', () => {
    fc.assert(
      fc.property(baskets, offersOf, fc.nat(), fc.integer({ min: 1, max: 4 }), (given, offers, seed, first) => {
        const eligibility = { given: { everyone: true }, resolved: { everyone: true } } as const;
        const some = offers.map((one, index) => {
          const definition = { ...one.offer.definition, eligibility: (seed >> index) % 3 === 0 ? null : eligibility };
          return { ...one, offer: { ...one.offer, definition } };
        });
        const eligible = new Set(some.filter((_, index) => (seed >> index) % 2 === 0).map(({ offer: { id } }) => id));
        const asked = { scene: sceneOf(given), knowledge: { ...knowledge, eligible }, first };
        const { chosen } = rankOffers(some, asked);
        expect(chooseBest(some, asked).map((one) => one.terms.offer.id)).toEqual(
          chosen.map((one) => one.terms.offer.id),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('keeps the margin of offers that ask for it, one after the other', () => {
    const guarded = (number: number) => terms(number, fiveOff({ margin: { minimumPercent: '20' } }));
    const priced = price(basket({ sku: 'a', price: '40', cost: '24' }), [guarded(1), guarded(2), guarded(3)]);
    expect(priced.offers.map(({ terms: one }) => one.offer.id)).toEqual([uuid(1), uuid(2)]);
    expect(priced.rejected.map(({ reason }) => reason)).toEqual(['MARGIN']);
    expect(priced.total).toBe(3_000n);
  });
});

test('exclusive offers and groups: a table', () => {
  const one = (id: string, priority: number, exclusive = false, group: string | null = null, worth = 1n) => {
    return { id, priority, exclusive, group, value: worth };
  };
  const taken = (...offers: ReturnType<typeof one>[]) => stack(offers).taken.map(({ id }) => id);
  expect(taken(one('b', 0), one('a', 0))).toEqual(['a', 'b']);
  expect(taken(one('a', 0), one('b', 0, false, null, 2n))).toEqual(['b', 'a']);
  expect(taken(one('a', 0), one('b', 1))).toEqual(['b', 'a']);
  expect(taken(one('a', 1, true), one('b', 0))).toEqual(['a']);
  expect(taken(one('a', 0, true), one('b', 1))).toEqual(['b']);
  expect(taken(one('a', 0, false, 'g'), one('b', 0, false, 'g'), one('c', 0))).toEqual(['a', 'c']);
  expect(taken(one('a', 0, true), one('b', 0, true))).toEqual(['a']);
});

describe('a voucher', () => {
  const voucher: VoucherView = {
    id: uuid(1),
    code: 'TEN',
    customerId: null,
    bound: false,
    worth: { fixed: { amount: chf('10') } },
    status: 'ACTIVE',
    usesAllowed: 1,
    used: 0,
    validFrom: null,
    validTo: null,
  };
  test.each<[string, Partial<VoucherView>]>([
    ['APPLIED', {}],
    ['APPLIED', { bound: true, customerId: uuid(7) }],
    ['OTHER_CUSTOMER', { bound: true, customerId: uuid(8) }],
    ['CANCELLED', { status: 'CANCELLED' }],
    ['USED_UP', { status: 'USED_UP' }],
    ['USED_UP', { used: 1 }],
    ['NOT_YET_VALID', { validFrom: new Date(at.getTime() + 1) }],
    ['APPLIED', { validFrom: at, validTo: new Date(at.getTime() + 1) }],
    ['EXPIRED', { validTo: at }],
    ['OTHER_CURRENCY', { worth: { fixed: { amount: { amount: '1', currency: 'EUR' } } } }],
    ['NOT_FOR_BASKETS', { worth: { points: { wallet: 'points', points: 5 } } }],
  ])('is %s', (outcome, further) => {
    const found = new Map([['TEN', { ...voucher, ...further }]]);
    const [judged] = judgeVouchers([' t en'], found, { at, currency: 'CHF', customerId: uuid(7) });
    expect(judged).toMatchObject({ code: ' t en', outcome });
  });

  test('counts as often as it can be used, and is unknown where there is none', () => {
    const found = new Map([['TEN', { ...voucher, usesAllowed: 2 }]]);
    const judged = judgeVouchers(['ten', 'TEN', 'ten', 'nine'], found, { at, currency: 'CHF', customerId: null });
    expect(judged.map(({ outcome }) => outcome)).toEqual(['APPLIED', 'APPLIED', 'REPEATED', 'UNKNOWN']);
  });
});

test('a holdout is about as large as asked for, and another one for each offer', () => {
  const people = Array.from({ length: 20_000 }, (_, index) => uuid(index));
  const held = people.filter((id) => isHeldOut(id, uuid(1), 1_000));
  expect(held.length).toBeGreaterThan(1_800);
  expect(held.length).toBeLessThan(2_200);
  const both = held.filter((id) => isHeldOut(id, uuid(2), 1_000));
  expect(both.length).toBeGreaterThan(120);
  expect(both.length).toBeLessThan(290);
  // A greater share keeps those who were in the smaller one.
  expect(held.every((id) => isHeldOut(id, uuid(1), 1_500))).toBe(true);
  expect(people.some((id) => isHeldOut(id, uuid(1), 0))).toBe(false);
  expect(people.every((id) => isHeldOut(id, uuid(1), 10_000))).toBe(true);
});

test.each([
  ['DAY', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
  ['WEEK', '2026-11-01T12:00:00Z', '2026-10-25T23:00:00Z', '2026-11-01T23:00:00Z'],
  ['MONTH', '2026-10-31T23:30:00Z', '2026-10-31T23:00:00Z', '2026-11-30T23:00:00Z'],
  ['YEAR', '2028-02-29T12:00:00Z', '2027-12-31T23:00:00Z', '2028-12-31T23:00:00Z'],
] as const)('a limit for each %s is by the calendar in Zurich', (per, instant, start, end) => {
  const period = periodAround(per, new Date(instant), 'Europe/Zurich');
  expect(period).toEqual({ start: new Date(start), end: new Date(end) });
});

test('points of offers: so many, or a multiple of what the basket earns', () => {
  const given = { value: { multiplier: { wallet: 'p', factor: '2.5' } } } as const;
  const [times, plain] = [terms(1, given), terms(2, { value: { points: { wallet: 'p', points: 30 } } })].map((one) => {
    return { terms: { ...one, offer: { ...one.offer, programId: 'x' } }, discount: { amount: 0n, lines: [] } };
  });
  const earns = [
    { programId: 'x', wallet: 'p', points: 7n, rules: [] },
    { programId: 'x', wallet: 'q', points: 100n, rules: [] },
  ];
  expect(bonusPoints([times!, plain!], earns).map(({ points }) => points)).toEqual([10n, 30n]);
});

test.each<[string, GivenOffer, string]>([
  ['two kinds of value', { value: { fixed: { amount: chf('1') }, points: { wallet: 'p', points: 1 } } }, 'value'],
  ['no kind of value', { value: {} }, 'value'],
  ['more than all of it', { value: { percent: { percent: '100.5' } } }, 'value.percent.percent'],
  ['two currencies', fiveOff({ cost: { amount: '1', currency: 'EUR' } }), 'value'],
  ['an end before the beginning', fiveOff({ validFrom: at, validTo: at }), 'validTo'],
  [
    'a budget without a bound',
    { value: { percent: { percent: '10' } }, budget: { money: chf('10') } },
    'value.percent.maximum',
  ],
  ['a budget of both kinds', fiveOff({ budget: { money: chf('10'), uses: 1 } }), 'budget'],
  ['a factor that gives nothing', { value: { multiplier: { wallet: 'p', factor: '1' } } }, 'value.multiplier.factor'],
  ['a share above all', fiveOff({ holdoutPercent: '100.01' }), 'holdoutPercent'],
  ['half a cent', { value: { fixed: { amount: chf('0.005') } } }, 'value.fixed.amount'],
  ['an item of nothing', fiveOff({ basket: { items: [{ quantity: 1 }] } }), 'basket.items[0]'],
])('%s is refused', (_, given, field) => {
  expect(() => checkOffer(given)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: `input.definition.${field}` } }),
  );
});
