import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactSum } from '../../src/identity/exact-sum.ts';
import {
  type LosingReason,
  type Statement,
  strategies,
  survive,
  type TraitRule,
} from '../../src/identity/survivorship.ts';
import { guessType, type TraitType } from '../../src/identity/trait-value.ts';
import type { Json } from '../../src/kernel/json.ts';

const uuid = (number: number) => `00000000-0000-8000-8000-${String(number).padStart(12, '0')}`;

/** What record `n` said on that day of October. */
function said(n: number, day: number, value: Json, source = 'web'): Statement {
  return { recordId: uuid(n), source, value, setAt: new Date(Date.UTC(2026, 9, day)), touchpointId: uuid(100 + n) };
}

const rule = (
  strategy: TraitRule['survivorship']['strategy'],
  more: Partial<TraitRule['survivorship']> = {},
  type: TraitType = 'TEXT',
): TraitRule => ({
  type,
  survivorship: { strategy, ...more },
});

/** `n: value` of what counts, then `n: reason` of what doesn't. */
function outcome(given: TraitRule, statements: Statement[]) {
  const number = ({ recordId }: Statement) => Number(recordId.slice(-3));
  const { value, contributions, losers } = survive(given, statements);
  return {
    value,
    from: contributions.map(number),
    losers: Object.fromEntries(losers.map(({ statement, reason }) => [number(statement), reason])),
  };
}

const names = [said(1, 1, 'Jo'), said(2, 2, 'Johanna', 'crm'), said(3, 3, 'Jo', 'pos'), said(4, 4, null)];
const amounts = [said(1, 1, 10), said(2, 2, 2.5), said(3, 3, '99'), said(4, 4, null)];

describe('each strategy', () => {
  type Case = [TraitRule, Statement[], Json | undefined, number[], Record<number, LosingReason>];
  const older = { 1: 'OLDER', 2: 'OLDER', 3: 'OLDER' } as const;
  test.each<Case>([
    [rule('MOST_RECENT'), names, null, [4], older],
    [rule('MOST_RECENT'), names.slice(0, 3), 'Jo', [3], { 1: 'SAME_VALUE', 2: 'OLDER' }],
    [rule('OLDEST'), names, 'Jo', [1], { 2: 'NEWER', 3: 'SAME_VALUE', 4: 'NO_VALUE' }],
    [rule('MOST_FREQUENT'), names, 'Jo', [3], { 1: 'SAME_VALUE', 2: 'LESS_FREQUENT', 4: 'NO_VALUE' }],
    [rule('MOST_FREQUENT'), names.slice(0, 2), 'Johanna', [2], { 1: 'OLDER' }],
    [
      rule('SOURCE_PRIORITY', { sources: ['crm', 'web'] }),
      names,
      'Johanna',
      [2],
      { 1: 'LESS_TRUSTED_SOURCE', 3: 'LESS_TRUSTED_SOURCE', 4: 'NO_VALUE' },
    ],
    [rule('SOURCE_PRIORITY', { sources: ['app'] }), names.slice(0, 2), 'Johanna', [2], { 1: 'OLDER' }],
    [rule('LONGEST'), names, 'Johanna', [2], { 1: 'SHORTER', 3: 'SHORTER', 4: 'NO_VALUE' }],
    [
      rule('LONGEST'),
      [said(1, 1, 'a👍👍'), said(2, 2, 'abcd'), said(3, 3, 12345)],
      'abcd',
      [2],
      { 1: 'SHORTER', 3: 'WRONG_TYPE' },
    ],
    [rule('MIN', {}, 'NUMBER'), amounts, 2.5, [2], { 1: 'GREATER', 3: 'WRONG_TYPE', 4: 'NO_VALUE' }],
    [rule('MAX', {}, 'NUMBER'), amounts, 10, [1], { 2: 'SMALLER', 3: 'WRONG_TYPE', 4: 'NO_VALUE' }],
    [
      rule('MIN', {}, 'DATE'),
      [said(1, 1, '2026-02-30'), said(2, 2, '2025-12-31'), said(3, 3, '2026-01-01'), said(4, 4, 3)],
      '2025-12-31',
      [2],
      { 1: 'WRONG_TYPE', 3: 'GREATER', 4: 'WRONG_TYPE' },
    ],
    [
      rule('MAX', {}, 'DATE_TIME'),
      [said(1, 1, '2026-01-01T10:00:00+02:00'), said(2, 2, '2026-01-01T08:30:00Z'), said(3, 3, '2026-01-02')],
      '2026-01-01T08:30:00Z',
      [2],
      { 1: 'SMALLER', 3: 'WRONG_TYPE' },
    ],
    [rule('SUM', {}, 'NUMBER'), amounts, 12.5, [2, 1], { 3: 'WRONG_TYPE', 4: 'NO_VALUE' }],
    [rule('SUM', {}, 'NUMBER'), [said(1, 1, 'x'), said(2, 2, null)], undefined, [], { 1: 'WRONG_TYPE', 2: 'NO_VALUE' }],
    [
      rule('SET_UNION', {}, 'LIST'),
      [said(1, 1, ['b', 'a']), said(2, 2, 'c'), said(3, 3, ['a', { k: 1 }]), said(4, 4, null)],
      ['a', 'b', 'c', { k: 1 }],
      [3, 2, 1],
      { 4: 'NO_VALUE' },
    ],
    [
      rule('MOST_RESTRICTIVE', { ranking: ['denied', 'granted'] }),
      [said(1, 1, 'denied'), said(2, 2, 'granted'), said(3, 3, 'maybe'), said(4, 4, 'denied')],
      'denied',
      [4],
      { 1: 'SAME_VALUE', 2: 'LESS_RESTRICTIVE', 3: 'NOT_RANKED' },
    ],
    [
      rule('MOST_RESTRICTIVE', { ranking: [false, true] }, 'BOOLEAN'),
      [said(1, 1, false), said(2, 2, true)],
      false,
      [1],
      { 2: 'LESS_RESTRICTIVE' },
    ],
  ])('%j of %j', (given, statements, value, from, losers) => {
    expect(outcome(given, statements)).toEqual({ value, from, losers });
  });

  test('breaks a tie in time by the touchpoint, the same way everywhere', () => {
    const [a, b] = [said(1, 1, 'a'), said(2, 1, 'b')];
    expect(outcome(rule('MOST_RECENT'), [a, b])).toEqual(outcome(rule('MOST_RECENT'), [b, a]));
    expect(survive(rule('MOST_RECENT'), [a, b]).value).toBe('b');
    expect(survive(rule('OLDEST'), [a, b]).value).toBe('a');
  });
});

const value = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    1,
    2.5,
    -3,
    0.1,
    0.2,
    '',
    'a',
    'bb',
    '2026-01-01',
    '2026-01-01T00:00:00Z',
  ),
  fc.constantFrom<Json>(['a', 'b'], ['b', 'c', null], [], { k: [1] }),
);

/** Few instants, so that they tie; each record states one value. */
const statements = fc.uniqueArray(
  fc.record({
    recordId: fc.integer({ min: 1, max: 30 }).map(uuid),
    source: fc.constantFrom('web', 'crm', 'pos'),
    value,
    setAt: fc.integer({ min: 1, max: 4 }).map((day) => new Date(Date.UTC(2026, 0, day))),
    touchpointId: fc.uuid(),
  }),
  { selector: (statement) => statement.recordId, maxLength: 8 },
);

const anyRule = fc.record({
  type: fc.constantFrom<TraitType>('TEXT', 'NUMBER', 'BOOLEAN', 'DATE', 'DATE_TIME', 'OBJECT', 'LIST'),
  survivorship: fc.record({
    strategy: fc.constantFrom(...strategies),
    sources: fc.constant(['crm', 'web']),
    ranking: fc.constant<Json[]>([false, true, 'a', ['a', 'b']]),
  }),
});

describe('for any rule and any statements', () => {
  test('their order does not matter', () => {
    const shuffled = statements.chain((given) =>
      fc.record({ given: fc.constant(given), other: fc.shuffledSubarray(given, { minLength: given.length }) }),
    );
    fc.assert(
      fc.property(anyRule, shuffled, (given, { given: one, other }) => {
        expect(survive(given, other)).toEqual(survive(given, one));
      }),
    );
  });

  test('every statement counts or has lost for a reason, once', () => {
    fc.assert(
      fc.property(anyRule, statements, (given, all) => {
        const { contributions, losers, value: golden } = survive(given, all);
        const told = [...contributions, ...losers.map((loser) => loser.statement)];
        expect(new Set(told)).toEqual(new Set(all));
        expect(told).toHaveLength(all.length);
        expect(golden === undefined).toBe(contributions.length === 0);
      }),
    );
  });

  test('a merge that is undone leaves no trace, and a value that is chosen is one that somebody stated', () => {
    fc.assert(
      fc.property(anyRule, statements, fc.nat(), (given, all, cut) => {
        const mine = all.slice(0, cut % (all.length + 1));
        const before = survive(given, mine);
        survive(given, all);
        expect(survive(given, mine)).toEqual(before);
        const { strategy } = given.survivorship;
        if (strategy === 'SUM' || strategy === 'SET_UNION' || before.value === undefined) return;
        expect(mine.map((statement) => statement.value)).toContainEqual(before.value);
      }),
    );
  });

  test('SUM and SET_UNION of two customers are what their values give together', () => {
    const combined = (given: TraitRule, parts: Statement[][]) => {
      const values = parts.map((part) => survive(given, part).value).filter((part) => part !== undefined);
      return survive(
        given,
        values.map((part, index) => said(index + 1, index + 1, part)),
      ).value;
    };
    fc.assert(
      fc.property(statements, fc.nat(), fc.nat(), (all, one, two) => {
        const [from, to] = [one % (all.length + 1), two % (all.length + 1)].sort((a, b) => a - b) as [number, number];
        const parts = [all.slice(0, from), all.slice(from, to), all.slice(to)];
        for (const given of [rule('SUM', {}, 'NUMBER'), rule('SET_UNION', {}, 'LIST')]) {
          expect(combined(given, parts)).toEqual(survive(given, all).value);
        }
      }),
    );
  });
});

describe('exactSum', () => {
  test.each([
    [[0.1, 0.2], 0.3],
    [[1e21, 1, -1e21], 1],
    [[1e-9, 5e-324, -1e-9], 5e-324],
    [[Number.MAX_VALUE, Number.MAX_VALUE], Number.MAX_VALUE],
    [[-0.5, 0.25], -0.25],
    [[], 0],
  ])('%j → %d', (numbers, sum) => {
    expect(exactSum(numbers)).toBe(sum);
  });

  test('is the same in any order', () => {
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 6 });
    fc.assert(
      fc.property(numbers, (given) => {
        expect(exactSum(given.toReversed())).toBe(exactSum(given));
      }),
    );
  });
});

test.each<[Json, TraitType]>([
  ['8001', 'TEXT'],
  [8001, 'NUMBER'],
  [true, 'BOOLEAN'],
  ['1990-12-31', 'DATE'],
  ['1990-13-31', 'TEXT'],
  ['2026-03-29T03:30:00+02:00', 'DATE_TIME'],
  ['2026-03-29T03:30', 'TEXT'],
  [[1], 'LIST'],
  [{ a: 1 }, 'OBJECT'],
  [null, 'TEXT'],
])('the type of %j is guessed as %s', (given, type) => {
  expect(guessType(given)).toBe(type);
});
