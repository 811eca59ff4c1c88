import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, compare, multiply, negate, parseDecimal, round, toText } from '../../src/touchpoints/import-decimal.ts';

const decimal = fc.record({
  digits: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
  scale: fc.integer({ min: 0, max: 6 }),
});

describe('exact decimals', () => {
  it.each([
    ['2.55', '.', '2.55'],
    ['-6.0', '.', '-6'],
    ['1,234.50', '.', '1234.5'],
    ['1.234.567,89', ',', '1234567.89'],
    ["12'000", '.', '12000'],
    ['0,5', ',', '0.5'],
    ['0.001', '.', '0.001'],
  ] as const)('read %s with "%s" as %s', (text, mark, expected) => {
    expect(toText(parseDecimal(text, mark)!)).toBe(expected);
  });

  it.each(['', 'abc', '1,5', '1.2.3', '12,34.5', '1e5', 'NaN', '0x10', '--1', '.5'])('refuse %j', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  it.each([
    ['2042.761', '2042.76'],
    ['0.005', '0.01'],
    ['-0.005', '-0.01'],
    ['0.0049', '0'],
    ['1.995', '2'],
  ])('round %s to %s', (text, expected) => {
    expect(toText(round(parseDecimal(text)!, 2))).toBe(expected);
  });

  it('add and multiply without loss, in any order', () => {
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        expect(compare(add(multiply(a, b), multiply(a, c)), multiply(a, add(b, c)))).toBe(0);
        expect(compare(add(a, negate(a)), { digits: 0n, scale: 0 })).toBe(0);
        expect(compare(parseDecimal(toText(a))!, a)).toBe(0);
      }),
    );
  });
});
