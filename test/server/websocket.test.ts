import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

let events = 0;
async function ingest(type = 'page.viewed'): Promise<string> {
  const messageId = `m${++events}`;
  const event = { messageId, source: 'web', key: 'visitor-1', type, occurredAt: new Date().toISOString() };
  const { data, errors } = await server.graphql(
    'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }',
    { events: [event] },
  );
  expect({ data, errors }).toEqual({ data: { ingest: { stored: 1 } }, errors: [] });
  return messageId;
}

const touchpoints = 'subscription { touchpointRecorded { cursor touchpoint { id type } } }';

async function first(client: Client, query: string, variables?: Record<string, unknown>): Promise<unknown> {
  for await (const result of client.iterate({ query, variables })) return result;
  throw new Error('The stream ended without a result.');
}

/** A bare connection, for what no well-behaved client says. */
async function connect(
  init?: object,
): Promise<{ socket: WebSocket; closed: Promise<{ code: number; reason: string }> }> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
  await once(socket, 'open');
  if (init) {
    const acknowledged = once(socket, 'message');
    socket.send(JSON.stringify({ type: 'connection_init', payload: init }));
    await acknowledged;
  }
  return { socket, closed };
}

const owner = () => ({ authorization: `Bearer ${server.ownerKey}` });

test('queries and mutations run over the websocket, with the same answers as over HTTP', async () => {
  const client = server.websocket();
  expect(await first(client, '{ viewer { name scopes } }')).toEqual({
    data: { viewer: { name: 'owner', scopes: ['ADMIN'] } },
  });
  const refused = await first(client, '{ node(id: "nonsense") { id } }');
  const { data, errors } = await server.graphql('{ node(id: "nonsense") { id } }');
  expect(refused).toEqual({ data, errors });
});

test('a subscription sends what happens after it', async () => {
  const stream = server.websocket().iterate({ query: touchpoints });
  const next = stream.next();
  // The subscription has no sign of its own that it stands, so it is given events until one comes.
  let arrived = false;
  void next.then(() => (arrived = true));
  while (!arrived) {
    await ingest('cart.updated');
    await sleep(20);
  }
  expect((await next).value).toMatchObject({ data: { touchpointRecorded: { touchpoint: { type: 'cart.updated' } } } });
  await stream.return?.();
});

test('the gauge of open subscriptions goes up and down again', async () => {
  const { subscriptions } = server.wiring.metrics;
  const value = async () => (await subscriptions.get()).values[0]?.value;
  const { socket } = await connect(owner());
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: touchpoints } }));
  await expect.poll(value).toBe(1);
  socket.send(JSON.stringify({ id: '1', type: 'complete' }));
  await expect.poll(value).toBe(0);
  socket.send(JSON.stringify({ id: '2', type: 'subscribe', payload: { query: touchpoints } }));
  await expect.poll(value).toBe(1);
  socket.terminate();
  await expect.poll(value).toBe(0);
});

test.each([
  ['no key', {}],
  ['no text', { authorization: 5 }],
  ['half a key', { authorization: 'Bearer rundum_live_abc' }],
])('%s: 4403, with the reason', async (_name, init) => {
  const { socket, closed } = await connect();
  socket.send(JSON.stringify({ type: 'connection_init', payload: init }));
  const { code, reason } = await closed;
  expect(code).toBe(4403);
  expect(reason).toMatch(/key/i);
});

test('an operation before the connection is let in: 4401', async () => {
  const { socket, closed } = await connect();
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ viewer { name } }' } }));
  expect((await closed).code).toBe(4401);
});

test.each<[string, string | Buffer, number]>([
  ['a message that is none', 'hello', 4400],
  ['a message of an unknown type', '{"type":"begin"}', 4400],
  ['a second connection_init', '{"type":"connection_init"}', 4429],
  ['a message that is too long', `{"type":"ping","payload":{"a":"${'a'.repeat(5 * 1024 * 1024)}"}}`, 1009],
])('%s closes the connection with its code, and no other connection', async (_name, message, expected) => {
  const other = await connect(owner());
  const { socket, closed } = await connect(owner());
  socket.send(message);
  expect((await closed).code).toBe(expected);
  expect(other.socket.readyState).toBe(WebSocket.OPEN);
  other.socket.close();
});

test('text that is no UTF-8 closes the connection: 1007', async () => {
  const { socket, closed } = await connect(owner());
  socket.send(Buffer.from([0xff, 0xfe, 0xfd]), { binary: false });
  expect((await closed).code).toBe(1007);
});

test('another subprotocol is refused', async () => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-ws');
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toMatch(/subprotocol|400/i);
});

test.each([
  ['a syntax error', '{ viewer {', 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
  [
    'too many aliases',
    `{ viewer { ${Array.from({ length: 1_000 }, (_, i) => `a${i}: name`).join(' ')} } }`,
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a subscription with a cursor that nobody gave',
    'subscription { changes(after: "zzz") { cursor } }',
    'CURSOR_INVALID',
  ],
  ['a wrong variable', 'query ($n: Int!) { customers(first: $n) { nodes { id } } }', 'BAD_USER_INPUT'],
])('%s is refused with its code, and the connection stays', async (_name, query, code) => {
  const { socket } = await connect(owner());
  const reply = once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  const [message] = (await reply) as [Buffer];
  const { payload } = JSON.parse(String(message)) as {
    payload: { extensions: { code: string } }[] & { errors?: { extensions: { code: string } }[] };
  };
  expect((payload.errors ?? payload)[0]?.extensions.code).toBe(code);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.close();
});

test('a connection may not have endless operations open', async () => {
  const { socket } = await connect(owner());
  const messages: { id: string; type: string; payload?: unknown }[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as (typeof messages)[number]));
  for (let id = 0; id <= 200; id++)
    socket.send(JSON.stringify({ id: `${id}`, type: 'subscribe', payload: { query: touchpoints } }));
  await expect
    .poll(() => messages.find((message) => message.type === 'error'))
    .toMatchObject({ id: '200', payload: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  socket.terminate();
});

test('a revoked key ends its connections within a second: also one whose peer has stopped reading', async () => {
  const created = await server.graphql(
    'mutation { createApiKey(input: { name: "till", scopes: [CUSTOMERS_READ] }) { secret apiKey { id } } }',
  );
  const { secret, apiKey } = (created.data as { createApiKey: { secret: string; apiKey: { id: string } } })
    .createApiKey;
  const reading = await connect({ authorization: `Bearer ${secret}` });
  const stalled = await connect({ authorization: `Bearer ${secret}` });
  const other = await connect(owner());
  reading.socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: touchpoints } }));
  stalled.socket.pause();
  const open = async () => (await server.wiring.metrics.websocketConnections.get()).values[0]?.value ?? 0;
  const before = await open();
  const begin = performance.now();
  await server.graphql('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: apiKey.id });
  expect(await reading.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('revoked') as string });
  await expect.poll(open, { interval: 20, timeout: 3_000 }).toBeLessThanOrEqual(before - 2);
  // A second, and room for a machine that is busy with other tests.
  expect(performance.now() - begin).toBeLessThan(2_500);
  expect(other.socket.readyState).toBe(WebSocket.OPEN);
  stalled.socket.terminate();
  other.socket.close();
});

test('when the server stops, it says 1001 to every connection', async () => {
  const own = await startTestServer();
  const socket = new WebSocket(`${own.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await own.close();
  expect((await closed)[0]).toBe(1001);
});
