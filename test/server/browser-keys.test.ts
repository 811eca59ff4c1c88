import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../support/server.ts';

const shop = 'https://shop.example';
const other = 'https://other.example';
const blog = 'https://blog.example';

let server: TestServer;
/** Of a web page: sends and reads nothing. */
let pageKey: string;
/** Of another page. */
let blogKey: string;
beforeAll(async () => {
  server = await startTestServer();
  pageKey = await createKey({ scopes: ['INGEST'], writeOnly: true, allowedOrigins: [shop] });
  blogKey = await createKey({ scopes: ['CUSTOMERS_READ'], allowedOrigins: [blog] });
});
afterAll(() => server.close());

async function createKey(input: object): Promise<string> {
  const { data, errors } = await server.graphql(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }',
    { input: { name: 'page', ...input } },
  );
  expect(errors).toEqual([]);
  return (data as { createApiKey: { secret: string } }).createApiKey.secret;
}

const preflight = (origin: string, path = '/graphql') =>
  fetch(`${server.url}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });

async function post(key: string, origin: string | undefined, query = '{ __typename }', variables: object = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...(origin ? { origin } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  return {
    response,
    body: (await response.json()) as { data?: unknown; message?: string; errors?: { extensions: object }[] },
  };
}

describe('web pages of other servers', () => {
  test('may ask beforehand where some key may be used from there', async () => {
    const { status, headers } = await preflight(shop);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(shop);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('access-control-allow-headers')).toContain('authorization');
    expect(headers.get('vary')?.toLowerCase()).toContain('origin');
  });

  test.each([other, 'null', 'https://shop.example.evil.example', 'http://shop.example', 'https://shop.example:8443'])(
    'are not let in from %s',
    async (origin) => {
      const { headers } = await preflight(origin);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  test('get an answer that the page may read, with a key of that page', async () => {
    const { response } = await post(pageKey, shop);
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(shop);
  });

  test.each([
    ['from a page that no key names', () => pageKey, other],
    ['from the page of another key', () => pageKey, blog],
    ['with a key that is for no page, from a page of another', () => server.ownerKey, shop],
  ])('cannot use a key %s', async (_what, key, origin) => {
    const { response, body } = await post(key(), origin);
    expect(response.status).toBe(401);
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'ORIGIN' } }] });
  });

  test('whoever says no origin is no web page; pages of this very server may use any key', async () => {
    expect((await post(pageKey, undefined)).response.status).toBe(200);
    expect((await post(blogKey, server.url)).response.status).toBe(200);
  });

  test('the origins of a key can be changed, and end with it', async () => {
    const { data } = await server.graphql(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }',
      {
        input: { name: 'campaign', scopes: ['INGEST'], writeOnly: true, allowedOrigins: ['https://campaign.example'] },
      },
    );
    const { id } = (data as { createApiKey: { apiKey: { id: string } } }).createApiKey.apiKey;
    const isOpen = async () => (await preflight('https://campaign.example')).headers.has('access-control-allow-origin');
    await vi.waitFor(async () => expect(await isOpen()).toBe(true), 5_000);
    await server.graphql('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id });
    await vi.waitFor(async () => expect(await isOpen()).toBe(false), 5_000);
  });
});

test('websockets are held to the same pages', async () => {
  const closed = async (origin: string | undefined) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { origin });
    try {
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${blogKey}` } }));
      return await Promise.race([
        once(socket, 'message').then(([text]) => JSON.parse(String(text)) as object),
        once(socket, 'close').then(([code]) => ({ code })),
      ]);
    } finally {
      socket.terminate();
    }
  };
  expect(await closed(shop)).toEqual({ code: 4403 });
  expect(await closed(blog)).toMatchObject({ type: 'connection_ack' });
  expect(await closed(undefined)).toMatchObject({ type: 'connection_ack' });
});

describe('a write-only key', () => {
  const ingest = `mutation ($events: [TouchpointInput!]!) { ingest(events: $events) {
    accepted stored duplicates conflicts rejected
    results { messageId status code message touchpointId customerId warnings { code } } } }`;
  const event = (messageId: string, more: object = {}) => ({
    ...{ messageId, source: 'web', key: 'k1', type: 'page.viewed', occurredAt: '2026-06-01T10:00:00Z' },
    ...more,
  });
  const send = async (...events: object[]) => (await post(pageKey, shop, ingest, { events })).body;
  const accepted = (messageId: string) => ({
    ...{ messageId, status: 'ACCEPTED', code: null, message: null, touchpointId: null, customerId: null, warnings: [] },
  });

  test('is told that what it sent is well-formed, and nothing of what is stored', async () => {
    const answer = {
      ingest: { accepted: 1, stored: 0, duplicates: 0, conflicts: 0, rejected: 0, results: [accepted('w1')] },
    };
    expect((await send(event('w1'))).data).toEqual(answer);
    // The same again, and another body under the same id: the answer does not tell them from the first time.
    expect((await send(event('w1'))).data).toEqual(answer);
    expect((await send(event('w1', { type: 'cart.filled' }))).data).toEqual(answer);
    const { data } = await server.graphql('{ touchpoints { nodes { messageId type } } }');
    expect(data).toEqual({ touchpoints: { nodes: [{ messageId: 'w1', type: 'page.viewed' }] } });
  });

  test('is told what is wrong with what it sent', async () => {
    const { data } = await send(event('w2', { occurredAt: '1900-01-01T00:00:00Z' }), event('w3'));
    expect(data).toMatchObject({
      ingest: {
        accepted: 1,
        rejected: 1,
        results: [{ status: 'REJECTED', code: 'OCCURRED_AT_TOO_OLD' }, accepted('w3')],
      },
    });
  });

  test.each([
    '{ viewer { name } }',
    '{ customers { nodes { id } } }',
    '{ node(id: "cus_x") { id } }',
    'mutation { scoreCustomers { customers } }',
  ])('reads nothing: %s', async (query) => {
    const { body } = await post(pageKey, shop, query);
    expect(body.data ?? null).toBeNull();
    expect(body.errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN', reason: 'BOUNDARY' } });
  });

  test('downloads nothing', async () => {
    for (const path of ['/exports', '/exports/customers']) {
      const { status } = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${pageKey}` } });
      expect(status).toBe(403);
    }
  });

  test('is kept to types, sources and stores item by item', async () => {
    const key = await createKey({
      ...{ scopes: ['INGEST'], writeOnly: true },
      boundary: { touchpointTypes: ['page.*', 'cart.filled'], sources: ['web'], stores: ['Basel', '12'] },
    });
    const properties = { store: 'Basel' };
    const events = [
      event('b1', { properties }),
      event('b2', { properties, type: 'pager.beeped' }),
      event('b3', { properties, source: 'pos' }),
      event('b4', { properties: { store: 'Bern' } }),
      event('b5'),
      event('b6', { properties: { store: 12 }, type: 'cart.filled' }),
    ];
    const { body } = await post(key, undefined, ingest, { events });
    const { results } = (body.data as { ingest: { results: { status: string; code: string | null }[] } }).ingest;
    expect(results.map(({ status, code }) => code ?? status)).toEqual([
      'ACCEPTED',
      ...['OUTSIDE_BOUNDARY', 'OUTSIDE_BOUNDARY', 'OUTSIDE_BOUNDARY', 'OUTSIDE_BOUNDARY'],
      'ACCEPTED',
    ]);
    const { data } = await server.graphql('{ touchpoints(first: 200) { nodes { messageId } } }');
    const stored = (data as { touchpoints: { nodes: { messageId: string }[] } }).touchpoints.nodes.map(
      ({ messageId }) => messageId,
    );
    expect(stored.filter((id) => /^b\d$/.test(id)).sort()).toEqual(['b1', 'b6']);
  });
});

describe('a key that does not see everybody', () => {
  test('learns by sending neither whether somebody is known nor who', async () => {
    const { data } = await server.graphql(
      'mutation { createSegment(input: { name: "Nobody", text: "count of nobody.was.here ever is at least 1" }) { segment { id } } }',
    );
    const segments = [(data as { createSegment: { segment: { id: string } } } | null)?.createSegment.segment.id];
    expect(segments[0]).toBeDefined();
    const key = await createKey({ scopes: ['INGEST', 'CUSTOMERS_READ'], boundary: { segments } });
    const identifiers = [{ kind: 'email', value: 'known@example.org' }];
    const ingest =
      'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { results { status customerId touchpointId warnings { code } } } }';
    const event = { source: 'crm', type: 'page.viewed', occurredAt: '2026-06-01T10:00:00Z', identifiers };
    await server.graphql(ingest, { events: [{ ...event, messageId: 'k1' }] });
    for (const messageId of ['k1', 'k2']) {
      const { body } = await post(key, undefined, ingest, { events: [{ ...event, messageId }] });
      expect(body.data).toEqual({
        ingest: { results: [{ status: 'ACCEPTED', customerId: null, touchpointId: null, warnings: [] }] },
      });
    }
  });

  test('of sources of its own learns what became of its events', async () => {
    const key = await createKey({ scopes: ['INGEST', 'CUSTOMERS_READ'], boundary: { sources: ['partner'] } });
    const ingest =
      'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { results { status customerId } } }';
    const event = {
      messageId: 'p1',
      source: 'partner',
      key: 'a',
      type: 'page.viewed',
      occurredAt: '2026-06-01T10:00:00Z',
    };
    const { body } = await post(key, undefined, ingest, { events: [event, { ...event, source: 'crm' }] });
    expect(body.data).toMatchObject({ ingest: { results: [{ status: 'STORED' }, { status: 'REJECTED' }] } });
    const again = await post(key, undefined, ingest, { events: [event] });
    expect(again.body.data).toMatchObject({ ingest: { results: [{ status: 'DUPLICATE' }] } });
  });
});
