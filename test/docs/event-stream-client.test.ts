import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../src/kernel/postgres-cluster.ts';
import { makeKey, revoke, send } from '../server/live-fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startProcess, type TestProcess } from '../support/processes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { findBlocks } from './markdown.ts';

let database: TestDatabase;
/** Another node, always there: events come by it while the client's own server is away. */
let other: TestServer;
let port: number;
let client: TestProcess | undefined;

beforeAll(async () => {
  database = await openTestDatabase();
  other = await startTestServer({ database });
  port = await freePort();
});
afterAll(async () => {
  // A client goes on for ever: one that a failed test left must not.
  await client?.kill('SIGKILL');
  await other.close();
  await database.close();
});

const startServer = () => startTestServer({ database, config: { port } });

test('the reader of event streams in the documentation misses nothing and repeats nothing while the server comes and goes', async () => {
  const [block, ...others] = findBlocks('mjs');
  if (!block || others.length > 0) throw new Error('Expected one reader of event streams in the documentation.');
  const key = await makeKey(other);
  const first = await startServer();
  const reader = startProcess('--input-type=module', ['--eval', block.text], {
    RUNDUM_URL: `http://127.0.0.1:${port}/graphql/stream`,
    RUNDUM_KEY: key.secret,
  });
  client = reader;
  await expect.poll(() => first.wiring.streams.count('subscriptions'), { timeout: 10_000 }).toBe(1);
  const sent = await send(other);
  await reader.line(new RegExp(`^${sent[0]}$`));

  await first.close();
  sent.push(...(await send(other)));
  const second = await startServer();
  sent.push(...(await send(other)));
  await reader.line(new RegExp(`^${sent[2]}$`));
  expect(reader.output().match(/^live-\d+$/gm)).toEqual(sent);

  await revoke(other, key.id);
  expect(await reader.ended, reader.output()).toBe(1);
  expect(reader.output()).toMatch(/REVOKED/);
  await second.close();
}, 40_000);
