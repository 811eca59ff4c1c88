import { foldTotals } from '../identity/customers.queries.ts';
import { foldTraits } from '../identity/golden-traits.service.ts';
import type { IdentityRules } from '../identity/rules.ts';
import { TraitIntroduction } from '../identity/trait-introduction.service.ts';
import type { Pool, Tx } from '../kernel/database.ts';
import { randomIds } from '../kernel/ids.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import { loadIdSecret } from '../kernel/settings.queries.ts';
import { turnTimeline } from '../kpis/settings/kpi-book.queries.ts';
import { foldRevenue } from '../touchpoints/ingest.queries.ts';
import { ensurePartitions, type Month, monthOf } from '../touchpoints/partitions.queries.ts';
import {
  analyseTables,
  type Chunk,
  insertBulkClaims,
  insertBulkFacts,
  insertBulkRecords,
  insertBulkRevenue,
  insertBulkTouchpoints,
  insertBulkTraits,
  listBulkCustomers,
  stageIdentifiers,
  stagePatterns,
  stageTouchpoints,
} from './bulk.queries.ts';
import { type AcceptedPattern, acceptPatterns } from './bulk-pattern.ts';
import { day, historyPeriod } from './retailer/calendar.ts';

export interface BulkOptions {
  /** Numbers of the people to write, `first` included, `end` not. */
  readonly first: number;
  readonly end: number;
  readonly now: Date;
  readonly rules: IdentityRules;
  readonly defaultRegion: string;
  /** People in one transaction. */
  readonly chunkSize?: number;
  /** Runs in the transaction of each chunk: what is remembered here is remembered exactly when the chunk is. */
  readonly onChunk?: (tx: Tx, written: Written) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface Written {
  /** Every person below this number is there. */
  readonly end: number;
  /** Touchpoints in this chunk. */
  readonly touchpoints: number;
}

/**
 * Writes people with about ten touchpoints each straight into the tables, as ingesting the same drafts would have, only
 * set-based and without the change feed. For benchmarks: millions of rows in minutes. Later ingestion finds these
 * people and goes on with them, because every id is derived in SQL the way `deriveUuid` does it.
 */
export async function writeBulk(pool: Pool, options: BulkOptions): Promise<void> {
  const { first, end, now, chunkSize = 5000, onChunk, signal } = options;
  const patterns = acceptPatterns(options);
  const frame = { secret: await loadIdSecret(pool), now, ...startsOf(now, patterns) };
  await ensurePartitions(pool, monthsOf(now));
  await new TraitIntroduction().introduce(
    pool,
    patterns.map(({ touchpoint }) => touchpoint.traits),
    now,
  );
  for (let from = first; from < end && !signal?.aborted; from += chunkSize) {
    const chunk = { ...frame, first: from, last: Math.min(from + chunkSize, end) - 1 };
    await pool.begin(async (tx) => {
      const touchpoints = await writeChunk(tx, chunk, patterns);
      // KPIs of all these customers are folded by the sweep of whichever server looks first.
      if (chunk.last + 1 === end) await turnTimeline(tx);
      await onChunk?.(tx, { end: chunk.last + 1, touchpoints });
    });
  }
  await analyseTables(pool);
}

async function writeChunk(tx: Tx, chunk: Chunk, patterns: readonly AcceptedPattern[]): Promise<number> {
  await stagePatterns(tx, patterns);
  await stageIdentifiers(tx, patterns);
  await stageTouchpoints(tx, chunk);
  await insertBulkRecords(tx, chunk.now);
  await insertBulkClaims(tx, chunk);
  await insertBulkTraits(tx);
  await insertBulkRevenue(tx);
  const touchpoints = await insertBulkTouchpoints(tx, chunk.now);
  await insertBulkFacts(tx, randomIds.uuid());
  const customers = await listBulkCustomers(tx);
  // The first chunks come to tables of which the planner knows nothing: it would join them whole for each customer.
  await lookUpByIndex(tx);
  await foldTotals(tx, customers, chunk.now);
  await foldRevenue(tx, customers);
  await foldTraits(tx, customers);
  return touchpoints;
}

/** Lives start early enough to be over by `now`. */
export function startsOf(
  now: Date,
  patterns: readonly { after: number }[],
): Pick<Chunk, 'startsFrom' | 'startsWithinSeconds'> {
  const { from, to } = historyPeriod(now);
  const longestLife = Math.max(...patterns.map(({ after }) => after));
  return { startsFrom: new Date(from), startsWithinSeconds: Math.floor((to - longestLife - from) / 1000) };
}

function monthsOf(now: Date): Month[] {
  const { from, to } = historyPeriod(now);
  const months = new Set<Month>();
  for (let at = from; at < to; at += day) months.add(monthOf(new Date(at)));
  return [...months.add(monthOf(now))];
}
