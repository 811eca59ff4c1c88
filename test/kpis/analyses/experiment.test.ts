import { describe, expect, test } from 'vitest';
import { conversionLift, incrementalReturn, sampleRatio } from '../../../src/kpis/analyses/experiments/experiment.ts';
import { standardNormalUpper } from '../../../src/kpis/analyses/experiments/normal.ts';

describe('the normal distribution', () => {
  // R: pnorm(z, lower.tail = FALSE)
  test.each([
    [0, 0.5],
    [1, 0.15865525393145707],
    [1.959963984540054, 0.025],
    [2.8284271247461903, 0.002338867490523633],
    [3.290526731491926, 0.0005],
    [6, 9.865876450376946e-10],
    [-1, 0.8413447460685429],
  ])('is above %d with probability %d', (z, p) => {
    expect(standardNormalUpper(z) / p).toBeCloseTo(1, 10);
  });

  test('has no seam where the series ends and the fraction begins', () => {
    const [below, above] = [standardNormalUpper(2 * Math.SQRT2 - 1e-9), standardNormalUpper(2 * Math.SQRT2 + 1e-9)];
    expect(below / above).toBeCloseTo(1, 7);
    expect(below).toBeGreaterThan(above);
  });
});

describe('lift of an experiment', () => {
  test('is that of the textbook', () => {
    // 120 of 1,000 against 90 of 1,000: pooled p 0.105, se 0.013709…, z 2.18825…; unpooled se 0.013689…
    const lift = conversionLift({ customers: 1_000, conversions: 120 }, { customers: 1_000, conversions: 90 })!;
    expect(lift.difference.value).toBeCloseTo(0.03, 12);
    expect(lift.z).toBeCloseTo(0.03 / Math.sqrt(0.105 * 0.895 * 0.002), 12);
    expect(lift.p).toBeCloseTo(0.028651, 5);
    const half = 1.959963984540054 * Math.sqrt(0.12 * 0.88 * 0.001 + 0.09 * 0.91 * 0.001);
    expect(lift.difference.lowest).toBeCloseTo(0.03 - half, 12);
    expect(lift.difference.highest).toBeCloseTo(0.03 + half, 12);
    expect(lift.incremental).toBeCloseTo(30, 9);
    expect(lift.relative).toBeCloseTo(1 / 3, 12);
  });

  test('says nothing of an empty arm, and tests nothing where all are alike', () => {
    expect(conversionLift({ customers: 0, conversions: 0 }, { customers: 9, conversions: 1 })).toBeNull();
    const alike = conversionLift({ customers: 10, conversions: 0 }, { customers: 10, conversions: 0 })!;
    expect([alike.z, alike.p, alike.relative, alike.difference.value]).toEqual([null, null, null, 0]);
    expect(() => conversionLift({ customers: 1, conversions: 2 }, { customers: 1, conversions: 0 })).toThrow(
      RangeError,
    );
  });

  test('returns what it costs, and no more than that', () => {
    const earned = { customers: 1_000, treatedMargin: 12, controlMargin: 10, cost: 1_000 };
    expect(incrementalReturn(earned)).toBe(1);
    expect(incrementalReturn({ ...earned, treatedMargin: 10 })).toBe(-1);
    expect(incrementalReturn({ ...earned, cost: 0 })).toBeNull();
  });

  test.each([
    // χ² = (5,200 − 5,000)² / 2,500 = 16, p = 6.3e-5
    [5_200, 4_800, 0.5, 16, 'INVALID'],
    // χ² = 2,500 / 2,500 = 1, p = 0.317
    [5_050, 4_950, 0.5, 1, 'VALID'],
    [900, 100, 0.9, 0, 'VALID'],
    // Just on either side of 10.828.
    [5_164, 4_836, 0.5, 10.7584, 'VALID'],
    [5_165, 4_835, 0.5, 10.89, 'INVALID'],
  ])('of %i and %i customers, %d of them meant to be treated', (treated, control, share, chiSquare, verdict) => {
    const ratio = sampleRatio(treated, control, share)!;
    expect(ratio.chiSquare).toBeCloseTo(chiSquare, 9);
    expect(ratio.verdict).toBe(verdict);
  });

  test('without customers there is no ratio', () => {
    expect(sampleRatio(0, 0, 0.5)).toBeNull();
    expect(() => sampleRatio(1, 1, 1)).toThrow(RangeError);
  });
});
