import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../src/kernel/config.ts';
import { createPool } from '../../src/kernel/connect.ts';
import { findEmbedded, removeEmbedded } from '../../src/kernel/embedded-postgres.ts';
import { type OpenDatabase, openDatabase } from '../../src/kernel/open-database.ts';
import { readPidFile } from '../../src/kernel/postgres-cluster.ts';
import { isAlive } from '../../src/kernel/postgres-orphan.ts';
import { startProcess, type TestProcess } from '../support/processes.ts';

const log = pino({ level: 'silent' });

let dataDir: string;
let opened: OpenDatabase[];
let processes: TestProcess[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rundum-embedded-'));
  opened = [];
  processes = [];
});

afterEach(async () => {
  for (const process of processes) await process.kill('SIGKILL');
  for (const database of opened.reverse()) await database.close();
  await removeEmbedded(dataDir, log);
  await rm(dataDir, { recursive: true, force: true });
});

async function open(role: 'server' | 'command'): Promise<OpenDatabase> {
  const database = await openDatabase(readConfig({ RUNDUM_DATA_DIR: dataDir }, {}), { role, log });
  opened.push(database);
  return database;
}

/** A process of its own that has the database. */
async function hold(role: 'server' | 'command'): Promise<TestProcess> {
  const process = startProcess('test/support/hold-database.ts', [dataDir, role]);
  processes.push(process);
  await process.line(/"port"/);
  return process;
}

function clusterFolder(): string {
  return join(dataDir, 'postgres/cluster');
}

async function postmasterPid(): Promise<number> {
  return (await readPidFile(clusterFolder()))?.pid ?? 0;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 30_000, interval: 20 }).toBe(true);
}

test('a second start finds the data and keeps port and password', async () => {
  const first = await open('server');
  await first.pool`create table kept as select 42 as answer`;
  const port = first.pool.options.port;
  await first.close();
  opened = [];
  const second = await open('server');
  expect([...(await second.pool`select answer from kept`)]).toEqual([{ answer: 42 }]);
  expect(second.pool.options.port).toEqual(port);
});

test('the cluster has checksums, UTF-8 and durable commits, listens on loopback only and wants a password', async () => {
  const { pool } = await open('server');
  const [settings] = await pool`
    select current_setting('data_checksums') as checksums, current_setting('server_encoding') as encoding,
           current_setting('synchronous_commit') as commit, current_setting('fsync') as fsync,
           current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets`;
  expect(settings).toEqual({
    checksums: 'on',
    encoding: 'UTF8',
    commit: 'on',
    fsync: 'on',
    addresses: '127.0.0.1',
    sockets: '',
  });
  expect((await stat(join(dataDir, 'postgres/password'))).mode & 0o777).toBe(0o600);
  const stranger = createPool(`postgres://rundum:guess@127.0.0.1:${pool.options.port[0]}/rundum`, { max: 1 });
  await expect(stranger`select 1`).rejects.toMatchObject({ code: '28P01' });
  await stranger.end();
});

test('PostgreSQL stops by itself when its server is killed, and the next start has the data', async () => {
  const server = await hold('server');
  const pid = await postmasterPid();
  const other = createPool((await findEmbedded(dataDir)) ?? '', { max: 1 });
  await other`create table kept as select 42 as answer`;
  await other.end();
  await server.kill('SIGKILL');
  await until(() => !isAlive(pid));
  const { pool } = await open('server');
  expect([...(await pool`select answer from kept`)]).toEqual([{ answer: 42 }]);
});

test('a restart right after the kill, while the old PostgreSQL still runs, waits for it and succeeds', async () => {
  const server = await hold('server');
  const pid = await postmasterPid();
  process.kill(pid, 'SIGSTOP');
  await server.kill('SIGKILL');
  const restarted = open('server');
  setTimeout(() => process.kill(pid, 'SIGCONT'), 500);
  const { pool } = await restarted;
  expect([...(await pool`select 1 as one`)]).toEqual([{ one: 1 }]);
  expect(isAlive(pid)).toBe(false);
});

test('server and PostgreSQL killed together leave a stale pid file that stops nobody', async () => {
  const server = await hold('server');
  const pid = await postmasterPid();
  process.kill(pid, 'SIGKILL');
  await server.kill('SIGKILL');
  expect(await postmasterPid()).toBe(pid);
  const { pool } = await open('server');
  expect([...(await pool`select 1 as one`)]).toEqual([{ one: 1 }]);
});

test('a pid file whose number belongs to another process by now stops nobody, and spares that process', async () => {
  await (await open('server')).close();
  opened = [];
  const bystander = startProcess('test/support/bystander.ts', []);
  processes.push(bystander);
  await bystander.line(/here/);
  const lines = [bystander.child.pid, clusterFolder(), 0, 1, '', '127.0.0.1', '', 'ready'];
  await writeFile(join(clusterFolder(), 'postmaster.pid'), `${lines.join('\n')}\n`);
  const { pool } = await open('server');
  expect([...(await pool`select 1 as one`)]).toEqual([{ one: 1 }]);
  expect(bystander.child.exitCode).toBe(null);
});

test('a second server on the same directory is refused and named', async () => {
  const first = await hold('server');
  await expect(open('server')).rejects.toThrow(`Another Rundum server (pid ${first.child.pid}) is using ${dataDir}.`);
  const second = startProcess('test/support/hold-database.ts', [dataDir, 'server']);
  expect(await second.ended).toBe(1);
  expect(second.output()).toBe(`Another Rundum server (pid ${first.child.pid}) is using ${dataDir}.`);
});

test('of five servers that start at once on an empty directory exactly one runs', async () => {
  const five = Array.from({ length: 5 }, () => startProcess('test/support/hold-database.ts', [dataDir, 'server']));
  processes.push(...five);
  const starts = await Promise.allSettled(five.map((server) => server.line(/"port"/)));
  expect(starts.filter((start) => start.status === 'fulfilled')).toHaveLength(1);
});

test('a command works beside a running server, and leaves it running', async () => {
  await hold('server');
  const pid = await postmasterPid();
  const command = await open('command');
  await command.pool`select 1`;
  await command.close();
  opened = [];
  expect(isAlive(pid)).toBe(true);
});

test('a command without a server starts the database and stops it again', async () => {
  const command = await open('command');
  const pid = await postmasterPid();
  expect(isAlive(pid)).toBe(true);
  await command.close();
  opened = [];
  expect(isAlive(pid)).toBe(false);
});

test('a server waits for a short command to be done', async () => {
  const command = await hold('command');
  const server = open('server');
  setTimeout(() => void command.kill('SIGTERM'), 300);
  expect([...(await (await server).pool`select 1 as one`)]).toEqual([{ one: 1 }]);
});

test('an interrupted first start leaves nothing that hinders the second', async () => {
  const server = startProcess('test/support/hold-database.ts', [dataDir, 'server']);
  await until(async () => (await listed('postgres')).some((name) => name.startsWith('unfinished-')));
  await server.kill('SIGKILL');
  const { pool } = await open('server');
  expect([...(await pool`select 1 as one`)]).toEqual([{ one: 1 }]);
  expect((await listed('postgres')).sort()).toEqual(['cluster', 'log', 'password', 'port']);
});

test('whoever waits for the end of PostgreSQL hears of its death', async () => {
  const { ended } = await open('server');
  process.kill(await postmasterPid(), 'SIGKILL');
  await ended;
});

test("PostgreSQL's log holds no personal data", async () => {
  const { pool } = await open('server');
  await pool`create table people (email text primary key)`;
  await pool`insert into people values ('ann@example.com')`;
  await expect(pool`insert into people values ('ann@example.com')`).rejects.toMatchObject({ code: '23505' });
  await expect(pool`select ${'ann@example.com'}::int`).rejects.toThrow();
  await expect(pool.unsafe("select 'ann@example.com', syntax error here")).rejects.toThrow();
  const text = await readFile(join(dataDir, 'postgres/log'), 'utf8');
  expect(text).toContain('ready to accept connections');
  expect(text).not.toContain('ann@example.com');
});

function listed(folder: string): Promise<string[]> {
  return readdir(join(dataDir, folder)).catch(() => []);
}
