import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { daysOf, historiesOf } from '../../../src/kpis/clv/purchases.ts';
import { forecastOf } from '../../../src/kpis/models/forecast.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { cdnowPeriods, cdnowPurchases, isCdnowHere } from '../clv/cdnow.ts';
import { insertKpis, insertPurchases, type ModelsFixture, openModels } from './fixture.ts';

const present = isCdnowHere("fits through the database aren't checked");
const week = 7;

function expectPublished(actual: number, published: number, decimals: number): void {
  expect(Number(actual.toFixed(decimals))).toBe(published);
}

const noon = (day: number) => new Date((day + 0.5) * 86_400_000);

/** The published parameters, of weeks and dollars, from a fit in days and cents. */
function expectPublishedModel({
  parameters,
  spends,
}: {
  parameters: Record<string, number>;
  spends: readonly {
    currency: string;
    parameters: Record<string, number>;
    correlation: number | null;
    customers: number;
  }[];
}): void {
  expectPublished(parameters.r!, 0.243, 3);
  expectPublished(parameters.alpha! / week, 4.414, 3);
  expectPublished(parameters.a!, 0.793, 3);
  expectPublished(parameters.b!, 2.426, 3);
  expect(spends).toHaveLength(1);
  const [{ currency, parameters: spend, correlation, customers }] = spends as [(typeof spends)[number]];
  expect({ currency, customers }).toEqual({ currency: 'USD', customers: 946 });
  expectPublished(spend.p!, 6.25, 2);
  expectPublished(spend.q!, 3.74, 2);
  expect(Math.abs(spend.gamma! / 100 - 15.44)).toBeLessThan(0.01);
  expectPublished(correlation!, 0.11, 2);
}

describe.skipIf(!present)('CDNOW through the database', () => {
  let database: TestDatabase;
  let past: ModelsFixture;

  beforeAll(async () => {
    database = await openTestDatabase();
    past = await openModels(database.pool);
    await insertPurchases(
      database.pool,
      cdnowPurchases().map(({ customer, day, amount }) => {
        return { customer, at: noon(day), valueMinor: Math.round(amount * 100), currency: 'USD' };
      }),
    );
  });
  afterAll(() => database.close());

  it('gives the published parameters from purchases, as if 30 September 1997 were over', async () => {
    const model = await past.fitter.fit(past.ctx, { kind: 'BG_NBD', cutOff: '1997-09-30' });
    expect(model).toMatchObject({ kind: 'BG_NBD', status: 'CONVERGED', version: 1 });
    expect(model.detail).toMatchObject({ customers: 2357, repeaters: 946, roundedDays: 1, reason: null });
    expectPublishedModel(model.detail);
    // A density per day instead of per week, to the power of all 2,457 repeats.
    const repeats = historiesOf(cdnowPurchases(), cdnowPeriods).reduce((sum, { repeats }) => sum + repeats, 0);
    expectPublished(model.detail.logLikelihood! + repeats * Math.log(week), -9582.4, 1);
  });

  it('gives the same from the folded purchases, on that day', async () => {
    const own = await openTestDatabase();
    try {
      const { fitter, ctx, pool, book } = await openModels(own.pool, { now: '1997-09-30T20:00:00Z' });
      const days = daysOf(cdnowPurchases());
      const histories = historiesOf(cdnowPurchases(), cdnowPeriods);
      await insertKpis(
        pool,
        histories.map(({ customer, repeats, meanSpend }) => {
          const seen = [...days.get(customer)!.keys()].filter((day) => day <= cdnowPeriods.until).sort((a, b) => a - b);
          return { days: seen, meanRepeatMinor: repeats > 0 ? meanSpend * 100 : null, currency: 'USD' };
        }),
      );
      const { id, version, detail } = await fitter.fit(ctx, { kind: 'BG_NBD' });
      expectPublishedModel(detail);
      const { models } = await book.current(pool);
      expect(models).toHaveLength(1);
      expect(models[0]).toMatchObject({ id, version, cutOff: new Date('1997-09-29T22:00:00Z') });
      // Customer 1 with two repeats of 22.35 each, last seen after 30.43 of 38.86 weeks: 1.226 purchases in the next 39 weeks.
      const input = { repeats: 2, recencyDays: 213, ageDays: 272, meanRepeatMinor: 2235, currency: 'USD' };
      const terms = { months: 12, discountRate: 0.01, marginRate: 1 };
      const { clvMinor, withoutClv } = forecastOf(input, models[0]!, terms);
      expect(withoutClv).toBeNull();
      // 36.28 with months of 4.345 weeks, which are 30.415 days.
      expect(Math.abs(clvMinor! / 100 - 36.28)).toBeLessThan(0.05);
    } finally {
      await own.close();
    }
  });

  it('gives the published Pareto/NBD, which is kept and never used', async () => {
    const { fitter, ctx, pool, book } = past;
    const before = (await book.current(pool)).revision;
    const model = await fitter.fit(ctx, { kind: 'PARETO_NBD', cutOff: '1997-09-30' });
    const { r, alpha, s, beta } = model.detail.parameters;
    expectPublished(r!, 0.553, 3);
    expectPublished(alpha! / week, 10.578, 3);
    expectPublished(s!, 0.606, 3);
    expect(Math.abs(beta! / week - 11.669)).toBeLessThan(0.01);
    expect(model.effectiveFrom).toBeNull();
    expect((await book.current(pool)).revision).toBe(before);
  });
});
