import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type Recorded, recorded, send } from './live-fixture.ts';
import { SseReader, type StreamRequest } from './sse-reader.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const viewer = '{ viewer { name } }';
const readers: SseReader[] = [];
async function open(asked: StreamRequest = {}) {
  const reader = await SseReader.open(server, { query: recorded, ...asked });
  readers.push(reader);
  return reader;
}
afterAll(() => {
  for (const reader of readers) reader.close();
});

const idOf = (result: { data?: Recorded }) => result.data?.touchpointRecorded.touchpoint.messageId;

describe('an event stream', () => {
  test('of a subscription sends each event with its cursor as the id, whether that was asked for or not', async () => {
    const reader = await open();
    expect(reader.status).toBe(200);
    const [first, second] = [...(await send(server)), ...(await send(server))];
    const events = [await reader.next<Recorded>(), await reader.next<Recorded>()];
    expect(events.map(idOf)).toEqual([first, second]);
    const asked = await open({
      query: recorded.replace('{ touchpoint ', '{ cursor touchpoint '),
      lastEventId: events[0]!.id,
    });
    const again = await asked.next<Recorded>();
    expect(again.id).toBe(events[1]!.id);
    expect(again.data?.touchpointRecorded.cursor).toBe(events[1]!.id);
  });

  test('of a query or a mutation sends one result and is complete', async () => {
    const reader = await open({ query: viewer });
    expect(await reader.next()).toMatchObject({ data: { viewer: { name: 'owner' } } });
    expect(await reader.ended()).toBe('whole');
    expect(reader.completed()).toBe(true);
    const mutation = await open({ query: 'mutation { ingest(events: []) { stored } }' });
    expect((await mutation.next()).data ?? (await mutation.next())).toBeDefined();
  });

  test('is opened by GET too, for readers that can do nothing else, and changes nothing that way', async () => {
    const reader = await open({ method: 'GET', query: viewer });
    expect(await reader.next()).toMatchObject({ data: { viewer: { name: 'owner' } } });
    const mutation = await open({ method: 'GET', query: 'mutation { ingest(events: []) { stored } }' });
    expect([mutation.status, mutation.headers.allow]).toEqual([405, 'POST']);
  });

  test('is what no proxy keeps, compresses or gathers', async () => {
    const { headers } = await open();
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache, no-transform');
    expect(headers['x-accel-buffering']).toBe('no');
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers['x-request-id']).toBeDefined();
  });

  test('is understood by the library of the protocol', async () => {
    const client = createClient({
      url: `${server.url}/graphql/stream`,
      headers: { authorization: `Bearer ${server.ownerKey}` },
      retryAttempts: 0,
    });
    const results = client.iterate<Recorded>({ query: recorded });
    const first = results.next();
    const gauge = async () => (await server.wiring.metrics.eventStreams.get()).values[0]?.value;
    const before = readers.filter(({ end }) => end === undefined).length;
    await expect.poll(gauge, { timeout: 10_000 }).toBeGreaterThan(before);
    // Who has the headers has not subscribed yet; so send until it gets something.
    let got: unknown;
    void first.then(({ value }) => {
      got = (value as { data: Recorded }).data.touchpointRecorded.touchpoint.messageId;
    });
    await expect.poll(async () => (await send(server)) && got).toMatch(/^live-/);
    await results.return?.(undefined);
    client.dispose();
    await expect.poll(gauge, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  });

  test('carries what is wrong with an operation as its result', async () => {
    for (const [query, code] of [
      ['{ viewer {', 'GRAPHQL_PARSE_FAILED'],
      ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
      ['subscription { changes(after: "zzz") { cursor } }', 'CURSOR_INVALID'],
      ['query ($n: Int!) { customers(first: $n) { nodes { id } } }', 'BAD_USER_INPUT'],
    ]) {
      const reader = await open({ query });
      expect(reader.status).toBe(200);
      expect((await reader.next()).errors?.[0]?.extensions.code).toBe(code);
      expect(await reader.ended()).toBe('whole');
      expect(reader.completed()).toBe(true);
    }
  });

  test('forgets its subscription when the reader leaves', async () => {
    const gauge = async () => (await server.wiring.metrics.subscriptions.get()).values[0]?.value ?? 0;
    const before = await gauge();
    const reader = await open();
    await expect.poll(gauge, { timeout: 10_000 }).toBe(before + 1);
    reader.close();
    await expect.poll(gauge, { timeout: 10_000 }).toBe(before);
  });
});

describe('a request that is refused is answered in JSON, with its status', () => {
  test.each<[string, StreamRequest, number, string]>([
    ['without a key', { key: null }, 401, 'UNAUTHENTICATED'],
    ['with half a key', { key: 'rundum_live_abc' }, 401, 'UNAUTHENTICATED'],
    ['for another form of answer', { headers: { accept: 'application/json' } }, 406, 'BAD_REQUEST'],
    ['without a query', { query: undefined }, 400, 'BAD_REQUEST'],
    [
      'as a form, which a web page may send',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'BAD_REQUEST',
    ],
    ['as plain text, which a web page may send', { headers: { 'content-type': 'text/plain' } }, 415, 'BAD_REQUEST'],
  ])('%s', async (_name, asked, status, code) => {
    const reader = await open(asked);
    expect(reader.status).toBe(status);
    await reader.ended();
    const { errors } = JSON.parse(reader.body) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe(code);
  });

  test('another method is not there', async () => {
    const response = await fetch(`${server.url}/graphql/stream`, { method: 'PUT' });
    expect(response.status).toBe(404);
  });
});

describe('a server that runs trusted documents alone', () => {
  let folder: string;
  let trusting: TestServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rundum-trusted-'));
    const file = join(folder, 'manifest.json');
    await writeFile(file, JSON.stringify({ view: viewer, events: recorded }));
    trusting = await startTestServer({ config: { trustedDocuments: file, trustedDocumentsOnly: true } });
  });
  afterAll(async () => {
    await trusting.close();
    await rm(folder, { recursive: true });
  });
  const openAs = async (asked: StreamRequest) => {
    const reader = await SseReader.open(trusting, { query: undefined, ...asked });
    readers.push(reader);
    return reader;
  };
  const byId = (id: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: id } } });

  test('takes them by their id, by POST and by GET, and nothing else', async () => {
    for (const method of ['POST', 'GET'] as const) {
      const reader = await openAs({ method, ...byId('view') });
      expect(await reader.next()).toMatchObject({ data: { viewer: { name: 'owner' } } });
      const unknown = await openAs({ method, ...byId('other') });
      expect((await unknown.next()).errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
      const other = await openAs({ method, query: '{ viewer { scopes } }' });
      expect((await other.next()).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });

  test('resumes their subscriptions, too', async () => {
    const reader = await openAs(byId('events'));
    await expect.poll(() => reader.lastId, { timeout: 10_000 }).toBeDefined();
    const again = await openAs({ ...byId('events'), lastEventId: reader.lastId });
    await expect.poll(() => trusting.wiring.streams.count('subscriptions'), { timeout: 10_000 }).toBe(2);
    const query = 'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }';
    expect((await trusting.graphql(query, { events: [] })).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect([again.results(), again.end]).toEqual([[], undefined]);
  });
});
