import 'reflect-metadata';
import { graphql } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { appendChanges } from '../../../src/kernel/changes.queries.ts';
import type { DomainError } from '../../../src/kernel/errors.ts';
import { parsePublicId, randomIds } from '../../../src/kernel/ids.ts';
import { Loaders } from '../../../src/kernel/loaders.ts';
import { findSavedQueryNode, SavedQueryResolver } from '../../../src/kpis/exports/saved-query.resolver.ts';
import { recordFacts } from '../../../src/kpis/facts/record-facts.service.ts';
import { MetricEngine } from '../../../src/kpis/metrics/metric-engine.service.ts';
import { applyOneOf } from '../../../src/server/one-of.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';
import { as } from '../metrics/fixture.ts';
import { type DownloadServer, openDownloads } from './fixture.ts';

let database: TestDatabase;
let server: DownloadServer;
let tell: (draft: Partial<TouchpointDraft>) => Promise<void>;
let name: string;

beforeAll(async () => {
  database = await openTestDatabase();
  const node = await openIngest(database.pool, { reactions: [recordFacts(randomIds)] });
  tell = async (draft) => {
    expect(await node.ingest.submit(node.ctx, [touchpoint(draft)])).toMatchObject([{ status: 'STORED' }]);
  };
  await tell(order('2026-03-01T10:00:00Z', '10.00'));
  server = await openDownloads(database, { streams: new MetricEngine({ timeZone: 'Europe/Zurich' }) });
});
afterAll(async () => {
  await server.close();
  await database.close();
});
let names = 0;
beforeEach(() => {
  names += 1;
  name = `revenue-${names}`;
});

function order(occurredAt: string, amount: string): Partial<TouchpointDraft> {
  const identifiers = [{ kind: 'userId', value: 'jo' }];
  return { type: 'order.completed', channel: 'WEB', identifiers, occurredAt, value: { amount, currency: 'CHF' } };
}

const revenue = {
  measures: ['NET_REVENUE', 'ORDERS'],
  dimensions: ['CURRENCY'],
  time: { grain: 'MONTH', from: '2026-03-01', to: '2026-05-01' },
  orderBy: [{ time: true, direction: 'DESC' }],
};

let schema: ReturnType<typeof buildSchemaSync> | undefined;

async function ask<T>(
  source: string,
  variableValues: Record<string, unknown>,
  scopes = ['metrics:read', 'metrics:manage', 'pii:read'],
) {
  const resolver = new SavedQueryResolver(server.downloads.saved);
  schema ??= buildSchemaSync({ resolvers: [SavedQueryResolver], container: { get: () => resolver }, validate: false });
  applyOneOf(schema);
  const contextValue = { ...as(server.ctx, scopes), loaders: new Loaders() };
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  if (errors?.[0]) throw errors[0].originalError ?? errors[0];
  return data as T;
}

interface Saved {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly query: object;
}

const save = async (input: object, scopes?: string[]) => {
  const { saveMetricQuery } = await ask<{
    saveMetricQuery: { metricQuery: Saved & { path: string; description: string | null } };
  }>(
    `mutation ($input: SaveMetricQueryInput!) {
       saveMetricQuery(input: $input) { metricQuery { id name version description query path } }
     }`,
    { input },
    scopes,
  );
  return saveMetricQuery.metricQuery;
};

test('a query is saved, found by id, name and node, listed, changed, and deleted', async () => {
  const saved = await save({ name, description: ' By month. ', query: revenue });
  expect(saved).toMatchObject({ name, version: 1, description: 'By month.', path: `/exports/metrics/${name}` });
  expect(saved.id).toMatch(/^mqy_/);
  // As it was given, so that it can be given again.
  expect(saved.query).toEqual({ ...revenue, returns: 'RETURN_DATE' });
  const found = await ask<Record<string, unknown>>(
    `query ($id: ID!, $name: String!) {
       byId: metricQuery(id: $id) { name } byName: metricQuery(name: $name) { id } none: metricQuery(name: "none") { id }
       metricQueries(first: 200) { nodes { name } pageInfo { hasNextPage } }
     }`,
    { id: saved.id, name },
  );
  expect(found).toMatchObject({ byId: { name }, byName: { id: saved.id }, none: null });
  expect(found.metricQueries).toMatchObject({
    nodes: expect.arrayContaining([{ name }]),
    pageInfo: { hasNextPage: false },
  });
  expect(await findSavedQueryNode(server.ctx, parsePublicId(saved.id)!.uuid)).toMatchObject({ name });

  const changed = await save({ name, query: { ...revenue, measures: ['ORDERS'] }, expectedVersion: 1 });
  expect(changed).toMatchObject({ id: saved.id, version: 2, description: null });
  const gone = await ask<object>(
    'mutation ($name: String!) { deleteMetricQuery(input: { name: $name, expectedVersion: 2 }) { deletedId name } }',
    { name },
  );
  expect(gone).toEqual({ deleteMetricQuery: { deletedId: saved.id, name } });
  expect((await server.get(`/exports/metrics/${name}`)).status).toBe(404);
  const actions = await database.pool<
    { action: string }[]
  >`select action from audit_entries where subject = ${saved.id} order by id`;
  expect(actions.map(({ action }) => action)).toEqual([
    'kpis.metric_query_saved',
    'kpis.metric_query_saved',
    'kpis.metric_query_deleted',
  ]);
});

test('a repeat changes nothing; the same key with another input is a conflict', async () => {
  const first = await save({ name, query: revenue, idempotencyKey: `k-${name}` });
  const changed = await save({ name, query: { ...revenue, measures: ['ORDERS'] } });
  expect(changed.version).toBe(2);
  expect(await save({ name, query: revenue, idempotencyKey: `k-${name}` })).toMatchObject({ id: first.id, version: 2 });
  await expect(save({ name, query: { measures: ['ORDERS'] }, idempotencyKey: `k-${name}` })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
  expect(await save({ name, query: { ...revenue, measures: ['ORDERS'] } })).toMatchObject({ version: 2 });
});

test('another version than the expected one is not replaced', async () => {
  const conflict = { code: 'VERSION_CONFLICT' } satisfies Partial<DomainError>;
  await expect(save({ name, query: revenue, expectedVersion: 1 })).rejects.toMatchObject(conflict);
  await save({ name, query: revenue, expectedVersion: 0 });
  await expect(save({ name, query: revenue, expectedVersion: 0 })).rejects.toMatchObject(conflict);
  await expect(
    ask('mutation ($name: String!) { deleteMetricQuery(input: { name: $name, expectedVersion: 7 }) { name } }', {
      name,
    }),
  ).rejects.toMatchObject(conflict);
});

test('two who save the same name at once make one query, and neither is lost', async () => {
  const { saved } = server.downloads;
  const ctx = as(server.ctx, ['metrics:read', 'metrics:manage']);
  const both = ['ORDERS', 'RETURNS'].map((measure) => saved.save(ctx, { name, query: { measures: [measure] } }));
  const versions = (await Promise.all(both)).map(({ version }) => version);
  expect(Math.max(...versions)).toBe(2);
  const exclusive = ['a', 'b'].map((description) =>
    saved
      .save(ctx, { name: `${name}-x`, description, query: { measures: ['ORDERS'] }, expectedVersion: 0 })
      .catch(({ code }) => code),
  );
  const outcomes = (await Promise.all(exclusive)).map((outcome) =>
    typeof outcome === 'string' ? outcome : outcome.version,
  );
  expect(outcomes.toSorted()).toEqual([1, 'VERSION_CONFLICT']);
});

test.each([
  [{ name: 'no blanks', query: revenue }, 'BAD_USER_INPUT'],
  [{ name: '../x', query: revenue }, 'BAD_USER_INPUT'],
  [{ name: 'x', query: { measures: [] } }, 'BAD_USER_INPUT'],
  [{ name: 'x', query: { ...revenue, time: { from: '2026-01-01', to: '2025-01-01' } } }, 'BAD_USER_INPUT'],
])('%j is not saved', async (input, code) => {
  await expect(save(input)).rejects.toMatchObject({ code });
});

test('saving needs metrics:manage, reading metrics:read', async () => {
  await expect(save({ name, query: revenue }, ['metrics:read'])).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await save({ name, query: revenue });
  const answer = await server.get(`/exports/metrics/${name}`, { key: await server.key('customers:read') });
  expect(answer.status).toBe(403);
});

const path = (query = '') => `/exports/metrics/${name}${query}`;

test('its numbers are at its address, in every format', async () => {
  await save({ name, query: revenue });
  const csv = await server.get(path());
  expect(csv.headers.get('content-disposition')).toBe(`attachment; filename="${name}.csv"`);
  expect((await csv.text()).split('\r\n').slice(0, 2)).toEqual([
    'time,currency,net_revenue,orders',
    '2026-02-28T23:00:00.000Z,CHF,10.00,1',
  ]);
  const json = await (await server.get(path('?format=json'))).json();
  expect(json).toMatchObject({
    queryHash: expect.any(String),
    columns: [
      { name: 'time', type: 'TIME' },
      { name: 'currency' },
      { name: 'net_revenue', type: 'DECIMAL' },
      { name: 'orders' },
    ],
    rows: [{ time: '2026-02-28T23:00:00.000Z', currency: 'CHF', net_revenue: 10, orders: 1 }],
  });
});

test('304 as long as nothing has changed, never afterwards', async () => {
  await save({ name, query: revenue });
  const first = await server.get(path('?format=csv'));
  const etag = first.headers.get('etag')!;
  expect(etag).toMatch(/^"[\w-]+"$/);
  expect(first.headers.get('cache-control')).toBe('private, no-cache');
  const before = await first.text();
  const again = (more: Record<string, string> = {}) =>
    server.get(path('?format=csv'), { headers: { 'if-none-match': etag, ...more } });
  const same = await again();
  expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag]);
  expect((await again({ 'if-none-match': `"other", W/${etag}` })).status).toBe(304);

  // What cannot be in it changes nothing; what can does.
  await tell({ type: 'page.viewed', occurredAt: '2026-03-02T10:00:00Z' });
  expect((await again()).status).toBe(304);
  await tell(order('2026-03-03T10:00:00Z', '0.50'));
  const changed = await again();
  expect(changed.status).toBe(200);
  expect(await changed.text()).not.toBe(before);
  expect(changed.headers.get('etag')).not.toBe(etag);
});

test('what commits while an answer is computed is a change', async () => {
  await save({ name, query: revenue });
  // Under way while both answers are: not visible in the first one, and with a number from before it.
  const { promise: until, resolve: commit } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const other = database.pool.begin(async (tx) => {
    const detail = { type: 'order.completed', occurredAt: '2026-03-05T10:00:00Z' };
    const line = { topic: 'touchpoint.recorded', customerId: null, subjectId: randomIds.uuid(), detail } as const;
    await appendChanges(tx, new Date(), [line]);
    begin();
    await until;
  });
  await begun;
  const etag = (await server.get(path())).headers.get('etag')!;
  const again = () => server.get(path(), { headers: { 'if-none-match': etag } });
  expect((await again()).status).toBe(304);
  commit();
  await other;
  expect((await again()).status).toBe(200);
});

test('an ETag is of one query, one format and one sight only', async () => {
  await save({ name, query: revenue });
  const etag = (await server.get(path('?format=csv'))).headers.get('etag')!;
  const status = async (query: string, key?: string) =>
    (await server.get(path(query), { key, headers: { 'if-none-match': etag } })).status;
  expect(await status('?format=csv')).toBe(304);
  expect(await status('?format=ndjson')).toBe(200);
  expect(await status('?format=csv&formulas=raw')).toBe(200);
  // Without pii:read small numbers are left out.
  expect(await status('?format=csv', await server.key('metrics:read'))).toBe(200);
  await save({ name, query: { ...revenue, measures: ['ORDERS'] } });
  expect(await status('?format=csv')).toBe(200);
});

test('what moves by time alone has no ETag', async () => {
  await save({ name, query: { measures: ['AVERAGE_CHURN_RISK'] } });
  const answer = await server.get(path());
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, expect.stringMatching(/^private/)]);
});

test('a query that is not saved is posted, in the shape of MetricQueryInput', async () => {
  const post = (body: unknown, query = '') =>
    server.get(`/exports/metrics${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
      body: JSON.stringify(body),
    });
  const answer = await post({ ...revenue, measures: ['ORDERS'] });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
  expect(JSON.parse(await answer.text())).toMatchObject({ currency: 'CHF', orders: expect.any(Number) });
  for (const [body, field] of [
    [{}, 'measures'],
    [{ measures: ['ORDERS'], colour: 1 }, undefined],
    [{ measures: ['NOTHING'] }, 'measures[0]'],
    [{ ...revenue, time: { from: 1, to: 2 } }, 'time.from'],
    [{ ...revenue, orderBy: [{ time: true, measure: 'ORDERS' }] }, 'orderBy[0]'],
    [{ ...revenue, segments: ['4711'] }, 'segments[0]'],
    [[], undefined],
  ] as const) {
    const refused = await post(body);
    expect(refused.status, JSON.stringify(body)).toBe(400);
    const { errors } = (await refused.json()) as { errors: { extensions: { code: string; field?: string } }[] };
    expect(errors[0]!.extensions).toMatchObject({ code: 'BAD_USER_INPUT', ...(field ? { field } : {}) });
  }
  expect((await post(revenue, '?columns=orders')).status).toBe(400);
  const text = await server.get('/exports/metrics', {
    method: 'POST',
    body: '{',
    headers: { 'content-type': 'application/json' },
  });
  expect(text.status).toBe(400);
});
