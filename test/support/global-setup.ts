import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { checkDatabase, createPool } from '../../src/kernel/connect.ts';
import { migrate } from '../../src/kernel/migrate.ts';
import { locateBinaries, postgresAccount } from '../../src/kernel/postgres-binaries.ts';
import {
  initialiseCluster,
  type RunningPostgres,
  SUPERUSER,
  startPostgres,
} from '../../src/kernel/postgres-cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's address of the test server, ending in `/postgres`. */
    testServerUrl: string;
    /** The migrated database that every test file clones. */
    templateDatabase: string;
  }
}

/** Nothing that a test writes has to survive, so nothing is synced. Tests of crashes start their own server. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  jit: 'off',
  timezone: 'UTC',
  log_min_messages: 'fatal',
};

/** One PostgreSQL for the whole run, and in it one migrated template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.RUNDUM_TEST_DATABASE_URL;
  const server = given ? undefined : await startServer();
  const url = given ?? server!.url;
  const template = `rundum_template_${randomBytes(6).toString('hex')}`;
  await makeTemplate(url, template);
  project.provide('testServerUrl', url);
  project.provide('templateDatabase', template);
  return async () => {
    if (server) await server.remove();
    else await dropTemplate(url, template);
  };
}

async function startServer(): Promise<{ url: string; remove(): Promise<void> }> {
  const account = await postgresAccount();
  const binaries = await locateBinaries(account);
  const folder = await mkdtemp(join(tmpdir(), 'rundum-test-'));
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) for (const path of [folder, passwordFile]) await chown(path, account.uid, account.gid);
  const cluster = { folder: join(folder, 'cluster'), logFile: join(folder, 'log'), binaries, account };
  const remove = () => rm(folder, { recursive: true, force: true });
  const postgres = await start().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${postgres.port}/postgres`;
  return { url, remove: () => postgres.stop().then(remove) };

  async function start(): Promise<RunningPostgres> {
    await initialiseCluster(cluster, passwordFile, false);
    return startPostgres(cluster, { port: 0, settings, throwAway: folder });
  }
}

async function makeTemplate(serverUrl: string, template: string): Promise<void> {
  const server = createPool(serverUrl, { max: 1 });
  await checkDatabase(server);
  await server`create database ${server(template)}`;
  const pool = createPool(databaseUrl(serverUrl, template), { max: 1 });
  await migrate(pool);
  await pool.end();
  await server.end();
}

async function dropTemplate(serverUrl: string, template: string): Promise<void> {
  const server = createPool(serverUrl, { max: 1 });
  await server`drop database if exists ${server(template)} with (force)`;
  await server.end();
}

export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
