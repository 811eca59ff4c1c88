import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { ensureOwnerKey } from '../../src/access/owner-key.service.ts';
import { removeOwnerKeyFile } from '../../src/access/owner-key-file.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { type Config, readConfig } from '../../src/kernel/config.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { createLog, type Logger } from '../../src/kernel/log.ts';
import { listen } from '../../src/server/server.ts';
import type { StreamTimings } from '../../src/server/stream-timings.ts';
import { type Wiring, wire } from '../../src/server/wiring.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

export interface GraphqlAnswer {
  readonly status: number;
  readonly data: unknown;
  readonly errors: readonly {
    message: string;
    path?: unknown;
    extensions: { code: string } & Record<string, unknown>;
  }[];
}

export interface TestServer {
  /** `http://127.0.0.1:…`; the API is at `/graphql`. */
  readonly url: string;
  readonly database: TestDatabase;
  readonly wiring: Wiring;
  /** May do everything. */
  readonly ownerKey: string;
  /** Asks as the owner unless told otherwise; `key: null` sends none. */
  graphql(
    query: string,
    variables?: Record<string, unknown>,
    options?: { key?: string | null },
  ): Promise<GraphqlAnswer>;
  /** A websocket client; closed with the server. It does not retry, so that a test sees what happens. */
  websocket(options?: { key?: string | null } & Partial<ClientOptions>): Client;
  close(): Promise<void>;
}

export interface TestServerOptions {
  readonly config?: Partial<Config>;
  readonly log?: Logger;
  /** How patient it is with who stays connected. */
  readonly timings?: Partial<StreamTimings>;
  /** One that is open already, and stays so: for a server that starts again. */
  readonly database?: TestDatabase;
}

/** The real server on real sockets and a database of its own. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { config, log = createLog('silent') } = options;
  const database = options.database ?? (await openTestDatabase());
  const wiring = await wire(
    { pool: database.pool, clock: systemClock, ids: randomIds, log },
    { ...readConfig({}, {}), ...config },
  );
  const file = join(tmpdir(), `rundum-owner-key-${randomBytes(6).toString('hex')}`);
  const { text: ownerKey = '' } = await ensureOwnerKey(wiring.platform, { file });
  await removeOwnerKeyFile(file);
  await wiring.start();
  const listening = await listen(wiring, { host: '127.0.0.1', port: 0, ...config }, options.timings);
  const clients: Client[] = [];
  let closed: Promise<void> | undefined;

  async function shut(): Promise<void> {
    for (const client of clients) await client.dispose();
    await listening.close();
    await wiring.stop();
    if (!options.database) await database.close();
  }

  return {
    url: listening.url,
    database,
    wiring,
    ownerKey,
    graphql: (query, variables, { key = ownerKey } = {}) => post(listening.url, { query, variables }, key),
    websocket({ key = ownerKey, ...options } = {}) {
      const client = createClient({
        url: `${listening.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: key === null ? {} : { authorization: `Bearer ${key}` },
        retryAttempts: 0,
        ...options,
      });
      clients.push(client);
      return client;
    },
    close: () => (closed ??= shut()),
  };
}

async function post(url: string, body: object, key: string | null): Promise<GraphqlAnswer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
  });
  const { data, errors = [] } = (await response.json()) as Partial<GraphqlAnswer>;
  return { status: response.status, data, errors };
}
