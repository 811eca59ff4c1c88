import { createKey } from '../../../src/access/keys.service.ts';
import { operatorContext } from '../../../src/access/operator.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { readConfig } from '../../../src/kernel/config.ts';
import type { Context } from '../../../src/kernel/context.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import { createLog } from '../../../src/kernel/log.ts';
import { loadIdSecret } from '../../../src/kernel/settings.queries.ts';
import { Downloads } from '../../../src/kpis/exports/downloads.service.ts';
import type { MetricStreams } from '../../../src/kpis/exports/metric-export.service.ts';
import type { MetricColumn, MetricRow } from '../../../src/kpis/metrics/metric-table.ts';
import { addressReader } from '../../../src/server/client-address.ts';
import { contextFactory } from '../../../src/server/context.ts';
import { ErrorFormatter } from '../../../src/server/format-error.ts';
import { createHttpServer } from '../../../src/server/http.ts';
import { Operations } from '../../../src/server/operations.ts';
import { Readiness } from '../../../src/server/readiness.ts';
import { createSchema } from '../../../src/server/schema.ts';
import { type Wiring, wire } from '../../../src/server/wiring.ts';
import type { TestDatabase } from '../../support/database.ts';

export interface DownloadServer {
  readonly url: string;
  readonly wiring: Wiring;
  readonly downloads: Downloads;
  readonly ctx: Context;
  /** Makes a key with these scopes. */
  key(...scopes: string[]): Promise<string>;
  /** With the owner's key, unless told otherwise. */
  get(path: string, options?: RequestInit & { key?: string | null }): Promise<Response>;
  close(): Promise<void>;
}

/** The server over HTTP, with metrics from wherever a test wants them. */
export async function openDownloads(
  database: TestDatabase,
  { streams, patience, timeZone = 'Europe/Zurich' }: { streams: MetricStreams; patience?: number; timeZone?: string },
): Promise<DownloadServer> {
  const log = createLog('silent');
  const config = { ...readConfig({}, {}), timeZone };
  const wired = await wire({ pool: database.pool, clock: systemClock, ids: randomIds, log }, config);
  const { platform, metrics } = wired;
  const idSecret = await loadIdSecret(database.pool);
  const downloads = new Downloads(platform, { streams, timeZone, idSecret, patience });
  const wiring = { ...wired, downloads };
  const schema = createSchema(wiring.instances);
  const createContext = contextFactory(platform);
  const app = await createHttpServer({
    wiring,
    schema,
    operations: new Operations(schema, metrics),
    errors: new ErrorFormatter({ log, ids: platform.ids, metrics }),
    createContext,
    addressOf: addressReader(undefined),
    readiness: new Readiness(platform.pool),
    loopbackOnly: true,
  });
  await wiring.start();
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const ctx = operatorContext(platform);
  const key = async (...scopes: string[]) =>
    (await createKey(ctx, { name: scopes.join(' '), scopes, expiresAt: null })).text;
  const owner = await key('admin');
  return {
    url,
    wiring,
    downloads,
    ctx,
    key,
    get(path, { key: given = owner, headers, ...options } = {}) {
      const authorization = given === null ? {} : { authorization: `Bearer ${given}` };
      return fetch(`${url}${path}`, { ...options, headers: { ...authorization, ...(headers as object) } });
    },
    async close() {
      await app.close();
      await wiring.stop();
    },
  };
}

export const noMetrics: MetricStreams = {
  stream: () => Promise.reject(new Error('No metrics here.')),
  watch: () => Promise.reject(new Error('No metrics here.')),
};

/** Metrics that a test makes up. */
export const still = async () => ({ topics: [], touchpoints: [], moving: false });

export function madeUp(columns: readonly MetricColumn[], rows: readonly MetricRow[], size = 2): MetricStreams {
  return {
    watch: still,
    stream: async () => ({
      columns,
      queryHash: 'made-up',
      asOf: new Date('2026-11-01T12:00:00Z'),
      pages: pagesOf(rows, size),
    }),
  };
}

async function* pagesOf(rows: readonly MetricRow[], size: number) {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
}
