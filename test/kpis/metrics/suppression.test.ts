import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import { type MetricsFixture, openMetrics, order } from './fixture.ts';

let metrics: MetricsFixture;
const unseeing = ['metrics:read'];

beforeAll(async () => {
  metrics = await openMetrics();
  const many = (count: number, channel: 'WEB' | 'POS' | 'APP' | 'PHONE', store: string) =>
    Array.from({ length: count }, (_, index) =>
      order('03-01', '10.00', { key: `${channel}${index}`, channel, store, cost: '4.00' }),
    );
  await metrics.tell(
    ...many(20, 'WEB', 'online'),
    ...many(9, 'APP', 'online'),
    ...many(6, 'POS', 'Bern'),
    ...many(2, 'PHONE', 'Basel'),
    // One customer with five orders: one person.
    ...[1, 2, 3, 4, 5].map((number) => order('04-01', `${number}.00`, { key: 'one', channel: 'WEB', store: 'Chur' })),
  );
});
afterAll(() => metrics.close());

const march = { from: '2026-03-01', to: '2026-04-01' } as const;
const both = async (query: MetricQuery) => ({
  all: await metrics.ask(query),
  some: await metrics.ask(query, unseeing),
});

describe('numbers about few', () => {
  test('are left out, with the next smallest, so that no total gives them away', async () => {
    const { all, some } = await both({
      measures: ['NET_REVENUE', 'ORDERS'],
      dimensions: ['CHANNEL'],
      time: march,
      totals: true,
    });
    expect(all.rows).toEqual([
      ['APP', '90.00', 9],
      ['PHONE', '20.00', 2],
      ['POS', '60.00', 6],
      ['WEB', '200.00', 20],
    ]);
    expect(all.suppressedRows).toBe(0);
    expect(some.rows).toEqual([
      ['APP', '90.00', 9],
      ['PHONE', null, null],
      ['POS', null, null],
      ['WEB', '200.00', 20],
    ]);
    expect(some.suppressedRows).toBe(2);
    expect(some.totals).toEqual([null, '370.00', 37]);
    expect(some.warnings.map(({ code }) => code)).toEqual(['SUPPRESSED']);
  });

  test('are left out alone where several together are enough', async () => {
    await metrics.tell(...[1, 2, 3].map((number) => order('05-01', '1.00', { key: `s${number}`, channel: 'SMS' })));
    await metrics.tell(
      ...[1, 2, 3, 4].map((number) => order('05-01', '1.00', { key: `t${number}`, channel: 'PHONE' })),
    );
    await metrics.tell(
      ...[1, 2, 3, 4, 5, 6].map((number) => order('05-01', '1.00', { key: `u${number}`, channel: 'APP' })),
    );
    const { rows } = await metrics.ask(
      { measures: ['ORDERS'], dimensions: ['CHANNEL'], time: { from: '2026-05-01', to: '2026-06-01' }, totals: true },
      unseeing,
    );
    expect(rows).toEqual([
      ['APP', 6],
      ['PHONE', null],
      ['SMS', null],
    ]);
  });

  test('are counted in people wherever the numbers are about people or what they bought where', async () => {
    const april = { from: '2026-04-01', to: '2026-05-01' } as const;
    expect((await metrics.ask({ measures: ['ORDERS'], time: april }, unseeing)).rows).toEqual([[5]]);
    expect((await metrics.ask({ measures: ['ORDERS', 'BUYERS'], time: april }, unseeing)).rows).toEqual([[null, null]]);
    expect((await metrics.ask({ measures: ['ORDERS'], dimensions: ['STORE'], time: april }, unseeing)).rows).toEqual([
      ['Chur', null],
    ]);
    expect(
      (await metrics.ask({ measures: ['ORDERS'], dimensions: ['IDENTIFIED'], time: april }, unseeing)).rows,
    ).toEqual([['false', null]]);
  });

  test('come last, and in an order that says nothing', async () => {
    const query: MetricQuery = {
      measures: ['ORDERS'],
      dimensions: ['CHANNEL'],
      time: march,
      orderBy: [{ by: 'ORDERS' }],
      limit: 3,
    };
    const page = await metrics.ask(query, unseeing);
    expect(page.rows).toEqual([
      ['APP', 9],
      ['WEB', 20],
      ['PHONE', null],
    ]);
    const rest = await metrics.ask({ ...query, after: page.pageInfo.endCursor }, unseeing);
    expect(rest.rows).toEqual([['POS', null]]);
    expect(Buffer.from(page.pageInfo.endCursor!, 'base64url').toString()).toMatch(/^\["[0-9a-f]{32}",null,"PHONE"\]$/);
  });

  test('are left out of parts and comparisons, too; nothing is no number about few', async () => {
    const [row] = await metrics.rows(
      {
        measures: ['AVERAGE_ORDER_VALUE'],
        filter: [{ dimension: 'CHANNEL', operator: 'IN', values: ['PHONE'] }],
        time: { from: '2026-06-01', to: '2026-07-01' },
        compareTo: { period: march },
        parts: true,
      },
      unseeing,
    );
    expect(row).toEqual({
      average_order_value: null,
      average_order_value__numerator: '0.00',
      average_order_value__denominator: '0',
      average_order_value__n: 0,
      average_order_value__previous: null,
    });
  });

  test('a total about few is left out as well', async () => {
    const filter = [{ dimension: 'CHANNEL', operator: 'IN', values: ['PHONE'] }] as const;
    const { rows, totals } = await metrics.ask(
      { measures: ['ORDERS'], dimensions: ['CHANNEL'], filter, time: march, totals: true },
      unseeing,
    );
    expect({ rows, totals }).toEqual({ rows: [['PHONE', null]], totals: [null, null] });
  });

  test('are no secret to whoever may see personal data, whatever was asked before by whom', async () => {
    const query: MetricQuery = { measures: ['BUYERS'], dimensions: ['CHANNEL'], time: march };
    const { rows } = await metrics.ask(query, unseeing);
    expect(rows[1]).toEqual(['PHONE', null]);
    expect((await metrics.ask(query)).rows[1]).toEqual(['PHONE', 2]);
    expect((await metrics.ask(query, unseeing)).rows[1]).toEqual(['PHONE', null]);
  });
});
