import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Total } from '../../../src/loyalty/simulation/estimate.ts';

function totalOf(values: readonly bigint[]): Total {
  const total = new Total();
  for (const value of values) total.add(value);
  return total;
}

describe('the estimate of a total', () => {
  test('is that of the textbook: 4 of 10 members have 2, 4, 6 and 8', () => {
    // ȳ = 5, s² = 20/3; N·ȳ = 50; 10 · √((1 − 0.4) · (20/3) / 4) = 10; 1.959964 · 10 = 19.59964.
    expect(totalOf([2n, 4n, 6n, 8n]).estimate({ total: 10, sampled: 4 })).toEqual({
      value: 50n,
      lowest: 30n,
      highest: 70n,
    });
  });

  test('counts members who have nothing', () => {
    // 2 of 4 have 10: ȳ = 5, s² = 100/3, 8 · √(0.5 · (100/3) / 4) = 16.33; 1.959964 · 16.33 = 32.006.
    const { value, lowest, highest } = totalOf([10n, 10n]).estimate({ total: 8, sampled: 4 });
    expect([value, lowest, highest]).toEqual([40n, 7n, 73n]);
  });

  test('of everybody is the sum, without an interval', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -1000n, max: 1000n }), { minLength: 1 }), (values) => {
        const sum = values.reduce((all, value) => all + value, 0n);
        const size = { total: values.length, sampled: values.length };
        expect(totalOf(values).estimate(size)).toEqual({ value: sum, lowest: null, highest: null });
      }),
    );
  });

  test('of nobody is nothing', () => {
    expect(new Total().estimate({ total: 10, sampled: 0 })).toEqual({ value: 0n, lowest: null, highest: null });
    expect(new Total().estimate({ total: 0, sampled: 0 })).toEqual({ value: 0n, lowest: null, highest: null });
  });

  test('holds the truth in about 95 of 100 samples', () => {
    const values = Array.from(
      { length: 2_000 },
      (_, index) => BigInt((index * 7919) % 500) * (index % 3 === 0 ? 0n : 1n),
    );
    const truth = values.reduce((all, value) => all + value, 0n);
    let held = 0;
    for (let round = 0; round < 400; round += 1) {
      const drawn = values.filter((_, index) => hash(index * 401 + round) < 0.1);
      const { lowest, highest } = totalOf(drawn).estimate({ total: values.length, sampled: drawn.length });
      if (lowest! <= truth && truth <= highest!) held += 1;
    }
    expect(held).toBeGreaterThan(365);
    expect(held).toBeLessThan(396);
  });
});

function hash(seed: number): number {
  let mixed = (seed + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
}
