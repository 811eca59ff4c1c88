import { describe, expect, test } from 'vitest';
import type { EarningRule } from '../../src/loyalty/program.ts';
import { phases } from '../../src/loyalty/program.ts';
import type { GivenRule } from '../../src/loyalty/programs/given-program.ts';
import { laterId } from '../../src/loyalty/programs/later-id.ts';
import { isAllowed, planPhase } from '../../src/loyalty/programs/phase-plan.ts';
import { type RuleWords, ruleText } from '../../src/loyalty/programs/rule-text.ts';
import { exampleDefinition, exampleRule } from './programs-support.ts';

const words: RuleWords = {
  wallets: exampleDefinition().wallets,
  numberOf: (setting) => (typeof setting === 'string' ? setting : '2.5'),
  isHidden: () => false,
};

function textOf(overrides: Partial<GivenRule> = {}, known: Partial<RuleWords> = {}): string {
  const { eligibility, ...rule } = exampleRule(overrides);
  const written: EarningRule = { ...rule, eligibility: eligibility && { given: eligibility, resolved: eligibility } };
  return ruleText(written, { ...words, ...known });
}

describe('the text of a rule', () => {
  test('says all that it does', () => {
    expect(textOf()).toBe('1 point for each 1.00 CHF of the order, rounded down. For order.completed. Never expires.');
    expect(
      textOf({
        earns: { item: { points: { lever: 'piece' } } },
        match: {
          types: ['order.completed'],
          channels: ['POS'],
          where: [{ property: 'store', operator: 'EQUALS', value: 'Bern' }],
        },
        lines: { skus: ['A-1'], categories: ['coffee', 'tea'] },
        rounding: 'HALF_UP',
        roundedPer: 'LINE',
        eligibility: { trait: { trait: 'country', operator: 'EQUALS', value: 'CH' } },
        tiers: ['silver', 'gold'],
        validFrom: '2026-12-01T00:00:00.000Z',
        validTo: '2027-01-01T00:00:00.000Z',
        pendingDays: 14,
        expiry: { count: 12, unit: 'MONTH', endOf: 'MONTH' },
        caps: [
          { per: 'DAY', points: '500' },
          { per: 'TOUCHPOINT', points: '1' },
        ],
        budget: '100000',
        qualifies: false,
        partner: 'Roastery',
      }),
    ).toBe(
      '2.5 (lever piece) points for each piece of the lines of the category coffee or tea or with the SKU A-1, rounded to ' +
        'the nearest, halves up line by line. For order.completed on pos where store is "Bern". Only in the tiers silver or ' +
        'gold. Only for customers with: country is "CH". From 2026-12-01T00:00:00.000Z until before ' +
        '2027-01-01T00:00:00.000Z. Can be spent after 14 days. Expires 12 months after it was earned, at the end of that ' +
        'month. At most 500 points for each customer a day. At most 1 point for each customer for one touchpoint. At most ' +
        '100000 points in all, first come, first served. Does not count for the tier. Paid by Roastery.',
    );
  });

  test.each<[Partial<GivenRule>, string]>([
    [{ earns: { event: { points: '5' } } }, '5 points each time, rounded down.'],
    [{ earns: { spend: { points: '3', per: '0.5', currency: 'CHF' } } }, '3 points for each 0.50 CHF of the order'],
    [{ earns: { spend: { points: '1', per: '100', currency: 'JPY' } } }, '1 point for each 100 JPY of the order'],
    [{ earns: { multiplier: { factor: '2', of: null } } }, '2 times the points of all other rules'],
    [
      {
        earns: { multiplier: { factor: { lever: 'f' }, of: ['base', 'tea'] } },
        lines: { skus: ['a'], categories: [] },
      },
      '2.5 (lever f) times the points of the rules base and tea for the lines with the SKU a',
    ],
  ])('%j', (rule, start) => {
    expect(textOf(rule)).toContain(start);
  });

  test('names the wallet where there are several', () => {
    const [points] = words.wallets;
    const wallets = [points!, { ...points!, key: 'stars', name: 'Stars' }];
    expect(textOf({ wallet: 'stars' }, { wallets })).toMatch(/^1 point \(Stars\) for each 1\.00 CHF/);
  });

  test('keeps to itself what the reader may not see', () => {
    const text = textOf(
      {
        match: { types: ['a'], where: [{ property: 'email', operator: 'ENDS_WITH', value: '.ch' }] },
        eligibility: { trait: { trait: 'email', operator: 'ENDS_WITH', value: '.ch' } },
      },
      { isHidden: () => true },
    );
    expect(text).not.toContain('.ch');
    expect(text).toContain('For a, with tests that are hidden from you.');
    expect(text).toContain('Only for customers who fulfil a condition that is hidden from you.');
  });
});

describe('a phase', () => {
  test('goes forward, and back only into life from the sunset', () => {
    const allowed = phases.flatMap((from) => phases.filter((to) => isAllowed(from, to)).map((to) => `${from} ${to}`));
    const forward = phases.flatMap((from, index) => phases.slice(index + 1).map((to) => `${from} ${to}`));
    expect(allowed.sort()).toEqual([...forward, 'SUNSET LIVE'].sort());
  });

  const at = (day: number) => new Date(Date.UTC(2026, 10, day));
  const timeline = [
    { phase: 'LIVE' as const, effectiveAt: at(1) },
    { phase: 'SUNSET' as const, effectiveAt: at(20) },
  ];

  test('takes the place of what was planned for then or later', () => {
    const planned = planPhase(timeline, { phase: 'CLOSED', effectiveAt: at(15), now: at(10) });
    expect(planned).toEqual({ add: { phase: 'CLOSED', effectiveAt: at(15) }, drop: [timeline[1]] });
  });

  test('calls a plan off when it is the one that there is', () => {
    expect(planPhase(timeline, { phase: 'LIVE', effectiveAt: at(10), now: at(10) })).toEqual({
      add: null,
      drop: [timeline[1]],
    });
  });

  test('never touches what is over', () => {
    expect(() => planPhase(timeline, { phase: 'LIVE', effectiveAt: at(1), now: at(1) })).not.toThrow();
    expect(() => planPhase(timeline.slice(0, 1), { phase: 'LIVE', effectiveAt: at(2), now: at(2) })).toThrow(/already/);
    expect(() => planPhase(timeline.slice(0, 1), { phase: 'PILOT', effectiveAt: at(2), now: at(2) })).toThrow(
      /goes on to SUNSET, CLOSED/,
    );
    const shut = [{ phase: 'CLOSED' as const, effectiveAt: at(1) }];
    expect(() => planPhase(shut, { phase: 'LIVE', effectiveAt: at(2), now: at(2) })).toThrow(/no other phase/);
  });
});

describe('an id behind the last one', () => {
  test('is the new one where it is, else the next', () => {
    expect(laterId('0193-b', undefined)).toBe('0193-b');
    expect(laterId('01930000-0000-7000-8000-000000000002', '01930000-0000-7000-8000-000000000001')).toBe(
      '01930000-0000-7000-8000-000000000002',
    );
    expect(laterId('01920000-0000-7000-8000-000000000000', '01930000-0000-7000-8000-00000000ffff')).toBe(
      '01930000-0000-7000-8000-000000010000',
    );
  });
});
