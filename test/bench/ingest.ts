import { Agent, request } from 'node:http';
import { writeBulk } from '../../src/demo/bulk.ts';
import { Retailer } from '../../src/demo/retailer/retailer.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { loadIdSecret } from '../../src/kernel/settings.queries.ts';
import { insertTouchpoints } from '../../src/touchpoints/ingest.queries.ts';
import type { AcceptedTouchpoint, TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { validateTouchpoint } from '../../src/touchpoints/validate.ts';
import { type CpuTime, cpuTime } from './cpu-time.ts';
import { type Figures, median, percentile, report, round } from './report.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const callSize = 500;
const connections = 4;
/** Node.js compiles what is hot while it runs: the first seconds of a process measure that. */
const warmUp = 30_000;
const measured = 200_000;
const lateMeasured = 50_000;
/** Each phase is cut into this many slices; the median slice stands for it. */
const slices = 8;
const storedGoal = 2_000_000;

const mutation = `mutation Ingest($events: [TouchpointInput!]!) {
  ingest(events: $events) { stored duplicates conflicts rejected quarantined results { messageId status code } }
}`;

const shortMeasured = 60_000;

/**
 * The full pipeline over HTTP, beside the same rows inserted into the same partitioned and indexed table and nothing
 * else. Then again with two million touchpoints stored. `--short` only prints the figures of 60,000 touchpoints: for a
 * look at processor time while working on it.
 */
export async function run(args: readonly string[]): Promise<void> {
  return args.includes('--short') ? runShort() : runWhole();
}

async function runShort(): Promise<void> {
  const drafts = demoDrafts(new Date(), warmUp + shortMeasured);
  const start = await startServerProcess();
  try {
    await feed(start, drafts.slice(0, warmUp), 'warm-up');
    await feed(start, drafts.slice(warmUp), 'short');
  } finally {
    await start.stop();
  }
}

async function runWhole(): Promise<void> {
  const now = new Date();
  const drafts = demoDrafts(now, warmUp + measured + 2 * lateMeasured);
  const start = await startServerProcess();
  try {
    await feed(start, drafts.slice(0, warmUp), 'warm-up');
    const early = await feed(start, drafts.slice(warmUp, warmUp + measured), 'empty at the start');
    const raw = await rawRate(start.pool, drafts.slice(warmUp, warmUp + measured), now);
    await fillUp(start.pool, now);
    // Right after a checkpoint every page is written in full at its first change: not what goes on for hours.
    await feed(start, drafts.slice(warmUp + measured, -lateMeasured), 'full pages after the checkpoint');
    const late = await feed(start, drafts.slice(-lateMeasured), 'with 2,000,000 stored');
    await report('ingest', [early.figures, late.figures, raw.figures], {
      'ratio to raw (goal ≥ 0.2)': round(early.rate / raw.rate, 3),
      'ratio late to early (goal ≥ 0.8)': round(late.rate / early.rate, 3),
      'goal: touchpoints/s': 8000,
      ...(await identityFacts(start.pool)),
    });
  } finally {
    await start.stop();
  }
}

/** The demo retailer's history in the order of its arrival: new people all along, known ones coming back. */
function demoDrafts(now: Date, count: number): TouchpointDraft[] {
  const retailer = new Retailer({ seed: 'bench', customers: Math.ceil(count / 35), now });
  const drafts: TouchpointDraft[] = [];
  for (const { draft } of retailer.history()) {
    drafts.push(draft);
    if (drafts.length === count) break;
  }
  return drafts;
}

interface Phase {
  readonly rate: number;
  readonly figures: Figures;
}

/** Sends the drafts by a few connections that each wait for their answer. Bodies are made before the clock runs. */
async function feed(server: ServerProcess, drafts: readonly TouchpointDraft[], name: string): Promise<Phase> {
  const calls = chunk(drafts, callSize).map((events) => ({
    size: events.length,
    body: Buffer.from(JSON.stringify({ query: mutation, variables: { events } })),
  }));
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  const finished: { at: number; size: number }[] = [];
  const pid = server.process.child.pid!;
  const cpuBefore = await cpuTime(pid);
  const started = performance.now();
  const queue = calls.values();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (const call of queue) {
        const sent = performance.now();
        await post(server, agent, call.body);
        latencies.push(performance.now() - sent);
        finished.push({ at: performance.now(), size: call.size });
      }
    }),
  );
  agent.destroy();
  const cpuAfter = await cpuTime(pid);
  const rate = median(sliceRates(started, finished));
  const figures = {
    phase: name,
    touchpoints: drafts.length,
    'touchpoints/s (median slice)': round(rate),
    'touchpoints/s (overall)': round(drafts.length / ((performance.now() - started) / 1000)),
    'call p50 ms': round(percentile(latencies, 0.5)),
    'call p99 ms': round(percentile(latencies, 0.99)),
    ...(cpuBefore && cpuAfter ? cpuFigures(cpuBefore, cpuAfter, drafts.length) : {}),
  };
  console.log(figures);
  return { rate, figures };
}

function cpuFigures(before: CpuTime, after: CpuTime, touchpoints: number): Figures {
  return {
    'API CPU ms/touchpoint': round((after.own - before.own) / touchpoints, 3),
    'PostgreSQL CPU ms/touchpoint': round((after.below - before.below) / touchpoints, 3),
  };
}

function sliceRates(started: number, finished: readonly { at: number; size: number }[]): number[] {
  const perSlice = Math.ceil(finished.length / slices);
  let from = started;
  return chunk(finished, perSlice).map((slice) => {
    const to = slice.at(-1)!.at;
    const rate = slice.reduce((sum, { size }) => sum + size, 0) / ((to - from) / 1000);
    from = to;
    return rate;
  });
}

function post(server: ServerProcess, agent: Agent, body: Buffer): Promise<void> {
  const headers = {
    authorization: `Bearer ${server.key}`,
    'content-type': 'application/json',
    'content-length': body.length,
  };
  return new Promise((resolve, reject) => {
    const call = request(`${server.url}/graphql`, { method: 'POST', agent, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        // Errors and everything not stored would make the figure a lie.
        if (answer.statusCode === 200 && /"conflicts":0,"rejected":0,"quarantined":0/.test(text)) resolve();
        else reject(new Error(`The server answered ${answer.statusCode}: ${text.slice(0, 500)}`));
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** The physical limit: the same rows, the same table with its partitions and indexes, one statement a call. */
async function rawRate(pool: Pool, drafts: readonly TouchpointDraft[], now: Date): Promise<Phase> {
  const settings = { idSecret: await loadIdSecret(pool), rules: defaultRules, defaultRegion: 'CH' };
  const accepted = new Map<string, AcceptedTouchpoint>();
  for (const draft of drafts) {
    const verdict = validateTouchpoint(draft, now, settings);
    if (verdict.ok) accepted.set(verdict.touchpoint.id, verdict.touchpoint);
  }
  const calls = chunk([...accepted.values()], callSize);
  await pool`create schema raw`;
  const rates: number[] = [];
  try {
    await pool.unsafe(await copyOfTouchpoints(pool));
    const perSlice = Math.ceil(calls.length / slices);
    for (const slice of chunk(calls, perSlice)) {
      const from = performance.now();
      for (const call of slice) {
        await pool.begin(async (tx) => {
          await tx`set local search_path = raw, public`;
          await insertTouchpoints(tx, call);
        });
      }
      rates.push(slice.flat().length / ((performance.now() - from) / 1000));
    }
  } finally {
    await pool`drop schema raw cascade`;
  }
  const rate = median(rates);
  return {
    rate,
    figures: {
      phase: 'raw insert of the same rows',
      touchpoints: accepted.size,
      'touchpoints/s (median slice)': round(rate),
    },
  };
}

/** `raw.touchpoints`, with the same columns, indexes and partitions. */
async function copyOfTouchpoints(pool: Pool): Promise<string> {
  const partitions = await pool<{ name: string; bound: string }[]>`
    select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'public.touchpoints'::regclass`;
  const table =
    'create table raw.touchpoints (like public.touchpoints including all) partition by range (occurred_at);';
  return (
    table +
    partitions.map(({ name, bound }) => `create table raw.${name} partition of raw.touchpoints ${bound};`).join('')
  );
}

async function fillUp(pool: Pool, now: Date): Promise<void> {
  const [row] = await pool<{ stored: number }[]>`select count(*)::int as stored from touchpoints`;
  let stored = row!.stored;
  console.log(`Filling up from ${stored} to ${storedGoal} touchpoints…`);
  for (let first = 1_000_000; stored < storedGoal; first += 20_000) {
    const options = { first, end: first + 20_000, now, rules: defaultRules, defaultRegion: 'CH' };
    await writeBulk(pool, {
      ...options,
      async onChunk(_tx, written) {
        stored += written.touchpoints;
      },
    });
  }
  await pool`checkpoint`;
}

async function identityFacts(pool: Pool): Promise<Figures> {
  const [row] = await pool<Figures[]>`
    select (select count(*)::int from records) as records, (select count(*)::int from customers) as customers,
           (select count(*)::int from touchpoints) as touchpoints`;
  return row!;
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
