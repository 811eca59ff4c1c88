import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { warningsOf } from '../../../src/kpis/models/model-warnings.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { simulateBgNbd } from '../clv/simulation.ts';
import { type GivenKpis, insertKpis, type ModelsFixture, openModels } from './fixture.ts';

const today = Date.UTC(2026, 10, 1) / 86_400_000;

let database: TestDatabase;
let fixture: ModelsFixture;

beforeEach(async () => {
  database = await openTestDatabase();
  fixture = await openModels(database.pool);
});
afterEach(() => database.close());

/** Customers as BG/NBD makes them, in days; spend after frequency, as `mean` says. */
function simulated(customers: number, mean: (repeats: number, index: number) => number): GivenKpis[] {
  const model = { r: 0.6, alpha: 3, a: 0.8, b: 2.5 };
  return simulateBgNbd(model, customers, 7).map(({ repeats, recency, age }, index) => {
    const [first, last] = [today - Math.round(age * 7), today - Math.round(age * 7) + Math.round(recency * 7)];
    const between = Array.from({ length: Math.max(0, repeats - 1) }, () => first + 1);
    const days = repeats === 0 ? [first] : [first, ...between, Math.max(last, first + 1)];
    return { days, meanRepeatMinor: repeats === 0 ? null : mean(repeats, index) };
  });
}

const scattered = (_: number, index: number) => 1000 + ((index * 7919) % 5000);

describe('A fit', () => {
  it('that converges is used from now on: on the timeline, in the feed and the audit log', async () => {
    const { pool, ctx, fitter, book, clock } = fixture;
    await insertKpis(pool, simulated(1500, scattered));
    expect((await book.current(pool)).models).toEqual([]);
    const first = await fitter.fit(ctx, { kind: 'BG_NBD', reason: 'a first one' });
    expect(first).toMatchObject({ status: 'CONVERGED', version: 1, effectiveFrom: clock.now() });
    clock.set('2026-11-02T12:00:00Z');
    const second = await fitter.fit(ctx, { kind: 'BG_NBD' });
    const { models, revision } = await book.current(pool);
    expect(revision).toBe(3);
    expect(models.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(models[0]!.bgNbd).toEqual(first.detail.parameters);
    expect(models[0]!.spend.CHF).toEqual(first.detail.spends[0]!.parameters);
    expect(models[0]!.secondOrder.days.length).toBeGreaterThan(5);
    const changes = await pool`select topic, subject_id, detail from changes order by tx, seq`;
    expect(changes).toEqual([
      { topic: 'kpis.changed', subject_id: first.id, detail: { what: 'MODEL', version: 1 } },
      { topic: 'kpis.changed', subject_id: second.id, detail: { what: 'MODEL', version: 2 } },
    ]);
    const [entry] = await pool`select action, reason, detail from audit_entries order by id`;
    expect(entry).toEqual({
      action: 'kpis.model_fitted',
      reason: 'a first one',
      detail: { kind: 'BG_NBD', version: 1, status: 'CONVERGED', cutOff: '2026-11-01', used: true },
    });
  });

  it('is only kept where it is not to be used', async () => {
    const { pool, ctx, fitter, book } = fixture;
    await insertKpis(pool, simulated(600, scattered));
    const model = await fitter.fit(ctx, { kind: 'BG_NBD', activate: false });
    expect(model).toMatchObject({ status: 'CONVERGED', effectiveFrom: null });
    expect(await book.current(pool)).toMatchObject({ revision: 1, models: [] });
    expect(await pool`select from changes`).toHaveLength(0);
  });

  it('of too few customers has no numbers, and leaves the one in use', async () => {
    const { pool, ctx, fitter, book } = fixture;
    await insertKpis(pool, simulated(1000, scattered));
    const used = await fitter.fit(ctx, { kind: 'BG_NBD' });
    await pool`delete from customer_kpis where customer_id not in (select customer_id from customer_kpis limit 49)`;
    for (const kind of ['BG_NBD', 'PARETO_NBD'] as const) {
      const { status, effectiveFrom, detail } = await fitter.fit(ctx, { kind });
      expect({ status, effectiveFrom }).toEqual({ status: 'NOT_CONVERGED', effectiveFrom: null });
      expect(detail).toMatchObject({ reason: 'TOO_FEW_CUSTOMERS', parameters: {}, logLikelihood: null, customers: 49 });
      expect(detail.model).toBeUndefined();
    }
    expect((await book.current(pool)).models.map(({ id }) => id)).toEqual([used.id]);
    expect(await pool`select from kpi_models`).toHaveLength(3);
  });

  it('without anybody who bought again has no numbers', async () => {
    const { pool, ctx, fitter } = fixture;
    await insertKpis(
      pool,
      Array.from({ length: 100 }, (_, index) => ({ days: [today - index], meanRepeatMinor: null })),
    );
    expect(await fitter.fit(ctx, { kind: 'BG_NBD' })).toMatchObject({
      status: 'NOT_CONVERGED',
      detail: { reason: 'TOO_FEW_CUSTOMERS', customers: 100, repeaters: 0, parameters: {} },
    });
  });

  it('to customers who are all alike runs to the bound, and has no numbers', async () => {
    const { pool, ctx, fitter, book } = fixture;
    const days = Array.from({ length: 11 }, (_, index) => today - 100 + index * 10);
    await insertKpis(
      pool,
      Array.from({ length: 200 }, () => ({ days, meanRepeatMinor: 1000 })),
    );
    const { status, detail } = await fitter.fit(ctx, { kind: 'BG_NBD' });
    expect(status).toBe('NOT_CONVERGED');
    expect(['AT_BOUND', 'NO_CURVATURE']).toContain(detail.reason);
    expect(detail).toMatchObject({ parameters: {}, logLikelihood: null });
    expect((await book.current(pool)).models).toEqual([]);
  });

  it('warns where who buys more often spends more', async () => {
    const { pool, ctx, fitter } = fixture;
    await insertKpis(
      pool,
      simulated(1500, (repeats, index) => (1000 + 500 * repeats) * (0.3 + ((index * 7919) % 1000) / 700)),
    );
    const { detail } = await fitter.fit(ctx, { kind: 'BG_NBD' });
    expect(detail.spends[0]!.correlation).toBeGreaterThan(0.3);
    expect(warningsOf(detail).map(({ code, currency }) => [code, currency])).toContainEqual([
      'SPEND_DEPENDS_ON_FREQUENCY',
      'CHF',
    ]);
  });

  it('is used without values in a currency in which too few bought again', async () => {
    const { pool, ctx, fitter, book } = fixture;
    const customers = simulated(1500, scattered).map((one, index) => {
      return index % 100 === 0 ? { ...one, currency: 'EUR' } : one;
    });
    await insertKpis(pool, customers);
    const { detail, status } = await fitter.fit(ctx, { kind: 'BG_NBD' });
    expect(status).toBe('CONVERGED');
    expect(detail.spends.map(({ currency, status, reason }) => [currency, status, reason])).toEqual([
      ['CHF', 'CONVERGED', null],
      ['EUR', 'NOT_CONVERGED', 'TOO_FEW_CUSTOMERS'],
    ]);
    expect(Object.keys((await book.current(pool)).models[0]!.spend)).toEqual(['CHF']);
    expect(warningsOf(detail)).toContainEqual(
      expect.objectContaining({ code: 'SPEND_NOT_CONVERGED', currency: 'EUR' }),
    );
  });

  it('is refused a day that is still to come, and one that is none', async () => {
    const { ctx, fitter } = fixture;
    for (const cutOff of ['2026-11-02', '2026-02-30', 'yesterday'])
      await expect(fitter.fit(ctx, { kind: 'BG_NBD', cutOff })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: 'input.cutOff' },
      });
  });

  it('does not stop this process meanwhile', async () => {
    const { pool, ctx, fitter } = fixture;
    await insertKpis(pool, simulated(4_000, scattered));
    let [longest, last] = [0, performance.now()];
    const ticker = setInterval(() => {
      const now = performance.now();
      [longest, last] = [Math.max(longest, now - last), now];
    }, 5);
    try {
      const began = performance.now();
      await fitter.fit(ctx, { kind: 'PARETO_NBD' });
      // The longest pause is that of a tick, not of the fit.
      expect(longest).toBeLessThan((performance.now() - began) / 2);
    } finally {
      clearInterval(ticker);
    }
  });

  it('needs the scope', async () => {
    const { ctx, fitter } = fixture;
    const reader = { ...ctx, viewer: { ...ctx.viewer, scopes: new Set(['metrics:read']) } };
    await expect(fitter.fit(reader, { kind: 'BG_NBD' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
