import { setTimeout as wait } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

/** What a server says of itself at `/metrics`. */
export interface ServerMetrics {
  readonly residentMb: number;
  /** In use. */
  readonly heapMb: number;
  /** Held by Node outside JavaScript's heap: buffers above all. */
  readonly externalMb: number;
  readonly handles: number;
  readonly queue: number;
  readonly websockets: number;
  readonly subscriptions: number;
}

export async function readMetrics(url: string): Promise<ServerMetrics> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    if (!line) throw new Error(`The server has no metric ${name}.`);
    return Number(line.split(' ')[1]);
  };
  const megabytes = (name: string) => read(name) / 2 ** 20;
  return {
    residentMb: megabytes('process_resident_memory_bytes'),
    heapMb: megabytes('nodejs_heap_size_used_bytes'),
    externalMb: megabytes('nodejs_external_memory_bytes'),
    handles: read('nodejs_active_resources_total'),
    queue: read('rundum_ingest_queue_touchpoints'),
    websockets: read('rundum_websocket_connections'),
    subscriptions: read('rundum_subscriptions'),
  };
}

/**
 * What is written past the server has no stages of the life cycle yet, and is scored for the first time. Both are done in the
 * background, in production at night: not while we measure.
 */
export async function sweptUp({ url, pool }: Pick<ServerProcess, 'url' | 'pool'>): Promise<void> {
  await becomesTrue('everybody has a stage and a score', async () => {
    const [jobs] = await pool<{ due: number }[]>`
      select count(*)::int as due from kpi_jobs where due_at <= now() or finished_at is null`;
    return jobs!.due === 0 && (await hasStages(url));
  });
}

/** The same where nobody has bought anything: then nobody is scored. */
export async function stagesSweptUp(url: string): Promise<void> {
  await becomesTrue('everybody has a stage', () => hasStages(url));
}

async function hasStages(url: string): Promise<boolean> {
  return /^rundum_lifecycle_sweep 0$/m.test(await (await fetch(`${url}/metrics`)).text());
}

async function becomesTrue(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  console.log(`Waiting until ${what}…`);
  for (let second = 0; second < 900; second += 1) {
    if (await isTrue()) return;
    await wait(1_000);
  }
  throw new Error(`It is not true after a quarter of an hour that ${what}.`);
}
