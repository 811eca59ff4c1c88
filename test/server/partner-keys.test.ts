import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
/** Another node on the same database, reached directly. */
let second: TestServer;
beforeAll(async () => {
  // The test is the proxy, and says for whom it calls.
  server = await startTestServer({ config: { trustedProxies: '127.0.0.0/8, ::1' } });
  second = await startTestServer({ database: server.database });
});
afterAll(async () => {
  await second.close();
  await server.close();
});

async function asOwner<T>(query: string, input: object): Promise<T> {
  const { data, errors } = await server.graphql(query, { input });
  expect(errors).toEqual([]);
  return data as T;
}

interface Made {
  readonly secret: string;
  readonly apiKey: { readonly id: string };
}

async function createKey(input: object): Promise<Made> {
  const { createApiKey } = await asOwner<{ createApiKey: Made }>(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } } }',
    { name: 'partner', scopes: ['INGEST', 'CUSTOMERS_READ'], ...input },
  );
  return createApiKey;
}

async function rotateKey(input: object): Promise<Made> {
  const { rotateApiKey } = await asOwner<{ rotateApiKey: Made }>(
    'mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { secret apiKey { id previousSecretUntil } } }',
    input,
  );
  return rotateApiKey;
}

const updateKey = (input: object) =>
  asOwner('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', input);

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
  };
}

async function ask(key: string, query = '{ viewer { name } }', options: { from?: string; variables?: object } = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...(options.from ? { 'x-forwarded-for': options.from } : {}),
    },
    body: JSON.stringify({ query, variables: options.variables }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() } as Answer;
}

interface Connection {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Runs an operation and answers the first message about it. */
  run(query: string): Promise<{ type: string; payload: unknown }>;
}

async function connect(
  key: string,
  { from, to = server }: { from?: string; to?: TestServer } = {},
): Promise<Connection> {
  const headers = from ? { 'x-forwarded-for': from } : {};
  const socket = new WebSocket(`${to.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  await Promise.race([once(socket, 'message'), closed]);
  let asked = 0;
  return {
    socket,
    closed,
    async run(query) {
      const id = String(++asked);
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
      for (;;) {
        const [data] = await once(socket, 'message');
        const message = JSON.parse(String(data));
        if (message.id === id && message.type !== 'complete') return message;
      }
    },
  };
}

describe('a quota', () => {
  test('over HTTP: 429, when to come again, and nothing is run', async () => {
    const { secret } = await createKey({ requestsPerDay: 2 });
    for (let at = 0; at < 2; at++) expect((await ask(secret)).status).toBe(200);
    const { status, headers, body } = await ask(secret);
    expect({ status, errors: body.errors?.map(({ extensions }) => extensions) }).toEqual({
      status: 429,
      errors: [expect.objectContaining({ code: 'RATE_LIMITED', period: 'DAY', limit: 2 })],
    });
    const midnight = Date.parse(String(body.errors?.[0]?.extensions.resetsAt));
    expect(new Date(midnight).toISOString()).toMatch(/T00:00:00.000Z$/);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan((midnight - Date.now()) / 1_000 - 5);
  });

  test('over a websocket: each operation counts, one too many is refused, and the connection stays', async () => {
    const { secret } = await createKey({ requestsPerDay: 2 });
    const { run, socket } = await connect(secret);
    for (let at = 0; at < 2; at++) expect(await run('{ viewer { name } }')).toMatchObject({ type: 'next' });
    expect(await run('subscription { touchpointRecorded { cursor } }')).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED', limit: 2 } }],
    });
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.close();
  });

  test('is one for both, and for all nodes', async () => {
    const { secret } = await createKey({ requestsPerDay: 3 });
    expect((await ask(secret)).status).toBe(200);
    const { run, socket } = await connect(secret, { to: second });
    await expect
      .poll(async () => {
        await run('{ viewer { name } }');
        return (await ask(secret)).status;
      })
      .toBe(429);
    await expect.poll(() => run('{ viewer { name } }')).toMatchObject({ type: 'error' });
    socket.close();
  });
});

describe('a key that is kept to networks', () => {
  const allowedNetworks = ['203.0.113.0/24', '2001:db8::/32'];

  test('over HTTP', async () => {
    const { secret } = await createKey({ allowedNetworks });
    for (const from of ['203.0.113.9', '2001:db8::9', '192.0.2.1, 203.0.113.9'])
      expect((await ask(secret, undefined, { from })).status).toBe(200);
    for (const from of ['192.0.2.1', '2001:db9::9', '203.0.113.9, 192.0.2.1', undefined]) {
      const { status, body } = await ask(secret, undefined, { from });
      expect({ status, reason: body.errors?.[0]?.extensions.reason }).toEqual({ status: 401, reason: 'ADDRESS' });
    }
  });

  test('over a websocket', async () => {
    const { secret } = await createKey({ allowedNetworks });
    const inside = await connect(secret, { from: '203.0.113.9' });
    expect(await inside.run('{ viewer { name } }')).toMatchObject({ type: 'next' });
    inside.socket.close();
    const outside = await connect(secret, { from: '192.0.2.1' });
    expect(await outside.closed).toEqual({ code: 4403, reason: 'This API key may not be used from 192.0.2.1.' });
  });

  test('that are taken away: its connections from there end within a second, on every node', async () => {
    const { secret, apiKey } = await createKey({});
    const there = await connect(secret, { to: second });
    expect(await there.run('{ viewer { name } }')).toMatchObject({ type: 'next' });
    const from = performance.now();
    await updateKey({ id: apiKey.id, allowedNetworks });
    expect(await there.closed).toMatchObject({ code: 4403 });
    expect(performance.now() - from).toBeLessThan(1_500);
  });

  test('believes no header of who is no trusted proxy', async () => {
    const { secret } = await createKey({ allowedNetworks });
    const forged = await connect(secret, { from: '203.0.113.9', to: second });
    expect(await forged.closed).toMatchObject({ code: 4403 });
  });
});

describe('a rotated key', () => {
  test('ends connections under the former secret on every node when the overlap is over, those under the new one never', async () => {
    const { secret, apiKey } = await createKey({});
    const former = await connect(secret, { to: second });
    const rotated = await rotateKey({ id: apiKey.id, overlapSeconds: 1 });
    const renewed = await connect(rotated.secret, { to: second });
    expect(await former.run('{ viewer { name } }')).toMatchObject({ type: 'next' });
    expect(await former.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('another secret') });
    expect(await renewed.run('{ viewer { keyId } }')).toMatchObject({
      payload: { data: { viewer: { keyId: apiKey.id } } },
    });
    expect((await ask(secret)).body.errors?.[0]?.extensions).toMatchObject({ reason: 'ROTATED' });
    renewed.socket.close();
  });
});

describe('a key for tests', () => {
  const ingest = `mutation ($events: [TouchpointInput!]!) {
    ingest(events: $events) { stored valid rejected results { messageId status code touchpointId } }
  }`;

  test('has its events checked and answered, and nothing is stored', async () => {
    const { secret } = await createKey({ test: true });
    const good = {
      messageId: 'rehearsal-1',
      source: 'web',
      key: 'rehearsing',
      type: 'page.viewed',
      occurredAt: new Date().toISOString(),
    };
    const events = [good, { ...good, messageId: 'rehearsal-2', occurredAt: 'today' }];
    const { body } = await ask(secret, ingest, { variables: { events } });
    expect(body.data).toEqual({
      ingest: {
        stored: 0,
        valid: 1,
        rejected: 1,
        results: [
          { messageId: 'rehearsal-1', status: 'VALID', code: null, touchpointId: null },
          { messageId: 'rehearsal-2', status: 'REJECTED', code: 'OCCURRED_AT_INVALID', touchpointId: null },
        ],
      },
    });
    const stored = await server.database.pool`select from records where key = 'rehearsing'`;
    expect(stored).toHaveLength(0);
    const { secret: live } = await createKey({});
    expect((await ask(live, ingest, { variables: { events } })).body.data).toMatchObject({ ingest: { stored: 1 } });
    expect(await server.database.pool`select from records where key = 'rehearsing'`).toHaveLength(1);
  });
});

describe('usage', () => {
  test('tells what was done with a key, over both ways', async () => {
    const { secret, apiKey } = await createKey({ requestsPerDay: 5 });
    const event = { messageId: 'used-1', source: 'web', type: 'page.viewed', occurredAt: new Date().toISOString() };
    const ingest = 'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }';
    await ask(secret, ingest, { variables: { events: [event, { ...event, messageId: 'used-2' }] } });
    await ask(secret, '{ apiKeys { nodes { id } } }');
    const { run, socket } = await connect(secret);
    await run('{ viewer { name } }');
    await run('{ nothing }');
    await run('{ apiKeys { nodes { id } } }');
    await run('{ viewer { name } }');
    socket.close();
    const today = new Date().toISOString().slice(0, 10);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    await expect
      .poll(async () => {
        const { data } = await server.graphql(
          `query ($id: ID!, $from: Date!, $to: Date!) {
            node(id: $id) { ... on ApiKey { usage(from: $from, to: $to) { day requests touchpoints errors } } }
          }`,
          { id: apiKey.id, from: today, to: tomorrow },
        );
        return data;
      })
      .toEqual({ node: { usage: [{ day: today, requests: 5, touchpoints: 2, errors: 4 }] } });
  });
});
