import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { randomIds } from '../../../src/kernel/ids.ts';
import { givenQuery } from '../../../src/kpis/exports/given-query.ts';
import { recordFacts } from '../../../src/kpis/facts/record-facts.service.ts';
import { MetricEngine } from '../../../src/kpis/metrics/metric-engine.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';
import { type DownloadServer, openDownloads } from './fixture.ts';

const folder = new URL('../../../examples/bi/', import.meta.url);
const read = (name: string) => readFile(new URL(name, folder), 'utf8');

let database: TestDatabase;
let server: DownloadServer;

beforeAll(async () => {
  database = await openTestDatabase();
  const { ingest, ctx } = await openIngest(database.pool, { reactions: [recordFacts(randomIds)] });
  const order = (day: string, amount: string, channel: 'WEB' | 'POS', type = 'order.completed') =>
    touchpoint({
      type,
      channel,
      identifiers: [{ kind: 'userId', value: channel }],
      occurredAt: `2026-${day}T10:00:00Z`,
      value: { amount, currency: 'CHF' },
    });
  const results = await ingest.submit(ctx, [
    order('03-01', '10.10', 'WEB'),
    order('03-02', '20.20', 'POS'),
    order('03-31', '0.30', 'WEB'),
    order('04-01', '5.00', 'POS', 'order.returned'),
  ]);
  expect(results.map(({ status }) => status)).toEqual(Array(4).fill('STORED'));
  server = await openDownloads(database, { streams: new MetricEngine({ timeZone: 'Europe/Zurich' }) });
  const query = givenQuery(JSON.parse(await read('revenue-by-channel.json')));
  await server.downloads.saved.save(server.ctx, { name: 'revenue-by-channel', query });
});
afterAll(async () => {
  await server.close();
  await database.close();
});

interface InfinityTarget {
  readonly url: string;
  readonly url_options: {
    readonly method: string;
    readonly data: string;
    readonly body_content_type?: string;
    readonly headers: readonly { key: string; value: string }[];
    readonly params: readonly { key: string; value: string }[];
  };
  readonly root_selector: string;
  readonly columns: readonly { selector: string; text: string; type: 'string' | 'number' | 'timestamp' }[];
}

/** What the plugin does with a target: the request, then the root selector, then the columns, by their types. */
async function askAsInfinity({ url, url_options, root_selector, columns }: InfinityTarget) {
  const { method, data, body_content_type, headers, params } = url_options;
  const query = new URLSearchParams(params.map(({ key, value }) => [key, value] as [string, string]));
  const answer = await server.get(`${url}?${query}`, {
    method,
    headers: {
      ...Object.fromEntries(headers.map(({ key, value }) => [key, value])),
      ...(body_content_type ? { 'content-type': body_content_type } : {}),
    },
    ...(data === '' ? {} : { body: data }),
  });
  expect(answer.status).toBe(200);
  let root = (await answer.json()) as Record<string, unknown>;
  for (const key of root_selector.split('.')) root = root[key] as Record<string, unknown>;
  const rows = root as unknown as Record<string, unknown>[];
  const typed = { string: String, number: Number, timestamp: (value: unknown) => new Date(value as string) };
  return rows.map((row) => {
    for (const { selector } of columns) expect(row).toHaveProperty(selector);
    return Object.fromEntries(columns.map(({ selector, text, type }) => [text, typed[type](row[selector])]));
  });
}

test('Grafana Infinity: a saved query by GET, and one of its own by POST', async () => {
  const { targets } = JSON.parse(await read('grafana-infinity.json')) as { targets: [InfinityTarget, InfinityTarget] };
  const months = await askAsInfinity(targets[0]);
  expect(months).toContainEqual({
    Time: new Date('2026-02-28T23:00:00Z'),
    Channel: 'WEB',
    'Net revenue': 10.4,
    Orders: 2,
  });
  expect(months).toContainEqual({
    Time: new Date('2026-03-31T22:00:00Z'),
    Channel: 'POS',
    'Net revenue': -5,
    Orders: 0,
  });
  const days = await askAsInfinity(targets[1]);
  expect(days).toHaveLength(31);
  expect(days[0]).toEqual({ Day: new Date('2026-02-28T23:00:00Z'), Orders: 1, Buyers: 1 });
  expect(days[2]).toMatchObject({ Orders: 0, Buyers: 0 });
});

/** The parts of `Web.Contents(…, [RelativePath, Query, Headers, Content])`, from the text of the query. */
function webContents(m: string) {
  const [, path = ''] = /RelativePath = "([^"]+)"/.exec(m) ?? [];
  const [, query = ''] = /Query = \[([^\]]+)\]/.exec(m) ?? [];
  const params = [...query.matchAll(/(\w+) = "([^"]*)"/g)].map(([, key, value]) => [key, value] as [string, string]);
  const [, body] = /Text\.ToBinary\("((?:[^"]|"")*)"\)/.exec(m) ?? [];
  const headers = [...m.matchAll(/#"([\w-]+)" = "([^"]+)"(?! &)/g)].map(
    ([, key, value]) => [key, value] as [string, string],
  );
  // With content Web.Contents posts, without it gets.
  return {
    url: `/${path}?${new URLSearchParams(params)}`,
    options:
      body === undefined
        ? {}
        : { method: 'POST', body: body.replaceAll('""', '"'), headers: Object.fromEntries(headers) },
  };
}

test('Power BI: the request of Web.Contents, and the columns that the query goes on with', async () => {
  const m = await read('power-bi.pq');
  const { url, options } = webContents(m);
  const answer = await server.get(url, options);
  const { rows } = (await answer.json()) as { rows: Record<string, unknown>[] };
  expect(rows).toContainEqual({
    time: '2026-02-28T23:00:00.000Z',
    channel: 'POS',
    currency: 'CHF',
    net_revenue: 20.2,
    orders: 1,
  });
  for (const [, column] of m.matchAll(/\{"(\w+)", [\w. ]+\}/g)) expect(Object.keys(rows[0]!)).toContain(column);

  const list = await read('power-bi-list.pq');
  const purchases = webContents(list);
  const text = await (await server.get(purchases.url, purchases.options)).text();
  const lines = text.trimEnd().split('\r\n');
  expect(lines).toHaveLength(5);
  for (const [, column] of list.matchAll(/\{"(\w+)", [\w. ]+\}/g)) expect(lines[0]!.split(',')).toContain(column);
});

/** `f"{url}/exports/…"` of the Python examples. */
const pathsIn = (text: string) => [...text.matchAll(/\{url\}(\/exports\/[^"]+)"/g)].map(([, path]) => path!);

test('pandas, Polars, DuckDB: what they ask for is an Arrow stream with the columns that they use', async () => {
  const body = await read('revenue-by-channel.json');
  for (const name of ['pandas_arrow.py', 'polars_arrow.py', 'duckdb_arrow.py']) {
    const text = await read(name);
    const paths = pathsIn(text);
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) {
      const isMetric = path.startsWith('/exports/metrics?');
      const post = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
      const answer = await server.get(path, isMetric ? post : {});
      const table = tableFromIPC(new Uint8Array(await answer.arrayBuffer()));
      expect(table.numRows).toBeGreaterThan(0);
      const names = table.schema.fields.map((field) => field.name);
      for (const column of ['net_revenue', 'channel', 'orders'].filter(
        (column) => isMetric && text.includes(`"${column}"`),
      ))
        expect(names).toContain(column);
    }
  }
});

test('DuckDB reads the CSV and the NDJSON, and comes to what the metric says', async () => {
  const place = await mkdtemp(join(tmpdir(), 'rundum-duckdb-'));
  onTestFinished(() => rm(place, { recursive: true }));
  for (const format of ['csv', 'ndjson']) {
    const answer = await server.get(`/exports/purchases?format=${format}`);
    await writeFile(join(place, `purchases.${format}`), Buffer.from(await answer.arrayBuffer()));
  }
  const duckdb = await DuckDBInstance.create(':memory:');
  const connection = await duckdb.connect();
  for (const source of [`read_csv('${place}/purchases.csv')`, `read_json('${place}/purchases.ndjson')`]) {
    const found = await connection.runAndReadAll(`
      select round(sum(case kind when 'ORDER' then amount else -amount end), 2)::varchar as net,
             min(occurred_at)::timestamptz = timestamptz '2026-03-01 10:00:00Z' as timed
      from ${source}`);
    expect(found.getRowObjects()).toEqual([{ net: '25.6', timed: true }]);
  }
  connection.closeSync();
});

test('psql, Superset: the SQL runs as it stands', async () => {
  const sql = (await read('revenue.sql')).replaceAll(/^(--|\\).*$/gm, '');
  const rows = await database.pool.unsafe<{ month: Date; channel: string | null; net_revenue: string }[]>(sql);
  const shown = rows.map(
    ({ month, channel, net_revenue }) => `${month.toISOString().slice(0, 7)} ${channel} ${net_revenue}`,
  );
  expect(shown).toContain('2026-03 WEB 10.40');
  expect(new Set(shown.map((line) => line.slice(0, 7))).size).toBe(12);
  const [, statement = ''] = /text\("(select [^"]+)"\)/.exec(await read('sqlalchemy_bi.py')) ?? [];
  expect(await database.pool.unsafe(statement)).toEqual([
    { channel: 'POS', currency: 'CHF', sum: '25.20' },
    { channel: 'WEB', currency: 'CHF', sum: '10.40' },
  ]);
});

test('the GraphQL documents are valid in the schema', async () => {
  const schema = buildSchema(await readFile(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8'));
  const names = (await readdir(folder)).filter((name) => name.endsWith('.graphql'));
  expect(names).not.toEqual([]);
  for (const name of names) {
    const errors = validate(schema, parse(await read(name))).map(({ message }) => `${name}: ${message}`);
    expect(errors).toEqual([]);
  }
});
