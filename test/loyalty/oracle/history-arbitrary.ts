import fc from 'fast-check';
import type { MembershipSpan, MemberTerms, Verdicts } from '../../../src/loyalty/earning/member-fold.ts';
import type { EarningFact } from '../../../src/loyalty/earning/purchase.ts';
import type { TierOverride } from '../../../src/loyalty/earning/tier-level.ts';
import type { AcceptedLine } from '../../../src/touchpoints/touchpoint.ts';
import { instants } from './program-arbitrary.ts';

const lines: fc.Arbitrary<AcceptedLine> = fc.record({
  sku: fc.constantFrom('A', 'A', 'B', 'C'),
  name: fc.constant(null),
  category: fc.constantFrom('x', 'y', null),
  quantity: fc.constantFrom(1, 1, 2, 3, 0.5, 1.25, 0, -1),
  price: fc.constantFrom('10', '9.99', '3.335', '0', '25.5'),
});

/** Their buckets are 0, 1492, 4190 and 7959. */
const customerIds = ['01', '10', '02', '04'].map((end) => `01900000-0000-7000-8000-0000000001${end}`);

const someLines = fc.option(fc.array(lines, { maxLength: 4 }), { nil: null, freq: 5 });

/** Texts and numbers: `7` and `"7"` are one order. */
const orderIds = fc.constantFrom<string | number | null>('o1', 'o2', 'o3', 7, '7', null, null);

const ids = fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 0xffff_ffff })).map(([front, back]) => {
  const [high, low] = [front.toString(16).padStart(2, '0'), back.toString(16).padStart(12, '0')];
  return `${high}900000-0000-7000-8000-${low}`;
});

const shared = {
  id: ids,
  recordId: fc.constantFrom('rec-1', 'rec-2'),
  occurredAt: instants,
  source: fc.constant('pos'),
  channel: fc.constantFrom('POS', 'WEB'),
  direction: fc.constant('INBOUND'),
  campaign: fc.constant(null),
  traits: fc.constant(null),
};

const money = {
  valueMinor: fc.oneof(fc.constantFrom(0n, 1n, 1000n, 3000n, 7500n), fc.bigInt({ min: 0n, max: 6000n })),
  currency: fc.constantFrom('CHF', 'CHF', 'CHF', 'EUR', 'JPY'),
};

const named = orderIds.map((orderId) => (orderId === null ? null : { orderId }));

export const facts: fc.Arbitrary<EarningFact> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...shared,
      ...money,
      type: fc.constant('order.completed'),
      properties: named,
      lines: someLines,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...shared,
      ...money,
      type: fc.constant('order.returned'),
      properties: named,
      lines: someLines,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...shared,
      ...{ type: fc.constant('visit'), properties: fc.constant(null), lines: fc.constant(null) },
      ...{ valueMinor: fc.constant(null), currency: fc.constant(null) },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...shared,
      ...money,
      type: fc.constant('booking.paid'),
      properties: named,
      lines: someLines,
    }),
  },
);

export const histories: fc.Arbitrary<EarningFact[]> = fc
  .uniqueArray(facts, { maxLength: 14, selector: ({ id }) => id })
  .map((list) => list.sort(inOrder));

export function inOrder(a: EarningFact, b: EarningFact): number {
  return a.occurredAt.getTime() - b.occurredAt.getTime() || (a.id < b.id ? -1 : 1);
}

const spans: fc.Arbitrary<MembershipSpan> = fc
  .tuple(instants, fc.option(fc.integer({ min: 1, max: 200 })), fc.boolean())
  .map(([from, days, explicit]) => ({
    ...{ from, explicit },
    to: days === null ? null : new Date(from.getTime() + days * 86_400_000),
  }));

export const overrides: fc.Arbitrary<TierOverride[]> = fc.array(
  fc
    .record({
      id: ids,
      tier: fc.constantFrom('base', 'silver', 'gold', 'platinum'),
      from: instants,
      days: fc.integer({ min: 1, max: 90 }),
    })
    .map(({ days, ...given }) => ({ ...given, to: new Date(given.from.getTime() + days * 86_400_000) })),
  { maxLength: 2 },
);

/** Of each touchpoint, rule by rule: found eligible or not, given so much of the budget, or not decided. */
function verdictsOf(list: readonly EarningFact[]): fc.Arbitrary<ReadonlyMap<string, Verdicts>> {
  const verdict = fc.record(
    { eligible: fc.boolean(), budget: fc.constantFrom(0, 5, 12, 1000) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Verdicts[string]>;
  const all = fc.record({ r0: verdict, r1: verdict, r2: verdict, r3: verdict });
  return fc
    .array(all, { minLength: list.length, maxLength: list.length })
    .map((given) => new Map(list.map(({ id }, index) => [id, given[index]!])));
}

export function members(list: readonly EarningFact[]): fc.Arbitrary<MemberTerms> {
  return fc.record({
    customerId: fc.constantFrom(...customerIds),
    memberships: fc.oneof(
      { weight: 2, arbitrary: fc.constant([{ from: new Date(0), to: null, explicit: true }]) },
      { weight: 1, arbitrary: fc.array(spans, { maxLength: 2 }) },
    ),
    overrides,
    verdicts: verdictsOf(list),
  });
}
