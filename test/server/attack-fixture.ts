import { once } from 'node:events';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

export interface Target {
  readonly database: TestDatabase;
  readonly server: TestServer;
  /** A key that reads customers and sends touchpoints. */
  readonly partner: string;
  close(): Promise<void>;
}

/** A server to be attacked. */
export async function openTarget(): Promise<Target> {
  const database = await openTestDatabase();
  const server = await startTestServer({ database });
  const { data } = await server.graphql(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }',
    { input: { name: 'partner', scopes: ['CUSTOMERS_READ', 'INGEST'] } },
  );
  const partner = (data as { createApiKey: { secret: string } }).createApiKey.secret;
  return {
    database,
    server,
    partner,
    async close() {
      await server.close();
      await database.close();
    },
  };
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly codes: readonly (string | undefined)[];
  readonly headers: Headers;
}

export interface Attempt {
  readonly on: TestServer;
  readonly key: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

/** Sends text as it is. */
export async function send(body: string, { on, key, path = '/graphql', headers = {} }: Attempt): Promise<Reply> {
  const response = await fetch(on.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body,
  });
  const text = await response.text();
  const codes = [...text.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code]) => code);
  return { status: response.status, text, codes, headers: response.headers };
}

export function ask(query: string, variables: object | undefined, attempt: Attempt): Promise<Reply> {
  return send(JSON.stringify({ query, variables }), attempt);
}

/** The first message about an operation. */
export async function overWebsocket(query: string, { on, key }: Attempt): Promise<string> {
  const socket = new WebSocket(`${on.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  const [data] = await once(socket, 'message');
  socket.close();
  return String(data);
}

export async function asEventStream(query: string, attempt: Attempt): Promise<string> {
  const { text } = await send(JSON.stringify({ query }), {
    ...attempt,
    path: '/graphql/stream',
    headers: { accept: 'text/event-stream' },
  });
  return text;
}

export async function quickly<T>(work: Promise<T>): Promise<T> {
  const begin = performance.now();
  const result = await work;
  // Most of this is the machine's: what explodes takes minutes.
  expect(performance.now() - begin).toBeLessThan(2_000);
  return result;
}
