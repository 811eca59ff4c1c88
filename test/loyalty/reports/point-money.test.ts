import { expect, test } from 'vitest';
import { moneyOf } from '../../../src/loyalty/reports/point-money.ts';

test.each([
  [1_000n, '0.01', 'CHF', 1_000n],
  [3n, '0.005', 'CHF', 2n],
  [-3n, '0.005', 'CHF', -2n],
  [1n, '0.004', 'EUR', 0n],
  [7n, '1.5', 'JPY', 11n],
  [9_007_199_254_740_991n, '0.00000001', 'KWD', 90_071_992_547n],
])('%d points at %s %s are %d minor units', (points, amount, currency, minor) => {
  expect(moneyOf(points, { pointValue: { amount, currency } })).toEqual({ minor, currency });
});

test('without a value there is no money', () => {
  expect(moneyOf(5n, { pointValue: null })).toBeNull();
});
