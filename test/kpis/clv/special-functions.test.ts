import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certain, hypergeometric, hypergeometricExcess } from '../../../src/kpis/clv/hypergeometric.ts';
import {
  digamma,
  logAddExp,
  logGamma,
  logistic,
  logSubExp,
  powerExcess,
} from '../../../src/kpis/clv/special-functions.ts';
import { integrate } from './simulation.ts';

const precision = 1e-13;

function expectNear(actual: number, expected: number, relative = precision): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(expected)));
}

const positive = fc.double({ min: 1e-3, max: 50, noNaN: true });

describe('lnΓ and ψ', () => {
  it('agree with factorials, halves and small arguments', () => {
    expectNear(logGamma(0.5), Math.log(Math.PI) / 2);
    let logFactorial = 0;
    for (let n = 1; n <= 170; n += 1) {
      logFactorial += Math.log(n);
      expectNear(logGamma(n + 1), logFactorial);
    }
    // Γ(x) → 1/x − γ
    expectNear(logGamma(1e-9), Math.log(1e9 - 0.577_215_664_901_532_9));
  });

  it('fulfil their recurrences', () => {
    fc.assert(
      fc.property(positive, (x) => {
        expectNear(logGamma(x + 1) - logGamma(x), Math.log(x), 3e-13);
        expectNear(digamma(x), digamma(x + 1) - 1 / x);
      }),
    );
  });

  it('give the published values of ψ', () => {
    const euler = 0.577_215_664_901_532_9;
    expectNear(digamma(1), -euler);
    expectNear(digamma(0.5), -euler - 2 * Math.LN2);
    expectNear(digamma(0.25), -euler - Math.PI / 2 - 3 * Math.LN2);
    expectNear(digamma(10), 2.251_752_589_066_721);
    expectNear(digamma(1e6), 13.815_510_057_964_19);
  });
});

describe('sums and powers of logarithms', () => {
  it('neither overflow nor lose the smaller one', () => {
    expect(logAddExp(1000, 1000)).toBe(1000 + Math.LN2);
    expect(logAddExp(Number.NEGATIVE_INFINITY, -2000)).toBe(-2000);
    expect(logAddExp(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
    expectNear(logAddExp(0, -40), Math.exp(-40), 1e-30);
    expectNear(logSubExp(logAddExp(3, 2), 2), 3);
    expect(logSubExp(1, 1)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('stay between 0 and 1, and pass through 0 without a seam', () => {
    expect([logistic(-800), logistic(0), logistic(800)]).toEqual([0, 0.5, 1]);
    expect([logistic(Number.NEGATIVE_INFINITY), logistic(Number.POSITIVE_INFINITY)]).toEqual([0, 1]);
    for (const d of [1e-3, 1e-8, 1e-12, 0, -1e-12]) expectNear(powerExcess(-2, d), -2 + 2 * d, 2 * d * d + precision);
  });
});

describe('₂F₁', () => {
  const arguments_ = [-20, -0.7, 0, 1e-9, 0.3, 0.899, 0.901, 0.99, 0.9999];

  it('agrees with logarithm, power, arcsine and arithmetic-geometric mean', () => {
    for (const z of arguments_) {
      if (z !== 0) expectNear(hypergeometric(1, 1, 2, z), -Math.log1p(-z) / z, 2e-12);
      expectNear(hypergeometric(0.7, 2.3, 2.3, z), (1 - z) ** -0.7, 2e-12);
      if (z > 0) expectNear(hypergeometric(0.5, 0.5, 1.5, z), Math.asin(Math.sqrt(z)) / Math.sqrt(z), 2e-12);
      if (z >= 0) expectNear(hypergeometric(0.5, 0.5, 1, z), 1 / arithmeticGeometricMean(1, Math.sqrt(1 - z)), 2e-12);
    }
  });

  it('has a fraction that agrees with the series, and with the logarithm where that one gives up', () => {
    for (const [b, c] of [
      [0.3, 1.2],
      [12, 13.5],
      [400, 401.1],
    ] as const)
      for (const z of [0.91, 0.99, 0.999]) {
        const series = 1 + (b / c) * hypergeometricExcess(1, b, c, z);
        expectNear(hypergeometric(1, b, c, z) / series, 1, 1e-11);
      }
    const z = 1 - 1e-8;
    expectNear(hypergeometric(1, 1, 2, z), -Math.log1p(-z) / z, 1e-9);
  });

  it('is symmetric, and equals its Euler and Pfaff transformations', () => {
    const z = fc.double({ min: -5, max: 0.95, noNaN: true });
    const small = fc.double({ min: 0.05, max: 8, noNaN: true });
    fc.assert(
      fc.property(small, small, small, z, (a, b, c, z) => {
        const value = hypergeometric(a, b, c, z);
        const relative = 1e-9;
        expectNear(hypergeometric(b, a, c, z), value, relative);
        expectNear((1 - z) ** -b * hypergeometric(c - a, b, c, z / (z - 1)), value, relative);
      }),
    );
  });

  it('agrees with its integral', () => {
    // DLMF 15.6.1 with b = 2, c = 4.5: Γ(4.5)/(Γ(2)Γ(2.5)) ∫ t (1−t)^1.5 (1−zt)^−a dt.
    const scale = Math.exp(logGamma(4.5) - logGamma(2.5));
    for (const z of [-3, 0.4, 0.8]) {
      const integral = integrate((t) => t * (1 - t) ** 1.5 * (1 - z * t) ** -1.7, [0, 1], 20_000);
      expectNear(hypergeometric(1.7, 2, 4.5, z), scale * integral, 1e-9);
    }
  });

  it('has an excess that is smooth where a parameter or c is 0', () => {
    const at = (b: number, c: number) => hypergeometricExcess(1.4, b, c, 0.6);
    expectNear(at(0, 2.5), (at(1e-6, 2.5) + at(-1e-6, 2.5)) / 2, 1e-11);
    expectNear(at(0.4, 0), (at(0.4, 1e-6) + at(0.4, -1e-6)) / 2, 1e-11);
  });

  it('is NaN outside its domain and where a million terms do not do', () => {
    for (const [c, z] of [
      [2, 1],
      [2, 3],
      [-0.5, 0.1],
      [2, Number.NaN],
    ] as const)
      expect(hypergeometric(0.5, 0.5, c, z)).toBeNaN();
    expect(hypergeometric(0.5, 0.6, 1.1, 1 - 1e-9)).toBeNaN();
    expect(() => certain(Number.NaN, 'E[Y(3)]')).toThrow(/^E\[Y\(3\)\] could not be computed/);
  });
});

function arithmeticGeometricMean(a: number, b: number): number {
  return Math.abs(a - b) < 1e-15 ? a : arithmeticGeometricMean((a + b) / 2, Math.sqrt(a * b));
}
