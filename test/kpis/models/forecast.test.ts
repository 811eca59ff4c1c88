import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BgNbd } from '../../../src/kpis/clv/bg-nbd.ts';
import { expectedPurchases, probabilityAlive } from '../../../src/kpis/clv/bg-nbd-forecast.ts';
import { expectedSpend, type GammaGamma } from '../../../src/kpis/clv/gamma-gamma.ts';
import { lifetimeValue } from '../../../src/kpis/clv/lifetime-value.ts';
import { Forecaster, forecastOf, monthDays } from '../../../src/kpis/models/forecast.ts';
import type { ActiveModel } from '../../../src/kpis/models/kpi-model.ts';

const bgNbd: BgNbd = { r: 0.243, alpha: 4.414 * 7, a: 0.793, b: 2.426 };
const spend: GammaGamma = { p: 6.25, q: 3.74, gamma: 1544 };

function modelWith(parts: Partial<Pick<ActiveModel, 'bgNbd' | 'spend'>> = {}): ActiveModel {
  const at = new Date('2026-01-01');
  const secondOrder = { days: [], survival: [] };
  return { id: 'm', version: 1, effectiveFrom: at, cutOff: at, bgNbd, spend: { CHF: spend }, secondOrder, ...parts };
}

const terms = { months: 12, discountRate: 0.01, marginRate: 0.3 };
const faithful = { repeats: 2, recencyDays: 213, ageDays: 272, meanRepeatMinor: 2235, currency: 'CHF' };

const input = fc
  .record({
    repeats: fc.nat({ max: 40 }),
    ageDays: fc.nat({ max: 1500 }),
    part: fc.integer({ min: 1, max: 100 }),
    mean: fc.integer({ min: 1, max: 1_000_000 }),
  })
  .map(({ repeats, ageDays, part, mean }) => {
    const recencyDays = repeats === 0 ? 0 : Math.floor((ageDays * part) / 100);
    return { repeats, recencyDays, ageDays, meanRepeatMinor: repeats === 0 ? null : mean, currency: 'CHF' };
  });

const parameters = fc.record({
  r: fc.double({ min: 0.1, max: 3, noNaN: true }),
  alpha: fc.double({ min: 2, max: 200, noNaN: true }),
  a: fc.double({ min: 0.2, max: 3, noNaN: true }),
  b: fc.double({ min: 0.5, max: 6, noNaN: true }),
});

describe('A forecast', () => {
  it('is what the models say, whatever the customer', () => {
    fc.assert(
      fc.property(input, parameters, (customer, drawn) => {
        const model = modelWith({ bgNbd: drawn });
        const { repeats, recencyDays, ageDays, meanRepeatMinor } = customer;
        const history = { repeats, recency: recencyDays, age: ageDays };
        const forecast = forecastOf(customer, model, terms);
        const purchases = (t: number) => expectedPurchases(drawn, history, t);
        expect(forecast.probabilityAlive).toBe(probabilityAlive(drawn, history));
        expect(forecast.expectedOrders).toBeCloseTo(purchases(12 * monthDays), 9);
        const worth = expectedSpend(spend, { repeats, meanSpend: meanRepeatMinor ?? 0 })!;
        const value = lifetimeValue({
          ...{ purchases, spend: worth, margin: 0.3, periods: 12, period: monthDays, discountRate: 0.01 },
        });
        expect(Math.abs(forecast.clvMinor! - value)).toBeLessThan(1e-8 * Math.max(1, value));
      }),
      { numRuns: 200 },
    );
  });

  it('is the same for one customer as for many, in any order', () => {
    const model = modelWith();
    fc.assert(
      fc.property(fc.array(input, { minLength: 1, maxLength: 30 }), (customers) => {
        const many = new Forecaster(model, terms);
        for (const customer of [...customers, ...customers].reverse())
          expect(many.forecast(customer)).toEqual(forecastOf(customer, model, terms));
      }),
      { numRuns: 50 },
    );
  });

  it("takes a customer's own margin where it is known", () => {
    const forecaster = new Forecaster(modelWith(), { ...terms, marginRate: null });
    expect(forecaster.forecast(faithful)).toMatchObject({ clvMinor: null, withoutClv: 'NO_MARGIN' });
    const [own, double] = [forecaster.forecast(faithful, 0.2).clvMinor!, forecaster.forecast(faithful, 0.4).clvMinor!];
    expect(double).toBeCloseTo(2 * own, 9);
    expect(own).toBeGreaterThan(0);
  });

  it('has no value in a currency without a model of spend, but says how often', () => {
    const { clvMinor, withoutClv, expectedOrders } = forecastOf({ ...faithful, currency: 'JPY' }, modelWith(), terms);
    expect({ clvMinor, withoutClv }).toEqual({ clvMinor: null, withoutClv: 'NO_SPEND_MODEL' });
    expect(expectedOrders).toBeGreaterThan(1);
  });

  it('has no value for one-time buyers where what everybody spends has no mean', () => {
    const heavy = modelWith({ spend: { CHF: { p: 2, q: 0.9, gamma: 1000 } } });
    const once = { repeats: 0, recencyDays: 0, ageDays: 100, meanRepeatMinor: null, currency: 'CHF' };
    expect(forecastOf(once, heavy, terms)).toMatchObject({ clvMinor: null, withoutClv: 'NO_MEAN' });
    expect(forecastOf(faithful, heavy, terms).clvMinor).toBeGreaterThan(0);
  });

  it('expects the mean of everybody of repeats in other currencies', () => {
    const unknown = forecastOf({ ...faithful, meanRepeatMinor: null }, modelWith(), terms);
    const mean = (spend.p * spend.gamma) / (spend.q - 1);
    const known = forecastOf(faithful, modelWith(), terms);
    const worth = expectedSpend(spend, { repeats: 2, meanSpend: 2235 })!;
    expect(unknown.clvMinor! / known.clvMinor!).toBeCloseTo(mean / worth, 9);
  });

  it('says so where a horizon is too far beyond what was observed', () => {
    const quick = modelWith({ bgNbd: { r: 0.5, alpha: 1e-4, a: 1.2, b: 1.3 } });
    const today = { repeats: 0, recencyDays: 0, ageDays: 0, meanRepeatMinor: null, currency: 'CHF' };
    const found = forecastOf(today, quick, { ...terms, months: 60 });
    expect(found).toEqual({ probabilityAlive: 1, expectedOrders: null, clvMinor: null, withoutClv: 'NOT_COMPUTABLE' });
  });

  it('takes a purchase of tomorrow for one of today', () => {
    const tomorrow = forecastOf({ ...faithful, recencyDays: 273 }, modelWith(), terms);
    expect(tomorrow).toEqual(forecastOf({ ...faithful, recencyDays: 273, ageDays: 273 }, modelWith(), terms));
  });
});
