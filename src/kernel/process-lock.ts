import { readFile, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

const holderShape = z.object({ pid: z.number(), role: z.enum(['server', 'command']) });

/** Who holds the lock, for messages and for deciding whether waiting makes sense. */
export type Holder = z.infer<typeof holderShape>;

export interface ProcessLock {
  release(): Promise<void>;
}

/**
 * Takes `path` for this process alone; undefined if another process (or this one) has it.
 *
 * Node has no flock(2), and a pid file can be stale or name a process that has got an old number. SQLite's exclusive
 * transaction is a lock of the operating system's: taken atomically and gone with its process, `kill -9` included.
 * Nothing is ever stored in that file.
 */
export async function tryLock(path: string, role: Holder['role']): Promise<ProcessLock | undefined> {
  const file = new DatabaseSync(path);
  if (!begin(file)) {
    file.close();
    return undefined;
  }
  await writeFile(holderFile(path), JSON.stringify({ pid: process.pid, role }));
  return {
    async release() {
      await rm(holderFile(path), { force: true });
      file.close();
    },
  };
}

function begin(file: DatabaseSync): boolean {
  try {
    file.exec('pragma journal_mode = off; begin exclusive');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}

const SQLITE_BUSY = 5;

/** Undefined in the instant between taking the lock and writing the name down. */
export async function lockHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderShape.parse(JSON.parse(await readFile(holderFile(path), 'utf8')));
  } catch {
    return undefined;
  }
}

function holderFile(path: string): string {
  return `${path}.holder`;
}
