import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createPool } from './connect.ts';
import type { Logger } from './log.ts';
import { type Account, canEnter, locateBinaries, postgresAccount, SHARED_FOLDER } from './postgres-binaries.ts';
import { type Cluster, initialiseCluster, readPidFile, SUPERUSER, startPostgres } from './postgres-cluster.ts';
import { endOrphan } from './postgres-orphan.ts';
import { postgresSettings, usableMemory } from './postgres-settings.ts';
import { StartupError } from './startup-error.ts';

const DATABASE = 'rundum';
const LOG_LIMIT = 10 * 1024 * 1024;

export interface EmbeddedPostgres {
  readonly url: string;
  /** Resolves when PostgreSQL has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of a data directory; the caller holds the directory's lock.
 *
 * Layout of `<data dir>/postgres`: `cluster/` (PostgreSQL's own data directory), `password` (0600), `port` (kept over
 * restarts), `log`. If our process is killed, PostgreSQL stops within moments (see postgres-cluster.ts); should it have
 * survived all the same, the next start stops it first.
 */
export async function startEmbedded(dataDir: string, log: Logger): Promise<EmbeddedPostgres> {
  const { folder, account } = await prepareFolder(dataDir, log);
  const cluster: Cluster = {
    folder: join(folder, 'cluster'),
    logFile: join(folder, 'log'),
    binaries: await locateBinaries(account),
    account,
  };
  const password = await keepPassword(folder, account);
  await ensureCluster(cluster, folder, log);
  await endOrphan(cluster.folder, log);
  await prepareLog(cluster);
  const postgres = await startPostgres(cluster, {
    port: await rememberedPort(folder),
    settings: postgresSettings(usableMemory()),
  });
  await writeOwned(join(folder, 'port'), `${postgres.port}\n`, account);
  await ensureDatabase(password, postgres.port);
  return { url: urlOf(password, postgres.port, DATABASE), ended: postgres.ended, stop: postgres.stop };
}

/** Where the PostgreSQL that another process runs for this data directory listens, once it is ready. */
export async function findEmbedded(dataDir: string): Promise<string | undefined> {
  const folder = join(dataDir, 'postgres');
  const state = await readPidFile(join(folder, 'cluster'));
  if (!state?.ready) return undefined;
  return urlOf(await readPassword(folder), state.port, DATABASE);
}

/** Deletes the database of a data directory; the caller holds the directory's lock. */
export async function removeEmbedded(dataDir: string, log: Logger): Promise<void> {
  const folder = await realpath(join(dataDir, 'postgres')).catch(() => undefined);
  if (folder) {
    await endOrphan(join(folder, 'cluster'), log);
    await rm(folder, { recursive: true, force: true });
  }
  await rm(join(dataDir, 'postgres'), { force: true });
}

interface Place {
  readonly folder: string;
  readonly account: Account | undefined;
}

/** `<data dir>/postgres`, or where that link leads, and whom it belongs to. */
async function prepareFolder(dataDir: string, log: Logger): Promise<Place> {
  const folder = join(resolve(dataDir), 'postgres');
  const account = (await ownerOf(folder)) ?? (await postgresAccount());
  if (!(await lstat(folder).catch(() => undefined))) {
    await mkdir(folder, { mode: 0o700 });
    if (account) await chown(folder, account.uid, account.gid);
    if (account) await makeReachable(folder, account, log);
  }
  return { folder: await realpath(folder), account };
}

/** Root finding a database that an ordinary user (or an earlier root's account) made goes on as that user. */
async function ownerOf(folder: string): Promise<Account | undefined> {
  const owner = await stat(folder).catch(() => undefined);
  if (!owner) return undefined;
  const self = process.getuid?.() ?? 0;
  if (self !== 0 && owner.uid !== self) {
    throw new StartupError(
      `The database in ${folder} belongs to another user (uid ${owner.uid}): run Rundum as that user or as root, or choose another RUNDUM_DATA_DIR.`,
    );
  }
  return self === 0 && owner.uid !== 0 ? { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid } : undefined;
}

/** Root's data directory may be closed to the account that runs PostgreSQL, or lie below a closed one such as `/root`. */
async function makeReachable(folder: string, account: Account, log: Logger): Promise<void> {
  if (await canEnter(folder, account)) return;
  const dataDir = dirname(folder);
  const mode = (await stat(dataDir)).mode & 0o777;
  // To pass through is harmless: everything in it has rights of its own.
  await chmod(dataDir, mode | 0o011);
  if (await canEnter(folder, account)) return;
  await chmod(dataDir, mode);
  await moveElsewhere(folder, account, log);
}

async function moveElsewhere(folder: string, account: Account, log: Logger): Promise<void> {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const elsewhere = join(SHARED_FOLDER, `data-${name}`);
  await mkdir(SHARED_FOLDER, { recursive: true, mode: 0o755 });
  await mkdir(elsewhere, { recursive: true, mode: 0o700 });
  await chown(elsewhere, account.uid, account.gid);
  await rm(folder, { recursive: true });
  await symlink(elsewhere, folder);
  log.info(`PostgreSQL runs as "${account.name}", which can't reach ${folder}: its files are in ${elsewhere}`);
}

async function keepPassword(folder: string, account: Account | undefined): Promise<string> {
  const path = join(folder, 'password');
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept) return kept.trim();
  if (await exists(join(folder, 'cluster'))) {
    throw new StartupError(`${path}, the password of the embedded database, is missing: restore it from a backup.`);
  }
  const password = randomBytes(24).toString('base64url');
  await writeOwned(path, `${password}\n`, account);
  return password;
}

async function writeOwned(path: string, text: string, account: Account | undefined): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  if (account) await chown(path, account.uid, account.gid);
}

async function readPassword(folder: string): Promise<string> {
  try {
    return (await readFile(join(folder, 'password'), 'utf8')).trim();
  } catch (error) {
    throw new StartupError(
      `${join(folder, 'password')} can't be read (${(error as NodeJS.ErrnoException).code}): run this as the user that runs the server.`,
    );
  }
}

/** Made aside and moved into place, so that an interrupted first start leaves nothing half made. */
async function ensureCluster(cluster: Cluster, folder: string, log: Logger): Promise<void> {
  await removeUnfinished(folder);
  if (await exists(cluster.folder)) return;
  log.info('Setting up the embedded PostgreSQL');
  // A name of its own: the initdb of a start that was killed just now may still be writing.
  const unfinished = { ...cluster, folder: join(folder, `unfinished-${randomBytes(4).toString('hex')}`) };
  await initialiseCluster(unfinished, join(folder, 'password'));
  await rename(unfinished.folder, cluster.folder);
}

async function removeUnfinished(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('unfinished-'));
  const options = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 };
  await Promise.all(names.map((name) => rm(join(folder, name), options)));
}

async function ensureDatabase(password: string, port: number): Promise<void> {
  const pool = createPool(urlOf(password, port, 'postgres'), { max: 1 });
  const [found] = await pool`select 1 from pg_database where datname = ${DATABASE}`;
  if (!found) await pool`create database ${pool(DATABASE)}`;
  await pool.end();
}

async function rememberedPort(folder: string): Promise<number> {
  return Number(await readFile(join(folder, 'port'), 'utf8').catch(() => '0')) || 0;
}

async function prepareLog({ logFile, account }: Cluster): Promise<void> {
  const size = (await stat(logFile).catch(() => undefined))?.size;
  if (size !== undefined && size < LOG_LIMIT) return;
  if (size !== undefined) await rename(logFile, `${logFile}.old`);
  await writeOwned(logFile, '', account);
}

function urlOf(password: string, port: number, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
