import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from '../kernel/config.ts';
import type { Database } from '../kernel/database.ts';
import { migrationState } from '../kernel/migrate.ts';
import { openDatabase } from '../kernel/open-database.ts';
import { usableMemory } from '../kernel/postgres-settings.ts';
import { describeServer } from '../kernel/server-facts.queries.ts';
import { StartupError } from '../kernel/startup-error.ts';
import { commandLog } from './platform.ts';

export interface Finding {
  readonly ok: boolean;
  readonly about: string;
  readonly text: string;
}

const GB = 1024 ** 3;

/** Less than this and PostgreSQL may soon be unable to write its log. */
const LEAST_FREE_BYTES = 1 * GB;

/** Looks at everything that can keep a server from working. Starts the embedded database if nobody runs it. */
export async function diagnose(config: Config): Promise<Finding[]> {
  return [runtime(), await disk(config), ...(await database(config))];
}

function runtime(): Finding {
  const memory = `${(usableMemory() / GB).toFixed(1)} GB of memory`;
  return {
    ok: true,
    about: 'runtime',
    text: `Node.js ${process.versions.node}, ${process.platform} ${process.arch}, ${memory}`,
  };
}

async function disk(config: Config): Promise<Finding> {
  const folder = await nearestExisting(resolve(config.dataDir));
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return { ok: free >= LEAST_FREE_BYTES, about: 'disk', text: `${(free / GB).toFixed(1)} GB free at ${folder}` };
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await statfs(folder).then(
    () => true,
    () => false,
  );
  return found || folder === dirname(folder) ? folder : nearestExisting(dirname(folder));
}

async function database(config: Config): Promise<Finding[]> {
  try {
    const opened = await openDatabase(config, { role: 'command', log: commandLog(config) });
    try {
      return [await server(opened.pool), await migrations(opened.pool)];
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    return [{ ok: false, about: 'database', text: error.message }];
  }
}

async function server(db: Database): Promise<Finding> {
  const { version, size, durable } = await describeServer(db);
  const risk = durable ? '' : '; synchronous_commit or fsync is off: acknowledged events can be lost in a crash';
  return { ok: durable, about: 'database', text: `PostgreSQL ${version}, ${size}${risk}` };
}

async function migrations(db: Database): Promise<Finding> {
  const { applied, pending, unknown } = await migrationState(db);
  const about = 'migrations';
  if (unknown.length > 0)
    return { ok: false, about, text: `a newer Rundum applied ${unknown.join(', ')}: update this one` };
  const next = pending.length > 0 ? `${pending.join(', ')} pending: the next start applies them` : 'none pending';
  return { ok: true, about, text: `${applied.length} applied, ${next}` };
}
