import { describe, expect, it } from 'vitest';
import { averageOrderValue, readRevenue } from '../../src/touchpoints/customer-orders.ts';

describe('readRevenue', () => {
  it('keeps every digit beyond 2^53', () => {
    const json = '{"KRW": {"orders": 1, "returns": 0, "gross": 9007199254740993, "returned": 9223372036854775807}}';
    expect(readRevenue(json)).toEqual([
      { currency: 'KRW', orders: 1, returns: 0, gross: 9007199254740993n, returned: 9223372036854775807n },
    ]);
  });

  it('gives the currency with the most orders first', () => {
    const sums = (orders: number) => ({ orders, returns: 0, gross: 1, returned: 0 });
    const json = JSON.stringify({ CHF: sums(1), EUR: sums(3), USD: sums(1) });
    expect(readRevenue(json).map((revenue) => revenue.currency)).toEqual(['EUR', 'CHF', 'USD']);
  });

  it('gives nothing for who never bought', () => {
    expect(readRevenue('{}')).toEqual([]);
  });
});

describe('averageOrderValue', () => {
  it.each<[bigint, number, bigint | undefined]>([
    [100n, 3, 33n],
    [101n, 2, 51n],
    [200n, 3, 67n],
    [0n, 0, undefined],
  ])('%d over %d orders is %d', (gross, orders, minor) => {
    expect(averageOrderValue({ currency: 'EUR', orders, returns: 0, gross, returned: 0n })?.minor).toBe(minor);
  });
});
