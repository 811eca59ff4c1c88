import { tableFromIPC } from 'apache-arrow';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomIds, toPublicId } from '../../../src/kernel/ids.ts';
import { unusualExponents } from '../../../src/kernel/money.ts';
import { entityLists } from '../../../src/kpis/exports/entity-lists.ts';
import { recordFacts } from '../../../src/kpis/facts/record-facts.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';
import { type DownloadServer, noMetrics, openDownloads } from './fixture.ts';

let database: TestDatabase;
let server: DownloadServer;
let jo: string;

beforeAll(async () => {
  database = await openTestDatabase();
  const { ingest, ctx } = await openIngest(database.pool, { reactions: [recordFacts(randomIds)] });
  const identifiers = [{ kind: 'email', value: 'jo@example.com' }];
  const results = await ingest.submit(ctx, [
    touchpoint({
      identifiers,
      type: 'order.completed',
      occurredAt: '2026-10-01T10:00:00.250Z',
      value: { amount: '1234567.05', currency: 'CHF' },
      properties: { orderId: '=cmd()', store: 'Zürich, "HB"', cost: '0.10', email: 'jo@example.com' },
      traits: { firstName: 'Jo', country: 'CH' },
    }),
    touchpoint({
      identifiers,
      type: 'order.returned',
      occurredAt: '2026-10-02T22:30:00Z',
      value: { amount: '0.05', currency: 'CHF' },
    }),
    touchpoint({
      key: undefined,
      type: 'order.completed',
      occurredAt: '2026-10-03T10:00:00Z',
      value: { amount: '500', currency: 'JPY' },
    }),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['STORED', 'STORED', 'STORED']);
  const [row] = await database.pool<{ id: string }[]>`select id from customers where identified`;
  jo = toPublicId('cus', row!.id);
  server = await openDownloads(database, { streams: noMetrics });
});
afterAll(async () => {
  await server.close();
  await database.close();
});

const csv = async (path: string, key?: string) => {
  const answer = await server.get(path, { key });
  return parse(await answer.text(), { columns: true }) as Record<string, string>[];
};

test('purchases come as CSV, with exact amounts, public ids, and formulas made harmless', async () => {
  const answer = await server.get('/exports/purchases?currency=CHF');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="purchases.csv"');
  const [order, returned, ...rest] = parse(await answer.text(), { columns: true }) as Record<string, string>[];
  expect(rest).toEqual([]);
  expect(order).toMatchObject({
    customer_id: jo,
    occurred_at: '2026-10-01T10:00:00.250Z',
    kind: 'ORDER',
    order_id: "'=cmd()",
    store: 'Zürich, "HB"',
    currency: 'CHF',
    amount: '1234567.05',
    cost: '0.10',
    opens_order: 'true',
  });
  expect(order?.touchpoint_id).toMatch(/^tp_/);
  expect(returned).toMatchObject({ kind: 'RETURN', amount: '0.05', cost: '', order_id: '' });
  expect((await csv('/exports/purchases?currency=CHF&formulas=raw'))[0]?.order_id).toBe('=cmd()');
});

test('the same rows come as NDJSON, JSON and Arrow', async () => {
  const lines = (await (await server.get('/exports/purchases?format=ndjson')).text()).trim().split('\n');
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects.map(({ amount }) => amount)).toEqual([1234567.05, 0.05, 500]);
  expect(lines[0]).toContain('"amount":1234567.05,"cost":0.10,');
  expect(objects[2]).toMatchObject({ customer_id: null, currency: 'JPY', items: 0 });

  const json = await (await server.get('/exports/purchases', { headers: { accept: 'application/json' } })).json();
  expect(json).toMatchObject({ rows: objects });

  const arrow = tableFromIPC(new Uint8Array(await (await server.get('/exports/purchases?format=arrow')).arrayBuffer()));
  expect(arrow.schema.fields.map(({ name, type }) => `${name} ${type}`)).toContain(
    'occurred_at Timestamp<MILLISECOND, UTC>',
  );
  expect(arrow.toArray().map((row) => row.amount)).toEqual([1234567.05, 0.05, 500]);
  expect(arrow.toArray().map((row) => new Date(row.occurred_at).toISOString())).toEqual(
    objects.map(({ occurred_at }) => occurred_at),
  );
});

test('from and to are half-open; a date begins in the zone of the organisation', async () => {
  const kinds = async (query: string) =>
    (await csv(`/exports/purchases?${query}`)).map(({ kind, currency }) => `${kind} ${currency}`);
  expect(await kinds('from=2026-10-02')).toEqual(['RETURN CHF', 'ORDER JPY']);
  // In Zurich, 22:30 UTC is the next day.
  expect(await kinds('to=2026-10-03')).toEqual(['ORDER CHF']);
  expect(await kinds('to=2026-10-03T00:00:00Z')).toEqual(['ORDER CHF', 'RETURN CHF']);
  expect(await kinds('from=2026-10-02T22:30:00Z&to=2026-10-03T10:00:00Z')).toEqual(['RETURN CHF']);
});

test('an empty list still has its columns', async () => {
  const text = await (await server.get('/exports/signals?from=2030-01-01')).text();
  expect(text).toBe('touchpoint_id,record_id,customer_id,occurred_at,kind,subject,score,ends_at,source,channel\r\n');
  const arrow = tableFromIPC(new Uint8Array(await (await server.get('/exports/signals?format=arrow')).arrayBuffer()));
  expect([arrow.numRows, arrow.schema.fields.length]).toEqual([0, 10]);
});

test('personal values are masked as GraphQL masks them, unless the key may see them', async () => {
  const key = await server.key('customers:read', 'metrics:read');
  const [masked] = await csv('/exports/customers?columns=customer_id,traits&identified=true', key);
  expect(masked).toEqual({ customer_id: jo, traits: '{"country":"CH","firstName":"•••"}' });
  const [seen] = await csv('/exports/customers?columns=customer_id,traits&identified=true');
  expect(seen?.traits).toBe('{"country":"CH","firstName":"Jo"}');
  const path = '/exports/touchpoints?columns=type,properties,traits,context&type=order.completed&currency=CHF';
  expect((await csv(path, key))[0]).toMatchObject({
    traits: '{"country":"CH","firstName":"•••"}',
    properties: expect.stringContaining('"email":"j•••@e•••.com"'),
    context: '',
  });
  expect((await csv(path))[0]?.properties).toContain('"email":"jo@example.com"');
});

test('every list answers in every format', async () => {
  for (const { name, columns } of entityLists) {
    for (const format of ['csv', 'ndjson', 'json', 'arrow']) {
      const answer = await server.get(`/exports/${name}?format=${format}`);
      expect(`${name} ${format} ${answer.status}`).toBe(`${name} ${format} 200`);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (format === 'arrow')
        expect(tableFromIPC(bytes).schema.fields.map((field) => field.name)).toEqual(
          columns.filter(({ personal }) => !personal).map((column) => column.name),
        );
    }
  }
});

test.each([
  ['/exports/nothing', 404, 'NOT_FOUND'],
  ['/exports/purchases?format=xlsx', 400, 'BAD_USER_INPUT'],
  ['/exports/purchases?from=yesterday', 400, 'BAD_USER_INPUT'],
  ['/exports/purchases?from=2026-02-30', 400, 'BAD_USER_INPUT'],
  ['/exports/purchases?from=2026-02-03&to=2026-02-03', 400, 'BAD_USER_INPUT'],
  ['/exports/purchases?columns=kind,secret', 400, 'BAD_USER_INPUT'],
  ['/exports/purchases?columns=kind,kind', 400, 'BAD_USER_INPUT'],
  ['/exports/purchases?customer_id=4711', 400, 'BAD_USER_INPUT'],
  ['/exports/customers?traits=x', 400, 'BAD_USER_INPUT'],
  ['/exports/purchases?formulas=yes', 400, 'BAD_USER_INPUT'],
])('%s is refused in the form of all errors', async (path, status, code) => {
  const answer = await server.get(path);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ errors: [{ message: expect.any(String), extensions: { code } }] });
});

test('without a key, or one with too little, nothing comes out', async () => {
  const none = await server.get('/exports/customers', { key: null });
  expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="rundum"']);
  const key = await server.key('customers:read');
  expect((await server.get('/exports/purchases', { key })).status).toBe(403);
  expect((await server.get('/exports/customers', { key })).status).toBe(200);
  const index = (await (await server.get('/exports', { key })).json()) as { lists: { name: string }[] };
  expect(index.lists.map(({ name }) => name)).toEqual(['customers', 'touchpoints']);
});

test('the views have the columns of the lists, with the same words', async () => {
  const documented = await database.pool<{ view: string; name: string; comment: string }[]>`
    select c.relname as view, a.attname as name, col_description(c.oid, a.attnum) as comment
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where c.relnamespace = 'bi'::regnamespace and c.relkind = 'v' order by c.relname, a.attnum`;
  expect(documented.filter(({ comment }) => !comment)).toEqual([]);
  for (const { view, columns } of entityLists) {
    const expected = columns
      .filter(({ personal }) => !personal)
      .map(({ name, description }) => ({ view, name, comment: description }));
    expect(documented.filter((one) => one.view === view)).toEqual(expected);
  }
  const [undocumented] = await database.pool`
    select count(*)::int as views from pg_class where relnamespace = 'bi'::regnamespace and relkind = 'v' and obj_description(oid) is null`;
  expect(undocumented).toEqual({ views: 0 });
});

test('amounts have the places that their currency has in the kernel', async () => {
  const currencies = [...unusualExponents.keys(), ...Intl.supportedValuesOf('currency')];
  const rows = await database.pool<{ currency: string; amount: string }[]>`
    select currency, bi.amount(1, currency)::text as amount from unnest(${currencies}::text[]) as currency`;
  const expected = currencies.map((currency) => {
    const exponent = unusualExponents.get(currency) ?? 2;
    return { currency, amount: exponent === 0 ? '1' : `0.${'1'.padStart(exponent, '0')}` };
  });
  expect([...rows]).toEqual(expected);
});
