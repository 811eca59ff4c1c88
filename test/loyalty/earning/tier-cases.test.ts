import { describe, expect, test } from 'vitest';
import { Calendar } from '../../../src/loyalty/earning/calendar.ts';
import { follows, MemberFold } from '../../../src/loyalty/earning/member-fold.ts';
import type { TierScheme } from '../../../src/loyalty/program.ts';
import { alwaysMember, bought, definition, outcome, programOf, returned, scheme } from '../oracle/cases.ts';

const spring = '2026-03-10T10:00:00Z';
const summer = '2026-06-10T10:00:00Z';

describe('A tier is reached', () => {
  test.each([
    [9_999, 'base'],
    [10_000, 'silver'],
    [10_001, 'silver'],
    [19_999, 'silver'],
    [20_000, 'gold'],
  ])('at its threshold, not one below: %d centimes give %s', (value, tier) => {
    expect(outcome(programOf(), [bought({ at: spring, value })]).tierOn(spring)).toBe(tier);
  });

  test.each([
    [9_999, 'base'],
    [10_000, 'silver'],
  ])('by spend to the centime: %d gives %s', (value, tier) => {
    const program = programOf([{}], { tierScheme: { ...scheme, basis: { spend: { currency: 'CHF' } } } });
    expect(outcome(program, [bought({ at: spring, value })]).tierOn(spring)).toBe(tier);
  });

  test('by what was earned, pending and expired points included, whatever the balance is', () => {
    const expiring = programOf([{ pendingDays: 30, expiry: { count: 2, unit: 'MONTH', endOf: 'DAY' } }]);
    const { lots, tierOn } = outcome(expiring, [bought({ at: spring, value: 15_000 })]);
    expect(lots[0]!.availableAt > new Date(spring)).toBe(true);
    expect(tierOn(spring)).toBe('silver');
    expect(tierOn(summer)).toBe('silver');
  });

  test('not by points that do not qualify', () => {
    expect(outcome(programOf([{ qualifies: false }]), [bought({ at: spring, value: 50_000 })]).tierOn(spring)).toBe(
      'base',
    );
  });

  test('by one who has it before the purchase, not by the purchase itself', () => {
    const program = programOf([
      {},
      { key: 'extra', tiers: ['silver'], earns: { event: { points: '1000' } }, qualifies: false },
    ]);
    expect(outcome(program, [bought({ at: spring, value: 10_000 })]).points).toBe(100n);
    const twice = [bought({ at: spring, value: 10_000 }), bought({ at: summer, value: 100 })];
    expect(outcome(program, twice).points).toBe(1_101n);
  });
});

describe('A tier that somebody gave', () => {
  const given = { id: 'a', tier: 'gold', from: new Date(spring), to: new Date(summer) };
  const member = { ...alwaysMember, overrides: [given] };

  test('is there for its time, and leaves nothing behind: no hidden floor', () => {
    const { tierOn } = outcome(programOf(), [bought({ at: spring, value: 10_000 })], { member });
    expect(tierOn(spring)).toBe('gold');
    expect(tierOn('2026-06-10T09:59:59.999Z')).toBe('gold');
    expect(tierOn(summer)).toBe('silver');
  });

  test('holds also below what was earned, and the earned one is back afterwards', () => {
    const low = { ...alwaysMember, overrides: [{ ...given, tier: 'base' }] };
    const { tierOn } = outcome(programOf(), [bought({ at: spring, value: 30_000 })], { member: low });
    expect([tierOn(spring), tierOn(summer)]).toEqual(['base', 'gold']);
  });

  test('that was given last counts, and one that the programme does not know is none', () => {
    const both = [given, { ...given, id: 'b', tier: 'silver' }];
    expect(outcome(programOf(), [], { member: { ...alwaysMember, overrides: both } }).tierOn(spring)).toBe('silver');
    const unknown = [{ ...given, tier: 'diamond' }];
    expect(outcome(programOf(), [], { member: { ...alwaysMember, overrides: unknown } }).tierOn(spring)).toBe('base');
  });
});

describe('A window', () => {
  const tierWith = (changes: Partial<TierScheme>, at: string) => {
    const { tierOn } = outcome(programOf([{}], { tierScheme: { ...scheme, ...changes } }), [
      bought({ at, value: 10_000 }),
    ]);
    return tierOn;
  };

  test.each([
    // Twelve months from a leap day end with the day before the last of February.
    ['2024-02-29T12:00:00Z', 12, '2025-02-27T22:59:59Z', '2025-02-27T23:00:00Z'],
    ['2023-02-28T12:00:00Z', 12, '2024-02-27T22:59:59Z', '2024-02-27T23:00:00Z'],
    // 31 January and a month: February's last day, in a leap year too.
    ['2025-01-31T12:00:00Z', 1, '2025-02-27T22:59:59Z', '2025-02-27T23:00:00Z'],
    ['2024-01-31T12:00:00Z', 1, '2024-02-28T22:59:59Z', '2024-02-28T23:00:00Z'],
    // Summer time begins and ends in between: midnight stays midnight.
    ['2026-03-28T12:00:00Z', 1, '2026-04-27T21:59:59Z', '2026-04-27T22:00:00Z'],
    ['2026-09-25T12:00:00Z', 1, '2026-10-24T21:59:59Z', '2026-10-24T22:00:00Z'],
    ['2026-09-26T12:00:00Z', 1, '2026-10-25T22:59:59Z', '2026-10-25T23:00:00Z'],
  ])('of what was bought at %s, %d months long, still counts at %s and no longer at %s', (at, months, last, over) => {
    const tierOn = tierWith({ window: { rolling: { months } } }, at);
    expect([tierOn(last), tierOn(over)]).toEqual(['silver', 'base']);
  });

  test('of the calendar ends with its period, or with the next one, and then with the days of grace', () => {
    const quarter = { window: { calendar: { months: 3 as const } } };
    const plain = tierWith(quarter, spring);
    expect([plain('2026-03-31T21:59:59Z'), plain('2026-03-31T22:00:00Z')]).toEqual(['silver', 'base']);
    const kept = tierWith({ ...quarter, keepsThroughNextPeriod: true }, spring);
    expect([kept('2026-06-30T21:59:59Z'), kept('2026-06-30T22:00:00Z')]).toEqual(['silver', 'base']);
    const graced = tierWith({ ...quarter, keepsThroughNextPeriod: true, graceDays: 14 }, spring);
    expect([graced('2026-07-14T21:59:59Z'), graced('2026-07-14T22:00:00Z')]).toEqual(['silver', 'base']);
  });

  test('is graced from the best day, which may be the one before something is lost', () => {
    const program = programOf([{}], { tierScheme: { ...scheme, window: { rolling: { months: 1 } }, graceDays: 10 } });
    const history = [bought({ at: spring, value: 6_000 }), bought({ at: '2026-04-05T10:00:00Z', value: 6_000 })];
    const { tierOn } = outcome(program, history);
    const days = ['2026-04-04', '2026-04-05', '2026-04-09', '2026-04-10', '2026-04-19', '2026-04-20'];
    const tiers = days.map((day) => tierOn(`${day}T12:00:00Z`));
    expect(tiers).toEqual(['base', 'silver', 'silver', 'silver', 'silver', 'base']);
  });

  test('has no grace for what was returned', () => {
    const program = programOf([{}], { tierScheme: { ...scheme, graceDays: 300 } });
    const history = [
      bought({ at: spring, value: 20_000, order: 'o' }),
      returned({ at: summer, value: 20_000, order: 'o' }),
    ];
    expect(outcome(program, history).tierOn(summer)).toBe('base');
  });
});

describe('A state', () => {
  test('is not gone on from where a new version looks further back than it reaches', () => {
    const short = programOf([{}], { tierScheme: { ...scheme, window: { rolling: { months: 1 } } } });
    const wide = definition([{}], { ...scheme, window: { rolling: { months: 24 } } });
    const long = {
      ...short,
      versions: [...short.versions, { version: 2, effectiveAt: new Date(summer), definition: wide }],
    };
    const facts = [bought({ at: '2025-08-10T10:00:00Z', value: 10_000 }), bought({ at: spring, value: 100 })];
    const fold = new MemberFold({ program: short, calendar: new Calendar('Europe/Zurich') }, alwaysMember);
    for (const fact of facts) fold.add(fact);
    expect(follows(short, fold.state(), [])).toBe(true);
    expect(follows(long, fold.state(), [])).toBe(false);
    expect(outcome(long, facts).tierOn(summer)).toBe('silver');
  });
});
