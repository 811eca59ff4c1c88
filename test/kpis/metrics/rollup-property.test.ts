import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CellCompactor } from '../../../src/kpis/facts/cell-compactor.service.ts';
import { aggregatesOf, coreMeasures } from '../../../src/kpis/metrics/metric-catalog.ts';
import { type MetricQuery, metricGrains } from '../../../src/kpis/metrics/metric-query.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { as, type MetricsFixture, openMetrics } from './fixture.ts';

const rolledUp = coreMeasures.filter((measure) => aggregatesOf(measure).every(({ cells }) => cells !== undefined));
/** Touchpoints of a few days on both sides of a change of clocks. */
const begin = Date.UTC(2026, 2, 27);

const drafts: fc.Arbitrary<Partial<TouchpointDraft>> = fc
  .record({
    type: fc.constantFrom('order.completed', 'order.completed', 'order.returned', 'page.viewed', 'store.visited'),
    minutes: fc.integer({ min: 0, max: 5 * 24 * 60 }),
    channel: fc.constantFrom('WEB', 'POS', 'APP'),
    source: fc.constantFrom('shop', 'till'),
    campaign: fc.constantFrom(null, 'spring', 'sale'),
    key: fc.constantFrom('a', 'b', 'c', null),
    orderId: fc.constantFrom(null, '1', '2', '3'),
    currency: fc.constantFrom('EUR', 'EUR', 'JPY'),
    amount: fc.integer({ min: 0, max: 99_999 }),
    cost: fc.constantFrom(null, 1, 17),
    quantity: fc.constantFrom(1, 2, 0.125, 0.1),
  })
  .map(({ type, minutes, channel, source, campaign, key, orderId, currency, amount, cost, quantity }) => ({
    ...{ type, source, campaign },
    channel: channel as TouchpointDraft['channel'],
    ...(key && { key }),
    occurredAt: new Date(begin + minutes * 60_000).toISOString(),
    value: { amount: String(amount), currency },
    properties: { ...(orderId && { orderId }), ...(cost !== null && { cost }) },
    ...(type.startsWith('order') && { lines: [{ sku: 's', quantity, price: '1' }] }),
  }));

let metrics: MetricsFixture;
beforeAll(async () => {
  metrics = await openMetrics();
  const told = fc.sample(drafts, { numRuns: 400, seed: 42 });
  await metrics.tell(...told.slice(0, 150));
  await new CellCompactor(metrics.ctx).step();
  await metrics.tell(...told.slice(150, 300));
  await metrics.tell(...told.slice(300));
});
afterAll(() => metrics.close());

const hour = fc.integer({ min: -30, max: 6 * 24 }).map((hours) => begin + hours * 3_600_000);
const queries: fc.Arbitrary<MetricQuery> = fc
  .record({
    measures: fc.uniqueArray(fc.constantFrom(...rolledUp.map(({ key }) => key)), { minLength: 1, maxLength: 6 }),
    dimensions: fc.uniqueArray(fc.constantFrom('CHANNEL', 'SOURCE', 'CAMPAIGN', 'TOUCHPOINT_TYPE'), { maxLength: 3 }),
    from: hour,
    length: fc.integer({ min: 1, max: 100 }),
    grain: fc.constantFrom(null, ...metricGrains),
    timezone: fc.constantFrom('Europe/Zurich', 'America/New_York', 'UTC'),
    fill: fc.boolean(),
    filter: fc.constantFrom<MetricQuery['filter']>(
      [],
      [{ dimension: 'CHANNEL', operator: 'IN', values: ['WEB', 'APP'] }],
      [{ dimension: 'CAMPAIGN', operator: 'IS_NULL' }],
      [{ dimension: 'CAMPAIGN', operator: 'NOT_IN', values: ['sale'] }],
      [{ dimension: 'CURRENCY', operator: 'IN', values: ['JPY'] }],
    ),
    compareTo: fc.constantFrom<MetricQuery['compareTo']>(null, { previous: 'PERIOD' }),
    parts: fc.boolean(),
    totals: fc.boolean(),
    scopes: fc.constantFrom(['metrics:read', 'pii:read'], ['metrics:read']),
  })
  .map(({ from, length, grain, timezone, fill, ...rest }) => ({
    ...rest,
    dimensions: [...rest.dimensions, 'CURRENCY'],
    time: {
      from: new Date(from).toISOString(),
      to: new Date(from + length * 3_600_000).toISOString(),
      ...{ grain, timezone, fill: fill && grain !== null },
    },
  }));

test('roll-ups and facts give the same numbers, whatever is asked', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(queries, async (query) => {
      const { scopes, ...asked } = query as MetricQuery & { scopes: string[] };
      const ctx = as(metrics.ctx, scopes);
      const fromCells = await metrics.engine.query(ctx, asked, { source: 'ROLLUP' });
      const fromFacts = await metrics.engine.query(ctx, asked, { source: 'FACTS' });
      expect(fromCells.sources.map(({ source }) => source)).not.toContain('FACTS');
      expect(fromFacts.sources.map(({ source }) => source)).not.toContain('ROLLUP');
      expect({ ...fromCells, sources: [] }).toEqual({ ...fromFacts, sources: [] });
      answered += fromCells.rows.length;
    }),
    { numRuns: 120 },
  );
  expect(answered).toBeGreaterThan(500);
});

test('facts answer what roll-ups can not, exactly', async () => {
  const source = async (query: MetricQuery) => (await metrics.ask(query)).sources[0]!.source;
  const time = { from: '2026-03-27', to: '2026-03-29', grain: 'DAY' } as const;
  const filter = [{ dimension: 'CURRENCY', operator: 'IN', values: ['EUR'] }] as const;
  expect(await source({ measures: ['NET_REVENUE'], time, filter })).toBe('ROLLUP');
  for (const query of [
    { measures: ['BUYERS'], time },
    { measures: ['NET_REVENUE', 'BUYERS'], time },
    { measures: ['ORDERS'], dimensions: ['STORE'], time },
    { measures: ['ORDERS'], dimensions: ['IDENTIFIED'], time },
    { measures: ['ORDERS'], time: { ...time, timezone: 'Asia/Kolkata' } },
    { measures: ['ORDERS'], time: { from: '2026-03-27T10:15:00Z', to: '2026-03-29T10:00:00Z' } },
    { measures: ['ORDERS'], time, returns: 'ORDER_DATE' },
  ] as const satisfies readonly MetricQuery[]) {
    expect(await source({ ...query, filter })).toBe('FACTS');
    await expect(
      metrics.engine.query(as(metrics.ctx), { ...query, filter }, { source: 'ROLLUP' }),
    ).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  }
});
