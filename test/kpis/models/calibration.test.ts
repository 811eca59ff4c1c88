import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CalibrationReport } from '../../../src/kpis/models/calibration.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { cdnowPurchases, isCdnowHere } from '../clv/cdnow.ts';
import { type GivenPurchase, insertPurchases, type ModelsFixture, openModels } from './fixture.ts';
import { isOnlineRetailHere, onlineRetailPurchases } from './online-retail.ts';

let database: TestDatabase;
let fixture: ModelsFixture;

async function open(): Promise<void> {
  database = await openTestDatabase();
  fixture = await openModels(database.pool, { timeZone: 'UTC' });
}

/** The table of docs/clv.md: `RUNDUM_PRINT=1 vitest run test/kpis/models/calibration.test.ts`. */
function print({ kind, cutOff, until, calibration }: CalibrationReport): void {
  if (process.env.RUNDUM_PRINT === undefined || !calibration) return;
  const { bins, customers, predicted, actual, meanAbsoluteError } = calibration;
  const rows = bins.map((bin) => {
    const [each, was] = [bin.predicted / bin.customers, bin.actual / bin.customers];
    return `| ${bin.repeats}${bin.orMore ? '+' : ''} | ${bin.customers} | ${each.toFixed(3)} | ${was.toFixed(3)} |`;
  });
  const total = `| all | ${customers} | ${predicted.toFixed(0)} | ${actual} | MAE ${meanAbsoluteError!.toFixed(3)}`;
  console.log([`${kind} ${cutOff} until ${until}`, ...rows, total].join('\n'));
}

describe.skipIf(!isCdnowHere("calibration isn't checked"))('CDNOW, held against its second half', () => {
  beforeAll(async () => {
    await open();
    const purchases = cdnowPurchases().map(({ customer, day, amount }) => {
      return {
        customer,
        at: new Date((day + 0.5) * 86_400_000),
        valueMinor: Math.round(amount * 100),
        currency: 'USD',
      };
    });
    await insertPurchases(database.pool, purchases);
  });
  afterAll(() => database.close());

  const asked = { cutOff: '1997-09-30', until: '1998-06-30', bins: 8 };
  // Means by customers with 0, 1, …, 6 and 7 or more repeats, as the vignette of the R package BTYD prints them.
  const actual = [0.2367, 0.697, 1.3925, 1.56, 2.5323, 2.9474, 3.8621, 6.3594];

  it('is predicted by BG/NBD as without the database: 1,653 of 1,882 purchases', async () => {
    const report = await fixture.calibration.calibrate(fixture.ctx, asked);
    print(report);
    const { bins, ...totals } = report.calibration!;
    expect(report).toMatchObject({ days: 273, kind: 'BG_NBD' });
    expect(totals).toMatchObject({ customers: 2357, actual: 1882 });
    expect(Math.round(totals.predicted)).toBe(1653);
    expect(totals.meanAbsoluteError).toBeLessThan(0.8);
    expect(bins.map(({ customers }) => customers)).toEqual([1411, 439, 214, 100, 62, 38, 29, 64]);
    for (const [index, bin] of bins.entries()) {
      expect(bin.actual / bin.customers).toBeCloseTo(actual[index]!, 4);
      expect(Math.abs(bin.predicted / bin.customers - actual[index]!)).toBeLessThan(0.4);
    }
  });

  it('is predicted by Pareto/NBD as published', async () => {
    const report = await fixture.calibration.calibrate(fixture.ctx, { ...asked, kind: 'PARETO_NBD' });
    print(report);
    const published = [0.138, 0.6, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403];
    for (const [index, { predicted, customers }] of report.calibration!.bins.entries())
      expect(Math.abs(predicted / customers - published[index]!)).toBeLessThan(0.0015);
  });

  it('is refused periods that make no sense', async () => {
    const { calibration, ctx } = fixture;
    const refused = (ask: object, field: string) =>
      expect(calibration.calibrate(ctx, { ...asked, ...ask })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field },
      });
    await refused({ until: '1997-09-30' }, 'until');
    await refused({ cutOff: '2997-09-30' }, 'cutOff');
    await refused({ bins: 1 }, 'bins');
  });
});

describe.skipIf(!isOnlineRetailHere("calibration isn't checked"))('Online Retail, a year of a gift retailer', () => {
  const asked = { cutOff: '2011-08-31', until: '2011-12-08', bins: 8 };

  it('shows nobody who leaves: neither model has parameters, and nothing is predicted', async () => {
    await open();
    try {
      await insertPurchases(database.pool, onlineRetailPurchases());
      const { calibration, fitter, ctx } = fixture;
      const report = await calibration.calibrate(ctx, asked);
      expect(report.fit).toMatchObject({ reason: 'AT_BOUND', atBound: ['a'], parameters: {}, logLikelihood: null });
      expect(report.calibration).toBeNull();
      const pareto = await calibration.calibrate(ctx, { ...asked, kind: 'PARETO_NBD' });
      expect(pareto).toMatchObject({ calibration: null, fit: { reason: 'AT_BOUND', atBound: ['s'], parameters: {} } });
      const { status, effectiveFrom, detail } = await fitter.fit(ctx, { kind: 'BG_NBD', cutOff: '2011-12-09' });
      expect({ status, effectiveFrom }).toEqual({ status: 'NOT_CONVERGED', effectiveFrom: null });
      expect(detail.spends[0]).toMatchObject({ currency: 'GBP', status: 'CONVERGED', customers: 2777 });
    } finally {
      await database.close();
    }
  });

  it('is predicted for those who bought in its first month, without the season that no model knows', async () => {
    await open();
    try {
      const all = onlineRetailPurchases();
      const inDecember = ({ at, kind }: GivenPurchase) => kind === 'ORDER' && String(at) < '2011-01-01';
      const cohort = new Set(all.filter(inDecember).map(({ customer }) => customer));
      await insertPurchases(
        database.pool,
        all.filter(({ customer }) => cohort.has(customer)),
      );
      const report = await fixture.calibration.calibrate(fixture.ctx, asked);
      print(report);
      const { bins, predicted, actual, customers } = report.calibration!;
      expect({ customers, actual }).toEqual({ customers: 885, actual: 2113 });
      expect(predicted / actual).toBeGreaterThan(0.65);
      expect(predicted / actual).toBeLessThan(0.8);
      const each = bins.map((bin) => bin.predicted / bin.customers);
      expect([...each].sort((a, b) => a - b)).toEqual(each);
    } finally {
      await database.close();
    }
  });
});
