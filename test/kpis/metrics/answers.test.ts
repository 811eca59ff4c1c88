import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import { as, type MetricsFixture, objectsOf, openMetrics, order, returned } from './fixture.ts';

let metrics: MetricsFixture;

beforeAll(async () => {
  metrics = await openMetrics();
  await metrics.tell(
    order('01-10', '100.00', { key: 'a', channel: 'WEB' }),
    order('01-20', '50.00', { key: 'b', channel: 'POS' }),
    order('03-05', '30.00', { key: 'a', channel: 'POS' }),
    order('03-06', '30.00', { key: 'c', channel: 'WEB' }),
    order('03-07', '10.00', { key: 'c', channel: 'APP' }),
    returned('03-08', '5.00', { key: 'c', channel: 'APP' }),
    order('2025-03-06T12:00:00Z', '80.00', { key: 'a', channel: 'WEB' }),
    order('02-01', '900', { key: 'd', channel: 'WEB', value: { amount: '900', currency: 'JPY' } }),
  );
});
afterAll(() => metrics.close());

const euro = [{ dimension: 'CURRENCY', operator: 'IN', values: ['EUR'] }] as const;
const quarter = { from: '2026-01-01', to: '2026-04-01', timezone: 'UTC', grain: 'MONTH' } as const;
const numbers = async (query: MetricQuery) => (await metrics.ask(query)).rows;
const day = (at: unknown) => (at as Date).toISOString().slice(0, 10);

describe('gaps', () => {
  test('are left out, unless rows are wanted for all buckets', async () => {
    const query: MetricQuery = {
      measures: ['ORDERS', 'NET_REVENUE', 'AVERAGE_ORDER_VALUE'],
      filter: euro,
      time: quarter,
    };
    expect((await numbers(query)).map(([at]) => day(at))).toEqual(['2026-01-01', '2026-03-01']);
    const filled = await numbers({ ...query, time: { ...quarter, fill: true } });
    expect(filled.map(([at, ...rest]) => [day(at), ...rest])).toEqual([
      ['2026-01-01', 2, '150.00', '75'],
      ['2026-02-01', 0, '0.00', null],
      ['2026-03-01', 3, '65.00', '21.666667'],
    ]);
  });

  test('are filled for every value of a dimension that there is', async () => {
    const rows = await numbers({
      measures: ['ORDERS'],
      dimensions: ['CHANNEL'],
      filter: euro,
      time: { ...quarter, fill: true },
    });
    expect(rows.map(([at, ...rest]) => [day(at).slice(5, 7), ...rest])).toEqual([
      ['01', 'APP', 0],
      ['01', 'POS', 1],
      ['01', 'WEB', 1],
      ['02', 'APP', 0],
      ['02', 'POS', 0],
      ['02', 'WEB', 0],
      ['03', 'APP', 1],
      ['03', 'POS', 1],
      ['03', 'WEB', 1],
    ]);
  });

  test('are filled on a day of 25 hours, each with its own', async () => {
    const { tell } = metrics;
    await tell(
      order('2026-10-25T00:30:00Z', '1.00', { key: 'a' }),
      order('2026-10-25T01:30:00Z', '2.00', { key: 'a' }),
    );
    const rows = await numbers({
      measures: ['NET_REVENUE'],
      filter: euro,
      time: { from: '2026-10-25', to: '2026-10-26', grain: 'HOUR', fill: true },
    });
    expect(rows).toHaveLength(25);
    expect(rows.slice(2, 4)).toEqual([
      [new Date('2026-10-25T00:00:00Z'), '1.00'],
      [new Date('2026-10-25T01:00:00Z'), '2.00'],
    ]);
  });
});

describe('currencies', () => {
  test('are not added up: the refusal says which there are', async () => {
    await expect(metrics.ask({ measures: ['NET_REVENUE'], time: quarter })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { reason: 'AMBIGUOUS_CURRENCY', values: ['EUR', 'JPY'] },
    });
    await expect(
      metrics.engine.stream(as(metrics.ctx), { measures: ['NET_REVENUE'], time: quarter }),
    ).rejects.toMatchObject({
      details: { reason: 'AMBIGUOUS_CURRENCY' },
    });
  });

  test('make no difference to counts', async () => {
    expect(await numbers({ measures: ['ORDERS'], time: { ...quarter, grain: null } })).toEqual([[6]]);
  });

  test('stand in their rows, with their own decimal places, and have no total', async () => {
    const table = await metrics.ask({
      measures: ['NET_REVENUE', 'ORDERS', 'RETURN_RATE'],
      dimensions: ['CURRENCY'],
      time: { ...quarter, grain: null },
      totals: true,
    });
    expect(table.rows).toEqual([
      ['EUR', '215.00', 5, '0.0227272727'],
      ['JPY', '900', 1, '0'],
    ]);
    expect(table.totals).toEqual([null, null, 6, null]);
    expect(table.warnings).toEqual([
      { code: 'MIXED_TOTAL', message: expect.any(String), columns: ['net_revenue', 'return_rate'] },
    ]);
    expect(table.columns[1]).toMatchObject({ unit: null });
  });

  test('are named as the unit where there is one only', async () => {
    const { columns } = await metrics.ask({
      measures: ['NET_REVENUE'],
      time: { from: '2026-03-01', to: '2026-04-01' },
    });
    expect(columns[0]).toMatchObject({ name: 'net_revenue', kind: 'MEASURE', type: 'DECIMAL', unit: 'EUR' });
  });
});

describe('totals', () => {
  test('are computed anew, over all rows whatever the page', async () => {
    const { rows, totals } = await metrics.ask({
      measures: ['BUYERS', 'NET_REVENUE', 'AVERAGE_ORDER_VALUE'],
      dimensions: ['CHANNEL'],
      filter: euro,
      time: { ...quarter, grain: null },
      totals: true,
      limit: 1,
    });
    expect(rows).toEqual([['APP', 1, '5.00', '5']]);
    expect(totals).toEqual([null, 3, '215.00', '43']);
  });
});

describe('order and pages', () => {
  const query: MetricQuery = {
    measures: ['NET_REVENUE', 'ORDERS'],
    dimensions: ['CHANNEL'],
    filter: euro,
    time: quarter,
    orderBy: [{ by: 'NET_REVENUE', direction: 'DESC' }],
  };

  test('are the same however the answer is cut', async () => {
    const { rows: whole } = await metrics.ask(query);
    expect(whole.map(([at, channel, revenue]) => [day(at).slice(5, 7), channel, revenue])).toEqual([
      ['01', 'WEB', '100.00'],
      ['01', 'POS', '50.00'],
      ['03', 'POS', '30.00'],
      ['03', 'WEB', '30.00'],
      ['03', 'APP', '5.00'],
    ]);
    for (const limit of [1, 2, 3, 5]) expect(await read({ ...query, limit })).toEqual(whole);
    const ascending = await read({
      ...query,
      orderBy: [{ by: 'ORDERS' }, { by: 'CHANNEL', direction: 'DESC' }],
      limit: 2,
    });
    expect(ascending.map(([, channel]) => channel)).toEqual(['WEB', 'WEB', 'POS', 'POS', 'APP']);
  });

  test('go through what has no value: last, either way', async () => {
    const byStore: MetricQuery = { measures: ['ORDERS'], dimensions: ['STORE', 'CHANNEL'], limit: 1 };
    const { rows: whole } = await metrics.ask({ ...byStore, limit: 100 });
    expect(await read(byStore)).toEqual(whole);
    expect(await read({ ...byStore, orderBy: [{ by: 'STORE', direction: 'DESC' }] })).toEqual(whole);
  });

  async function read(asked: MetricQuery) {
    const rows = [];
    let after: string | null = null;
    do {
      const table: Awaited<ReturnType<typeof metrics.ask>> = await metrics.ask({ ...asked, after });
      rows.push(...table.rows);
      after = table.pageInfo.hasNextPage ? table.pageInfo.endCursor : null;
    } while (after !== null);
    return rows;
  }

  test('a cursor of another query, or of none, is refused', async () => {
    const { pageInfo } = await metrics.ask({ ...query, limit: 1 });
    const other = metrics.ask({ ...query, measures: ['ORDERS', 'NET_REVENUE'], after: pageInfo.endCursor });
    await expect(other).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    for (const after of [
      '',
      'x',
      Buffer.from('["a"]').toString('base64url'),
      Buffer.from('{}').toString('base64url'),
    ]) {
      await expect(metrics.ask({ ...query, after })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    }
  });
});

describe('a comparison', () => {
  test('stands beside each row, also where there is nothing now', async () => {
    const rows = await metrics.rows({
      measures: ['NET_REVENUE', 'ORDERS'],
      dimensions: ['CHANNEL'],
      filter: euro,
      time: { from: '2026-03-01', to: '2026-04-01', timezone: 'UTC', grain: 'MONTH' },
      compareTo: { previous: 'YEAR' },
      totals: true,
    });
    expect(
      rows.map(({ channel, net_revenue, net_revenue__previous, orders__previous }) => [
        channel,
        net_revenue,
        net_revenue__previous,
        orders__previous,
      ]),
    ).toEqual([
      ['APP', '5.00', '0.00', 0],
      ['POS', '30.00', '0.00', 0],
      ['WEB', '30.00', '80.00', 1],
    ]);
  });

  test('with any period is bucket by bucket', async () => {
    const table = await metrics.ask({
      measures: ['ORDERS'],
      filter: euro,
      time: { from: '2026-03-05', to: '2026-03-08', timezone: 'UTC', grain: 'DAY' },
      compareTo: { period: { from: '2026-01-19', to: '2026-01-22' } },
      totals: true,
    });
    expect(table.rows.map(([at, ...rest]) => [day(at), ...rest])).toEqual([
      ['2026-03-05', 1, 0],
      ['2026-03-06', 1, 1],
      ['2026-03-07', 1, 0],
    ]);
    expect(table.totals).toEqual([null, 3, 1]);
    expect(table.columns.map(({ name, kind }) => [name, kind])).toContainEqual(['orders__previous', 'COMPARISON']);
  });

  test('needs a time, and either a name or a period', async () => {
    await expect(metrics.ask({ measures: ['ORDERS'], compareTo: { previous: 'YEAR' } })).rejects.toMatchObject({
      details: { field: 'compareTo' },
    });
    await expect(metrics.ask({ measures: ['ORDERS'], time: quarter, compareTo: {} })).rejects.toMatchObject({
      details: { field: 'compareTo' },
    });
  });
});

test('a ratio shows what it is made of', async () => {
  const time = { from: '2026-03-01', to: '2026-04-01' };
  const [row] = await metrics.rows({ measures: ['RETURN_RATE', 'AVERAGE_ORDER_VALUE', 'ORDERS'], time, parts: true });
  expect(row).toEqual({
    ...{
      return_rate: '0.0714285714',
      return_rate__numerator: '5.00',
      return_rate__denominator: '70.00',
      return_rate__n: 3,
    },
    ...{
      average_order_value: '21.666667',
      average_order_value__numerator: '65.00',
      average_order_value__denominator: '3',
      average_order_value__n: 3,
    },
    orders: 3,
  });
});

describe('limits', () => {
  test.each<[string, MetricQuery]>([
    ['measures', { measures: [] }],
    ['measures[0]', { measures: ['PROFIT'] }],
    ['measures[1]', { measures: ['ORDERS', 'ORDERS'] }],
    ['measures', { measures: Array.from({ length: 21 }, () => 'ORDERS') }],
    [
      'dimensions',
      { measures: ['ORDERS'], dimensions: ['CHANNEL', 'SOURCE', 'STORE', 'CAMPAIGN', 'COUNTRY', 'CURRENCY'] },
    ],
    ['dimensions[0]', { measures: ['ORDERS'], dimensions: ['COLOR'] }],
    ['dimensions', { measures: ['CUSTOMERS'], dimensions: ['STORE'] }],
    ['dimensions', { measures: ['MEMBER_SHARE'], dimensions: ['TIER'] }],
    ['filter[0].values', { measures: ['ORDERS'], filter: [{ dimension: 'STORE', operator: 'IN' }] }],
    [
      'filter[0].values',
      { measures: ['ORDERS'], filter: [{ dimension: 'STORE', operator: 'IS_NULL', values: ['a'] }] },
    ],
    [
      'filter[0].values',
      {
        measures: ['ORDERS'],
        filter: [{ dimension: 'STORE', operator: 'IN', values: Array.from({ length: 1_001 }, String) }],
      },
    ],
    [
      'filter[0].values[0]',
      { measures: ['ORDERS'], filter: [{ dimension: 'STORE', operator: 'IN', values: ['a\0'] }] },
    ],
    ['limit', { measures: ['ORDERS'], limit: 0 }],
    ['limit', { measures: ['ORDERS'], limit: 10_001 }],
    ['time.grain', { measures: ['ORDERS'], time: { from: '2020-01-01', to: '2026-01-01', grain: 'HOUR' } }],
    ['orderBy[0].by', { measures: ['ORDERS'], orderBy: [{ by: 'TIME' }] }],
    ['segments[0]', { measures: ['ORDERS'], segments: ['x'] }],
  ])('%s', async (field, query) => {
    await expect(metrics.ask(query)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  test('a statement that takes too long is given up, later for those who manage', async () => {
    const slow = await openMetrics({ seconds: { read: 0.001, manage: 60 } });
    await slow.pool`insert into purchases select gen_random_uuid(), '2026-01-01'::timestamptz + n * interval '1 minute', gen_random_uuid(),
      'ORDER', null, true, 'x', 'WEB', null, null, 'EUR', 1, null, 0 from generate_series(1, 100000) n`;
    const query: MetricQuery = { measures: ['BUYERS'], dimensions: ['CHANNEL'] };
    await expect(slow.ask(query)).rejects.toMatchObject({ code: 'STATEMENT_TOO_SLOW' });
    expect((await slow.ask(query, ['metrics:read', 'metrics:manage', 'pii:read'])).rows).toEqual([['WEB', 0]]);
    await slow.close();
  });
});

describe('the name of a question', () => {
  const hash = async (query: MetricQuery) => (await metrics.ask(query)).queryHash;
  const base: MetricQuery = {
    measures: ['ORDERS'],
    time: { from: '2026-01-01', to: '2026-02-01', timezone: 'Europe/Zurich' },
  };

  test('is the same in other words', async () => {
    const name = await hash(base);
    expect(await hash({ ...base, limit: 7, dimensions: [], totals: false, returns: 'RETURN_DATE' })).toBe(name);
    expect(await hash({ ...base, time: { from: '2026-01-01', to: '2026-02-01' } })).toBe(name);
    expect(await hash({ ...base, time: { from: '2025-12-31T23:00:00Z', to: '2026-02-01T00:00:00+01:00' } })).toBe(name);
    expect(await hash({ ...base, filter: [{ dimension: 'STORE', operator: 'IN', values: ['b', 'a', 'a'] }] })).toBe(
      await hash({ ...base, filter: [{ dimension: 'STORE', operator: 'IN', values: ['a', 'b'] }] }),
    );
  });

  test('differs with the question', async () => {
    const names = await Promise.all(
      [
        base,
        { ...base, measures: ['RETURNS'] },
        { ...base, dimensions: ['CHANNEL'] },
        { ...base, time: { ...base.time!, to: '2026-02-02' } },
        { ...base, time: { ...base.time!, grain: 'DAY' } as const },
        { ...base, totals: true },
        { ...base, parts: true },
        { ...base, returns: 'ORDER_DATE' as const },
        { ...base, compareTo: { previous: 'YEAR' as const } },
        { ...base, filter: [{ dimension: 'STORE', operator: 'IS_NULL' as const }] },
        { ...base, orderBy: [{ by: 'ORDERS' }] },
      ].map(hash),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a stream', () => {
  test('hands over all rows, of one moment, and says its columns first', async () => {
    const query: MetricQuery = { measures: ['NET_REVENUE'], dimensions: ['CHANNEL'], filter: euro, time: quarter };
    const stream = await metrics.engine.stream(as(metrics.ctx), query);
    const rows = [];
    for await (const page of stream.pages) rows.push(...page);
    const table = await metrics.ask(query);
    expect(objectsOf({ columns: stream.columns, rows })).toEqual(objectsOf(table));
    expect(stream.columns).toEqual(table.columns);
    expect(stream.queryHash).toBe(table.queryHash);
  });

  test('that nobody reads on gives its connection back', async () => {
    const alone = await openMetrics({ max: 2 });
    await alone.tell(...Array.from({ length: 30 }, (_, index) => order('01-10', '1.00', { key: `k${index}` })));
    await alone.pool`insert into metric_cells select '2026-01-01'::timestamptz + n * interval '1 hour', 'page.viewed', 'WEB', 'x', '', '', 1, 0, 0, 0, 0, 0 from generate_series(1, 5000) n`;
    const query: MetricQuery = {
      measures: ['TOUCHPOINTS'],
      time: { from: '2026-01-01', to: '2026-12-01', grain: 'HOUR' },
    };
    for (const pages of [0, 1, 2]) {
      const stream = await alone.engine.stream(as(alone.ctx), query);
      const reader = stream.pages[Symbol.asyncIterator]();
      for (let page = 0; page < pages; page += 1) expect((await reader.next()).value).toHaveLength(1_000);
      await reader.return!();
      expect((await alone.ask({ measures: ['ORDERS'] })).rows).toEqual([[30]]);
    }
    await alone.close();
  });
});

describe('rights', () => {
  test('to ask are those of metrics:read', async () => {
    await expect(metrics.ask({ measures: ['ORDERS'] }, ['customers:read'])).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(metrics.engine.stream(as(metrics.ctx, []), { measures: ['ORDERS'] })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(() => metrics.engine.catalog(as(metrics.ctx, []))).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });

  test('to split by a trait that is personal need pii:read', async () => {
    const query: MetricQuery = { measures: ['ORDERS'], filter: [{ dimension: 'COUNTRY', operator: 'IS_NULL' }] };
    await expect(metrics.ask(query, ['metrics:read'])).resolves.toBeDefined();
    const strict = {
      ...as(metrics.ctx, ['metrics:read']),
      personalTraits: { has: (name: string) => name === 'country' },
    };
    await expect(metrics.engine.query(strict, query)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
