import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../src/kernel/postgres-cluster.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startProcess, type TestProcess } from '../support/processes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { findBlocks } from './markdown.ts';

let database: TestDatabase;
/** Another node, always there: events come by it while the client's own server is away. */
let other: TestServer;
let folder: string;
let port: number;
const clients: TestProcess[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  other = await startTestServer({ database });
  folder = await mkdtemp(join(tmpdir(), 'rundum-docs-'));
  port = await freePort();
});
afterAll(async () => {
  // A client goes on for ever: one that a failed test left must not.
  for (const client of clients) await client.kill('SIGKILL');
  await other.close();
  await database.close();
  await rm(folder, { recursive: true });
});

const startServer = () => startTestServer({ database, config: { port } });
const readCursor = () => readFile(join(folder, 'cursor'), 'utf8').catch(() => '');

/** The client as it stands in the documentation, in a process of its own. */
function startClient(key: string): TestProcess {
  const [client, ...others] = findBlocks('js');
  if (!client || others.length > 0) throw new Error('Expected one client in the documentation.');
  const process = startProcess('--input-type=module', ['--eval', client.text], {
    RUNDUM_URL: `ws://127.0.0.1:${port}/graphql`,
    RUNDUM_KEY: key,
    CURSOR_FILE: join(folder, 'cursor'),
  });
  clients.push(process);
  return process;
}

async function makeKey(): Promise<{ secret: string; id: string }> {
  const { data } = await other.graphql(
    'mutation { createApiKey(input: { name: "client", scopes: [CUSTOMERS_READ] }) { secret apiKey { id } } }',
  );
  const { secret, apiKey } = (data as { createApiKey: { secret: string; apiKey: { id: string } } }).createApiKey;
  return { secret, id: apiKey.id };
}

async function send(messageId: string): Promise<void> {
  const event = { messageId, source: 'web', type: 'page.viewed', occurredAt: '2026-03-02T09:30:00Z', key: 'k' };
  const query = 'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }';
  expect((await other.graphql(query, { events: [event] })).data).toEqual({ ingest: { stored: 1 } });
}

/** Returns when the client has handled the event, and kept its cursor: nothing else may be on its way to it. */
async function seen(client: TestProcess, messageId: string, cursorBefore: string): Promise<void> {
  await client.line(new RegExp(` ${messageId} `));
  await expect.poll(readCursor).not.toBe(cursorBefore);
}

test('the client in the documentation misses nothing and repeats nothing while the server and it come and go', async () => {
  const key = await makeKey();
  const first = await startServer();
  const client = startClient(key.secret);
  await expect.poll(readCursor).not.toBe('');
  const start = await readCursor();
  await send('one');
  await seen(client, 'one', start);

  await first.close();
  const one = await readCursor();
  await send('while-the-server-is-away');
  const second = await startServer();
  await seen(client, 'while-the-server-is-away', one);

  await client.kill('SIGKILL');
  await send('while-the-client-is-dead');
  const reborn = startClient(key.secret);
  await reborn.line(/ while-the-client-is-dead /);
  await send('two');
  await reborn.line(/ two /);
  const handled = [...`${client.output()}\n${reborn.output()}`.matchAll(/ page\.viewed (\S+) cus_/g)];
  expect(handled.map((match) => match[1])).toEqual([
    'one',
    'while-the-server-is-away',
    'while-the-client-is-dead',
    'two',
  ]);

  await other.graphql('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: key.id });
  expect(await reborn.ended, reborn.output()).toBe(1);
  expect(reborn.output()).toMatch(/4403 .*revoked/);
  await second.close();
});
