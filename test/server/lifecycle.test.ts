import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Config, readConfig } from '../../src/kernel/config.ts';
import { createLog } from '../../src/kernel/log.ts';
import { startServer } from '../../src/server/start.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let config: Config;
beforeAll(async () => {
  database = await openTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'rundum-lifecycle-'));
  config = readConfig({ DATABASE_URL: database.url, RUNDUM_PORT: '0', RUNDUM_DATA_DIR: dataDir }, {});
});
afterAll(async () => {
  await rm(config.dataDir, { recursive: true });
  await database.close();
});

const start = (more: Partial<Config> = {}) => startServer({ ...config, ...more }, createLog('silent'));

const ingest = (url: string, key: string | undefined, messageId: string) =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      query: 'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }',
      variables: {
        events: [{ messageId, source: 'web', key: 'v', type: 'page.viewed', occurredAt: new Date().toISOString() }],
      },
    }),
  });

test('a start makes the owner key, and the next start knows it', async () => {
  const first = await start();
  expect(first.ownerKey).toMatchObject({ made: true });
  await first.close();
  const second = await start();
  expect(second.ownerKey).toEqual({ ...first.ownerKey, made: false });
  await second.close();
  await second.ended;
});

test('closing finishes the ingest that is under way, and then nobody answers', async () => {
  const server = await start();
  const answers = Array.from({ length: 20 }, (_, i) => ingest(server.url, server.ownerKey.text, `closing-${i}`));
  // The connections are made, the batches are not done.
  await Promise.race(answers);
  await server.close();
  const settled = await Promise.allSettled(answers);
  const acknowledged = settled.filter((answer) => answer.status === 'fulfilled' && answer.value.status === 200);
  const [stored] = await database.pool<{ count: number }[]>`select count(*)::int as count from touchpoints`;
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(stored?.count).toBeGreaterThanOrEqual(acknowledged.length);
  // Refused; or, where another test's server has got the port by now, not known there.
  const late = await ingest(server.url, server.ownerKey.text, 'late').then(
    ({ status }) => status,
    () => 'refused',
  );
  expect(late).not.toBe(200);
});

test('closing twice is closing once', async () => {
  const server = await start();
  expect(server.close()).toBe(server.close());
  await server.close();
});

test('a port that is taken is said in one sentence, and nothing stays behind', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  await expect(start({ port })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken: stop what uses it, or set RUNDUM_PORT to another.`,
  );
  other.close();
  const server = await start({ port: 0 });
  await server.close();
});

test('an address that is not ours is said in one sentence', async () => {
  await expect(start({ host: '192.0.2.1' })).rejects.toThrow(/is RUNDUM_HOST an address of this machine\?$/);
});

test('a database that is away is SERVICE_UNAVAILABLE and not ready, not a crash', async () => {
  const own = await openTestDatabase();
  const server = await start({ databaseUrl: own.url });
  await own.close();
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  const answer = await ingest(server.url, server.ownerKey.text, 'away');
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('SERVICE_UNAVAILABLE');
  await server.close();
});
