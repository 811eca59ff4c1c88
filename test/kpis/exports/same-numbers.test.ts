import { Decimal, type Table, tableFromIPC } from 'apache-arrow';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WriteOptions } from '../../../src/kpis/exports/export-table.ts';
import { exportMetrics } from '../../../src/kpis/exports/metric-export.service.ts';
import { writeTable } from '../../../src/kpis/exports/write-table.ts';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import type { MetricColumn, MetricValue } from '../../../src/kpis/metrics/metric-table.ts';
import { as, type MetricsFixture, openMetrics } from '../metrics/fixture.ts';

let metrics: MetricsFixture;

const channels = ['WEB', 'POS', 'APP'] as const;
const sources = ['shop', '=till', 'a "b", c'] as const;

beforeAll(async () => {
  metrics = await openMetrics();
  const drafts = fc.sample(
    fc.record({
      person: fc.option(fc.integer({ min: 1, max: 12 })),
      type: fc.constantFrom('order.completed', 'order.completed', 'order.returned', 'page.viewed'),
      at: fc.date({
        min: new Date('2026-01-01T00:00:00Z'),
        max: new Date('2026-06-30T00:00:00Z'),
        noInvalidDate: true,
      }),
      minor: fc.integer({ min: 0, max: 999_999 }),
      cost: fc.option(fc.integer({ min: 0, max: 9_999 })),
      currency: fc.constantFrom('CHF', 'JPY', 'KWD'),
      channel: fc.constantFrom(...channels),
      source: fc.constantFrom(...sources),
      campaign: fc.option(fc.constantFrom('spring', '@home', '50 % "off"')),
      order: fc.integer({ min: 1, max: 40 }),
      quantity: fc.integer({ min: 1, max: 4 }),
    }),
    { numRuns: 150, seed: 6 },
  );
  const places = { CHF: 2, JPY: 0, KWD: 3 };
  await metrics.tell(
    ...drafts.map(({ person, type, at, minor, cost, currency, channel, source, campaign, order, quantity }) => ({
      source,
      channel,
      type,
      occurredAt: at.toISOString(),
      ...(campaign === null ? {} : { campaign }),
      ...(person === null ? {} : { identifiers: [{ kind: 'userId', value: `u-${person}` }] }),
      ...(type === 'page.viewed'
        ? {}
        : {
            value: { amount: (minor / 10 ** places[currency]).toFixed(places[currency]), currency },
            properties: {
              orderId: `o-${order}`,
              ...(cost === null ? {} : { cost: (cost / 1000).toFixed(places[currency]) }),
            },
            lines: [{ sku: 'a', quantity, price: '1' }],
          }),
    })),
  );
});
afterAll(() => metrics.close());

const scopes = fc.constantFrom(['metrics:read', 'pii:read'], ['metrics:read']);

const grains = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const;

const queries: fc.Arbitrary<MetricQuery> = fc.record({
  measures: fc.uniqueArray(
    fc.constantFrom(
      ...[
        'GROSS_REVENUE',
        'NET_REVENUE',
        'ORDERS',
        'RETURNS',
        'ITEMS',
        'AVERAGE_ORDER_VALUE',
        'BUYERS',
        'PURCHASE_FREQUENCY',
      ],
      ...[
        'RETURN_RATE',
        'MARGIN',
        'MARGIN_RATE',
        'COST_COVERAGE',
        'IDENTIFIED_SHARE',
        'NEW_BUYERS',
        'TOUCHPOINTS',
        'ACTIVE_CUSTOMERS',
      ],
    ),
    { minLength: 1, maxLength: 4 },
  ),
  dimensions: fc
    .uniqueArray(fc.constantFrom('CHANNEL', 'SOURCE', 'CAMPAIGN', 'IDENTIFIED'), { maxLength: 2 })
    .map((dimensions) => ['CURRENCY', ...dimensions]),
  time: fc.option(
    fc.record({
      grain: fc.option(fc.constantFrom(...grains)),
      from: fc.constantFrom('2026-01-01', '2026-02-15T11:30:00Z'),
      to: fc.constantFrom('2026-04-01', '2026-07-01'),
      timezone: fc.constantFrom('Europe/Zurich', 'Asia/Kathmandu'),
    }),
  ),
  parts: fc.boolean(),
});

async function written(
  query: MetricQuery,
  format: 'csv' | 'ndjson' | 'json' | 'arrow',
  { held, ...options }: Partial<WriteOptions> & { held: readonly string[] },
): Promise<Buffer> {
  const table = await exportMetrics(as(metrics.ctx, held), metrics.engine, { name: 'test', query });
  const chunks: Buffer[] = [];
  for await (const chunk of writeTable(table, format, { formulas: 'RAW', decimals: 'NUMBER', ...options }))
    chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A value as exact text, in one way whatever it came in. */
const plain = (value: MetricValue) =>
  value instanceof Date ? value.toISOString() : value === null ? null : String(value);

test('a query has the same numbers through GraphQL, CSV, NDJSON, JSON and Arrow', async () => {
  await fc.assert(
    fc.asyncProperty(queries, scopes, async (query, held) => {
      const { columns, rows } = await metrics.ask({ ...query, limit: 10_000 }, held);
      const expected = rows.map((row) => row.map(plain));
      const names = columns.map(({ name }) => name);

      const csv = parse(await written(query, 'csv', { held }), {
        cast: (text, { quoting }) => (text === '' && !quoting ? null : text),
      });
      expect(csv).toEqual([names, ...expected]);

      const lines = (await written(query, 'ndjson', { held, decimals: 'EXACT' }))
        .toString()
        .split('\n')
        .filter(Boolean);
      expect(lines.map((line) => Object.values(JSON.parse(line) as object).map(plain))).toEqual(expected);
      const json = JSON.parse((await written(query, 'json', { held })).toString()) as {
        columns: MetricColumn[];
        rows: object[];
      };
      expect(json.columns).toEqual(columns.map(({ kind: _, ...column }) => column));
      const asNumbers = rows.map((row) => row.map((value, index) => asNumber(value, columns[index]!)));
      expect(json.rows.map((row) => Object.values(row))).toEqual(asNumbers);

      const floats = tableFromIPC(await written(query, 'arrow', { held }));
      expect(floats.schema.fields.map(({ name }) => name)).toEqual(names);
      expect(cellsOf(floats, columns)).toEqual(asNumbers);
      const exact = tableFromIPC(await written(query, 'arrow', { held, decimals: 'EXACT' }));
      const scaled = rows.map((row) => row.map((value, index) => asScaled(value, columns[index]!)));
      expect(cellsOf(exact, columns)).toEqual(scaled);
    }),
    { numRuns: 40 },
  );
});

/** As a program reads it that has floating point numbers only. */
function asNumber(value: MetricValue, { type }: MetricColumn): unknown {
  if (value === null || type === 'TEXT') return value;
  return value instanceof Date ? value.toISOString() : Number(value);
}

/** Decimals in units of 10^-10. */
function asScaled(value: MetricValue, column: MetricColumn): unknown {
  if (column.type !== 'DECIMAL' || value === null) return asNumber(value, column);
  const [whole = '', fraction = ''] = String(value).replace('-', '').split('.');
  const digits = BigInt(whole + fraction.padEnd(10, '0'));
  return String(value).startsWith('-') ? -digits : digits;
}

function cellsOf(table: Table, columns: readonly MetricColumn[]): unknown[][] {
  const read = columns.map(({ name, type }) => {
    const vector = table.getChild(name)!;
    return (row: number) => {
      const value: unknown = vector.get(row);
      if (value === null) return null;
      if (type === 'TIME') return new Date(Number(value)).toISOString();
      if (vector.type instanceof Decimal) return signed(value as Uint32Array);
      return typeof value === 'bigint' ? Number(value) : value;
    };
  });
  return Array.from({ length: table.numRows }, (_, row) => read.map((cell) => cell(row)));
}

function signed(words: Uint32Array): bigint {
  return BigInt.asIntN(
    128,
    words.reduceRight((bits, word) => (bits << 32n) | BigInt(word), 0n),
  );
}

const biMeasures: Record<string, { sum: string; view: 'orders_and_returns' | 'touchpoints_hourly'; where?: string }> = {
  GROSS_REVENUE: { sum: 'sum(amount)', view: 'orders_and_returns', where: "kind = 'ORDER'" },
  RETURNED_REVENUE: { sum: 'sum(amount)', view: 'orders_and_returns', where: "kind = 'RETURN'" },
  NET_REVENUE: { sum: "sum(case kind when 'ORDER' then amount else -amount end)", view: 'orders_and_returns' },
  ORDERS: { sum: 'count(*) filter (where opens_order)', view: 'orders_and_returns' },
  RETURNS: { sum: "count(*) filter (where kind = 'RETURN')", view: 'orders_and_returns' },
  ITEMS: { sum: "sum(case kind when 'ORDER' then items else -items end)", view: 'orders_and_returns' },
  BUYERS: { sum: 'count(distinct customer_id) filter (where opens_order)', view: 'orders_and_returns' },
  IDENTIFIED_ORDERS: {
    sum: 'count(*) filter (where opens_order and customer_id is not null)',
    view: 'orders_and_returns',
  },
  TOUCHPOINTS: { sum: 'sum(touchpoints)', view: 'touchpoints_hourly' },
};

test('what is a sum is the same in plain SQL over the views', async () => {
  const dimensions = { CHANNEL: 'channel', SOURCE: 'source', CAMPAIGN: 'campaign' } as const;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(biMeasures)),
      fc.constantFrom(...(Object.keys(dimensions) as (keyof typeof dimensions)[])),
      fc.constantFrom('day', 'month'),
      async (measure, dimension, grain) => {
        const { sum, view, where = 'true' } = biMeasures[measure]!;
        const time = { grain: grain === 'day' ? 'DAY' : 'MONTH', from: '2026-01-01', to: '2026-07-01' } as const;
        const { rows } = await metrics.ask({
          measures: [measure],
          dimensions: ['CURRENCY', dimension],
          time,
          limit: 10_000,
        });
        const at = view === 'orders_and_returns' ? 'occurred_at' : 'hour';
        const sql = `
          select date_trunc('${grain}', ${at}, 'Europe/Zurich') as time, currency, ${dimensions[dimension]} as dimension,
                 (${sum})::text as value
          from bi.${view} where ${where} and ${at} >= '2026-01-01 00:00 Europe/Zurich' and ${at} < '2026-07-01 00:00 Europe/Zurich'
          group by 1, 2, 3`;
        const found =
          await metrics.pool.unsafe<{ time: Date; currency: string; dimension: string; value: string }[]>(sql);
        const byKey = (entries: [string, number][]) => new Map(entries.filter(([, value]) => value !== 0).sort());
        const key = (...parts: unknown[]) => JSON.stringify(parts);
        const expected = byKey(
          found.map((row) => [key(row.time.toISOString(), row.currency, row.dimension), Number(row.value)]),
        );
        const answered = byKey(
          rows.map(([at, currency, value, amount]) => [
            key((at as Date).toISOString(), currency, value),
            Number(amount),
          ]),
        );
        expect(answered).toEqual(expected);
        expect(answered.size).toBeGreaterThan(0);
      },
    ),
    { numRuns: 30 },
  );
});

test('a limit holds, and a download has all rows without one', async () => {
  const query = { measures: ['TOUCHPOINTS'], dimensions: ['SOURCE', 'CHANNEL'] };
  const lines = async (limit: number | null) =>
    (await written({ ...query, limit }, 'ndjson', { held: ['metrics:read', 'pii:read'] })).toString().trim().split('\n')
      .length;
  expect([await lines(null), await lines(4)]).toEqual([9, 4]);
  await expect(lines(0)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});
