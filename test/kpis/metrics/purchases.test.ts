import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MetricsFixture, openMetrics, order, returned } from './fixture.ts';

let metrics: MetricsFixture;

beforeAll(async () => {
  metrics = await openMetrics();
  const lines = [
    { sku: 'x', category: 'toys', quantity: 2, price: '30.00' },
    { sku: 'y', category: 'books', quantity: 1, price: '40.00' },
  ];
  await metrics.tell(
    order('01-10', '100.00', { key: 'anna', id: 'A1', cost: '40.00', lines }),
    order('01-11', '20.00', { key: 'anna', id: 'A1', channel: 'POS' }),
    order('02-05', '50.00', { key: 'anna', id: 'A2', channel: 'POS', store: 'Bern' }),
    returned('03-02', '120.00', { key: 'anna', id: 'A1' }),
    order('02-20', '60.00', { key: 'ben', id: 'B1', cost: '30.00', campaign: 'spring' }),
    order('03-05', '10.00', { key: 'ben', id: 'B2' }),
    returned('03-06', '20.00', { key: 'ben', id: 'B1', cost: '10.00' }),
    order('03-07', '7.50', { source: 'till', channel: 'POS' }),
  );
});
afterAll(() => metrics.close());

const year = { from: '2026-01-01', to: '2027-01-01', timezone: 'UTC' } as const;
const months = { ...year, grain: 'MONTH' } as const;

const all = {
  GROSS_REVENUE: '247.50',
  RETURNED_REVENUE: '140.00',
  NET_REVENUE: '107.50',
  ORDERS: 5,
  RETURNS: 2,
  ITEMS: '3',
  AVERAGE_ORDER_VALUE: '21.5',
  BUYERS: 2,
  PURCHASE_FREQUENCY: '2',
  RETURN_RATE: '0.5656565657',
  COST: '60.00',
  MARGIN: '80.00',
  MARGIN_RATE: '0.5714285714',
  COST_COVERAGE: '0.6464646465',
  IDENTIFIED_ORDERS: 4,
  UNIDENTIFIED_ORDERS: 1,
  UNIDENTIFIED_REVENUE: '7.50',
  IDENTIFIED_SHARE: '0.8',
  NEW_BUYERS: 2,
  RETURNING_BUYERS: 0,
  REPEAT_PURCHASE_RATE: '0.5',
} as const;

describe('every measure of purchases', () => {
  test.each(Object.entries(all))('%s of a year is %s', async (measure, expected) => {
    const [row] = await metrics.rows({ measures: [measure], time: year });
    expect(row).toEqual({ [measure.toLowerCase()]: expected });
  });

  test('says the same beside all others, and without a period', async () => {
    const measures = Object.keys(all).slice(0, 20);
    const { rows } = await metrics.ask({ measures });
    expect(rows).toEqual([Object.values(all).slice(0, 20)]);
  });

  test('of nothing is 0 if it is a sum, and null if it is a ratio', async () => {
    const measures = [
      'NET_REVENUE',
      'ORDERS',
      'AVERAGE_ORDER_VALUE',
      'RETURN_RATE',
      'REPEAT_PURCHASE_RATE',
      'NEW_BUYERS',
      'MARGIN',
    ];
    const { rows } = await metrics.ask({ measures, time: { from: '2020-01-01', to: '2021-01-01' } });
    expect(rows).toEqual([['0.00', 0, null, null, null, 0, '0.00']]);
  });
});

test('buyers are new in the month of their first order, and returning in all others', async () => {
  const measures = ['BUYERS', 'NEW_BUYERS', 'RETURNING_BUYERS', 'REPEAT_PURCHASE_RATE'];
  const { rows } = await metrics.ask({ measures, time: months });
  expect(rows.map(([, ...numbers]) => numbers)).toEqual([
    [1, 1, 0, null],
    [2, 1, 1, '0'],
    [1, 0, 1, '0'],
  ]);
});

test('shipments of one order are one, counted where the first one was', async () => {
  const { rows } = await metrics.ask({ measures: ['ORDERS', 'GROSS_REVENUE'], dimensions: ['CHANNEL'] });
  expect(rows).toEqual([
    ['POS', 2, '77.50'],
    ['WEB', 3, '170.00'],
  ]);
});

describe('what was returned', () => {
  const measures = ['NET_REVENUE', 'RETURNS'];

  test('is taken off when it was returned', async () => {
    const { rows } = await metrics.ask({ measures, time: months });
    expect(rows.map(([, ...numbers]) => numbers)).toEqual([
      ['120.00', 0],
      ['110.00', 0],
      ['-122.50', 2],
    ]);
  });

  test('or when it was ordered: by the first shipment', async () => {
    const { rows } = await metrics.ask({ measures, time: months, returns: 'ORDER_DATE' });
    expect(rows.map(([, ...numbers]) => numbers)).toEqual([
      ['0.00', 1],
      ['90.00', 1],
      ['17.50', 0],
    ]);
  });
});

describe('lines', () => {
  test('split revenue, pieces and orders by category; what has no lines stands apart', async () => {
    const measures = ['GROSS_REVENUE', 'ITEMS', 'ORDERS', 'RETURNED_REVENUE', 'BUYERS'];
    const { rows } = await metrics.ask({ measures, dimensions: ['CATEGORY'], time: year });
    expect(rows).toEqual([
      ['books', '40.00', '1', 1, '0.00', 1],
      ['toys', '60.00', '2', 1, '0.00', 1],
      [null, '147.50', '0', 5, '140.00', 2],
    ]);
  });

  test('can be filtered by article', async () => {
    const filter = [{ dimension: 'SKU', operator: 'IN', values: ['y'] } as const];
    expect((await metrics.ask({ measures: ['NET_REVENUE', 'ORDERS'], filter })).rows).toEqual([['40.00', 1]]);
  });

  test('say nothing of costs', async () => {
    const asked = metrics.ask({ measures: ['MARGIN'], dimensions: ['SKU'] });
    await expect(asked).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining('SKU') });
  });
});

describe('dimensions of purchases', () => {
  test.each([
    [
      'STORE',
      [
        ['Bern', 1],
        [null, 4],
      ],
    ],
    [
      'CAMPAIGN',
      [
        ['spring', 1],
        [null, 4],
      ],
    ],
    [
      'SOURCE',
      [
        ['shop', 4],
        ['till', 1],
      ],
    ],
    ['CURRENCY', [['EUR', 5]]],
    [
      'TOUCHPOINT_TYPE',
      [
        ['order.completed', 5],
        ['order.returned', 0],
      ],
    ],
    ['IDENTIFIED', [['false', 5]]],
    [
      'ACQUISITION_MONTH',
      [
        ['2026-01', 2],
        ['2026-02', 2],
        [null, 1],
      ],
    ],
    [
      'ACQUISITION_CHANNEL',
      [
        ['WEB', 4],
        [null, 1],
      ],
    ],
  ])('%s', async (dimension, expected) => {
    const { rows } = await metrics.ask({ measures: ['ORDERS'], dimensions: [dimension] });
    expect(rows).toEqual(expected);
  });

  test('filters keep what has one of the values, or none of them', async () => {
    const ask = async (operator: 'IN' | 'NOT_IN' | 'IS_NULL' | 'IS_NOT_NULL', values?: string[]) =>
      (await metrics.ask({ measures: ['ORDERS'], filter: [{ dimension: 'STORE', operator, values }] })).rows[0]![0];
    expect(await ask('IN', ['Bern', 'Basel'])).toBe(1);
    expect(await ask('NOT_IN', ['Bern'])).toBe(4);
    expect(await ask('IS_NULL')).toBe(4);
    expect(await ask('IS_NOT_NULL')).toBe(1);
  });
});

describe('a customer of several records', () => {
  const time = { from: '2026-01-01', to: '2026-03-01', grain: 'MONTH', timezone: 'UTC' } as const;

  test('returns in one what was ordered in the other, and buys for the first time once', async () => {
    const apart = await openMetrics();
    const identifiers = [{ kind: 'email', value: 'dora@example.com' }];
    await apart.tell(
      order('01-10', '80.00', { source: 'shop', key: 'd1', id: 'D1', identifiers }),
      order('02-03', '5.00', { source: 'till', key: 'd2', id: 'D2', identifiers }),
      returned('02-05', '80.00', { source: 'till', key: 'd2', id: 'D1', identifiers }),
    );
    const measures = ['NET_REVENUE', 'BUYERS', 'NEW_BUYERS', 'REPEAT_PURCHASE_RATE'];
    const answer = async (returns: 'ORDER_DATE' | 'RETURN_DATE') =>
      (await apart.ask({ measures, time, returns })).rows.map(([, ...numbers]) => numbers);
    expect(await answer('ORDER_DATE')).toEqual([
      ['0.00', 1, 1, null],
      ['5.00', 1, 0, '0'],
    ]);
    expect(await answer('RETURN_DATE')).toEqual([
      ['80.00', 1, 1, null],
      ['-75.00', 1, 0, '0'],
    ]);
    await apart.close();
  });
});
