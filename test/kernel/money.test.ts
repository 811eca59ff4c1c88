import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currencyExponent, toDecimal, toMinor } from '../../src/kernel/money.ts';

describe('decimal places of a currency', () => {
  // https://www.six-group.com/dam/download/financial-information/data-center/iso-currrency/lists/list-one.xml
  test.each([
    ['EUR', 2],
    ['CHF', 2],
    ['JPY', 0],
    ['KRW', 0],
    ['ISK', 0],
    ['CLP', 0],
    ['KWD', 3],
    ['IQD', 3],
    ['TND', 3],
    ['HUF', 2],
    ['COP', 2],
    ['IDR', 2],
    ['PKR', 2],
    ['RSD', 2],
  ])('%s has %i, as ISO 4217 says', (currency, places) => {
    expect(currencyExponent(currency)).toBe(places);
  });

  test.each(['eur', 'EURO', 'XYZ', '', 'constructor'])('there is no currency %j', (currency) => {
    expect(currencyExponent(currency)).toBeUndefined();
  });
});

describe('amounts', () => {
  const exponent = fc.integer({ min: 0, max: 4 });
  const minor = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });

  test('survive the way to decimal text and back', () => {
    fc.assert(
      fc.property(minor, exponent, (amount, places) => {
        expect(toMinor(toDecimal(amount, places), places)).toBe(amount);
      }),
    );
  });

  test('are written with all places of the currency', () => {
    fc.assert(
      fc.property(minor, exponent, (amount, places) => {
        expect(toDecimal(amount, places)).toMatch(places === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${places}}$`));
      }),
    );
  });

  test.each<[string, number, bigint | undefined]>([
    ['12.5', 2, 1250n],
    ['12.50', 2, 1250n],
    ['12.500000', 2, 1250n],
    ['12.505', 2, undefined],
    ['0.00000001', 2, undefined],
    ['-0.01', 2, -1n],
    ['-0', 2, 0n],
    ['007', 2, 700n],
    ['1000', 0, 1000n],
    ['1000.0', 0, 1000n],
    ['1000.1', 0, undefined],
    ['9007199254740993.01', 2, 900719925474099301n],
    ['12345678901234567', 2, undefined],
    ['1.123456789', 8, undefined],
    ['1e3', 2, undefined],
    ['+1', 2, undefined],
    ['1,5', 2, undefined],
    ['.5', 2, undefined],
    ['5.', 2, undefined],
    [' 5', 2, undefined],
    ['5\n', 2, undefined],
    ['٥', 2, undefined],
    ['', 2, undefined],
    ['NaN', 2, undefined],
  ])('%j with %i places is %s', (text, places, amount) => {
    expect(toMinor(text, places)).toBe(amount);
  });
});
