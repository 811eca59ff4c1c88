import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../kernel/config.ts';
import { removeEmbedded } from '../kernel/embedded-postgres.ts';
import type { Logger } from '../kernel/log.ts';
import { lockFile } from '../kernel/open-database.ts';
import { lockHolder, tryLock } from '../kernel/process-lock.ts';
import { StartupError } from '../kernel/startup-error.ts';

/** Lies in a data directory that the demo made: only such a one may be emptied by the demo. */
const markFile = (dataDir: string) => join(dataDir, 'made-by-demo');

/** Marks the data directory as the demo's own, if there is no database in it yet. Before the server makes one. */
export async function claimDataDir(config: Config): Promise<void> {
  const dataDir = resolve(config.dataDir);
  if (config.databaseUrl || (await exists(join(dataDir, 'postgres')))) return;
  await mkdir(dataDir, { recursive: true }).catch(() => {
    // The server is about to say in one sentence why it can't be made.
  });
  await writeFile(markFile(dataDir), 'rundum demo --reset may delete the database in this directory.\n').catch(
    () => {},
  );
}

/** Deletes the demo's database and owner key. Refuses everything that the demo has not made itself. */
export async function resetDemo(config: Config, log: Logger): Promise<void> {
  if (config.databaseUrl) {
    throw new StartupError(
      '--reset deletes only the embedded database of the demo; the one at DATABASE_URL is yours to empty.',
    );
  }
  const dataDir = resolve(config.dataDir);
  if (!(await exists(join(dataDir, 'postgres')))) return;
  if (!(await exists(markFile(dataDir)))) throw notOurs(dataDir);
  const lock = await tryLock(lockFile(dataDir), 'command');
  if (!lock) {
    const holder = await lockHolder(lockFile(dataDir));
    throw new StartupError(
      `Stop the Rundum server that is using ${dataDir} (pid ${holder?.pid ?? 'unknown'}) before --reset.`,
    );
  }
  try {
    await removeEmbedded(dataDir, log);
    for (const file of ['owner-key', 'made-by-demo']) await rm(join(dataDir, file), { force: true });
  } finally {
    await lock.release();
  }
}

function notOurs(dataDir: string): StartupError {
  return new StartupError(
    `${dataDir} was not made by the demo, so --reset does not touch it: choose another RUNDUM_DATA_DIR, or delete it yourself.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
