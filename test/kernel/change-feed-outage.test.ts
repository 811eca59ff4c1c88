import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { change, commit, errorOf, startFeed, take, takeIds, untilReadable } from './feed-fixture.ts';

let database: TestDatabase;
let pool: Pool;
let server: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = database.pool;
  server = createPool(inject('testServerUrl'), { max: 1 });
});
afterAll(async () => {
  await database.close();
  await server.end();
});

/** As a restart of PostgreSQL looks from here: every connection breaks, new ones are refused for a while. */
async function takeDatabaseAway(): Promise<void> {
  const name = new URL(database.url).pathname.slice(1);
  await server`alter database ${server(name)} allow_connections false`;
  await server`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = ${name}`;
}

async function giveDatabaseBack(): Promise<void> {
  await server`alter database ${server(new URL(database.url).pathname.slice(1))} allow_connections true`;
  // A connection of the pool learns that it is broken when it is used.
  const useAll = () => Promise.allSettled(Array.from({ length: 20 }, () => pool`select pg_sleep(0.01)`));
  while ((await useAll()).some(({ status }) => status === 'rejected'));
}

test('a live subscription outlives a database that goes away, and misses nothing', async () => {
  const feed = await startFeed(pool);
  const stream = await feed.subscribe();
  const first = takeIds(stream, 1);
  const before = await commit(pool, change());
  expect(await first).toEqual(before);
  const waiting = takeIds(stream, 2);
  await takeDatabaseAway();
  await errorOf(commit(pool, change()));
  await giveDatabaseBack();
  const written = await commit(pool, change(), change());
  feed.wake();
  expect(await waiting).toEqual(written);
  await feed.stop();
});

test('a subscriber who reads history meanwhile is told where to resume', async () => {
  const feed = await startFeed(pool, { pageSize: 2, replaySize: 2 });
  const { head } = await feed.window();
  const written = await commit(pool, change(), change(), change(), change());
  await untilReadable(pool);
  const stream = await feed.subscribe({ after: head });
  const [, second] = await take(stream, 2);
  await takeDatabaseAway();
  const error = await errorOf(stream.next());
  await giveDatabaseBack();
  expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', details: { cursor: second!.cursor } });
  const resumed = await feed.subscribe({ after: second!.cursor });
  expect(await takeIds(resumed, 2)).toEqual(written.slice(2));
  await feed.stop();
});
