import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Logger } from './log.ts';
import { readPidFile } from './postgres-cluster.ts';
import { StartupError } from './startup-error.ts';

const PATIENCE_MS = 60_000;
const STEP_MS = 50;

/**
 * Deals with what a killed server left behind, so that PostgreSQL can be started again. The caller holds the lock of the
 * data directory, so a PostgreSQL that still runs on it has no owner: it is shut down properly, not adopted, because its
 * settings and its watcher are those of the dead process.
 */
export async function endOrphan(clusterFolder: string, log: Logger): Promise<void> {
  const state = await readPidFile(clusterFolder);
  // PostgreSQL itself sees through a pid file whose process is gone.
  if (!state || !isAlive(state.pid)) return;
  if (!(await isPostgresOf(state.pid, clusterFolder))) {
    // It may have ended while it was looked at, and taken its pid file with it.
    return isAlive(state.pid) ? disown(clusterFolder) : undefined;
  }
  log.warn({ pid: state.pid }, 'Stopping the PostgreSQL that a killed Rundum left running');
  if (isAlive(state.pid)) process.kill(state.pid, 'SIGINT');
  for (let waited = 0; isAlive(state.pid); waited += STEP_MS) {
    if (waited >= PATIENCE_MS) {
      throw new StartupError(`A PostgreSQL (pid ${state.pid}) left on ${clusterFolder} does not stop: end it first.`);
    }
    await delay(STEP_MS);
  }
}

/**
 * The number in the pid file has gone to some other process, and PostgreSQL would refuse to start because of it. A pid
 * file naming its parent (us) counts as stale. Deleting the file would also do away with line 7, by which PostgreSQL
 * notices survivors of the old instance.
 */
async function disown(clusterFolder: string): Promise<void> {
  const path = join(clusterFolder, 'postmaster.pid');
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, [String(process.pid), ...rest].join('\n'));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isPostgresOf(pid: number, clusterFolder: string): Promise<boolean> {
  return (await commandLine(pid)).includes(clusterFolder);
}

/** Containers often lack `ps`; systems other than Linux lack `/proc`. */
async function commandLine(pid: number): Promise<string> {
  const fromProc = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (fromProc !== undefined) return fromProc;
  const listed = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return listed?.stdout ?? '';
}
