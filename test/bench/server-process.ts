import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatApiKey } from '../../src/access/api-key.ts';
import { newApiKey } from '../../src/access/new-api-key.ts';
import { readConfig } from '../../src/kernel/config.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { removeEmbedded } from '../../src/kernel/embedded-postgres.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import { openDatabase } from '../../src/kernel/open-database.ts';
import { freePort } from '../../src/kernel/postgres-cluster.ts';
import { startProcess, type TestProcess } from '../support/processes.ts';

export interface ServerProcess {
  readonly url: string;
  /** The owner's API key. */
  readonly key: string;
  /** Connections past the server, straight to its database. */
  readonly pool: Pool;
  readonly process: TestProcess;
  stop(): Promise<void>;
}

/** The server as users run it: a process of its own, with an embedded PostgreSQL in a new folder. */
export async function startServerProcess(extra: Record<string, string> = {}): Promise<ServerProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rundum-bench-'));
  const port = await freePort();
  const key = formatApiKey(newApiKey(randomIds));
  const env = {
    RUNDUM_DATA_DIR: dataDir,
    RUNDUM_PORT: String(port),
    RUNDUM_OWNER_KEY: key,
    LOG_LEVEL: 'warn',
    NODE_OPTIONS: '--max-semi-space-size=64',
    NODE_ENV: 'production',
    ...extra,
  };
  const server = startProcess('dist/cli/main.js', ['start'], env);
  const log = createLog('silent');
  const url = `http://127.0.0.1:${port}`;
  await ready(url, server);
  const database = await openDatabase(readConfig(env, {}), { role: 'command', log });
  return {
    url,
    key,
    pool: database.pool,
    process: server,
    async stop() {
      await database.close();
      await server.kill('SIGTERM');
      await removeEmbedded(dataDir, log);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function ready(url: string, server: TestProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (server.child.exitCode !== null) throw new Error(`The server ended before it was ready:\n${server.output()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await wait(100);
  }
  throw new Error(`The server was not ready within a minute:\n${server.output()}`);
}
