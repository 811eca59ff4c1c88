import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { History } from '../../../src/kpis/clv/history.ts';
import {
  expectedPurchasesByPareto,
  fitParetoNbd,
  logLikelihoodOfParetoNbd,
  newCustomerPurchasesByPareto,
  type ParetoNbd,
  probabilityAliveByPareto,
} from '../../../src/kpis/clv/pareto-nbd.ts';
import { logGamma } from '../../../src/kpis/clv/special-functions.ts';
import { histories, lnSteps, near } from './arbitrary.ts';
import { integrate, simulateParetoNbd } from './simulation.ts';

const cdnow: ParetoNbd = { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 };
const swapped: ParetoNbd = { ...cdnow, alpha: 11.669, beta: 10.578 };
const models: fc.Arbitrary<ParetoNbd> = fc.record({
  r: lnSteps(0.05, 8),
  alpha: lnSteps(0.1, 60),
  s: lnSteps(0.05, 8),
  beta: lnSteps(0.1, 60),
});

/**
 * The likelihood's two terms, of being alive and of having left at some time since the last purchase, by quadrature.
 */
function terms({ r, alpha, s, beta }: ParetoNbd, { repeats: x, recency, age }: History) {
  const scale = Math.exp(logGamma(r + x) - logGamma(r)) * alpha ** r * beta ** s;
  const leaving = (y: number) => s * (alpha + y) ** -(r + x) * (beta + y) ** -(s + 1);
  const alive = scale * (alpha + age) ** -(r + x) * (beta + age) ** -s;
  return { alive, left: scale * integrate(leaving, [recency, age]) };
}

const cases = [cdnow, swapped, { ...cdnow, beta: 10.578 }, { ...cdnow, alpha: 0.4 }, { ...cdnow, beta: 0.4 }].flatMap(
  (model) =>
    [
      { repeats: 0, recency: 0, age: 38.86 },
      { repeats: 2, recency: 30.43, age: 38.86 },
      { repeats: 9, recency: 38.86, age: 38.86 },
      { repeats: 26, recency: 5, age: 38.86 },
    ].map((history) => ({ model, history })),
);

describe('The likelihood of Pareto/NBD', () => {
  it('agrees with its integral over the time of leaving, whichever of α and β is larger', () => {
    for (const { model, history } of cases) {
      const { alive, left } = terms(model, history);
      const value = logLikelihoodOfParetoNbd(model, [{ ...history, customers: 3 }]);
      near(value, 3 * Math.log(alive + left), 1e-6);
      near(probabilityAliveByPareto(model, history), alive / (alive + left), 1e-6);
    }
  });

  it('has no seam where α and β are equal', () => {
    const history = { repeats: 2, recency: 20, age: 38.86, customers: 1 };
    const at = (beta: number) => logLikelihoodOfParetoNbd({ ...cdnow, alpha: 11, beta }, [history]);
    near((at(11 + 1e-4) + at(11 - 1e-4)) / 2, at(11), 1e-9);
  });

  it('is finite for a hundred thousand repeats and for α and β far apart', () => {
    const extreme = { repeats: 100_000, recency: 20, age: 39, customers: 1 };
    expect(logLikelihoodOfParetoNbd(cdnow, [extreme])).toSatisfy(Number.isFinite);
    const quiet = { repeats: 0, recency: 0, age: 39, customers: 1 };
    for (const model of [
      { ...cdnow, alpha: 1e-3, beta: 1e3 },
      { ...cdnow, alpha: 1e3, beta: 1e-3 },
    ])
      expect(logLikelihoodOfParetoNbd(model, [quiet])).toSatisfy(Number.isFinite);
  });
});

describe('A fit of Pareto/NBD', () => {
  it('finds the parameters that simulated customers were drawn from', () => {
    const groups = simulateParetoNbd(cdnow, 6000, 7);
    const fit = fitParetoNbd(groups);
    if (fit.status !== 'CONVERGED') throw new Error(fit.reason);
    const drawn = logLikelihoodOfParetoNbd(cdnow, groups);
    // χ² of four degrees of freedom: above 18.5 in one of a thousand draws.
    expect(fit.logLikelihood).toBeGreaterThan(drawn);
    expect(2 * (fit.logLikelihood - drawn)).toBeLessThan(18.5);
    expect(Math.abs(fit.parameters.r / cdnow.r - 1)).toBeLessThan(0.15);
    expect(Math.abs(fit.parameters.alpha / cdnow.alpha - 1)).toBeLessThan(0.15);
  });

  it('has no parameters where the data have no maximum', () => {
    const never = { repeats: 0, recency: 0, age: 30, customers: 50 };
    for (const groups of [
      [never],
      [{ ...never, customers: 1 }],
      [{ repeats: 3, recency: 21, age: 30, customers: 1 }],
    ]) {
      const fit = fitParetoNbd(groups);
      expect(fit.status).toBe('NOT_CONVERGED');
      expect(fit).not.toHaveProperty('parameters');
    }
    expect(fitParetoNbd([])).toMatchObject({ reason: 'NO_DATA' });
  });

  // Searches along such a ridge once went on for minutes, as every ₂F₁ there took a hundred thousand steps.
  it('gives up soon where β runs away', () => {
    const model = {
      r: 0.29291316191561456,
      alpha: 18.620132251445813,
      s: 1.0667204543135724,
      beta: 34.86310967577349,
    };
    expect(fitParetoNbd(simulateParetoNbd(model, 800, 11))).toMatchObject({ status: 'NOT_CONVERGED' });
  }, 15_000);
});

describe('Forecasts of Pareto/NBD', () => {
  it('have a P(alive) between 0 and 1 that rises with recency', () => {
    fc.assert(
      fc.property(models, histories, fc.double({ min: 0, max: 1, noNaN: true }), (model, history, share) => {
        const alive = probabilityAliveByPareto(model, history);
        expect(alive).toBeGreaterThanOrEqual(0);
        expect(alive).toBeLessThanOrEqual(1);
        if (history.repeats === 0) expect(alive).toBeLessThan(1);
        const longAgo = { ...history, recency: history.recency * share };
        expect(probabilityAliveByPareto(model, longAgo)).toBeLessThanOrEqual(alive + 1e-12);
      }),
    );
  });

  it('are 0 at once and rise with time', () => {
    fc.assert(
      fc.property(models, histories, lnSteps(1e-3, 50), lnSteps(1e-3, 50), (model, history, t, more) => {
        expect(expectedPurchasesByPareto(model, history, 0)).toBeCloseTo(0, 12);
        const soon = expectedPurchasesByPareto(model, history, t);
        expect(soon).toBeGreaterThanOrEqual(0);
        expect(expectedPurchasesByPareto(model, history, t + more)).toBeGreaterThanOrEqual(soon);
      }),
    );
  });

  it('pass through s = 1 without a seam', () => {
    const at = (s: number) => newCustomerPurchasesByPareto({ ...cdnow, s }, 39);
    for (const d of [1e-3, 1e-6, 1e-10]) near((at(1 + d) + at(1 - d)) / 2, at(1), d * d + 1e-12);
    expect(at(1)).toBeCloseTo(((0.553 * 11.669) / 10.578) * Math.log((11.669 + 39) / 11.669), 12);
  });

  it('refuse a time before now and impossible histories', () => {
    expect(() => newCustomerPurchasesByPareto(cdnow, -1)).toThrow(RangeError);
    expect(() => expectedPurchasesByPareto(cdnow, { repeats: 1, recency: 5, age: 3 }, 1)).toThrow(RangeError);
  });
});
