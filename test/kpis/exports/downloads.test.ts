import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parseApiKey } from '../../../src/access/api-key.ts';
import { revokeKey } from '../../../src/access/keys.service.ts';
import { streamRows } from '../../../src/kpis/exports/row-stream.queries.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type DownloadServer, noMetrics, openDownloads, still } from './fixture.ts';

let database: TestDatabase;
let server: DownloadServer;

beforeAll(async () => {
  database = await openTestDatabase();
  // Enough to fill every buffer on the way many times.
  await database.pool`
    insert into purchases (record_id, occurred_at, id, kind, order_id, opens_order, source, channel, currency, value_minor, items)
    select gen_random_uuid(), timestamptz '2026-01-01' + n * interval '1 second', gen_random_uuid(), 'ORDER', repeat('x', 200),
           true, 'shop', 'WEB', 'CHF', n, 1
    from generate_series(1, 200000) as n`;
  server = await openDownloads(database, { streams: noMetrics, patience: 400 });
});
afterAll(async () => {
  await server.close();
  await database.close();
});

/** What runs for downloads now: their statements are the only ones over `bi`. */
async function statements(): Promise<number> {
  const [row] = await database.pool<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and query like '%"bi"%' and state <> 'idle'`;
  return row!.count;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 200; left > 0; left -= 1) {
    if (await holds()) return;
    await delay(20);
  }
  throw new Error('It did not come to that.');
}

/** Asks, reads the first bytes, and then nothing. */
async function stalledReader(path: string, key: string, url = server.url): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${key}\r\n\r\n`);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  expect(bytes.toString('latin1')).toMatch(/^HTTP\/1\.1 200 /);
  return socket;
}

const whole = '/exports/purchases?format=ndjson';

test('everything arrives, in order, once', async () => {
  const lines = (await (await server.get(whole)).text()).trimEnd().split('\n');
  expect(lines.length).toBe(200_000);
  expect(lines.map((line) => Math.round((JSON.parse(line) as { amount: number }).amount * 100))).toEqual(
    Array.from({ length: 200_000 }, (_, n) => n + 1),
  );
  await until(async () => (await statements()) === 0);
});

test('a reader who goes away ends the statement', async () => {
  const socket = await stalledReader(whole, await server.key('admin'));
  expect(await statements()).toBe(1);
  socket.destroy();
  await until(async () => (await statements()) === 0);
});

test('a reader who takes nothing is cut off, and the statement ends', async () => {
  const socket = await stalledReader(whole, await server.key('admin'));
  await until(async () => (await statements()) === 0);
  const bytes: Buffer[] = [];
  socket.on('data', (chunk) => bytes.push(chunk)).resume();
  await once(socket, 'close');
  // The last chunk is missing: nobody takes it for a whole answer.
  expect(Buffer.concat(bytes).toString('latin1').endsWith('0\r\n\r\n')).toBe(false);
});

test('what a reader does not take is not made', async () => {
  let made = 0;
  const row = ['x'.repeat(10_000)];
  async function* endless() {
    for (; made < 10_000; made += 1) yield [row];
  }
  const columns = [{ name: 'text', kind: 'DIMENSION', type: 'TEXT', unit: null, description: 'Text.' }] as const;
  const streams = {
    watch: still,
    stream: async () => ({ columns, queryHash: '', asOf: new Date(0), pages: endless() }),
  };
  const patient = await openDownloads(database, { streams });
  onTestFinished(() => patient.close());
  const key = await patient.key('admin');
  await patient.downloads.saved.save(patient.ctx, { name: 'endless', query: { measures: ['ORDERS'] } });
  const socket = await stalledReader('/exports/metrics/endless', key, patient.url);
  await delay(300);
  const stopped = made;
  await delay(100);
  // 100 MB in all; what fits into the buffers of both sockets is a few.
  expect(made).toBe(stopped);
  expect(made).toBeLessThan(2_000);
  socket.resume();
  await until(async () => made === 10_000);
});

test('a revoked key ends its downloads', async () => {
  const key = await server.key('admin');
  const socket = await stalledReader(whole, key);
  await revokeKey(server.ctx, parseApiKey(key)!.id);
  const closed = once(socket.resume(), 'close');
  await server.wiring.authenticator.refresh();
  await closed;
  await until(async () => (await statements()) === 0);
});

test('when the connection to the database is lost, the reader is told by the end of his', async () => {
  const answer = await server.get(whole);
  const reader = answer.body!.getReader();
  await reader.read();
  await database.pool`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and query like '%"bi"%' and state <> 'idle'`;
  const rest = async () => {
    while (!(await reader.read()).done);
  };
  await expect(rest()).rejects.toThrow();
  // Nobody else meets anything of it.
  const others = await Promise.all(
    Array.from({ length: 40 }, (_, n) => database.pool`select ${n}::int as n, pg_sleep(0.01)`),
  );
  expect(others.map(([row]) => row?.n)).toEqual(others.map((_, n) => n));
  expect((await server.get('/exports/signals')).status).toBe(200);
});

test('a server that stops does not wait for its downloads', async () => {
  const other = await openDownloads(database, { streams: noMetrics });
  const socket = await stalledReader(whole, await other.key('admin'), other.url);
  const closed = once(socket, 'close');
  await other.close();
  socket.resume();
  await closed;
  await until(async () => (await statements()) === 0);
});

test('an error before the first byte is answered as one', async () => {
  await database.pool`alter view bi.signals rename to elsewhere`;
  onTestFinished(async () => void (await database.pool`alter view bi.elsewhere rename to signals`));
  const answer = await server.get('/exports/signals');
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
});

test('only so many at once: the next one waits its turn', async () => {
  const key = await server.key('admin');
  const held = await Promise.all([1, 2, 3].map(() => server.downloads.slots.take(new AbortController().signal)));
  const waiting = server.get('/exports/signals', { key });
  expect(await Promise.race([waiting, delay(100).then(() => 'waits')])).toBe('waits');
  held[0]!();
  expect((await waiting).status).toBe(200);
  for (const release of held) release();
});

test('a statement that is still sorting ends when its reader leaves', async () => {
  const abort = new AbortController();
  const rows = streamRows(database.pool, {
    query: (tx) => tx`select pg_sleep(60), 'bi' as "bi"`,
    size: 10,
    seconds: 100,
    signal: abort.signal,
  });
  const first = rows.next();
  await until(async () => (await statements()) === 1);
  abort.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  await until(async () => (await statements()) === 0);
  // Its connection works.
  expect(await Promise.all(Array.from({ length: 10 }, () => database.pool`select 1 as one`))).toHaveLength(10);
});

test('PostgreSQL works one page ahead, not further', async () => {
  const rows = streamRows<readonly [string]>(database.pool, {
    // Read only, so the function that counts has to say that it does no harm.
    query: (tx) =>
      tx`select n::text from generate_series(1, 100) as n, lateral (select pg_advisory_xact_lock(1, n)) as taken`.values() as never,
    size: 10,
    seconds: 100,
  });
  await rows.next();
  await delay(100);
  const [row] = await database.pool<{ count: number }[]>`
    select count(*)::int as count from pg_locks where locktype = 'advisory' and classid = 1`;
  expect(row!.count).toBe(20);
  await rows.return();
  await until(async () => {
    const [left] = await database.pool<
      { count: number }[]
    >`select count(*)::int as count from pg_locks where locktype = 'advisory'`;
    return left!.count === 0;
  });
});
