import { GraphQLEnumType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toPublicId } from '../../../src/kernel/ids.ts';
import type { MetricColumn } from '../../../src/kpis/metrics/metric-table.ts';
import { type MetricsApi, openMetricsApi } from './api-fixture.ts';
import { order } from './fixture.ts';

let api: MetricsApi;
beforeAll(async () => {
  api = await openMetricsApi();
  await api.tell(
    order('03-01', '10.50', { key: 'a', channel: 'WEB' }),
    order('03-02', '20.00', { key: 'b', channel: 'POS' }),
    order('03-03', '30.00', { key: 'a', channel: 'POS' }),
  );
});
afterAll(() => api.close());

interface Table {
  columns: MetricColumn[];
  rows: unknown[][];
  objects: Record<string, unknown>[];
  totals: Record<string, unknown> | null;
  queryHash: string;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  warnings: { code: string; columns: string[] }[];
}

const document = `query ($query: MetricQueryInput!) { metrics(query: $query) {
  columns { name kind type unit description } rows objects totals asOf queryHash cache { hit computedAt } sources { base source }
  freshness { factsAt scoredAt } pageInfo { hasNextPage endCursor } suppressedRows warnings { code message columns } } }`;

async function ask(query: Record<string, unknown>): Promise<Table> {
  const { data, errors } = await api.graphql(document, { query });
  if (errors) throw errors[0]!.originalError ?? errors[0];
  return (data as { metrics: Table }).metrics;
}

const march = { from: '2026-03-01', to: '2026-04-01' };

describe('metrics', () => {
  test('answers as rows and as objects, with numbers as numbers', async () => {
    const table = await ask({
      measures: ['NET_REVENUE', 'ORDERS', 'AVERAGE_ORDER_VALUE', 'RETURN_RATE'],
      dimensions: ['CHANNEL'],
      time: { ...march, grain: 'MONTH' },
      orderBy: [{ measure: 'NET_REVENUE', direction: 'DESC' }],
      totals: true,
    });
    expect(table.rows).toEqual([
      ['2026-02-28T23:00:00.000Z', 'POS', 50, 2, 25, 0],
      ['2026-02-28T23:00:00.000Z', 'WEB', 10.5, 1, 10.5, 0],
    ]);
    expect(table.objects[1]).toEqual({
      ...{ time: '2026-02-28T23:00:00.000Z', channel: 'WEB', net_revenue: 10.5, orders: 1 },
      ...{ average_order_value: 10.5, return_rate: 0 },
    });
    expect(table.totals).toEqual({ net_revenue: 60.5, orders: 3, average_order_value: 20.166667, return_rate: 0 });
    expect(table.columns.map(({ name, kind, type, unit }) => [name, kind, type, unit])).toEqual([
      ['time', 'TIME', 'TIME', null],
      ['channel', 'DIMENSION', 'TEXT', null],
      ['net_revenue', 'MEASURE', 'DECIMAL', 'EUR'],
      ['orders', 'MEASURE', 'COUNT', null],
      ['average_order_value', 'MEASURE', 'DECIMAL', 'EUR'],
      ['return_rate', 'MEASURE', 'DECIMAL', null],
    ]);
    expect(table).toMatchObject({
      asOf: new Date('2026-11-01T12:00:00.000Z'),
      cache: { hit: false },
      sources: [{ base: 'PURCHASES', source: 'ROLLUP' }],
      freshness: { scoredAt: null },
      suppressedRows: 0,
      warnings: [],
    });
  });

  test('turns pages', async () => {
    const query = { measures: ['ORDERS'], dimensions: ['CHANNEL'], limit: 1 };
    const first = await ask(query);
    const second = await ask({ ...query, after: first.pageInfo.endCursor });
    expect([...first.rows, ...second.rows]).toEqual([
      ['POS', 2],
      ['WEB', 1],
    ]);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect(second.queryHash).toBe(first.queryHash);
  });

  test('compares, filters and fills', async () => {
    const { objects } = await ask({
      measures: ['ORDERS'],
      filter: [{ dimension: 'CHANNEL', values: ['POS'] }],
      time: { from: '2026-03-02', to: '2026-03-04', grain: 'DAY', timezone: 'UTC', fill: true },
      compareTo: { previous: 'PERIOD' },
      orderBy: [{ time: true, direction: 'DESC' }],
    });
    expect(objects.map(({ orders, orders__previous }) => [orders, orders__previous])).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  test('warns of numbers that JSON numbers can not hold', async () => {
    await api.pool`
      insert into metric_cell_changes values
        (gen_random_uuid(), 1, '2026-05-10T10:00:00Z', 'order.completed', 'WEB', 'x', '', 'EUR', 2, 2, 1999999999999998, 0, 0, 0)`;
    const { rows, warnings } = await ask({ measures: ['NET_REVENUE'], time: { from: '2026-05-01', to: '2026-06-01' } });
    expect(rows).toEqual([[19999999999999.98]]);
    expect(warnings).toMatchObject([{ code: 'ROUNDED', columns: ['net_revenue'] }]);
  });

  test('says which field is wrong', async () => {
    const refusals = [
      [
        { measures: ['ORDERS'], orderBy: [{ measure: 'ORDERS', time: true }] },
        { code: 'BAD_USER_INPUT', details: { field: 'query.orderBy[0]' } },
      ],
      [{ measures: ['ORDERS'], segments: ['cus_1'] }, { code: 'BAD_USER_INPUT' }],
      [
        { measures: ['ORDERS'], segments: [toPublicId('seg', '00000000-0000-7000-8000-000000000000')] },
        { code: 'FORBIDDEN' },
      ],
      [
        { measures: ['ORDERS'], limit: 0 },
        { code: 'BAD_USER_INPUT', details: { field: 'limit' } },
      ],
    ] as const;
    for (const [query, refusal] of refusals) await expect(ask(query)).rejects.toMatchObject(refusal);
  });
});

describe('metricCatalog', () => {
  test('says everything of every measure and dimension', async () => {
    const { data } = await api.graphql(`{ metricCatalog {
      measures { key title description unit format owner additive base dimensions } dimensions { key title description owner overlapping }
      grains limits { measures dimensions filters buckets rows } } }`);
    const { metricCatalog } = data as {
      metricCatalog: { measures: { key: string; dimensions: string[] }[]; dimensions: { key: string }[] };
    };
    expect(metricCatalog.measures.map(({ key }) => key)).toEqual(api.engine.catalogue.measures.map(({ key }) => key));
    expect(metricCatalog.dimensions.map(({ key }) => key)).toContain('SEGMENT');
    expect(metricCatalog.measures.find(({ key }) => key === 'NET_REVENUE')!.dimensions).toEqual(
      expect.arrayContaining(['CHANNEL', 'SKU', 'CURRENCY', 'TIER', 'SEGMENT']),
    );
    expect(metricCatalog).toMatchObject({
      grains: ['HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'],
      limits: { rows: 10_000 },
    });
  });

  test('needs metrics:read', async () => {
    const { errors } = await api.graphql('{ metricCatalog { grains } }', {}, ['customers:read']);
    expect(errors![0]!.originalError).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('has its descriptions in the schema', () => {
    for (const [name, entries] of [
      ['MetricMeasure', api.engine.catalogue.measures],
      ['MetricDimension', api.engine.catalogue.dimensions],
    ] as const) {
      const type = api.schema.getType(name) as GraphQLEnumType;
      expect(type).toBeInstanceOf(GraphQLEnumType);
      expect(type.getValues().map(({ name: key, description }) => [key, description])).toEqual(
        entries.map(({ key, description }) => [key, description]),
      );
    }
  });
});
