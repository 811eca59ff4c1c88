import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { headers, redirect: 'manual' });
const bearer = () => ({ authorization: `Bearer ${server.ownerKey}` });
const viewer = '/graphql?query=%7B%20viewer%20%7B%20name%20%7D%20%7D';

test('an operation with a key is answered', async () => {
  const { status, data, errors } = await server.graphql('{ viewer { name scopes } }');
  expect({ status, errors }).toEqual({ status: 200, errors: [] });
  expect(data).toEqual({ viewer: { name: 'owner', scopes: ['ADMIN'] } });
});

describe('without a good key', () => {
  test.each([
    ['none', null, 'MISSING'],
    ['half a key', 'rundum_live_abc', 'MALFORMED'],
  ])('%s: 401, coded, with a challenge', async (_name, key, reason) => {
    const { status, data, errors } = await server.graphql('{ viewer { name } }', undefined, { key });
    expect({ status, data }).toEqual({ status: 401, data: undefined });
    expect(errors[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', reason });
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="rundum"');
  });

  test('introspection needs a key too', async () => {
    const { status } = await server.graphql('{ __schema { queryType { name } } }', undefined, { key: null });
    expect(status).toBe(401);
  });

  test('the answer comes before the body: nobody unknown makes us hold it', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30000000\r\n\r\n{',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });
});

describe('GET', () => {
  test('a query is answered, to callers that no web page can imitate', async () => {
    const response = await get(viewer, { ...bearer(), 'apollo-require-preflight': '1' });
    expect(await response.json()).toEqual({ data: { viewer: { name: 'owner' } } });
  });

  test('a request that a web page could send is refused', async () => {
    const response = await get(viewer, bearer());
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('CSRF');
  });

  test('a mutation is refused: 405', async () => {
    const query = encodeURIComponent('mutation { ingest(events: []) { stored } }');
    const response = await get(`/graphql?query=${query}`, { ...bearer(), 'apollo-require-preflight': '1' });
    expect(response.status).toBe(405);
  });

  test('a browser gets the explorer', async () => {
    const redirect = await get('/graphql', { accept: 'text/html,application/xhtml+xml' });
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, '/']);
    const page = await get('/');
    expect(page.headers.get('content-type')).toMatch('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  test('anything else is not there, and says what is', async () => {
    const response = await get('/nothing?email=jane@example.com');
    expect(response.status).toBe(404);
    const { errors } = (await response.json()) as { errors: [{ message: string; extensions: object }] };
    expect(errors[0]).toEqual({
      message: 'There is nothing at GET /nothing. The API is at POST /graphql.',
      extensions: { code: 'NOT_FOUND' },
    });
  });
});

test('request ids: a sane one is kept, another is replaced', async () => {
  const sane = await get('/livez', { 'x-request-id': 'trace-7.a:1' });
  expect(sane.headers.get('x-request-id')).toBe('trace-7.a:1');
  const odd = await get('/livez', { 'x-request-id': '{"a":1} or so' });
  expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test.each(['bad host', '[', 'a/b', '%'])('a header host of "%s" breaks nothing', async (host) => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  const body = '{"query":"{ viewer { name } }"}';
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${server.ownerKey}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(String(answer)).toMatch(/^HTTP\/1\.1 (200|400) /);
  socket.destroy();
});

test('alive and ready', async () => {
  expect(await (await get('/livez')).json()).toEqual({ status: 'alive' });
  expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' });
});

test('metrics count requests, operations and errors', async () => {
  await server.graphql('query Counted { viewer { name } }');
  await server.graphql('query Failed { node(id: "nonsense") { id } }');
  const text = await (await get('/metrics')).text();
  expect(text).toMatch(
    /rundum_graphql_operation_duration_seconds_count\{type="query",operation="Counted",outcome="ok"\} 1/,
  );
  expect(text).toMatch(
    /rundum_graphql_operation_duration_seconds_count\{type="query",operation="Failed",outcome="error"\} 1/,
  );
  expect(text).toMatch(/rundum_graphql_errors_total\{code="BAD_USER_INPUT"\} [1-9]/);
  expect(text).toMatch(
    /rundum_http_request_duration_seconds_count\{method="POST",route="\/graphql",status="200"\} [1-9]/,
  );
  expect(text).toContain('nodejs_eventloop_lag_seconds');
});

test('names of operations, which clients choose, cannot make the metrics grow', async () => {
  const names = Array.from({ length: 150 }, (_, i) => `Name${i}`);
  await Promise.all(names.map((name) => server.graphql(`query ${name} { viewer { name } }`)));
  const text = await (await get('/metrics')).text();
  const lines = text.split('\n').filter((line) => line.startsWith('rundum_graphql_operation_duration_seconds_count'));
  expect(lines.length).toBeLessThanOrEqual(105);
  expect(text).toContain('operation="other"');
});

test('a server that the network can reach asks for a key before it shows its metrics', async () => {
  const open = await startTestServer({ config: { host: '0.0.0.0' } });
  const url = open.url.replace('0.0.0.0', '127.0.0.1');
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  const allowed = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${open.ownerKey}` } });
  expect(allowed.status).toBe(200);
  await open.close();
});

test('1,000 events in variables are no matter of document limits', async () => {
  const events = Array.from({ length: 1_000 }, (_, i) => ({
    messageId: `bulk-${i}`,
    source: 'web',
    key: `v${i % 50}`,
    type: 'page.viewed',
    occurredAt: '2026-03-29T10:00:00Z',
    properties: { n: i, path: ['/', 'a'] },
  }));
  const { data, errors } = await server.graphql(
    'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }',
    { events },
  );
  expect({ data, errors }).toEqual({ data: { ingest: { stored: 1_000 } }, errors: [] });
});

test('one bad time or amount rejects its own event, not the call', async () => {
  const event = (messageId: string, more: object) => ({
    messageId,
    source: 'web',
    key: 'v',
    type: 'note.added',
    occurredAt: '2026-03-29T10:00:00Z',
    ...more,
  });
  const events = [
    event('good', {}),
    event('time', { occurredAt: { year: 2026 } }),
    event('amount', { value: { amount: true, currency: 'EUR' } }),
  ];
  const { data, errors } = await server.graphql(
    'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { results { messageId status } } }',
    { events },
  );
  expect(errors).toEqual([]);
  expect(data).toEqual({
    ingest: {
      results: [
        { messageId: 'good', status: 'STORED' },
        { messageId: 'time', status: 'REJECTED' },
        { messageId: 'amount', status: 'REJECTED' },
      ],
    },
  });
});

test('a query answers the same the first time, by graphql-js, and later, compiled', async () => {
  const query = `query View($n: Int = 5, $yes: Boolean!) {
    customers(first: $n) { nodes { id ...V } pageInfo { hasNextPage endCursor } }
    viewer @include(if: $yes) { name }
  }
  fragment V on Customer {
    firstSeenAt records { source key traits { name value } } identifiers { kind value } traits { name value }
    touchpoints(first: 2, filter: { types: ["page.viewed"] }) { edges { cursor node { id type occurredAt properties } } }
    activity(from: "2026-03-28", to: "2026-03-30") { day }
  }`;
  const answers = [];
  for (let run = 0; run < 6; run++) answers.push(await server.graphql(query, { yes: true }));
  expect(answers[0]!.errors).toEqual([]);
  expect(JSON.stringify(answers[0]!.data)).toContain('page.viewed');
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});
