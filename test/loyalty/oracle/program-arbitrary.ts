import fc from 'fast-check';
import type { Condition } from '../../../src/conditions/condition.ts';
import {
  type Cap,
  capPeriods,
  type Earning,
  type EarningRule,
  type Expiry,
  enrolments,
  type LeverValue,
  type PhaseChange,
  type Program,
  type ProgramDefinition,
  phases,
  roundings,
  type Setting,
  type TierScheme,
} from '../../../src/loyalty/program.ts';

// Few values of everything, so that programmes and histories meet.

const day = 86_400_000;
export const firstDay = Date.parse('2024-01-20T00:00:00Z');

/** Ends of months, leap days, changes of the clock in Zurich and New York, a millisecond around midnights. */
const edges = [
  ...['2024-01-31T10:00Z', '2024-02-28T22:59:59.999Z', '2024-02-28T23:00Z', '2024-02-29T12:00Z', '2024-02-29T23:00Z'],
  ...['2024-03-10T06:59Z', '2024-03-10T07:00Z', '2024-03-31T00:30Z', '2024-03-31T01:00Z', '2024-03-30T23:00Z'],
  ...['2024-04-30T22:00Z', '2024-06-30T21:59:59.999Z', '2024-10-27T00:30Z', '2024-10-27T01:00Z', '2024-12-31T23:00Z'],
  ...['2025-01-31T12:00Z', '2025-02-28T12:00Z', '2025-03-01T05:00Z'],
].map((text) => Date.parse(text));

export const instants: fc.Arbitrary<Date> = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...edges) },
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 60 * 4 }).map((steps) => firstDay + steps * 6 * 3_600_000) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 420 }).map((days) => firstDay + days * day + 12 * 3_600_000) },
  )
  .map((time) => new Date(time));

export const zones = ['Europe/Zurich', 'America/New_York', 'UTC', 'Asia/Kathmandu'] as const;

const settings = (...texts: string[]): fc.Arbitrary<Setting> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...texts) },
    { weight: 1, arbitrary: fc.constant({ lever: 'rate' }) },
  );

const currencies = fc.constantFrom('CHF', 'CHF', 'EUR', 'JPY');

const earnings: fc.Arbitrary<Earning> = fc.oneof(
  fc.record({
    spend: fc.record({
      points: settings('1', '2', '0.5', '1.25'),
      per: fc.constantFrom('1', '0.5', '10', '3'),
      currency: currencies,
    }),
  }),
  fc.record({ item: fc.record({ points: settings('1', '5', '0.3') }) }),
  fc.record({ event: fc.record({ points: settings('10', '2.5', '7') }) }),
  fc.record({
    multiplier: fc.record({
      factor: settings('2', '1.5', '3', '1', '0.5'),
      of: fc.option(fc.constantFrom(['r0'], ['r0', 'r1'], ['r2']), { nil: null }),
    }),
  }),
);

const caps: fc.Arbitrary<Cap[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Cap[]>([]) },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(
      fc.record({ per: fc.constantFrom(...capPeriods), points: fc.constantFrom('3', '20', '50.5', '100') }),
      { selector: ({ per }) => per, minLength: 1, maxLength: 2 },
    ),
  },
);

const expiries: fc.Arbitrary<Expiry | null> = fc.option(
  fc.record({
    count: fc.constantFrom(1, 2, 12),
    unit: fc.constantFrom('DAY', 'MONTH', 'YEAR'),
    endOf: fc.constantFrom('DAY', 'MONTH', 'YEAR'),
  }),
  { nil: null },
);

/** Which condition it is doesn't matter to what is earned: the verdict is stored. */
const somebody = { given: {} as Condition, resolved: {} as Condition };

const matches = fc.constantFrom<EarningRule['match']>(
  { types: ['order.completed'] },
  { types: ['order.completed'] },
  { types: ['order.completed', 'visit', 'booking.paid'] },
  { types: ['visit'] },
  { types: ['order.completed'], channels: ['POS'] },
);

/** Most often not at all. */
export function rarely<T>(arbitrary: fc.Arbitrary<T>, weight = 4): fc.Arbitrary<T | null> {
  return fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

const rareInstants = rarely(
  instants.map((at) => at.toISOString()),
  8,
);

const rule = (key: string): fc.Arbitrary<EarningRule> =>
  fc.record({
    key: fc.constant(key),
    name: fc.constant(key),
    wallet: fc.constantFrom('points', 'points', 'stars'),
    match: matches,
    lines: rarely(fc.constantFrom({ skus: ['A'], categories: [] }, { skus: ['B'], categories: ['x'] }), 2),
    earns: earnings,
    rounding: fc.constantFrom(...roundings),
    roundedPer: fc.constantFrom('LINE', 'ORDER'),
    eligibility: rarely(fc.constant(somebody)),
    tiers: rarely(fc.constantFrom(['silver'], ['silver', 'gold'], ['base']), 3),
    validFrom: rareInstants,
    validTo: rareInstants,
    pendingDays: fc.constantFrom(0, 0, 1, 14),
    expiry: expiries,
    caps,
    budget: rarely(fc.constant('1000')),
    qualifies: fc.boolean(),
    partner: fc.constant(null),
  });

const windows: fc.Arbitrary<Pick<TierScheme, 'window' | 'keepsThroughNextPeriod'>> = fc.oneof(
  fc.record({
    window: fc.record({ rolling: fc.record({ months: fc.constantFrom(1, 2, 12) }) }),
    keepsThroughNextPeriod: fc.constant(false),
  }),
  fc.record({
    window: fc.record({ calendar: fc.record({ months: fc.constantFrom(1 as const, 3 as const, 12 as const) }) }),
    keepsThroughNextPeriod: fc.boolean(),
  }),
);

const ladders: fc.Arbitrary<Pick<TierScheme, 'basis'> & { thresholds: readonly Setting[] }> = fc.constantFrom(
  { basis: { points: { wallet: 'points' } }, thresholds: ['0', '20', { lever: 'gold' }] },
  { basis: { points: { wallet: 'stars' } }, thresholds: ['0', '10.5', '40'] },
  { basis: { spend: { currency: 'CHF' } }, thresholds: ['0', '30', '75.005'] },
  { basis: { orders: true }, thresholds: ['0', '2', '4'] },
);

export const tierSchemes: fc.Arbitrary<TierScheme> = fc
  .tuple(windows, ladders, fc.constantFrom(0, 0, 1, 10, 45))
  .map(([window, { basis, thresholds }, graceDays]) => ({
    ...window,
    basis,
    graceDays,
    tiers: ['base', 'silver', 'gold'].map((key, index) => ({
      ...{ key, name: key, benefits: [] },
      threshold: thresholds[index]!,
    })),
  }));

const levers = [
  { key: 'rate', name: 'Rate', initial: '2', minimum: '0', maximum: '10', owner: 'crm' },
  { key: 'gold', name: 'Gold', initial: '60', minimum: '30', maximum: '100', owner: 'crm' },
];

/** Around the buckets that customers of the histories are in. */
const holdouts = fc.constantFrom(null, null, null, '0.01', '14.92', '14.93', '50');

export const definitions: fc.Arbitrary<ProgramDefinition> = fc.record({
  mechanics: fc.constant(null),
  goals: fc.constant(null),
  enrolment: fc.constantFrom(...enrolments, 'AUTOMATIC', 'AUTOMATIC'),
  holdoutPercent: holdouts,
  wallets: fc.constant(['points', 'stars'].map((key) => ({ key, name: key, debt: 'OWED' as const, pointValue: null }))),
  rules: fc
    .integer({ min: 1, max: 4 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => rule(`r${index}`)))),
  tierScheme: fc.option(tierSchemes, { nil: null, freq: 5 }),
  levers: fc.constant(levers),
});

const turns: fc.Arbitrary<LeverValue> = fc
  .tuple(instants, fc.option(fc.integer({ min: 1, max: 60 }), { nil: null }), fc.constantFrom('rate', 'gold'))
  .chain(([effectiveAt, days, lever]) =>
    fc.constantFrom(...(lever === 'rate' ? ['0', '1', '3.5', '10'] : ['30', '45', '100'])).map((value) => ({
      ...{ lever, value, effectiveAt },
      until: days === null ? null : new Date(effectiveAt.getTime() + days * day),
    })),
  );

const phaseLists: fc.Arbitrary<PhaseChange[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<PhaseChange[]>([{ phase: 'LIVE', effectiveAt: new Date(firstDay) }]) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.record({ phase: fc.constantFrom(...phases), effectiveAt: instants }), { maxLength: 3 })
      .map((changes) => changes.sort(byTime)),
  },
);

export const programs: fc.Arbitrary<Program> = fc
  .tuple(
    definitions,
    fc.array(fc.tuple(instants, definitions), { maxLength: 2 }),
    fc.array(turns, { maxLength: 3 }),
    phaseLists,
  )
  .map(([first, later, leverValues, changes]) => ({
    id: '01900000-0000-7000-8000-00000000000a',
    name: 'Round',
    versions: [
      { effectiveAt: new Date(firstDay), definition: first },
      ...later.map(([effectiveAt, definition]) => ({ effectiveAt, definition })).sort(byTime),
    ].map((version, index) => ({ version: index + 1, ...version })),
    leverValues,
    phases: changes,
  }));

function byTime(a: { effectiveAt: Date }, b: { effectiveAt: Date }): number {
  return a.effectiveAt.getTime() - b.effectiveAt.getTime();
}
