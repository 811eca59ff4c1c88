import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { developmentFactors, estimateBreakage, type Vintage } from '../../../src/loyalty/reports/breakage.ts';

/**
 * Counted by hand:
 *
 * | vintage | issued | age 0: left, expired | age 1 | age 2 |
 * |---------|-------:|----------------------|-------|-------|
 * | June    | 1000   | 200, 0               | 300, 0 | 100, 400 |
 * | July    |  800   | 240, 0               | 160, 0 | – |
 * | August  |  500   | 100, 0               | –      | – |
 * | September | 300  | –                    | –      | – |
 *
 * Age 0: of 1000 + 800 + 500 = 2300 there stay 2300 − 540 = 1760: 0.765217…
 * Age 1: of 800 + 560 = 1360 there stay 1360 − 460 = 900: 0.661764…
 * Age 2: of 500 expire 400: 0.8, and nothing stays.
 */
const triangle: Vintage[] = [
  { issued: 1000, age: 3, left: [200, 300, 100, 0], expired: [0, 0, 400, 0] },
  { issued: 800, age: 2, left: [240, 160, 10], expired: [0, 0, 5] },
  { issued: 500, age: 1, left: [100, 20], expired: [0, 0] },
  { issued: 300, age: 0, left: [30], expired: [0] },
];

describe('development factors', () => {
  test('are those of the triangle', () => {
    const factors = developmentFactors(triangle);
    expect(factors.map(({ age, vintages }) => [age, vintages])).toEqual([
      [0, 3],
      [1, 2],
      [2, 1],
    ]);
    expect(factors.map(({ stays }) => stays)).toEqual([1760 / 2300, 900 / 1360, 0]);
    expect(factors.map(({ expires }) => expires)).toEqual([0, 0, 0.8]);
  });

  test('of nothing are none, and an age at which nothing is left changes nothing', () => {
    expect(developmentFactors([])).toEqual([]);
    expect(developmentFactors([{ issued: 5, age: 2, left: [5, 0], expired: [0, 0] }])).toEqual([
      { age: 0, expires: 0, stays: 0, vintages: 1 },
      { age: 1, expires: 0, stays: 1, vintages: 1 },
    ]);
  });
});

describe('the estimate', () => {
  const factors = developmentFactors(triangle);
  const estimate = (vintage: Vintage) => estimateBreakage(vintage, factors);

  test('is that of the triangle', () => {
    // June has gone through all ages: what expired is what is expected.
    expect(estimate(triangle[0]!)).toEqual({ expected: 400, unknown: 0 });
    // July: 400 are there, of which 0.8 expire.
    expect(estimate(triangle[1]!).expected).toBeCloseTo(320, 9);
    // August: 400 · 0.661765 · 0.8.
    expect(estimate(triangle[2]!).expected).toBeCloseTo(211.7647, 4);
    // September, of which no month is over: 300 · 0.765217 · 0.661765 · 0.8.
    expect(estimate(triangle[3]!).expected).toBeCloseTo(121.5345, 4);
  });

  test('says what nobody has seen yet', () => {
    const young = [{ issued: 100, age: 1, left: [40], expired: [0] }];
    expect(estimateBreakage(young[0]!, developmentFactors(young))).toEqual({ expected: 0, unknown: 60 });
  });

  test('is never more than what was issued, nor negative', () => {
    const vintage = fc
      .record({
        issued: fc.nat({ max: 1000 }),
        age: fc.nat({ max: 5 }),
        parts: fc.array(fc.nat({ max: 40 }), { minLength: 12, maxLength: 12 }),
      })
      .map(({ issued, age, parts }): Vintage => {
        let there = issued;
        const take = (wanted: number) => {
          const taken = Math.min(wanted, there);
          there -= taken;
          return taken;
        };
        const ages = Array.from({ length: age + 1 }, (_, index) => [
          take(parts[2 * index]!),
          take(parts[2 * index + 1]!),
        ]);
        return { issued, age, expired: ages.map(([one]) => one!), left: ages.map(([, one]) => one!) };
      });
    fc.assert(
      fc.property(fc.array(vintage, { minLength: 1, maxLength: 6 }), (vintages) => {
        const found = developmentFactors(vintages);
        for (const one of vintages) {
          const { expected, unknown } = estimateBreakage(one, found);
          expect(expected).toBeGreaterThanOrEqual(0);
          expect(unknown).toBeGreaterThanOrEqual(-1e-9);
          expect(expected + unknown).toBeLessThanOrEqual(one.issued + 1e-6);
        }
      }),
    );
  });
});
