import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EarningFact } from '../../../src/loyalty/earning/purchase.ts';
import type { TierScheme } from '../../../src/loyalty/program.ts';
import { bought, definition, line, outcome, programOf, returned, scheme } from '../oracle/cases.ts';

const spree = [line('LAMP', 2, '39.90'), line('BULB', 5, '4.50'), line('CARD', 1, '0'), line('BAG', 0, '0.10')];
const tier = '2026-06-30T12:00:00Z';

/** Points of all kinds, so that whatever is left of one of them shows. */
const generous = programOf([
  {},
  { key: 'items', earns: { item: { points: '3' } } },
  { key: 'visit', earns: { event: { points: '25' } }, rounding: 'UP' },
  { key: 'double', earns: { multiplier: { factor: '2', of: null } }, roundedPer: 'LINE', rounding: 'HALF_UP' },
]);

/** Each piece of the order in one of so many returns. */
const splits = fc
  .tuple(
    fc.array(fc.nat(3), { minLength: 2, maxLength: 2 }),
    fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }),
    fc.nat(3),
  )
  .map(([lamps, bulbs, card]) =>
    [0, 1, 2, 3].map((part) => [
      line('LAMP', lamps.filter((one) => one === part).length, '39.90'),
      line('BULB', bulbs.filter((one) => one === part).length, '4.50'),
      line('CARD', card === part ? 1 : 0, '0'),
    ]),
  );

describe('What was bought and then wholly returned', () => {
  const bases: readonly [string, TierScheme['basis']][] = [
    ['points', scheme.basis],
    ['spend', { spend: { currency: 'CHF' } }],
    ['orders', { orders: true }],
  ];

  test.each(bases)('leaves nothing, in any split by lines, and the tier of one who never bought (%s)', (_, basis) => {
    const tiers = scheme.tiers.map((one, index) => ({ ...one, threshold: String(index) }));
    const program = {
      ...generous,
      versions: programOf(generous.versions[0]!.definition.rules, { tierScheme: { ...scheme, basis, tiers } }).versions,
    };
    fc.assert(
      fc.property(splits, fc.boolean(), fc.boolean(), (parts, isNamed, isFirst) => {
        const order = isNamed ? 'o-1' : undefined;
        const day = isNamed && isFirst ? '01' : '20';
        const back = parts.map((lines) => returned({ at: `2026-03-${day}T10:00:00Z`, value: 1, lines, order }));
        const purchase = bought({ at: '2026-03-10T10:00:00Z', value: 10_000, lines: spree, order });
        expect(outcome(program, [purchase]).tierOn(tier)).not.toBe('base');
        const after = outcome(program, [purchase, ...back]);
        expect(after.lots.every(({ granted }) => granted === 0n)).toBe(true);
        expect(after.tierOn(tier)).toBe('base');
      }),
    );
  });

  test('leaves nothing, in any split by amounts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 6 }), (amounts) => {
        const purchase = bought({ at: '2026-03-10T10:00:00Z', value: 10_000, lines: spree, order: 'o-1' });
        const paid = amounts.reduce((sum, one) => sum + one, 0);
        const rest = Math.max(0, 10_000 - paid);
        const back = [...amounts, rest].map((value) => returned({ at: '2026-03-20T10:00:00Z', value, order: 'o-1' }));
        const after = outcome(generous, [purchase, ...back]);
        expect([after.points, after.tierOn(tier)]).toEqual([0n, 'base']);
      }),
    );
  });

  test('frees what it had used of a cap', () => {
    const capped = programOf([{ caps: [{ per: 'DAY', points: '100' }] }]);
    const history = [
      bought({ at: '2026-03-10T08:00:00Z', value: 15_000, order: 'wrong-size' }),
      returned({ at: '2026-03-10T12:00:00Z', value: 15_000, order: 'wrong-size' }),
      bought({ at: '2026-03-10T13:00:00Z', value: 9_000, order: 'right-size' }),
    ];
    expect(outcome(capped, history).points).toBe(90n);
    expect(outcome(capped, history.slice(0, 2)).points).toBe(0n);
  });

  test('counts as no order even where a line had no pieces', () => {
    const tiers = scheme.tiers.map((one, index) => ({ ...one, threshold: String(index) }));
    const program = programOf([{}], { tierScheme: { ...scheme, basis: { orders: true }, tiers } });
    const history = [
      bought({
        at: '2026-03-10T10:00:00Z',
        value: 1_000,
        order: 'o',
        lines: [line('TEA', 1, '10'), line('BAG', 0, '1')],
      }),
      returned({ at: '2026-03-11T10:00:00Z', value: 1_000, order: 'o', lines: [line('TEA', 1, '10')] }),
    ];
    expect(outcome(program, history).tierOn(tier)).toBe('base');
  });
});

describe('A return', () => {
  const order = (at: string, lines: EarningFact['lines'], value: number, id?: string) =>
    bought({ at: `2026-03-${at}T10:00:00Z`, lines: lines ?? undefined, value, order: id });
  const back = (at: string, lines: EarningFact['lines'], value: number, id?: string) =>
    returned({ at: `2026-03-${at}T10:00:00Z`, lines: lines ?? undefined, value, order: id });

  test('takes back by the rules of the purchase, whatever they say by then', () => {
    const later: [string, ReturnType<typeof definition>][] = [
      ['2026-03-15T00:00:00Z', definition([{ earns: { spend: { points: '5', per: '1', currency: 'CHF' } } }], scheme)],
    ];
    const program = programOf([{}], { later });
    const history = [order('10', [line('LAMP', 2, '50')], 10_000, 'o')];
    expect(outcome(program, history).points).toBe(100n);
    expect(outcome(program, [...history, back('20', [line('LAMP', 1, '50')], 5_000, 'o')]).points).toBe(50n);
    expect(outcome(program, [...history, back('20', null, 10_000, 'o')]).points).toBe(0n);
  });

  test.each<[string, EarningFact[], bigint]>([
    [
      'more than was bought takes no more than that',
      [order('10', [line('A', 1, '10')], 1_000, 'o'), back('11', [line('A', 9, '10')], 9_000, 'o')],
      0n,
    ],
    [
      'that comes twice takes the second time what is left',
      [
        order('10', [line('A', 2, '10')], 2_000, 'o'),
        back('11', [line('A', 1, '10')], 1_000, 'o'),
        back('12', [line('A', 1, '10')], 1_000, 'o'),
      ],
      0n,
    ],
    [
      'before its order waits for it',
      [back('01', [line('A', 1, '10')], 1_000, 'o'), order('10', [line('A', 2, '10')], 2_000, 'o')],
      10n,
    ],
    [
      'without an order takes the latest before it',
      [
        order('01', [line('A', 1, '30')], 3_000),
        order('10', [line('A', 1, '10')], 1_000),
        back('11', [line('A', 1, '10')], 1_000),
        order('12', [line('A', 1, '50')], 5_000),
      ],
      80n,
    ],
    [
      'without an order goes on to earlier ones',
      [
        order('01', [line('A', 2, '10')], 2_000),
        order('10', [line('A', 1, '10')], 1_000),
        back('11', [line('A', 2, '10')], 2_000),
      ],
      10n,
    ],
    [
      'of a discounted line takes what was paid for it',
      [order('10', [line('A', 1, '60'), line('B', 1, '40')], 5_000, 'o'), back('11', [line('A', 1, '60')], 3_000, 'o')],
      20n,
    ],
    [
      'of an article twice in the order takes both',
      [order('10', [line('A', 1, '10'), line('A', 1, '20')], 3_000, 'o'), back('11', [line('A', 2, '10')], 3_000, 'o')],
      0n,
    ],
    [
      'of other articles than the order has goes by its amount',
      [order('10', [line('A', 1, '10')], 1_000, 'o'), back('11', [line('Z', 1, '5')], 500, 'o')],
      5n,
    ],
    [
      'of articles takes an order that told none by its amount',
      [order('10', null, 1_000), back('11', [line('A', 1, '4')], 400)],
      6n,
    ],
    [
      'of articles nobody bought leaves orders with others alone',
      [order('10', [line('A', 1, '10')], 1_000), back('11', [line('Z', 1, '4')], 400)],
      10n,
    ],
    [
      'written with a minus is one',
      [order('10', [line('A', 2, '10')], 2_000, 'o'), back('11', [line('A', -1, '10')], 1_000, 'o')],
      10n,
    ],
    [
      'in another currency takes nothing of a francs order it does not name',
      [order('10', null, 1_000), { ...back('11', null, 1_000), currency: 'EUR' }],
      10n,
    ],
  ])('%s', (_, history, left) => {
    expect(outcome(programOf(), history).points).toBe(left);
  });

  test('of what was bought before the programme takes nothing of what was bought in it', () => {
    const program = {
      ...programOf(),
      phases: [
        { phase: 'LIVE' as const, effectiveAt: new Date('2026-01-01T00:00:00Z') },
        { phase: 'SUNSET' as const, effectiveAt: new Date('2026-03-05T00:00:00Z') },
      ],
    };
    const history = [
      order('01', [line('A', 1, '30')], 3_000),
      order('10', [line('A', 1, '10')], 1_000),
      back('11', [line('A', 1, '10')], 1_000),
    ];
    expect(outcome(program, history).points).toBe(30n);
  });
});

describe('Lines', () => {
  test('with less than nothing are an exchange: points are for what was paid and kept', () => {
    const program = programOf([{}, { key: 'items', earns: { item: { points: '5' } } }]);
    const exchange = bought({
      at: '2026-03-10T10:00:00Z',
      value: 1_000,
      lines: [line('A', 3, '10'), line('A', -2, '10')],
    });
    expect(outcome(program, [exchange]).points).toBe(15n);
    const traded = bought({
      at: '2026-03-10T10:00:00Z',
      value: 2_000,
      lines: [line('A', 3, '10'), line('B', -1, '10')],
    });
    expect(outcome(program, [traded]).points).toBe(35n);
  });

  test('share points of the touchpoint: their order does not matter to what a return takes', () => {
    const program = programOf([{ earns: { event: { points: '10' } } }]);
    const lines = [line('A', 1, '20'), line('B', 1, '80')];
    for (const ordered of [lines, [...lines].reverse()]) {
      const history = [
        bought({ at: '2026-03-10T10:00:00Z', value: 10_000, lines: ordered, order: 'o' }),
        returned({ at: '2026-03-11T10:00:00Z', value: 2_000, lines: [lines[0]!], order: 'o' }),
      ];
      expect(outcome(program, history).points).toBe(8n);
    }
  });
});
