import { writeBulk } from '../../src/demo/bulk.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { loadIdSecret } from '../../src/kernel/settings.queries.ts';
import { insertTouchpoints } from '../../src/touchpoints/ingest.queries.ts';
import type { AcceptedTouchpoint, TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { validateTouchpoint } from '../../src/touchpoints/validate.ts';
import { callSize, chunk, demoDrafts, feed, type Phase, slices } from './feed.ts';
import { type Figures, median, report, round } from './report.ts';
import { sweptUp } from './server-metrics.ts';
import { startServerProcess } from './server-process.ts';

/** Node.js compiles what is hot while it runs: the first seconds of a process measure that. */
const warmUp = 30_000;
const measured = 200_000;
const lateMeasured = 50_000;
const storedGoal = 2_000_000;

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
    await sweptUp(start);
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
  // Two million rows at once wake autovacuum. Over the months in which so many come in it is done with them long before.
  await pool`vacuum (analyze)`;
  await pool`checkpoint`;
}

async function identityFacts(pool: Pool): Promise<Figures> {
  const [row] = await pool<Figures[]>`
    select (select count(*)::int from records) as records, (select count(*)::int from customers) as customers,
           (select count(*)::int from touchpoints) as touchpoints`;
  return row!;
}
