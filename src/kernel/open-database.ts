import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from './config.ts';
import { checkDatabase, createPool } from './connect.ts';
import type { Pool } from './database.ts';
import { findEmbedded, startEmbedded } from './embedded-postgres.ts';
import type { Logger } from './log.ts';
import { type Holder, lockHolder, type ProcessLock, tryLock } from './process-lock.ts';
import { StartupError } from './startup-error.ts';

export interface OpenDatabase {
  readonly pool: Pool;
  /** Resolves if a database that this process runs ends; never for one that runs elsewhere. */
  readonly ended: Promise<void>;
  /** Ends the pool, then the database if this process runs it. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** A server wants the data directory for itself; a command also works beside a running server. */
  readonly role: Holder['role'];
  readonly log: Logger;
}

const STEP_MS = 100;

/** How long to wait for a short command that has the data directory, or for a server that is starting. */
const PATIENCE_MS = 30_000;

const never = new Promise<void>(() => {});

/** The database that the configuration names: `DATABASE_URL`, or else the embedded one, started if need be. */
export async function openDatabase(config: Config, options: OpenOptions): Promise<OpenDatabase> {
  if (config.databaseUrl) return connect(config, config.databaseUrl);
  const dataDir = await makeDataDir(config.dataDir);
  const lock = await lockOrServer(dataDir, options.role);
  if (!lock) return connect(config, await runningServer(dataDir));
  return startOwn(config, dataDir, lock, options.log);
}

async function startOwn(config: Config, dataDir: string, lock: ProcessLock, log: Logger): Promise<OpenDatabase> {
  try {
    const postgres = await startEmbedded(dataDir, log);
    const { pool } = await connect({ ...config, pgbouncer: false }, postgres.url);
    return {
      pool,
      ended: postgres.ended,
      async close() {
        await pool.end({ timeout: 5 });
        await postgres.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function connect(config: Config, url: string): Promise<OpenDatabase> {
  const pool = createPool(url, {
    max: config.poolSize,
    pgbouncer: config.pgbouncer,
    applicationName: `rundum ${process.pid}`,
  });
  await checkDatabase(pool).catch(async (error: unknown) => {
    await pool.end({ timeout: 1 });
    throw error;
  });
  return { pool, ended: never, close: () => pool.end({ timeout: 5 }) };
}

/** The lock; or undefined where a server has it and this is a command, which can use the server's database. */
async function lockOrServer(dataDir: string, role: Holder['role']): Promise<ProcessLock | undefined> {
  const path = lockFile(dataDir);
  for (let waited = 0; ; waited += STEP_MS) {
    const lock = await tryLock(path, role);
    if (lock) return lock;
    const holder = await lockHolder(path);
    if (holder?.role === 'server' && role === 'command') return undefined;
    if (holder?.role === 'server' || waited >= PATIENCE_MS) throw inUse(dataDir, holder);
    await delay(STEP_MS);
  }
}

/** `<data dir>/lock`: who has it may start PostgreSQL there, or delete its files. */
export function lockFile(dataDir: string): string {
  return join(dataDir, 'lock');
}

function inUse(dataDir: string, holder: Holder | undefined): StartupError {
  const who = holder?.role === 'command' ? 'Rundum command' : 'Rundum server';
  return new StartupError(`Another ${who} (pid ${holder?.pid ?? 'unknown'}) is using ${dataDir}.`);
}

async function runningServer(dataDir: string): Promise<string> {
  for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
    const url = await findEmbedded(dataDir);
    if (url) return url;
    await delay(STEP_MS);
  }
  throw new StartupError(
    `A Rundum server has ${dataDir}, but its database is not up: look at ${dataDir}/postgres/log.`,
  );
}

async function makeDataDir(dataDir: string): Promise<string> {
  const path = resolve(dataDir);
  try {
    await mkdir(path, { recursive: true });
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartupError(`The data directory ${path} can't be made (${code}): set RUNDUM_DATA_DIR to another.`);
  }
}
