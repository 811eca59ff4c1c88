import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { readConfig } from '../../src/kernel/config.ts';
import { findEmbedded } from '../../src/kernel/embedded-postgres.ts';
import { toPublicId } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import { migrate } from '../../src/kernel/migrate.ts';
import { openDatabase } from '../../src/kernel/open-database.ts';
import { startProcess, type TestProcess } from '../support/processes.ts';
import { percentile, round } from './report.ts';
import { stagesSweptUp } from './server-metrics.ts';
import { sendSteadily } from './steady-load.ts';
import { customerId, fillDatabase } from './view-data.ts';
import { viewRequest } from './view-query.ts';

/**
 * The 360° view over HTTP at a fixed number of connections, beside a hand-written route that answers the same from one
 * SQL statement. Goals: half of its throughput, and a p99 of 30 ms at half of our own greatest throughput.
 */

const connections = 16;
/** Requests for as many customers, over and over: more than fit into any cache that we might be tempted to add. */
const sample = 5_000;
/** For both. Few connections carry more statements at once each, and so cost both sides less per statement. */
const poolSize = 4;
const goals = { ratio: 0.5, p99Ms: 30 };

interface Server {
  readonly process: TestProcess;
  readonly url: string;
  readonly key: string;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      customers: { type: 'string', default: '100000' },
      seconds: { type: 'string', default: '15' },
      data: { type: 'string' },
    },
  });
  const customers = Number(values.customers);
  const folder = values.data ?? (await mkdtemp(join(tmpdir(), 'rundum-bench-')));
  try {
    const result = await measure(folder, customers, Number(values.seconds));
    console.table(result.runs);
    console.log(
      `ratio ${result.ratio} (goal ≥ ${goals.ratio}), p99 at half throughput ${result.p99AtHalfMs} ms (goal ≤ ${goals.p99Ms})`,
    );
    await mkdir('bench-results', { recursive: true });
    await writeFile('bench-results/view.json', `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    // A folder that was named is kept: the next run finds its data there.
    if (!values.data) await rm(folder, { recursive: true, force: true });
  }
}

async function measure(dataDir: string, customers: number, seconds: number) {
  const log = createLog('warn');
  const database = await openDatabase(readConfig({ RUNDUM_DATA_DIR: dataDir }, {}), { role: 'server', log });
  const servers: Server[] = [];
  try {
    await migrate(database.pool);
    const [known] = await database.pool<{ count: number }[]>`select count(*)::int as count from customers`;
    if (known?.count !== customers) {
      if (known?.count) throw new Error(`${dataDir} holds ${known.count} customers, not ${customers}.`);
      console.log(`filling ${customers} customers …`);
      await fillDatabase(database.pool, customers);
    }
    const url = (await findEmbedded(dataDir)) ?? '';
    for (const kind of ['rundum', 'baseline']) servers.push(await startServer(kind, url));
    const [rundum, baseline] = servers as [Server, Server];
    await stagesSweptUp(rundum.url);
    const requests = requestsFor(customers);
    await compareAnswers(rundum, baseline, requests);
    return { customers, connections, poolSize, ...(await compareSpeed(rundum, baseline, { requests, seconds })) };
  } finally {
    for (const server of servers) await server.process.kill('SIGTERM');
    await database.close();
  }
}

async function startServer(kind: string, databaseUrl: string): Promise<Server> {
  const environment = {
    DATABASE_URL: databaseUrl,
    RUNDUM_POOL_SIZE: String(poolSize),
    NODE_ENV: 'production',
    // As `npm start`.
    NODE_OPTIONS: '--max-semi-space-size=64',
  };
  const process = startProcess('test/bench/view-server.ts', [kind], environment);
  const { url, key } = JSON.parse(await process.line(/^\{"url"/)) as { url: string; key: string };
  return { process, url, key };
}

/** The same ones every time, spread over all. */
function requestsFor(customers: number): string[] {
  const step = Math.max(1, Math.floor(customers / sample));
  const length = Math.min(sample, customers);
  return Array.from({ length }, (_, index) => viewRequest(toPublicId('cus', customerId(index * step + 1))));
}

async function compareAnswers(one: Server, other: Server, requests: readonly string[]): Promise<void> {
  for (const body of requests.slice(0, 20)) {
    const [a, b] = await Promise.all([one, other].map((server) => post(server, body)));
    if (isDeepStrictEqual(a, b)) continue;
    throw new Error(`The servers answer differently:\n${JSON.stringify(a)}\n${JSON.stringify(b)}`);
  }
}

async function post({ url, key }: Server, body: string): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, { method: 'POST', body, headers: headersOf(key) });
  return response.json();
}

function headersOf(key: string): Record<string, string> {
  return { 'content-type': 'application/json', authorization: `Bearer ${key}` };
}

interface Load {
  readonly requests: readonly string[];
  readonly seconds: number;
}

async function compareSpeed(rundum: Server, baseline: Server, load: Load) {
  const runs: Record<string, Figures> = {};
  // Turn and turn about, so that neither has the quieter machine.
  for (const round of [0, 1, 2]) {
    const seconds = round === 0 ? Math.min(5, load.seconds) : load.seconds;
    const name = round === 0 ? ' (warm-up)' : ` ${round}`;
    runs[`baseline${name}`] = await fire(baseline, { ...load, seconds });
    runs[`rundum${name}`] = await fire(rundum, { ...load, seconds });
  }
  const best = (kind: string) => Math.max(runs[`${kind} 1`]!.perSecond, runs[`${kind} 2`]!.perSecond);
  const halves: Figures[] = [];
  for (const _round of [1, 2, 3]) halves.push(await fireSteadily(rundum, load, Math.round(best('rundum') / 2)));
  // The machine's own hiccups are longer than the response times: the median of three rounds has fewest of them.
  const half = halves.toSorted((a, b) => a.p99Ms - b.p99Ms)[1]!;
  runs['rundum at half'] = half;
  return { runs, ratio: Math.round((best('rundum') / best('baseline')) * 1000) / 1000, p99AtHalfMs: half.p99Ms };
}

interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly kilobytesEach?: number;
}

async function fireSteadily({ url, key }: Server, load: Load, rate: number): Promise<Figures> {
  const { requests: bodies, seconds } = load;
  const latencies = await sendSteadily({ url: `${url}/graphql`, headers: headersOf(key), bodies, rate, seconds });
  const [p50Ms, p99Ms] = [0.5, 0.99].map((p) => round(percentile(latencies, p), 1)) as [number, number];
  return { perSecond: rate, p50Ms, p99Ms };
}

async function fire({ url, key }: Server, { requests, seconds }: Load): Promise<Figures> {
  let next = 0;
  const result = await autocannon({
    url: `${url}/graphql`,
    connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        headers: headersOf(key),
        setupRequest: (request) => ({ ...request, body: requests[next++ % requests.length] }),
      },
    ],
  });
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.errors} errors, ${result.non2xx} refusals`);
  return {
    perSecond: Math.round(result.requests.average),
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    kilobytesEach: Math.round(result.throughput.total / result.requests.total / 102.4) / 10,
  };
}
