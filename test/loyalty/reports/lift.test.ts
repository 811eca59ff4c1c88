import 'reflect-metadata';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProgramDefinition } from '../../../src/loyalty/program.ts';
import { heldOutIn, liftOf, revenueOf } from '../../../src/loyalty/reports/lift.ts';
import { LoyaltyLift } from '../../../src/loyalty/reports/lift.type.ts';
import { studentQuantile } from '../../../src/loyalty/reports/student.ts';
import { programOf } from '../oracle/cases.ts';

const group = (...values: readonly number[]) =>
  revenueOf({
    customers: values.length,
    buyers: values.length,
    orders: values.length,
    revenue: values.reduce((sum, one) => sum + BigInt(one), 0n),
    squares: values.reduce((sum, one) => sum + BigInt(one) ** 2n, 0n),
  });

const rounded = (estimate: { value: number; lowest: number; highest: number }) =>
  [estimate.value, estimate.lowest, estimate.highest].map((one) => Number(one.toFixed(4)));

describe('lift', () => {
  test('is that of the textbook where groups are alike', () => {
    // Means 20 and 15, s² = 100 both: se² = 100/3 + 100/3, ν = 4, t = 2.776445. 5 ± 2.776445 · 8.164966.
    const lift = liftOf(group(10, 20, 30), group(5, 15, 25))!;
    expect(rounded(lift.absolute)).toEqual([5, -17.6696, 27.6696]);
    // 20/15 − 1 ± 2.776445 · √(100/3 + (20/15)² · 100/3) / 15 = 1/3 ± 2.776445 · 0.641500.
    expect(rounded(lift.relative!)).toEqual([0.3333, -1.4478, 2.1144]);
    expect(lift.significant).toBe(false);
  });

  test('is that of the textbook where one group does not vary', () => {
    // Means 40 and 10, s² = 100 and 0: ν = 2, t = 4.302653. 30 ± 4.302653 · √(100/3); 3 ± 4.302653 · √(100/3) / 10.
    const lift = liftOf(group(30, 40, 50), group(10, 10))!;
    expect(rounded(lift.absolute)).toEqual([30, 5.1586, 54.8414]);
    expect(rounded(lift.relative!)).toEqual([3, 0.5159, 5.4841]);
    expect(lift.significant).toBe(true);
  });

  test('is shown in the currency, to a hundredth of the minor unit', () => {
    const [takingPart, heldOut] = [group(3000, 4000, 5000), group(1000, 1001)];
    const period = { from: new Date('2026-01-01'), to: new Date('2026-02-01') };
    const report = { ...period, currency: 'CHF', takingPart, heldOut, changedCustomers: 0 };
    const shown = new LoyaltyLift({ ...report, lift: liftOf(takingPart, heldOut) });
    expect(shown.heldOut).toMatchObject({ mean: '10.0050', standardDeviation: '0.0071', revenue: { amount: '20.01' } });
    // 29.995 ± 4.302647 · √(1000²/3 + 0.5/2) / 100, with ν = 2.000003.
    expect(shown.absolute).toEqual({ value: '29.9950', lowest: '5.1536', highest: '54.8364' });
    expect(shown.relative!.value).toBeCloseTo(4000 / 1000.5 - 1, 12);
    expect(shown.significant).toBe(true);
    const yen = new LoyaltyLift({ ...report, currency: 'JPY', lift: null });
    expect(yen).toMatchObject({ absolute: null, relative: null, significant: null, takingPart: { mean: '4000.00' } });
  });

  test('may be a loss', () => {
    const { absolute, significant } = liftOf(group(10, 10), group(30, 40, 50))!;
    expect(rounded(absolute)).toEqual([-30, -54.8414, -5.1586]);
    expect(significant).toBe(true);
  });

  test('is unknown of fewer than two customers, and where nobody differs', () => {
    expect(liftOf(group(1, 2), group(5))).toBeNull();
    expect(liftOf(group(), group(5, 6))).toBeNull();
    expect(liftOf(group(7, 7, 7), group(5, 5))).toBeNull();
  });

  test('is no share of nothing', () => {
    expect(liftOf(group(1, 2), group(0, 0))).toMatchObject({ absolute: { value: 1.5 }, relative: null });
    expect(liftOf(group(1, 2), group(-5, 3))).toMatchObject({ relative: null });
  });

  test('has the deviation of the sample, whatever the size of the numbers', () => {
    expect(group(2, 4, 4, 4, 5, 5, 7, 9)).toMatchObject({ mean: 5, deviation: Math.sqrt(32 / 7) });
    const far = 10_000_000_000_000;
    expect(group(far + 1, far + 2, far + 3).deviation).toBe(1);
    expect(group(3)).toMatchObject({ mean: 3, deviation: null });
    expect(group()).toMatchObject({ mean: null, deviation: null });
  });
});

describe('quantiles of Student’s t', () => {
  test.each([
    [1, 12.7062047],
    [2, 4.3026527],
    [4, 2.7764451],
    [10, 2.2281389],
    [30, 2.0422725],
    [120, 1.9799304],
    [1000, 1.9623391],
    [5_000_000, 1.959964],
  ])('for %d degrees of freedom are those of the tables', (freedom, expected) => {
    expect(studentQuantile(freedom)).toBeCloseTo(expected, 6);
  });

  test('have 95 % between them for any', () => {
    // With t = √ν · tan θ the density is cos^(ν − 1) θ.
    const area = (freedom: number, until: number) => {
      const [steps, width] = [20_000, until / 20_000];
      const at = (index: number) => Math.max(0, Math.cos(index * width)) ** (freedom - 1);
      let sum = at(0) + at(steps);
      for (let index = 1; index < steps; index += 1) sum += at(index) * (index % 2 === 0 ? 2 : 4);
      return (sum * width) / 3;
    };
    fc.assert(
      fc.property(fc.double({ min: 2, max: 400, noNaN: true }), (freedom) => {
        const angle = Math.atan(studentQuantile(freedom) / Math.sqrt(freedom));
        expect(area(freedom, angle) / area(freedom, Math.PI / 2)).toBeCloseTo(0.95, 5);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the share of a period', () => {
  const [first] = programOf().versions;
  const program = {
    ...programOf(),
    versions: (
      [
        ['2026-01-01', null],
        ['2026-03-01', '5'],
        // Taken back at once.
        ['2026-05-01', '50'],
        ['2026-05-01', '12.5'],
      ] as const
    ).map(([at, holdoutPercent], index) => ({
      version: index + 1,
      effectiveAt: new Date(at),
      definition: { ...first!.definition, holdoutPercent } as ProgramDefinition,
    })),
  };
  test.each([
    ['2025-01-01', '2026-01-01', 0, 0],
    ['2026-02-01', '2026-03-01', 0, 0],
    ['2026-02-01', '2026-04-01', 0, 500],
    ['2026-03-01', '2026-05-01', 500, 500],
    ['2026-04-01', '2026-06-01', 500, 1250],
    ['2026-05-01', '2026-06-01', 1250, 1250],
    ['2025-06-01', '2026-06-01', 0, 1250],
  ])('from %s to %s', (from, to, least, most) => {
    expect(heldOutIn(program, { from: new Date(from), to: new Date(to) })).toEqual({ least, most });
  });
});
