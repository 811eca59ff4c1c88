import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { createPool, type PoolOptions } from '../../src/kernel/connect.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { findWorking } from '../../src/kernel/server-processes.queries.ts';
import { failureKind } from '../../src/touchpoints/ingest-failure.ts';
import { FaultProxy } from '../faults/fault-proxy.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

// An error that nobody can catch ends the process: it fails this file, whatever the tests say.

let database: TestDatabase;
let server: Pool;
const cleaning: (() => unknown)[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  server = createPool(inject('testServerUrl'), { max: 1 });
});
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});
afterAll(async () => {
  await database.close();
  await server.end();
});

const databaseName = () => new URL(database.url).pathname.slice(1);

function openPool(url: string, { max = 2, ...options }: PoolOptions = {}): Pool {
  const pool = createPool(url, { max, applicationName: 'unreachable', ...options });
  cleaning.push(() => pool.end({ timeout: 1 }));
  return pool;
}

async function loseConnections(): Promise<void> {
  await server`select pg_terminate_backend(pid, 3000) from pg_stat_activity where application_name = 'unreachable'`;
}

/** How a promise ends, or that it doesn't within this time. */
async function outcome(promise: PromiseLike<unknown>, ms = 5_000): Promise<unknown> {
  const answered = Promise.resolve(promise).then(
    () => 'answered',
    (error: unknown) => failureKind(error),
  );
  return Promise.race([answered, wait(ms, 'hangs', { ref: false })]);
}

test.each([
  [
    'refuses connections',
    () => server`alter database ${server(databaseName())} allow_connections false`,
    () => server`alter database ${server(databaseName())} allow_connections true`,
  ],
  [
    'is not there',
    () => server`alter database ${server(databaseName())} rename to ${server(`${databaseName()}_away`)}`,
    () => server`alter database ${server(`${databaseName()}_away`)} rename to ${server(databaseName())}`,
  ],
])(
  'a database that went away in the middle of statements and %s fails the next ones, and serves the first ones when it is back',
  async (_how, away, back) => {
    const pool = openPool(database.url);
    await database.pool.end({ timeout: 1 });
    for (let round = 0; round < 3; round += 1) {
      const running = [outcome(pool.begin((tx) => tx`select pg_sleep(30)`)), outcome(pool`select pg_sleep(30)`)];
      await expect.poll(() => sleeping()).toBe(2);
      await loseConnections();
      await away();
      expect(await Promise.all(running)).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
      expect(await askFourTimes(pool)).toEqual(Array(4).fill('UNAVAILABLE'));
      await back();
      expect(await askFourTimes(pool)).toEqual(Array(4).fill('answered'));
    }
  },
);

function askFourTimes(pool: Pool): Promise<unknown[]> {
  const asked = [pool`select 1`, pool.begin((tx) => tx`select 1`), pool`select 2`, pool.begin((tx) => tx`select 2`)];
  return Promise.all(asked.map((statement) => outcome(statement)));
}

async function sleeping(): Promise<number> {
  const [row] = await server<{ count: number }[]>`
    select count(*)::int from pg_stat_activity where application_name = 'unreachable' and wait_event = 'PgSleep'`;
  return row!.count;
}

/** A way to the database that breaks off as soon as the server has said so much. */
async function openBreakingOff(bytes: () => number): Promise<string> {
  const { port, hostname } = new URL(database.url);
  const sockets = new Set<Socket>();
  const relay: Server = createServer((near) => {
    const far = connect(Number(port), hostname);
    let left = bytes();
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
    near.on('data', (chunk) => far.write(chunk)).on('close', () => far.destroy());
    far.on('close', () => near.end());
    far.on('data', (chunk) => {
      near.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left > 0) return;
      near.end();
      far.destroy();
    });
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  cleaning.push(() => {
    relay.close();
    for (const socket of sockets) socket.destroy();
  });
  const url = new URL(database.url);
  url.port = String((relay.address() as AddressInfo).port);
  return url.href;
}

test('a connection may break off at any byte of its making', async () => {
  let most = 0;
  const url = await openBreakingOff(() => most);
  const pool = openPool(url, { max: 1 });
  most = Number.POSITIVE_INFINITY;
  await pool`select 1`;
  await loseConnections();
  const seen = new Set<unknown>();
  for (most = 1; most < 1000; most += 17) {
    const how = await outcome(most % 2 ? pool`select 1` : pool.begin((tx) => tx`select 1`));
    expect({ most, how }).not.toEqual({ most, how: 'hangs' });
    seen.add(how);
  }
  // From not even greeted to answered in full.
  expect(seen).toEqual(new Set(['UNAVAILABLE', 'answered']));
  most = Number.POSITIVE_INFINITY;
  await expect.poll(() => outcome(pool`select 1`)).toBe('answered');
}, 60_000);
describe('a database that falls silent', () => {
  const patience = { silenceMs: 300, lookMs: 50, answerMs: 1_000 };

  async function openThroughProxy() {
    const { port, href } = new URL(database.url);
    const proxy = await FaultProxy.open(Number(port));
    cleaning.push(() => proxy.shut());
    const url = new URL(href);
    url.port = String(proxy.port);
    return { proxy, pool: openPool(url.href, { patience }) };
  }

  test('for connections that were open fails what waits for an answer; new ones are made, and locks are not kept', async () => {
    const { proxy, pool } = await openThroughProxy();
    const other = openPool(database.url, { applicationName: 'other' });
    await other`create table if not exists things (id int primary key)`;
    const { promise: locked, resolve: lock } = Promise.withResolvers<void>();
    const { promise: stranded, resolve: strand } = Promise.withResolvers<void>();
    const holding = outcome(
      pool.begin(async (tx) => {
        await tx`insert into things values (1)`;
        lock();
        await stranded;
        await tx`select 1`;
      }),
      20_000,
    );
    await locked;
    proxy.strand();
    strand();
    expect(await holding).toBe('UNAVAILABLE');
    expect(await outcome(pool`select 1`)).toBe('answered');
    expect(await outcome(other`insert into things values (1)`, 20_000)).toBe('answered');
  }, 60_000);

  test('while it waits for the other half of what was sent does not work, though it is active, and is ended', async () => {
    const [other, pool] = [openPool(database.url), openPool(database.url)];
    // Between two pages it has been told what to do, and not to go on: what half a message leaves behind, too.
    const { promise: begun, resolve: begin } = Promise.withResolvers<number>();
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const reading = pool<{ process: number }[]>`select pg_backend_pid() as process from generate_series(1, 10)`;
    const ended = outcome(
      reading.cursor(2, async ([row]) => {
        begin(row!.process);
        await left;
      }),
    );
    const process = await begun;
    const stateOf = () => other`select state, wait_event from pg_stat_activity where pid = ${process}`;
    await expect.poll(stateOf).toEqual([{ state: 'active', wait_event: 'ClientRead' }]);
    expect(await findWorking(other, [process], 0)).toEqual(new Set());
    await expect.poll(stateOf).toHaveLength(0);
    expect(await ended).toBe('UNAVAILABLE');
    // Nobody is told any more: it would be by a socket that is gone.
    leave();
    await wait(50);
  });

  test('between pages of rows is not what is meant: it is our turn', async () => {
    const { pool } = await openThroughProxy();
    let rows = 0;
    await pool`select generate_series(1, 6) as n`.cursor(2, async (page) => {
      rows += page.length;
      await wait(700);
    });
    expect(rows).toBe(6);
  });

  test('altogether fails what waits, and is used again when it answers', async () => {
    const { proxy, pool } = await openThroughProxy();
    await Promise.all([pool`select pg_sleep(0.1)`, pool`select pg_sleep(0.1)`]);
    proxy.setWeather({ blackHole: true });
    const waiting = [
      outcome(pool`select 1`, 20_000),
      outcome(
        pool.begin((tx) => tx`select 1`),
        20_000,
      ),
    ];
    expect(await Promise.all(waiting)).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
    proxy.setWeather({});
    await expect.poll(() => outcome(pool`select 1`, 15_000), { timeout: 20_000 }).toBe('answered');
  }, 60_000);

  test('because it works is waited for, in a transaction too', async () => {
    const { pool } = await openThroughProxy();
    const working = [outcome(pool`select pg_sleep(2)`), outcome(pool.begin((tx) => tx`select pg_sleep(2)`))];
    expect(await Promise.all(working)).toEqual(['answered', 'answered']);
  });

  test('between the statements of a transaction is not what is meant: it is our turn', async () => {
    const { pool } = await openThroughProxy();
    const pausing = pool.begin(async (tx) => {
      await tx`select 1`;
      await wait(1500);
      return tx`select 2`;
    });
    expect(await outcome(pausing)).toBe('answered');
  });
});
