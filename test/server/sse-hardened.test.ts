import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type MadeKey, makeKey, type Recorded, recorded, revoke, send } from './live-fixture.ts';
import { type Refusal, SseReader, type StreamRequest } from './sse-reader.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ timings: { heartbeat: 50 }, config: { connectionsPerKey: 40 } });
});
afterAll(() => server.close());

/** For what has no time of its own to keep. */
const patient = { timeout: 10_000 };
const readers: SseReader[] = [];
async function open(asked: StreamRequest = {}): Promise<SseReader> {
  const reader = await SseReader.open(server, { query: recorded, ...asked });
  readers.push(reader);
  return reader;
}
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await expect.poll(() => server.wiring.streams.count('connections'), { timeout: 10_000 }).toBe(0);
});

/** A reader with a key of its own that has got an event: its subscription stands. */
async function openLive(input: object = {}): Promise<{ reader: SseReader; key: MadeKey }> {
  const key = await makeKey(server, input);
  const reader = await open({ key: key.secret });
  await expect.poll(() => reader.lastId, patient).toBeDefined();
  await send(server);
  await reader.next();
  return { reader, key };
}

const update = async (input: object) => {
  const query = 'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }';
  expect((await server.graphql(query, { input })).errors).toEqual([]);
};

/** A second, and room for a machine that is busy with other tests. */
const soon = 2_500;

function codesOf(reader: SseReader): unknown[] {
  const results = reader.results() as { errors?: Refusal[] }[];
  return results.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.reason ?? extensions.code));
}

test('a quiet stream shows that it is alive', async () => {
  const reader = await open();
  await expect.poll(() => reader.beats, patient).toBeGreaterThanOrEqual(4);
  expect(reader.results()).toEqual([]);
});

describe('a stream ends within a second, and says why, when its key', () => {
  test.each<[string, object, (key: MadeKey) => Promise<unknown>, string]>([
    ['is revoked', {}, ({ id }) => revoke(server, id), 'REVOKED'],
    ['is rotated without an overlap', {}, ({ id }) => rotate(id), 'ROTATED'],
    [
      'is no longer let in from there',
      { allowedNetworks: ['127.0.0.0/8'] },
      ({ id }) => update({ id, allowedNetworks: ['203.0.113.0/24'] }),
      'ADDRESS',
    ],
    ['is revoked behind the back of this node', {}, ({ id }) => onAnotherNode(id, `revoked_at = now()`), 'REVOKED'],
    ['expires', {}, ({ id }) => onAnotherNode(id, `expires_at = now()`), 'EXPIRED'],
  ])('%s', async (_name, input, change, reason) => {
    const { reader, key } = await openLive(input);
    const bystander = await open();
    const begin = performance.now();
    await change(key);
    expect(await reader.ended()).toBe('whole');
    expect(performance.now() - begin).toBeLessThan(soon);
    expect(codesOf(reader)).toEqual([reason]);
    expect(reader.completed()).toBe(true);
    expect(bystander.end).toBeUndefined();
    const again = await open({ key: key.secret, lastEventId: reader.lastId });
    expect(again.status).toBe(401);
  });

  const rotate = (id: string) =>
    server.graphql('mutation ($id: ID!) { rotateApiKey(input: { id: $id, overlapSeconds: 0 }) { secret } }', { id });
});

/** As another node would change a key. */
async function onAnotherNode(id: string, change: string): Promise<void> {
  const { pool } = server.database;
  const { parsePublicId } = await import('../../src/kernel/ids.ts');
  await pool.unsafe(`update api_keys set ${change} where id = '${parsePublicId(id)!.uuid}'`);
}

describe('a stream whose key allows something else now', () => {
  test.each([
    ['other scopes', `scopes = '{customers:read,pii:read}'`],
    ['fewer scopes', `scopes = '{ingest}'`],
    ['a boundary', `boundary = '{"sources":["pos"]}'`],
  ])('%s: ends without a word, and its reader begins anew by what holds then', async (_name, change) => {
    const { reader, key } = await openLive();
    const begin = performance.now();
    await onAnotherNode(key.id, change);
    expect(await reader.ended()).toBe('whole');
    expect(performance.now() - begin).toBeLessThan(soon);
    expect([codesOf(reader), reader.completed()]).toEqual([[], false]);
    const again = await open({ key: key.secret, lastEventId: reader.lastId });
    expect(again.status).toBe(200);
    if (change.includes('ingest')) expect((await again.next()).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('a websocket is closed with 1012, after which clients connect anew by themselves, and follows what holds then', async () => {
    const key = await makeKey(server);
    const closes: number[] = [];
    const client = server.websocket({ key: key.secret, retryAttempts: 3, retryWait: async () => {} });
    client.on('closed', (event) => closes.push((event as { code: number }).code));
    const results = client.iterate<Recorded>({ query: recorded });
    const first = results.next();
    await expect.poll(() => server.wiring.streams.count('subscriptions'), patient).toBe(1);
    await onAnotherNode(key.id, `boundary = '{"sources":["pos"]}'`);
    await expect.poll(() => closes, { timeout: soon }).toEqual([1012]);
    await expect.poll(() => server.wiring.streams.count('subscriptions'), patient).toBe(1);
    await send(server, 1, { source: 'web' });
    const [own] = await send(server, 1, { source: 'pos', key: 'till-1' });
    expect((await first).value?.data?.touchpointRecorded.touchpoint.messageId).toBe(own);
    await results.return?.();
  });

  test('stays when only its name, its quota or how long it lasts have changed', async () => {
    const { reader, key } = await openLive();
    await update({ id: key.id, name: 'renamed', requestsPerDay: 100_000, expiresAt: '2099-01-01T00:00:00Z' });
    await server.wiring.authenticator.refresh();
    const [sent] = await send(server);
    expect((await reader.next<Recorded>()).data?.touchpointRecorded.touchpoint.messageId).toBe(sent);
  });
});

describe('a key may have only so much open', () => {
  test('connections: one too many is refused with 429, and let in when another has gone', async () => {
    const key = (await makeKey(server, { maxConnections: 2 })).secret;
    const [first] = [await open({ key }), await open({ key })];
    const third = await open({ key });
    expect(third.status).toBe(429);
    await third.ended();
    expect((JSON.parse(third.body) as { errors: Refusal[] }).errors[0]?.extensions).toEqual({
      code: 'RATE_LIMITED',
      resource: 'CONNECTIONS',
      limit: 2,
    });
    first!.close();
    await expect.poll(async () => (await open({ key })).status, patient).toBe(200);
    expect((await open()).status).toBe(200);
  });

  test('websockets and event streams count together', async () => {
    const key = (await makeKey(server, { maxConnections: 1 })).secret;
    const client = server.websocket({ key, lazy: false });
    const connected = Promise.withResolvers<void>();
    client.on('connected', () => connected.resolve());
    await connected.promise;
    expect((await open({ key })).status).toBe(429);
    const other = server.websocket({ key });
    const results = other.iterate({ query: '{ viewer { name } }' });
    await expect(results.next()).rejects.toMatchObject({
      code: 1013,
      reason: expect.stringContaining('1 connections'),
    });
    await client.dispose();
    await expect.poll(async () => (await open({ key })).status, patient).toBe(200);
  });

  test('subscriptions, over one websocket too: the connection and its other operations stay', async () => {
    const key = (await makeKey(server, { maxSubscriptions: 1 })).secret;
    const client = server.websocket({ key });
    const first = client.iterate({ query: recorded });
    const event = first.next();
    await expect.poll(() => server.wiring.streams.count('subscriptions'), patient).toBe(1);
    const second = client.iterate({ query: recorded });
    expect((await second.next()).value?.errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      resource: 'SUBSCRIPTIONS',
      limit: 1,
    });
    expect((await open({ key })).status).toBe(429);
    const query = client.iterate({ query: '{ viewer { name } }' });
    expect((await query.next()).value).toMatchObject({ data: { viewer: { name: 'reader' } } });
    await send(server);
    expect((await event).value?.data).toBeDefined();
    await first.return?.();
    await expect.poll(() => server.wiring.streams.count('subscriptions'), patient).toBe(0);
  });

  test('as many as the operator allows every key, unless it has a limit of its own', async () => {
    const [key, more] = [await makeKey(server), await makeKey(server, { maxConnections: 45 })];
    for (let n = 0; n < 40; n++) expect((await open({ key: key.secret, query: recorded })).status).toBe(200);
    expect((await open({ key: key.secret })).status).toBe(429);
    for (let n = 0; n < 41; n++) expect((await open({ key: more.secret })).status).toBe(200);
  });

  test('a limit that is lowered ends the newest within a second', async () => {
    const key = await makeKey(server, { maxConnections: 3 });
    const opened = [await open({ key: key.secret }), await open({ key: key.secret }), await open({ key: key.secret })];
    for (const reader of opened) await expect.poll(() => reader.lastId, patient).toBeDefined();
    await onAnotherNode(key.id, 'max_connections = 1');
    expect(await opened[2]!.ended()).toBe('whole');
    expect(await opened[1]!.ended()).toBe('whole');
    expect(codesOf(opened[1]!)).toEqual(['RATE_LIMITED']);
    expect(opened[0]!.end).toBeUndefined();
    await onAnotherNode(key.id, 'max_subscriptions = 1');
    await send(server);
    expect((await opened[0]!.next()).data).toBeDefined();
  });

  test('a request too many is refused with 429 and the time to wait', async () => {
    const key = (await makeKey(server, { requestsPerDay: 2 })).secret;
    for (const status of [200, 200, 429]) {
      const reader = await open({ key });
      expect(reader.status).toBe(status);
      if (status === 429) expect(Number(reader.headers['retry-after'])).toBeGreaterThan(0);
    }
  });
});
