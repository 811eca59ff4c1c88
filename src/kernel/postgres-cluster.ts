import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, open, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Account, Binaries } from './postgres-binaries.ts';
import { StartupError } from './startup-error.ts';

export const SUPERUSER = 'rundum';

/** One PostgreSQL data directory and how to run it. */
export interface Cluster {
  readonly folder: string;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
}

export interface StartOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  /** Nobody will miss the data: stop without a checkpoint, and remove this folder if our process is killed. */
  readonly throwAway?: string;
}

export interface RunningPostgres {
  readonly port: number;
  readonly pid: number;
  /** Resolves when PostgreSQL has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

/**
 * Makes an empty cluster: UTF-8, checksums on every page, passwords by SCRAM, and PostgreSQL's own C.UTF-8 collation,
 * which (unlike the C library's and ICU's) never changes under an index when the operating system is updated.
 */
export async function initialiseCluster(cluster: Cluster, passwordFile: string, sync = true): Promise<void> {
  const options = [
    `--pgdata=${cluster.folder}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--data-checksums',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(sync ? [] : ['--no-sync']),
  ];
  try {
    await promisify(execFile)(cluster.binaries.initdb, options, spawnOptions(cluster));
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const reason = stderr?.split('\n').find((line) => /error:|FATAL/.test(line)) ?? message.split('\n')[0];
    throw new StartupError(`The embedded PostgreSQL could not be set up in ${cluster.folder}: ${reason}`, {
      cause: error,
    });
  }
  await appendFile(join(cluster.folder, 'postgresql.conf'), "\ninclude = 'rundum.conf'\n");
}

/** Starts PostgreSQL and waits until it takes connections, on loopback only. */
export async function startPostgres(cluster: Cluster, options: StartOptions): Promise<RunningPostgres> {
  await writeSettings(cluster, options.settings);
  for (let attempt = 1; ; attempt++) {
    const port = attempt === 1 && options.port !== 0 ? options.port : await freePort();
    const started = await tryStart(cluster, port, options.throwAway);
    if (typeof started !== 'string') return started;
    // Between finding a free port and binding it somebody else may have taken it; after a crash the backends of the
    // old postmaster may need a moment to notice that it is gone.
    const passing = /could not (bind|create any TCP)|Address already in use|still in use/.test(started);
    if (!passing || attempt === 50) {
      throw new StartupError(
        `The embedded PostgreSQL in ${cluster.folder} does not start: ${started} (log: ${cluster.logFile})`,
      );
    }
    if (started.includes('still in use')) await delay(200);
  }
}

/** A running PostgreSQL, or the reason why it ended at once. */
async function tryStart(cluster: Cluster, port: number, throwAway?: string): Promise<RunningPostgres | string> {
  const log = await open(cluster.logFile, 'a', 0o600);
  const logStart = (await log.stat()).size;
  const child = spawn(cluster.binaries.postgres, ['-D', cluster.folder, ...listening(port)], {
    ...spawnOptions(cluster),
    // Its own process group: Ctrl-C in the terminal must reach the server alone, which stops the database last.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = once(child, 'exit').then(
    () => {},
    () => {},
  );
  const failed = once(child, 'error').then(([error]) => String(error));
  await log.close();
  if (!child.pid) return failed;
  const stopWatching = watchOver(child.pid, cluster, throwAway);
  void ended.then(stopWatching);
  if (!(await becomesReady(cluster.folder, child))) {
    await ended;
    return lastFatal(cluster.logFile, logStart);
  }
  return { port, pid: child.pid, ended, stop: () => stopAndWait(child, ended, throwAway ? 'SIGQUIT' : 'SIGINT') };
}

function listening(port: number): string[] {
  // No Unix socket: its path may be at most 107 bytes long, and nothing needs it.
  return ['-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
}

function spawnOptions(cluster: Cluster) {
  return { cwd: '/', env: environment, uid: cluster.account?.uid, gid: cluster.account?.gid };
}

/** SIGINT: PostgreSQL's "fast" shutdown, which ends connections, writes a checkpoint and ends. SIGQUIT: at once. */
async function stopAndWait(child: ChildProcess, ended: Promise<void>, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await ended;
}

/**
 * Stops PostgreSQL when our process dies, even by `kill -9`: a shell waits on a pipe whose other end only we hold.
 * A line through the pipe dismisses it; the end of the pipe means that we are gone.
 */
function watchOver(pid: number, cluster: Cluster, throwAway: string | undefined): () => void {
  const script = throwAway
    ? 'read -r _ && exit; kill -QUIT "$1"; while kill -0 "$1" 2>/dev/null; do sleep 0.1; done; rm -rf "$2"'
    : 'read -r _ && exit; kill -INT "$1"';
  const shell = spawn('/bin/sh', ['-c', script, 'rundum-watch', String(pid), throwAway ?? ''], {
    ...spawnOptions(cluster),
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  return () => shell.stdin.end('dismissed\n');
}

async function writeSettings(cluster: Cluster, settings: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  const header = '# Written by Rundum at every start. "alter system set …" wins over it.';
  await writeFile(join(cluster.folder, 'rundum.conf'), [header, ...lines, ''].join('\n'));
}

/** False if it ended instead. */
async function becomesReady(folder: string, child: ChildProcess): Promise<boolean> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    const state = await readPidFile(folder);
    if (state?.pid === child.pid && state?.ready) return true;
    await delay(20);
  }
}

export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** `postmaster.pid`, in which PostgreSQL tells its pid (line 1), its port (line 4) and whether it is ready (line 8). */
export async function readPidFile(folder: string): Promise<PidFile | undefined> {
  const lines = (await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' } : undefined;
}

async function lastFatal(logFile: string, from: number): Promise<string> {
  const text = (await readFile(logFile)).subarray(from).toString('utf8');
  const lines = text.split('\n').filter((line) => /(FATAL|PANIC):|error while loading/.test(line));
  const fatal = lines.at(-1) ?? text.trim().split('\n').at(-1) ?? '';
  return fatal.replace(/^.*?(FATAL|PANIC):\s*/, '') || 'it ended without a word';
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
