import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NumberTest } from '../../src/conditions/condition.ts';
import { dividedBy, readDecimal, timesCount } from '../../src/conditions/decimal.ts';
import {
  canonicalDecimal,
  checkCountTest,
  checkNumberTest,
  rangeOf,
  testNumber,
} from '../../src/conditions/number-test.ts';
import { add, compare, toText } from '../../src/touchpoints/import-decimal.ts';

describe('a number test as it is given', () => {
  test.each([
    ['-0.50', '-0.5'],
    ['007', '7'],
    ['-0', '0'],
    ['0.000', '0'],
    ['10', '10'],
    ['100.010', '100.01'],
    ['-00.00000001', '-0.00000001'],
  ])('has one spelling: %s', (given, stored) => {
    expect(canonicalDecimal(given)).toBe(stored);
    expect(checkNumberTest({ comparison: 'MORE', value: given }, 'n')).toEqual({ comparison: 'MORE', value: stored });
  });

  test('takes JSON numbers, too, and forgets what is null', () => {
    const given = { comparison: 'AT_LEAST', value: 12.5, to: null } as unknown as NumberTest;
    expect(checkNumberTest(given, 'n')).toEqual({ comparison: 'AT_LEAST', value: '12.5' });
  });

  test.each<[given: unknown, field: string]>([
    [{ comparison: 'ABOUT', value: '1' }, 'n.comparison'],
    [{ comparison: 'MORE', value: '1e3' }, 'n.value'],
    [{ comparison: 'MORE', value: '' }, 'n.value'],
    [{ comparison: 'MORE', value: '.5' }, 'n.value'],
    [{ comparison: 'MORE', value: '1.' }, 'n.value'],
    [{ comparison: 'MORE', value: '0.000000001' }, 'n.value'],
    [{ comparison: 'MORE', value: '12345678901234567' }, 'n.value'],
    [{ comparison: 'MORE' }, 'n.value'],
    [{ comparison: 'MORE', value: '1', to: '2' }, 'n.to'],
    [{ comparison: 'BETWEEN', value: '1' }, 'n.to'],
    [{ comparison: 'BETWEEN', value: '2', to: '1.99999999' }, 'n.to'],
  ])('is refused with the path of the fault: %j', (given, field) => {
    expect(() => checkNumberTest(given as NumberTest, 'n')).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }),
    );
  });

  test.each<[given: NumberTest, field: string]>([
    [{ comparison: 'MORE', value: '-1' }, 'c.value'],
    [{ comparison: 'MORE', value: '1.5' }, 'c.value'],
    [{ comparison: 'MORE', value: '1000001' }, 'c.value'],
    [{ comparison: 'BETWEEN', value: '1', to: '2.5' }, 'c.to'],
  ])('of a count takes whole numbers from 0: %j', (given, field) => {
    expect(() => checkCountTest(given, 'c')).toThrow(expect.objectContaining({ details: { field } }));
  });
});

describe('a number', () => {
  const passing = (number: string, value: string) =>
    (['EQUALS', 'NOT_EQUALS', 'LESS', 'AT_MOST', 'MORE', 'AT_LEAST'] as const).filter((comparison) =>
      testNumber(number, { comparison, value }),
    );

  test.each([
    ['2', '2.00', ['EQUALS', 'AT_MOST', 'AT_LEAST']],
    ['1.99999999', '2', ['NOT_EQUALS', 'LESS', 'AT_MOST']],
    ['2.000000000000000000001', '2', ['NOT_EQUALS', 'MORE', 'AT_LEAST']],
    ['1e+21', '9999999999999999', ['NOT_EQUALS', 'MORE', 'AT_LEAST']],
    ['-1.5e-7', '0', ['NOT_EQUALS', 'LESS', 'AT_MOST']],
    // 2^53 and its neighbour are one number to JavaScript.
    ['9007199254740993', '9007199254740992', ['NOT_EQUALS', 'MORE', 'AT_LEAST']],
  ])('%s against %s', (number, value, comparisons) => {
    expect(passing(number, value)).toEqual(comparisons);
  });

  test('is between both ends, included', () => {
    const between: NumberTest = { comparison: 'BETWEEN', value: '-1', to: '1.5' };
    expect(['-1.00000001', '-1', '0', '1.5', '1.50000001'].map((number) => testNumber(number, between))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  test('of so many is compared without dividing: a third has no last digit', () => {
    expect(testNumber('1', { comparison: 'MORE', value: '0.33333333' }, 3)).toBe(true);
    expect(testNumber('1', { comparison: 'LESS', value: '0.33333334' }, 3)).toBe(true);
    expect(testNumber('0.99999999', { comparison: 'EQUALS', value: '0.33333333' }, 3)).toBe(true);
  });

  test('passes a count test when it lies in its range', () => {
    const tests = fc
      .tuple(fc.constantFrom('EQUALS', 'LESS', 'AT_MOST', 'MORE', 'AT_LEAST', 'BETWEEN' as const), fc.nat(5), fc.nat(5))
      .map(([comparison, a, b]) => ({
        comparison,
        value: String(Math.min(a, b)),
        ...(comparison === 'BETWEEN' ? { to: String(Math.max(a, b)) } : {}),
      })) as fc.Arbitrary<NumberTest>;
    fc.assert(
      fc.property(tests, fc.nat(7), (given, count) => {
        const { least, most } = rangeOf(given)!;
        expect(testNumber(String(count), given)).toBe(count >= least && (most === null || count <= most));
      }),
    );
    expect(rangeOf({ comparison: 'NOT_EQUALS', value: '1' })).toBe(null);
  });
});

describe('exact decimals', () => {
  const numbers = fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e30, max: 1e30 });

  test('read what JavaScript prints, and print it again', () => {
    fc.assert(
      fc.property(numbers, (number) => {
        expect(Number(toText(readDecimal(String(number))))).toBe(number + 0);
      }),
    );
    expect(toText(readDecimal('1e+21'))).toBe('1000000000000000000000');
    expect(toText(readDecimal('-1.50e-7'))).toBe('-0.00000015');
    expect(() => readDecimal('1,5')).toThrow('no decimal number');
  });

  test('add up to the same in every order', () => {
    const sum = (list: readonly number[]) =>
      toText(list.map((number) => readDecimal(String(number))).reduce(add, readDecimal('0')));
    fc.assert(
      fc.property(fc.array(numbers), (list) => {
        expect(sum([...list].reverse())).toBe(sum(list));
      }),
    );
    expect(sum([0.1, 0.2])).toBe('0.3');
    expect(sum([1e21, 1.5e-7, -1e21])).toBe('0.00000015');
  });

  test('compare as numbers do', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const order = compare(readDecimal(String(a)), readDecimal(String(b)));
        expect(order).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  test.each([
    ['10', 4, 2, '2.5'],
    ['2', 3, 8, '0.66666667'],
    ['-0.5', 1, 0, '-1'],
    ['0.4', 1, 0, '0'],
  ])('%s divided by %i, with %i places', (number, count, places, quotient) => {
    expect(toText(dividedBy(readDecimal(number), count, places))).toBe(quotient);
    expect(toText(timesCount(dividedBy(readDecimal(number), 1, 8), count))).toBe(
      toText(timesCount(readDecimal(number), count)),
    );
  });
});
