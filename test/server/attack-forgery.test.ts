import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { TestServer } from '../support/server.ts';
import { type Attempt, ask as askAt, openTarget, send as sendTo, type Target } from './attack-fixture.ts';

/** Attacks by way of somebody else: a browser, or the server itself, each as somebody would try it. Bytes that are no requests: `hostile.test.ts`. */

let target: Target;
let server: TestServer;
let partner: string;
beforeAll(async () => {
  target = await openTarget();
  ({ server, partner } = target);
});
afterAll(() => target.close());

const attempt = (part: Partial<Attempt> = {}): Attempt => ({ on: server, key: partner, ...part });
const ask = (query: string, variables?: object, part?: Partial<Attempt>) => askAt(query, variables, attempt(part));
const send = (body: string, part?: Partial<Attempt>) => sendTo(body, attempt(part));

describe('requests that a web page could have a browser send (CSRF)', () => {
  const mutation = 'mutation { revokeApiKey(input: { id: "key_01h2xcejqtf2nbrexx3vqjhp41" }) { apiKey { id } } }';
  const query = '{ viewer { name } }';
  const address = (text: string) => `/graphql?query=${encodeURIComponent(text)}`;

  test.each([
    ['a query by GET', address(query), 400],
    ['a mutation by GET', address(mutation), 400],
    ['a subscription by GET', `/graphql/stream?query=${encodeURIComponent(mutation)}`, 405],
  ])('%s: refused', async (_what, path, status) => {
    const accept = path.includes('stream') ? 'text/event-stream' : '*/*';
    const response = await fetch(server.url + path, {
      headers: { authorization: `Bearer ${server.ownerKey}`, accept },
    });
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('"data"');
  });

  test('a mutation by GET is refused to whoever is no web page, too', async () => {
    const response = await fetch(server.url + address(mutation), {
      headers: { authorization: `Bearer ${server.ownerKey}`, 'apollo-require-preflight': '1' },
    });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  const forms: [string, string][] = [
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent(mutation)}`],
    [
      'multipart/form-data; boundary=x',
      `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${mutation}\r\n--x--\r\n`,
    ],
    ['text/plain', JSON.stringify({ query: mutation })],
    ['text/plain; application/json', JSON.stringify({ query: mutation })],
    ['', JSON.stringify({ query: mutation })],
  ];

  test.each(forms)('a form as "%s": refused everywhere', async (type, body) => {
    for (const path of ['/graphql', '/graphql/stream', '/exports/metrics']) {
      const reply = await send(body, {
        path,
        key: server.ownerKey,
        headers: { 'content-type': type, accept: path.endsWith('stream') ? 'text/event-stream' : '*/*' },
      });
      expect(reply.status, path).toBeGreaterThanOrEqual(400);
      expect(reply.text, path).not.toContain('"data"');
    }
  });

  test('no key comes by itself: neither a cookie nor the address is looked at', async () => {
    const key = server.ownerKey;
    for (const path of ['/graphql', '/exports', '/graphql/stream', '/metrics']) {
      const search = new URLSearchParams({ query, authorization: `Bearer ${key}`, key, token: key, access_token: key });
      const response = await fetch(`${server.url}${path}?${search}`, {
        headers: {
          cookie: `authorization=Bearer ${key}; key=${key}`,
          'apollo-require-preflight': '1',
          accept: 'text/event-stream',
        },
      });
      // On the loopback address whoever asks may see the metrics.
      if (path !== '/metrics') expect(response.status, path).toBe(401);
      expect(await response.text()).not.toContain('"data"');
    }
    const socket = new WebSocket(
      `${server.url.replace('http', 'ws')}/graphql?authorization=${key}`,
      'graphql-transport-ws',
      {
        headers: {
          cookie: `authorization=Bearer ${key}`,
          authorization: `Bearer ${key}`,
          origin: 'https://evil.example',
        },
      },
    );
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    const [code] = await once(socket, 'close');
    expect(code).toBe(4403);
  });

  test('no other origin is let in by the browser', async () => {
    const preflight = await fetch(`${server.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
    const reply = await ask(query, undefined, { headers: { origin: 'https://evil.example' } });
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('addresses that the server is to call (SSRF)', () => {
  test('in whatever is sent, it calls none', async () => {
    const calls: string[] = [];
    const listener = createServer((request, response) => {
      calls.push(String(request.url));
      response.end('{}');
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const url = (name: string) => `http://127.0.0.1:${(listener.address() as AddressInfo).port}/${name}`;
    const events = [
      {
        messageId: 'calling',
        source: 'web',
        key: 'caller',
        type: 'page.viewed',
        occurredAt: '2026-03-29T10:00:00Z',
        traits: { avatar: url('trait'), email: `a@${url('email')}` },
        properties: { url: url('property'), callback: { href: url('deep') }, $ref: url('ref') },
        context: { page: { url: url('page'), referrer: url('referrer') } },
        identifiers: [{ kind: 'custom', value: url('identifier') }],
      },
    ];
    const ingest = 'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }';
    const hostile = {
      'x-forwarded-host': url('host').slice(7),
      'x-forwarded-for': url('for'),
      referer: url('referer'),
      origin: url('origin'),
    };
    expect((await ask(ingest, { events }, { key: server.ownerKey, headers: hostile })).text).toContain('"stored":1');
    await ask('query ($id: ID) { customer(id: $id) { id } }', { id: url('id') });
    await send(
      JSON.stringify({
        documentId: url('document'),
        extensions: { persistedQuery: { version: 1, sha256Hash: url('hash') } },
      }),
    );
    await ask('{ __schema @specifiedBy(url: "x") { queryType { name } } }');
    await fetch(`${server.url}/exports/customers?format=${url('format')}&columns=${url('columns')}`, {
      headers: { authorization: `Bearer ${server.ownerKey}` },
    });
    // The feed has been read behind it: what reacts to the event has reacted.
    expect(
      (await ask('{ customers { nodes { traits { value } } } }', undefined, { key: server.ownerKey })).text,
    ).toContain('trait');
    expect(calls).toEqual([]);
    listener.close();
  });

  test('the server has nothing to call with: only its database client opens connections', async () => {
    const callers =
      /\bfetch\(|from '(node:)?(http|https|http2|undici|dgram)'|\b(https?|net|tls)\.(request|get|connect)\(/;
    const root = join(import.meta.dirname, '../../src');
    const names = await readdir(root, { recursive: true });
    const found: string[] = [];
    for (const name of names.filter((one) => one.endsWith('.ts'))) {
      const text = await readFile(join(root, name), 'utf8');
      const lines = text.split('\n').filter((line) => !/^\s*(\*|\/\/|\/\*)|import type/.test(line));
      if (lines.some((line) => callers.test(line))) found.push(name);
    }
    // The command line and the demo call a server that their user names.
    expect(found.filter((name) => !/^(cli|demo)\//.test(name))).toEqual([]);
  });
});
