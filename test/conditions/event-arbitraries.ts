import fc from 'fast-check';
import {
  type Condition,
  comparisons,
  type EventMatch,
  type Leaf,
  measures,
  messageEvents,
  type NumberTest,
  type PropertyTest,
} from '../../src/conditions/condition.ts';
import type { Duration } from '../../src/conditions/duration.ts';
import type { Window } from '../../src/conditions/window.ts';
import { calendarUnits, periodUnits } from '../../src/conditions/window.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';

// Few values of everything, so that histories and conditions meet.

/** The present of these histories: clocks in Zurich are put back on the day before. */
export const present = new Date('2026-10-26T12:00:00.000Z');

const hour = 3_600_000;
const lengths: readonly Duration[] = [
  { count: 1, unit: 'HOUR' },
  { count: 1, unit: 'DAY' },
  { count: 2, unit: 'DAY' },
  { count: 1, unit: 'WEEK' },
  { count: 30, unit: 'DAY' },
];

/** How far behind the present: where windows begin and end, in Zurich and elsewhere, and a millisecond around. */
const edges: readonly number[] = [
  ...[0, 1, 2, 24, 25, 47, 48, 49, 72, 168, 336, 720, 744].map((hours) => hours * hour),
  ...[
    '2026-10-26T00:00:00+01:00',
    '2026-10-25T00:00:00+02:00',
    '2026-10-24T00:00:00+02:00',
    '2026-10-19T00:00:00+02:00',
    '2026-10-01T00:00:00+02:00',
    '2026-09-26T00:00:00+02:00',
    '2026-07-01T00:00:00+02:00',
    '2025-12-31T23:00:00Z',
  ].map((text) => present.getTime() - Date.parse(text)),
];

/** Up to 24 hours in the future: that is what ingestion lets through. */
const offsets: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...edges), fc.constantFrom(-1, 0, 1)).map(([at, by]) => at + by) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 60 * 24 }).map((hours) => hours * hour) },
  { weight: 2, arbitrary: fc.constantFrom(1, hour, 2 * hour, 11 * hour, 12 * hour, 24 * hour).map((ahead) => -ahead) },
);

const texts = ['red', 'green'];
const categories: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...texts) },
  { weight: 1, arbitrary: fc.constantFrom<Json>(null, 1, ['red'], { red: 1 }) },
);
const amounts: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0.1, 0.2, 5) },
  { weight: 1, arbitrary: fc.constantFrom<Json>(-0.3, 1e21, 1.5e-7, '5', null) },
);
const properties = fc.record(
  { category: categories, amount: amounts, deep: fc.constant({ er: 'red' }) },
  { requiredKeys: [] },
);

const values = fc.constantFrom(
  { amount: '12.50', currency: 'EUR' },
  { amount: '7.50', currency: 'EUR' },
  { amount: '1250', currency: 'JPY' },
  { amount: '1.234', currency: 'KWD' },
);
const lines = fc.array(
  fc.record({
    sku: fc.constantFrom('A', 'B'),
    category: fc.constantFrom('red', null),
    quantity: fc.constantFrom(1, 0.5, 3),
    price: fc.constant('2.55'),
  }),
  { minLength: 1, maxLength: 3 },
);

const types = [
  'page.viewed',
  'cart.updated',
  'order.completed',
  'order.returned',
  'email.opened',
  'sms.opened',
] as const;

/** A touchpoint of some person, without its message id. */
export const touchpoints: fc.Arbitrary<Partial<TouchpointDraft>> = fc
  .record({
    person: fc.constantFrom('ada', 'ada', 'bob'),
    type: fc.constantFrom(...types),
    offset: offsets,
    properties,
    value: values,
    lines: fc.option(lines, { nil: undefined, freq: 2 }),
    campaign: fc.constantFrom('spring', null),
    source: fc.constantFrom('web', 'pos'),
  })
  .map(({ person, offset, type, value, lines: given, ...rest }) => ({
    ...rest,
    type,
    identifiers: [{ kind: 'userId', value: person }],
    occurredAt: new Date(present.getTime() - offset).toISOString(),
    ...(type.startsWith('order') ? { value, lines: given } : {}),
  }));

export const histories = fc.array(touchpoints, { minLength: 1, maxLength: 40, size: 'max' });

const durations = fc.constantFrom(...lengths);

export const windows: fc.Arbitrary<Window> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Window>({ ever: true }) },
  { weight: 2, arbitrary: durations.map((last) => ({ last })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<[number, number]>([1, 0], [2, 1], [3, 1], [4, 2], [4, 3])
      .map(([from, to]) => ({ between: { from: lengths[from]!, to: lengths[to]! } })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ count: fc.constantFrom(1, 2, 3), unit: fc.constantFrom(...calendarUnits) })
      .map((lastCalendar) => ({ lastCalendar })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ ago: fc.constantFrom(0, 1, 2), unit: fc.constantFrom(...periodUnits) })
      .map((period) => ({ period })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Window>(
      { absolute: { from: '2026-10-25T12:00:00.000Z' } },
      { absolute: { to: '2026-10-26T12:00:00.000Z' } },
      { absolute: { from: '2026-10-01T00:00:00.000Z', to: '2026-10-27T00:00:00.000Z' } },
    ),
  },
);

const propertyNames = [
  'category',
  'amount',
  'deep.er',
  'lines.sku',
  'lines.category',
  'lines.quantity',
  'value.amount',
  'value.currency',
];

export const propertyTests: fc.Arbitrary<PropertyTest> = fc
  .tuple(
    fc.constantFrom(...propertyNames),
    fc.constantFrom<Omit<PropertyTest, 'property'>>(
      { operator: 'EQUALS', value: 'red' },
      { operator: 'NOT_EQUALS', value: 'red' },
      { operator: 'GREATER', value: 1 },
      { operator: 'BETWEEN', values: [0.2, 7.5] },
      { operator: 'IN', values: ['A', 'EUR', 5] },
      { operator: 'CONTAINS', value: 'E' },
      { operator: 'ANY_OF', values: ['red', 'B'] },
      { operator: 'EXISTS' },
      { operator: 'MISSING' },
      { operator: 'IS_NULL' },
    ),
  )
  .map(([property, test]) => ({ property, ...test }));

/** Most of them are easy to meet. */
export const matches: fc.Arbitrary<EventMatch> = fc
  .record({
    types: fc.constantFrom<EventMatch>(
      {},
      { types: ['page.viewed'] },
      { types: ['cart.updated', 'page.viewed'] },
      { types: ['order.completed'] },
      { types: ['order.completed', 'order.returned'] },
    ),
    others: fc.oneof(
      { weight: 6, arbitrary: fc.constant<EventMatch>({}) },
      { weight: 1, arbitrary: fc.constantFrom<EventMatch>({ sources: ['web'] }, { campaigns: ['spring'] }) },
      {
        weight: 2,
        arbitrary: fc.array(propertyTests, { minLength: 1, maxLength: 2 }).map((where): EventMatch => ({ where })),
      },
    ),
  })
  .map(({ types, others }) => ({ ...types, ...others }));

function numberTests(bounds: readonly string[]): fc.Arbitrary<NumberTest> {
  return fc
    .tuple(fc.constantFrom(...comparisons), fc.constantFrom(...bounds), fc.constantFrom(...bounds))
    .map(([comparison, a, b]) => {
      if (comparison !== 'BETWEEN') return { comparison, value: a };
      const [value, to] = Number(a) <= Number(b) ? [a, b] : [b, a];
      return { comparison, value, to };
    });
}

export const counts = numberTests(['0', '1', '2', '3', '4']);
const sums = numberTests(['0', '0.1', '0.3', '5', '5.1', '7.5', '12.5', '20', '-0.2']);

const totals: fc.Arbitrary<Leaf> = fc
  .record({
    match: matches,
    window: windows,
    measure: fc.constantFrom(...measures),
    number: sums,
    count: counts,
    property: fc.constantFrom('amount', 'amount', 'value.amount', 'lines.quantity', 'category', 'lines.sku'),
  })
  .map(({ measure, number, count, property, ...rest }) => ({
    total: {
      ...rest,
      measure,
      ...(measure === 'DISTINCT' ? count : number),
      ...(measure === 'NET_REVENUE' ? { currency: 'EUR' } : { property }),
    },
  }));

/** A leaf of every kind that is about touchpoints. */
export const eventLeaves: fc.Arbitrary<Leaf> = fc.oneof(
  fc.record({ match: matches, count: counts, window: windows }).map((event) => ({ event })),
  fc.record({ match: matches, window: windows }).map((first) => ({ first })),
  fc.record({ match: matches, none: durations }).map((stopped) => ({ stopped })),
  fc.record({ match: matches, pause: durations, within: durations }).map((restarted) => ({ restarted })),
  fc
    .record({
      match: matches,
      unit: fc.constantFrom(...periodUnits),
      periods: fc.constantFrom(1, 2, 3, 5),
      share: fc.constantFrom(0.2, 0.5, 1),
    })
    .map(({ share, ...regular }) => ({ regular: { ...regular, atLeast: Math.ceil(regular.periods * share) } })),
  fc
    .record({
      first: matches,
      followedBy: matches,
      within: durations,
      missing: fc.boolean(),
      same: fc.constantFrom(undefined, undefined, 'category', 'lines.sku'),
      window: windows,
    })
    .map(({ same, ...rest }) => ({ sequence: { ...rest, ...(same && { same }) } })),
  totals,
  fc.record({ match: matches, has: propertyTests, window: windows }).map((last) => ({ last })),
  fc
    .record({
      match: matches,
      property: fc.constantFrom('category', 'category', ...propertyNames),
      count: counts,
      window: windows,
    })
    .map((keyed) => ({ keyed })),
  fc
    .record({ what: fc.constantFrom(...messageEvents), count: counts, window: windows })
    .map((message) => ({ message })),
);

export const conditions: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 4, arbitrary: eventLeaves },
  { weight: 1, arbitrary: fc.array(eventLeaves, { minLength: 2, maxLength: 3 }).map((all) => ({ all })) },
  { weight: 1, arbitrary: fc.array(eventLeaves, { minLength: 2, maxLength: 3 }).map((any) => ({ any })) },
  { weight: 1, arbitrary: eventLeaves.map((not) => ({ not })) },
);

/** From a day before the present to some time after it. */
export const moments = fc
  .tuple(
    fc.constantFrom(-24, -1, 0, 1, 11, 24, 48, 24 * 30),
    fc.constantFrom(-1, 0, 1),
    fc.constantFrom('Europe/Zurich', 'Europe/Zurich', 'Atlantic/Azores', 'America/New_York', 'Asia/Kathmandu'),
  )
  .map(([hours, by, timeZone]) => ({ now: new Date(present.getTime() + hours * hour + by), timeZone }));
