import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probabilityAlive } from '../../../src/kpis/clv/bg-nbd-forecast.ts';
import { logistic } from '../../../src/kpis/clv/special-functions.ts';
import { calibrateChurn } from '../../../src/kpis/lifecycle/churn-calibration.ts';
import { type ChurnFacts, churnRisk, probabilityAliveOf } from '../../../src/kpis/lifecycle/churn-risk.ts';
import { lostAfterFirst } from '../../../src/kpis/models/second-order.ts';
import { defaultSettings } from '../../../src/kpis/settings/kpi-settings.ts';
import { model, noon } from './lives.ts';

const { churn } = defaultSettings;
const quiet: ChurnFacts = {
  ...{ repeats: 2, recencyDays: 40, ageDays: 60, silentDays: 20, overdueDays: 30 },
  ...{ detractorScore: null, openComplaint: false, contractEndsAt: null, engagementFall: 0, tierDropAt: null },
};
const logOdds = (risk: number) => Math.log(risk / (1 - risk));

describe('churn risk', () => {
  it('begins with 1 − P(alive) after a repeat purchase', () => {
    const alive = probabilityAlive(model.bgNbd, { repeats: 2, recency: 40, age: 60 });
    const told = churnRisk(quiet, model, churn, noon(0))!;
    expect(told.risk).toBeCloseTo(1 - alive, 12);
    expect(told.contributions).toEqual([
      { factor: 'BASE', logOdds: expect.closeTo(logOdds(1 - alive)), effect: told.risk },
    ]);
    expect(told.modelVersion).toBe(3);
    expect(probabilityAliveOf(quiet, model)).toBeCloseTo(alive, 12);
  });

  it('begins, of one-time buyers, with the part of those still waiting whom nobody has seen again', () => {
    const once = { ...quiet, repeats: 0, recencyDays: 0, silentDays: 30, ageDays: 30 };
    // S(30) = 0.8, and S(∞) = 0.6.
    expect(churnRisk(once, model, churn, noon(0))!.risk).toBeCloseTo(0.6 / 0.8, 12);
    expect(churnRisk({ ...once, ageDays: 9 }, model, churn, noon(0))!.risk).toBeCloseTo(0.6, 12);
    expect(churnRisk({ ...once, ageDays: 500 }, model, churn, noon(0))!.risk).toBeCloseTo(1, 5);
    expect(churnRisk(once, { ...model, secondOrder: { days: [], survival: [] } }, churn, noon(0))).toBeNull();
    expect(churnRisk(quiet, null, churn, noon(0))).toBeNull();
  });

  it.each([
    ['OVERDUE', { silentDays: 60 }, churn.overdueWeight * Math.log(2)],
    ['DETRACTOR', { detractorScore: 0 }, churn.detractorWeight],
    ['DETRACTOR', { detractorScore: 6 }, churn.detractorWeight / 7],
    ['COMPLAINT', { openComplaint: true }, churn.complaintWeight],
    ['CONTRACT', { contractEndsAt: noon(60) }, churn.contractWeight],
    ['ENGAGEMENT', { engagementFall: 1 }, churn.engagementWeight],
    ['ENGAGEMENT', { engagementFall: 0.5 }, churn.engagementWeight / 2],
    ['TIER_DROP', { tierDropAt: noon(30) }, churn.tierDropWeight],
  ] as const)('%s adds to the log odds (%o)', (factor, facts, added) => {
    const base = churnRisk(quiet, model, churn, noon(0))!;
    const told = churnRisk({ ...quiet, ...facts }, model, churn, noon(0))!;
    expect(logOdds(told.risk) - logOdds(base.risk)).toBeCloseTo(added, 10);
    const [, contribution, ...others] = told.contributions;
    expect(others).toEqual([]);
    expect(contribution).toEqual({
      ...{ factor, logOdds: expect.closeTo(added, 12), effect: expect.closeTo(told.risk - base.risk, 12) },
    });
  });

  it('does not look at contracts that end later, or have ended, nor at tiers', () => {
    for (const contractEndsAt of [noon(60.1), noon(0)])
      expect(churnRisk({ ...quiet, contractEndsAt }, model, churn, noon(0))!.contributions).toHaveLength(1);
    for (const tierDropAt of [noon(30.1), noon(0)])
      expect(churnRisk({ ...quiet, tierDropAt }, model, churn, noon(0))!.contributions).toHaveLength(1);
  });

  it('is what its contributions add up to', () => {
    const facts = fc.record({
      silentDays: fc.nat(300),
      detractorScore: fc.option(fc.nat(6)),
      openComplaint: fc.boolean(),
      repeats: fc.integer({ min: 1, max: 9 }),
      engagementFall: fc.constantFrom(0, 0.5, 0.75, 1),
      tierDropAt: fc.constantFrom(null, noon(3)),
    });
    fc.assert(
      fc.property(facts, (given) => {
        const told = churnRisk({ ...quiet, ...given, ageDays: 40 + given.silentDays }, model, churn, noon(0))!;
        const sum = told.contributions.reduce((all, { logOdds: each }) => all + each, 0);
        expect(told.risk).toBeCloseTo(logistic(sum), 10);
        expect(told.band).toBe(told.risk >= 0.6 ? 'HIGH' : told.risk >= 0.3 ? 'ELEVATED' : 'LOW');
      }),
    );
  });

  it('reads the curve of second orders step by step', () => {
    const curves = fc.uniqueArray(fc.nat(400), { maxLength: 12 }).chain((days) =>
      fc
        .array(fc.double({ min: 0.5, max: 0.99, noNaN: true }), { minLength: days.length, maxLength: days.length })
        .map((parts) => {
          let survival = 1;
          return { days: days.sort((a, b) => a - b), survival: parts.map((part) => (survival *= part)) };
        }),
    );
    fc.assert(
      fc.property(curves, fc.nat(500), (curve, after) => {
        const { days, survival } = curve;
        const still = survival[days.findLastIndex((day) => day <= after)] ?? 1;
        expect(lostAfterFirst(curve, after)).toBe((survival.at(-1) ?? 1) / still);
      }),
    );
  });
});

describe('calibration', () => {
  const observed = (risk: number, ...outcomes: boolean[]) => outcomes.map((churned) => ({ risk, churned }));

  it('is the Brier score, and a table by tenths', () => {
    const report = calibrateChurn([
      ...observed(0.2, false, false, false, true),
      ...observed(0.8, true, true, true, false),
    ]);
    expect(report).toMatchObject({ customers: 8, predicted: 0.5, actual: 0.5, brierOfActual: 0.25 });
    expect(report.brier).toBeCloseTo((3 * 0.04 + 0.64 + 3 * 0.04 + 0.64) / 8, 12);
    expect(report.deciles).toEqual([
      { decile: 3, customers: 4, lowest: 0.2, highest: 0.2, predicted: expect.closeTo(0.2), actual: 0.25 },
      { decile: 8, customers: 4, lowest: 0.8, highest: 0.8, predicted: expect.closeTo(0.8), actual: 0.75 },
    ]);
  });

  it('of nobody is nothing', () => {
    expect(calibrateChurn([])).toMatchObject({ customers: 0, brier: null, predicted: null, deciles: [] });
  });

  it('depends on no order, and every customer is in one tenth', () => {
    const all = fc.array(fc.record({ risk: fc.nat(20).map((n) => n / 20), churned: fc.boolean() }), { minLength: 1 });
    fc.assert(
      fc.property(all, (observations) => {
        const report = calibrateChurn(observations);
        expect(report.deciles.reduce((sum, { customers }) => sum + customers, 0)).toBe(observations.length);
        const again = calibrateChurn(observations.toReversed());
        expect(again.deciles.map(({ decile, customers }) => [decile, customers])).toEqual(
          report.deciles.map(({ decile, customers }) => [decile, customers]),
        );
        expect(again.brier).toBeCloseTo(report.brier!, 12);
        for (const { decile } of report.deciles) expect(decile >= 1 && decile <= 10).toBe(true);
      }),
    );
  });
});
