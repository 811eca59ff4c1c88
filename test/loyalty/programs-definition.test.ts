import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DomainError } from '../../src/kernel/errors.ts';
import type { Lever, Tier, TierScheme } from '../../src/loyalty/program.ts';
import type { GivenDefinition, GivenRule } from '../../src/loyalty/programs/given-program.ts';
import { checkDefinition } from '../../src/loyalty/programs/program-definition.ts';
import { exampleDefinition, exampleRule, testConditions } from './programs-support.ts';

const check = (given: GivenDefinition) => checkDefinition(given, testConditions.language);

function faultOf(given: GivenDefinition): { code: string; field: unknown } {
  try {
    check(given);
  } catch (error) {
    const { code, details } = error as DomainError;
    return { code, field: details.field };
  }
  throw new Error('There is no fault.');
}

const lever = (overrides: Partial<Lever> = {}): Lever => ({
  key: 'bonus',
  name: 'Bonus',
  initial: '2',
  minimum: '1',
  maximum: '3',
  owner: 'Marketing',
  ...overrides,
});
const tier = (key: string, threshold: Tier['threshold']): Tier => ({ key, name: key, threshold, benefits: [] });
const scheme = (overrides: Partial<TierScheme> = {}): TierScheme => ({
  basis: { points: { wallet: 'points' } },
  window: { rolling: { months: 12 } },
  keepsThroughNextPeriod: false,
  graceDays: 0,
  tiers: [tier('base', '0'), tier('gold', '1000')],
  ...overrides,
});
const double = (overrides: Partial<GivenRule> = {}): GivenRule =>
  exampleRule({ key: 'double', earns: { multiplier: { factor: '2', of: null } }, ...overrides });

const withRule = (overrides: Partial<GivenRule>): GivenDefinition =>
  exampleDefinition({ rules: [exampleRule(), exampleRule({ key: 'second', ...overrides })] });
const withTiers = (overrides: Partial<TierScheme>): GivenDefinition =>
  exampleDefinition({ tierScheme: scheme(overrides) });

describe('a fault comes with its path:', () => {
  const second = 'input.definition.rules[1]';
  const spend = { points: '1', per: '1', currency: 'CHF' };
  const cases: readonly (readonly [string, GivenDefinition, string])[] = [
    ['no wallet', exampleDefinition({ wallets: [] }), 'input.definition.wallets'],
    [
      'a key of a wallet that is no key',
      exampleDefinition({ wallets: [{ key: 'my points', name: 'P', debt: 'OWED', pointValue: null }] }),
      'input.definition.wallets[0].key',
    ],
    [
      'two wallets of one key',
      exampleDefinition({
        wallets: ['points', 'Points'].map((key) => ({ key, name: key, debt: 'OWED', pointValue: null })),
      }),
      'input.definition.wallets[1].key',
    ],
    [
      'a currency that there is not',
      exampleDefinition({
        wallets: [{ key: 'points', name: 'P', debt: 'OWED', pointValue: { amount: '1', currency: 'XYZ' } }],
      }),
      'input.definition.wallets[0].pointValue.currency',
    ],
    ...['0', '-1', '50.01', '1.005', 'many'].map(
      (holdoutPercent) =>
        [
          `a holdout of ${holdoutPercent} %`,
          exampleDefinition({ holdoutPercent }),
          'input.definition.holdoutPercent',
        ] as const,
    ),
    ['a rule of a wallet that there is not', withRule({ wallet: 'stars' }), `${second}.wallet`],
    ['two rules of one key', withRule({ key: 'BASE' }), `${second}.key`],
    ['an occasion that there is not', withRule({ match: { types: ['loyalty.weekday'] } }), `${second}.match.types[0]`],
    [
      'an occasion beside touchpoints',
      withRule({ match: { types: ['loyalty.birthday', 'order.completed'] }, earns: { event: { points: '5' } } }),
      `${second}.match.types`,
    ],
    ['an occasion that is no event', withRule({ match: { types: ['loyalty.birthday'] } }), `${second}.earns`],
    [
      'an occasion for some',
      withRule({
        match: { types: ['loyalty.birthday'] },
        earns: { event: { points: '5' } },
        eligibility: { everyone: true },
      }),
      `${second}.eligibility`,
    ],
    ['a rule without a name', withRule({ name: ' ' }), `${second}.name`],
    ['no types', withRule({ match: {} }), `${second}.match.types`],
    ['an empty list of types', withRule({ match: { types: [] } }), `${second}.match.types`],
    ['returns', withRule({ match: { types: ['page.viewed', 'order.returned'] } }), `${second}.match.types[1]`],
    [
      'a channel that there is not',
      withRule({ match: { types: ['a'], channels: ['MOON' as 'WEB'] } }),
      `${second}.match.channels`,
    ],
    ['lines that are none', withRule({ lines: { skus: [], categories: [] } }), `${second}.lines`],
    [
      'lines of an event',
      withRule({ lines: { skus: ['a'], categories: [] }, earns: { event: { points: '1' } } }),
      `${second}.lines`,
    ],
    ['nothing that is earned', withRule({ earns: {} as GivenRule['earns'] }), `${second}.earns`],
    [
      'two ways to earn',
      withRule({ earns: { spend, item: { points: '1' } } as GivenRule['earns'] }),
      `${second}.earns`,
    ],
    ['points for each nothing', withRule({ earns: { spend: { ...spend, per: '0.00' } } }), `${second}.earns.spend.per`],
    ['less than a coin', withRule({ earns: { spend: { ...spend, per: '0.001' } } }), `${second}.earns.spend.per`],
    [
      'an amount that is no number',
      withRule({ earns: { spend: { ...spend, per: '1,5' } } }),
      `${second}.earns.spend.per`,
    ],
    [
      'a currency that there is not',
      withRule({ earns: { spend: { ...spend, currency: 'chf' } } }),
      `${second}.earns.spend.currency`,
    ],
    ['points below zero', withRule({ earns: { item: { points: '-1' } } }), `${second}.earns.item.points`],
    [
      'a lever that there is not',
      withRule({ earns: { event: { points: { lever: 'x' } } } }),
      `${second}.earns.event.points.lever`,
    ],
    [
      'a factor below one',
      exampleDefinition({ rules: [exampleRule(), double({ earns: { multiplier: { factor: '0.5', of: null } } })] }),
      `${second}.earns.multiplier.factor`,
    ],
    ['nothing to multiply', exampleDefinition({ rules: [double()] }), 'input.definition.rules[0].earns.multiplier'],
    [
      'a multiplied rule that there is not',
      exampleDefinition({
        rules: [exampleRule(), double({ earns: { multiplier: { factor: '2', of: ['base', 'x'] } } })],
      }),
      `${second}.earns.multiplier.of[1]`,
    ],
    [
      'a multiplier that is multiplied',
      exampleDefinition({ rules: [exampleRule(), double({ earns: { multiplier: { factor: '2', of: ['double'] } } })] }),
      `${second}.earns.multiplier.of[0]`,
    ],
    [
      'no multiplied rules',
      exampleDefinition({ rules: [exampleRule(), double({ earns: { multiplier: { factor: '2', of: [] } } })] }),
      `${second}.earns.multiplier.of`,
    ],
    ['tiers without a scheme', withRule({ tiers: ['gold'] }), `${second}.tiers[0]`],
    [
      'a validity that ends before it begins',
      withRule({ validFrom: '2026-12-02T00:00:00Z', validTo: '2026-12-01T23:00:00Z' }),
      `${second}.validTo`,
    ],
    ['a day that is no instant', withRule({ validFrom: '2026-12-02' }), `${second}.validFrom`],
    ['half a day', withRule({ pendingDays: 0.5 }), `${second}.pendingDays`],
    [
      'points that expire while pending',
      withRule({ pendingDays: 28, expiry: { count: 1, unit: 'MONTH', endOf: 'DAY' } }),
      `${second}.expiry`,
    ],
    ['no month', withRule({ expiry: { count: 0, unit: 'MONTH', endOf: 'DAY' } }), `${second}.expiry.count`],
    ['half a point as a cap', withRule({ caps: [{ per: 'DAY', points: '0.5' }] }), `${second}.caps[0].points`],
    [
      'two caps of a period',
      withRule({
        caps: [
          { per: 'DAY', points: '5' },
          { per: 'YEAR', points: '9' },
          { per: 'DAY', points: '6' },
        ],
      }),
      `${second}.caps[2].per`,
    ],
    ['a budget below zero', withRule({ budget: '-1' }), `${second}.budget`],
    ['a condition that is none', withRule({ eligibility: { all: [] } }), `${second}.eligibility.all`],
    ['a partner of several lines', withRule({ partner: 'a\nb' }), `${second}.partner`],
    ['a basis that is none', withTiers({ basis: {} as TierScheme['basis'] }), 'input.definition.tierScheme.basis'],
    [
      'orders that do not count',
      withTiers({ basis: { orders: false as true } }),
      'input.definition.tierScheme.basis.orders',
    ],
    [
      'points of no wallet',
      withTiers({ basis: { points: { wallet: 'x' } } }),
      'input.definition.tierScheme.basis.points.wallet',
    ],
    [
      'five months of the calendar',
      withTiers({ window: { calendar: { months: 5 as 6 } } }),
      'input.definition.tierScheme.window.calendar.months',
    ],
    [
      'a next period of a rolling window',
      withTiers({ keepsThroughNextPeriod: true }),
      'input.definition.tierScheme.keepsThroughNextPeriod',
    ],
    ['no tier', withTiers({ tiers: [] }), 'input.definition.tierScheme.tiers'],
    [
      'a lowest tier that not everybody has',
      withTiers({ tiers: [tier('base', '1')] }),
      'input.definition.tierScheme.tiers[0].threshold',
    ],
    [
      'tiers that do not rise',
      withTiers({ tiers: [tier('a', '0'), tier('b', '10'), tier('c', '10.0')] }),
      'input.definition.tierScheme.tiers[2].threshold',
    ],
    [
      'half a point as a threshold',
      withTiers({ tiers: [tier('a', '0'), tier('b', '10.5')] }),
      'input.definition.tierScheme.tiers[1].threshold',
    ],
    [
      'less than a coin as a threshold',
      withTiers({ basis: { spend: { currency: 'JPY' } }, tiers: [tier('a', '0'), tier('b', '10.5')] }),
      'input.definition.tierScheme.tiers[1].threshold',
    ],
    [
      'a threshold that a lever could move under the one before',
      exampleDefinition({
        levers: [lever({ initial: '900', minimum: '500', maximum: '1000' })],
        tierScheme: scheme({ tiers: [tier('a', '0'), tier('b', '500'), tier('c', { lever: 'bonus' })] }),
      }),
      'input.definition.tierScheme.tiers[2].threshold.lever',
    ],
    [
      'bounds that cross',
      exampleDefinition({ levers: [lever({ minimum: '4' })] }),
      'input.definition.levers[0].maximum',
    ],
    [
      'an initial value out of bounds',
      exampleDefinition({ levers: [lever({ initial: '4' })] }),
      'input.definition.levers[0].initial',
    ],
    [
      'a lever without an owner',
      exampleDefinition({ levers: [lever({ owner: '' })] }),
      'input.definition.levers[0].owner',
    ],
    [
      'a lever of whole points that can be a half',
      exampleDefinition({ levers: [lever({ maximum: '2.5' })], rules: [exampleRule({ budget: { lever: 'bonus' } })] }),
      'input.definition.rules[0].budget.lever',
    ],
    [
      'a factor whose lever goes below one',
      exampleDefinition({
        levers: [lever({ minimum: '0' })],
        rules: [exampleRule(), double({ earns: { multiplier: { factor: { lever: 'bonus' }, of: null } } })],
      }),
      `${second}.earns.multiplier.factor.lever`,
    ],
    ['mechanics as long as a book', exampleDefinition({ mechanics: 'x'.repeat(10_001) }), 'input.definition.mechanics'],
    [
      'too many rules',
      exampleDefinition({ rules: Array.from({ length: 101 }, (_, index) => exampleRule({ key: `r${index}` })) }),
      'input.definition.rules',
    ],
  ];

  test.each(cases)('%s', (_what, given, field) => {
    expect(faultOf(given)).toEqual({ code: 'BAD_USER_INPUT', field });
  });
});

describe('what is stored', () => {
  test('has a holdout in one spelling, and is as it ever was without one', () => {
    expect(check(exampleDefinition({ holdoutPercent: '05.50' })).holdoutPercent).toBe('5.5');
    expect(check(exampleDefinition({ holdoutPercent: '50' })).holdoutPercent).toBe('50');
    expect(Object.keys(check(exampleDefinition({ holdoutPercent: null })))).not.toContain('holdoutPercent');
  });

  test('has every number, list and instant in one spelling', () => {
    const { rules, levers, tierScheme } = check(
      exampleDefinition({
        levers: [lever({ initial: '2.00', minimum: '01', maximum: '3.0' })],
        tierScheme: scheme({
          basis: { spend: { currency: 'CHF' } },
          tiers: [tier('base', '0.00'), tier('gold', '99.50')],
        }),
        rules: [
          exampleRule({
            earns: { spend: { points: '1.50', per: '0.10', currency: 'CHF' } },
            match: { types: ['order.completed', 'a', 'a'] },
            lines: { skus: ['b', 'a', 'b'], categories: [] },
            tiers: ['gold', 'base', 'gold'],
            validFrom: '2026-12-01T01:00:00+01:00',
          }),
          exampleRule({ key: 'review', name: ' Review ', roundedPer: 'LINE', earns: { event: { points: '05' } } }),
        ],
      }),
    );
    expect(levers[0]).toMatchObject({ initial: '2', minimum: '1', maximum: '3' });
    expect(tierScheme?.tiers.map(({ threshold }) => threshold)).toEqual(['0', '99.5']);
    expect(rules[0]).toMatchObject({
      earns: { spend: { points: '1.5', per: '0.1' } },
      match: { types: ['a', 'order.completed'] },
      lines: { skus: ['a', 'b'], categories: [] },
      tiers: ['base', 'gold'],
      validFrom: '2026-12-01T00:00:00.000Z',
    });
    expect(rules[1]).toMatchObject({ name: 'Review', roundedPer: 'ORDER', earns: { event: { points: '5' } } });
  });

  test('leaves nothing to a default', () => {
    const { key, name, wallet, match, earns } = exampleRule();
    const bare = { key, name, wallet, match, earns, rounding: 'DOWN', roundedPer: 'ORDER', pendingDays: 0 };
    const { wallets } = exampleDefinition();
    const given = { enrolment: 'AUTOMATIC', wallets, rules: [{ ...bare, qualifies: true }] };
    expect(check(given as unknown as GivenDefinition)).toEqual(check(exampleDefinition()));
  });
});

describe('checking again', () => {
  const numbers = fc.oneof(
    fc.nat({ max: 10_000 }).map(String),
    fc.tuple(fc.nat({ max: 999 }), fc.nat({ max: 99 })).map(([whole, part]) => `0${whole}.${part}0`),
    fc.constant({ lever: 'bonus' }),
  );
  const texts = fc.stringMatching(/^[a-z]{1,6}$/).map((text) => ` ${text}`);
  const earns: fc.Arbitrary<GivenRule['earns']> = fc.oneof(
    fc.record({
      spend: fc.record({ points: numbers, per: fc.constantFrom('1', '0.50', '10.0'), currency: fc.constant('CHF') }),
    }),
    fc.record({ item: fc.record({ points: numbers }) }),
    fc.record({
      multiplier: fc.record({ factor: fc.constantFrom('1.0', '2', '3.50'), of: fc.constantFrom(null, ['base']) }),
    }),
  );
  const rule = (key: string): fc.Arbitrary<GivenRule> =>
    fc
      .record({
        earns,
        name: texts,
        match: fc.record({ types: fc.array(texts, { minLength: 1, maxLength: 3 }) }),
        lines: fc.option(fc.record({ skus: fc.array(texts, { minLength: 1 }), categories: fc.array(texts) })),
        rounding: fc.constantFrom('DOWN', 'UP', 'HALF_UP'),
        roundedPer: fc.constantFrom('LINE', 'ORDER'),
        tiers: fc.option(fc.subarray(['base', 'gold'], { minLength: 1 })),
        validFrom: fc.option(fc.constantFrom('2026-01-01T00:00Z', '2026-06-01T12:00:00.5+02:00')),
        pendingDays: fc.nat({ max: 20 }),
        expiry: fc.option(
          fc.record({
            count: fc.integer({ min: 1, max: 10 }),
            unit: fc.constantFrom('MONTH', 'YEAR'),
            endOf: fc.constantFrom('DAY', 'MONTH'),
          }),
        ),
        caps: fc
          .subarray(['DAY', 'YEAR', 'EVER'] as const)
          .map((periods) => periods.map((per) => ({ per, points: '010' }))),
        budget: fc.option(fc.nat().map(String)),
        eligibility: fc.option(
          fc.constant({ trait: { trait: 'country', operator: 'IN', values: ['CH', 'AT', 'CH'] } } as const),
        ),
        partner: fc.option(texts),
      })
      .map((parts) => exampleRule({ ...parts, key } as Partial<GivenRule>));

  test('changes nothing', () => {
    fc.assert(
      fc.property(rule('one'), rule('two'), fc.option(texts), (one, two, goals) => {
        const once = check(
          exampleDefinition({
            goals,
            rules: [exampleRule(), one, two],
            levers: [lever()],
            tierScheme: scheme({ tiers: [tier('base', '0.0'), tier('gold', '0100')] }),
          }),
        );
        expect(check(once)).toEqual(once);
      }),
    );
  });
});
