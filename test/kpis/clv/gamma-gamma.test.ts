import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evaluateGammaGamma,
  expectedSpend,
  fitGammaGamma,
  type GammaGamma,
  type SpendGroup,
} from '../../../src/kpis/clv/gamma-gamma.ts';
import { logGamma } from '../../../src/kpis/clv/special-functions.ts';
import { lnSteps, near, slopesByDifferences } from './arbitrary.ts';
import { integrate, simulateSpends } from './simulation.ts';

const cdnow: GammaGamma = { p: 6.25, q: 3.74, gamma: 15.44 };
const names = ['p', 'q', 'gamma'] as const;
const models: fc.Arbitrary<GammaGamma> = fc.record({
  p: lnSteps(0.2, 20),
  q: lnSteps(0.2, 20),
  gamma: lnSteps(0.5, 99),
});

describe('The likelihood of Gamma-Gamma', () => {
  it('is that of means given a rate, integrated over rates', () => {
    // m | ν ~ Gamma(px, νx), ν ~ Gamma(q, γ); by ln ν.
    for (const { x, m } of [
      { x: 1, m: 12 },
      { x: 4, m: 40 },
    ]) {
      const { p, q, gamma } = cdnow;
      const density = (logRate: number) => {
        const rate = Math.exp(logRate);
        const mean = p * x * Math.log(rate * x) + (p * x - 1) * Math.log(m) - rate * x * m - logGamma(p * x);
        return Math.exp(mean + q * Math.log(gamma) + q * logRate - gamma * rate - logGamma(q));
      };
      const value = evaluateGammaGamma(cdnow, [{ repeats: x, meanSpend: m, customers: 1 }]).value;
      near(value, Math.log(integrate(density, [-12, 4])), 1e-9);
    }
  });

  it('has the slopes that differences show', () => {
    const groups = simulateSpends(cdnow, 50, 3);
    fc.assert(
      fc.property(models, (model) => {
        const { gradient } = evaluateGammaGamma(model, groups);
        const expected = slopesByDifferences(names, model, (at) => evaluateGammaGamma(at, groups).value);
        for (const [i, slope] of gradient.entries()) near(slope, expected[i]!, 1e-6);
      }),
      { numRuns: 40 },
    );
  });
});

describe('A fit of Gamma-Gamma', () => {
  it('finds the parameters that simulated customers were drawn from', () => {
    const groups = simulateSpends(cdnow, 10_000, 4);
    const fit = fitGammaGamma(groups);
    if (fit.status !== 'CONVERGED') throw new Error(fit.reason);
    const drawn = evaluateGammaGamma(cdnow, groups).value;
    // χ² of three degrees of freedom: above 16.3 in one of a thousand draws.
    expect(fit.logLikelihood).toBeGreaterThan(drawn);
    expect(2 * (fit.logLikelihood - drawn)).toBeLessThan(16.3);
    for (const name of names) expect(Math.abs(fit.parameters[name] / cdnow[name] - 1)).toBeLessThan(0.15);
    expect(fit.correlated).toBe(false);
  });

  it('is the same in cents as in dollars, and for groups as for customers', () => {
    const dollars = simulateSpends(cdnow, 500, 5).map((group, index) => ({ ...group, customers: 1 + (index % 3) }));
    const cents = dollars.map((group) => ({ ...group, meanSpend: group.meanSpend * 100 }));
    const single = dollars.flatMap((group) => Array<SpendGroup>(group.customers).fill({ ...group, customers: 1 }));
    const [first, inCents, singly] = [dollars, cents, single].map(fitGammaGamma).map((fit) => {
      if (fit.status !== 'CONVERGED') throw new Error(fit.reason);
      return fit;
    }) as [ConvergedFit, ConvergedFit, ConvergedFit];
    near(inCents.parameters.gamma, 100 * first.parameters.gamma, 1e-6);
    near(inCents.logLikelihood, first.logLikelihood - first.customers * Math.log(100), 1e-9);
    near(singly.parameters.p, first.parameters.p, 1e-6);
    near(singly.logLikelihood, first.logLikelihood, 1e-9);
  });

  it('warns when frequent buyers spend more or less each time', () => {
    const spends = [1, 2, 3, 4, 5, 6].flatMap((repeats) =>
      [8, 11, 15, 30].map((amount) => ({ repeats, meanSpend: amount + 5 * repeats, customers: 1 + (amount % 3) })),
    );
    expect(fitGammaGamma(spends)).toMatchObject({ correlated: true });
    const less = spends.map((group) => ({ ...group, meanSpend: 70 - group.meanSpend }));
    expect(fitGammaGamma(less).correlation).toBeCloseTo(-fitGammaGamma(spends).correlation!, 10);
    expect(fitGammaGamma(less).correlated).toBe(true);
  });

  it('leaves out those without repeats and those whose returns outweigh', () => {
    const groups = simulateSpends(cdnow, 500, 6);
    const others = [
      { repeats: 0, meanSpend: 0, customers: 7 },
      { repeats: 2, meanSpend: -3, customers: 2 },
    ];
    expect(fitGammaGamma([...groups, ...others])).toEqual({ ...fitGammaGamma(groups), excluded: 9 });
  });

  it('has no parameters where the data have no maximum', () => {
    const spend = { repeats: 2, meanSpend: 20, customers: 1 };
    for (const groups of [[spend], [{ ...spend, customers: 900 }], [spend, { ...spend, repeats: 5 }]]) {
      const fit = fitGammaGamma(groups);
      expect(fit).toMatchObject({ status: 'NOT_CONVERGED', correlation: null, correlated: false });
      expect(fit).not.toHaveProperty('parameters');
    }
    expect(fitGammaGamma([{ repeats: 0, meanSpend: 0, customers: 3 }])).toMatchObject({
      reason: 'NO_DATA',
      excluded: 3,
    });
  });
});

type ConvergedFit = Extract<ReturnType<typeof fitGammaGamma>, { status: 'CONVERGED' }>;

describe('The expected spend', () => {
  it("goes from everyone's mean to the customer's own as purchases come in", () => {
    const all = (cdnow.p * cdnow.gamma) / (cdnow.q - 1);
    expect(expectedSpend(cdnow, { repeats: 0, meanSpend: 0 })).toBeCloseTo(all, 12);
    const own = [1, 10, 100, 10_000].map((repeats) => expectedSpend(cdnow, { repeats, meanSpend: 80 })!);
    expect(own).toEqual([...own].sort((a, b) => a - b));
    expect(own.at(-1)).toBeCloseTo(80, 1);
  });

  it('is null where the distribution has no mean', () => {
    const model = { p: 0.5, q: 0.5, gamma: 10 };
    expect(expectedSpend(model, { repeats: 0, meanSpend: 0 })).toBeNull();
    expect(expectedSpend(model, { repeats: 1, meanSpend: 9 })).toBeNull();
    expect(expectedSpend(model, { repeats: 2, meanSpend: 9 })).toBe((0.5 * 28) / 0.5);
  });
});
