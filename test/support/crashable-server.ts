import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { formatApiKey } from '../../src/access/api-key.ts';
import { newApiKey } from '../../src/access/new-api-key.ts';
import { readConfig } from '../../src/kernel/config.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { removeEmbedded } from '../../src/kernel/embedded-postgres.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import { openDatabase } from '../../src/kernel/open-database.ts';
import { freePort, readPidFile } from '../../src/kernel/postgres-cluster.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { startRundum, type TestProcess } from './processes.ts';

const ingest = 'mutation($events: [TouchpointInput!]!) { ingest(events: $events) { results { messageId status } } }';

interface IngestAnswer {
  readonly data?: { readonly ingest: { readonly results: readonly { messageId: string; status: string }[] } } | null;
}

/** The server as users run it, on an embedded PostgreSQL that syncs what it commits; made to be killed. */
export class CrashableServer {
  readonly #env: Record<string, string>;
  readonly #url: string;
  #process: TestProcess | undefined;

  static async make(): Promise<CrashableServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'rundum-crash-'));
    return new CrashableServer(dataDir, await freePort());
  }

  private constructor(dataDir: string, port: number) {
    this.#url = `http://127.0.0.1:${port}`;
    this.#env = {
      RUNDUM_DATA_DIR: dataDir,
      RUNDUM_PORT: String(port),
      RUNDUM_OWNER_KEY: formatApiKey(newApiKey(randomIds)),
      LOG_LEVEL: 'warn',
      NODE_ENV: 'production',
    };
  }

  /** Starts it, again or for the first time; resolves when it is ready for requests. */
  async start(): Promise<void> {
    const server = startRundum(['start'], this.#env);
    this.#process = server;
    const isReady = async () => {
      if (server.child.exitCode !== null) return server.output();
      const answer = await fetch(`${this.#url}/readyz`).catch(() => undefined);
      return answer?.ok;
    };
    await expect.poll(isReady, { timeout: 60_000, interval: 50 }).toBe(true);
  }

  /** `kill -9` of the server alone: its PostgreSQL finds the connections broken. */
  async kill(): Promise<void> {
    await this.#process?.kill('SIGKILL');
  }

  /** `kill -9` of PostgreSQL, then of the server: what was only in memory is gone. */
  async killWithDatabase(): Promise<void> {
    const state = await readPidFile(join(this.#env.RUNDUM_DATA_DIR!, 'postgres/cluster'));
    if (state) process.kill(state.pid, 'SIGKILL');
    await this.kill();
  }

  /** Answers message id → status. Throws when the server can't be reached or says that nothing was decided. */
  async submit(events: readonly TouchpointDraft[]): Promise<Map<string, string>> {
    const response = await fetch(`${this.#url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#env.RUNDUM_OWNER_KEY}` },
      body: JSON.stringify({ query: ingest, variables: { events } }),
    });
    const answer = (await response.json()) as IngestAnswer;
    if (!answer.data) throw new Error(JSON.stringify(answer));
    return new Map(answer.data.ingest.results.map(({ messageId, status }) => [messageId, status]));
  }

  /** Looks into the database of the running server. */
  async inDatabase<T>(look: (pool: Pool) => Promise<T>): Promise<T> {
    const { pool, close } = await openDatabase(readConfig(this.#env, {}), {
      role: 'command',
      log: createLog('silent'),
    });
    return look(pool).finally(close);
  }

  async remove(): Promise<void> {
    await this.kill();
    await removeEmbedded(this.#env.RUNDUM_DATA_DIR!, createLog('silent'));
    await rm(this.#env.RUNDUM_DATA_DIR!, { recursive: true, force: true });
  }
}
