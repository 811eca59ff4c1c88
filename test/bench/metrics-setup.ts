import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { operatorContext } from '../../src/access/operator.ts';
import { writeBulk } from '../../src/demo/bulk.ts';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import { ChangeFeed } from '../../src/kernel/change-feed.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { readConfig } from '../../src/kernel/config.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { removeEmbedded } from '../../src/kernel/embedded-postgres.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { migrate } from '../../src/kernel/migrate.ts';
import { openDatabase } from '../../src/kernel/open-database.ts';
import { CustomerKpiFolder } from '../../src/kpis/customers/customer-kpi-folder.service.ts';
import { listCustomerIds } from '../../src/kpis/customers/customer-kpis.queries.ts';
import { HistoryReader } from '../../src/kpis/customers/history-reader.service.ts';
import { CellCompactor } from '../../src/kpis/facts/cell-compactor.service.ts';
import { KpiBook } from '../../src/kpis/settings/kpi-book.service.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';

export const timeZone = 'Europe/Zurich';

export interface MetricsBench {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly log: pino.Logger;
  readonly now: Date;
  readonly customers: number;
  readonly touchpoints: number;
  readonly writtenPerSecond: number;
  /** Customers whose KPIs and stages were folded from their history, in a second. */
  readonly foldedPerSecond: number;
  readonly book: KpiBook;
  readonly reader: HistoryReader;
  close(): Promise<void>;
}

/**
 * The embedded PostgreSQL as the server has it, in a new folder, with so many people of about ten touchpoints each, and what
 * KPIs keep of them.
 */
export async function openMetricsBench(customers: number, kept?: string): Promise<MetricsBench> {
  const dataDir = kept ?? (await mkdtemp(join(tmpdir(), 'rundum-bench-')));
  const log = pino({ level: 'silent' });
  const database = await openDatabase(readConfig({ RUNDUM_DATA_DIR: dataDir }, {}), { role: 'command', log });
  const { pool } = database;
  await migrate(pool);
  const surroundings = { pool, clock: systemClock, ids: randomIds, log };
  const personalTraits = await CataloguedTraits.open(surroundings);
  const ctx = operatorContext({ ...surroundings, feed: new ChangeFeed({ pool, log }), personalTraits });
  const now = new Date();
  const before = await countTouchpoints(pool);
  const from = performance.now();
  if (before === 0) console.log(`Writing ${customers} customers…`);
  const touchpoints = before === 0 ? await fill(pool, { customers, now, log }) : before;
  const writtenPerSecond = before === 0 ? (touchpoints / (performance.now() - from)) * 1000 : Number.NaN;
  const book = new KpiBook({ timeZone });
  const reader = new HistoryReader({ rules: new CurrentRules(), programs: new ProgramBook() });
  const isFolded = before > 0;
  const foldedPerSecond = isFolded
    ? Number.NaN
    : await foldEverybody(pool, { folder: new CustomerKpiFolder({ book, reader }), now });
  // What takes months otherwise: autovacuum is long done with it by then.
  await pool`vacuum (analyze)`;
  await pool`checkpoint`;
  return {
    ...{ pool, ctx, log, now, customers, touchpoints, writtenPerSecond, foldedPerSecond, book, reader },
    async close() {
      await database.close();
      if (kept !== undefined) return;
      await removeEmbedded(dataDir, log);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function countTouchpoints(pool: Pool): Promise<number> {
  const [row] = await pool<{ count: number }[]>`select count(*)::int as count from receipts`;
  return row!.count;
}

async function fill(
  pool: Pool,
  { customers, now, log }: { customers: number; now: Date; log: pino.Logger },
): Promise<number> {
  let touchpoints = 0;
  await writeBulk(pool, {
    ...{ first: 1, end: customers + 1, now, rules: defaultRules, defaultRegion: 'CH', chunkSize: 20_000 },
    async onChunk(_tx, written) {
      touchpoints += written.touchpoints;
      if (written.end % 100_000 < 20_000) console.log(`  ${written.end - 1} customers`);
    },
  });
  const compactor = new CellCompactor({ pool, log });
  while ((await compactor.step()) > 0);
  return touchpoints;
}

const atOnce = 1_000;

/** As the sweep does it for customers who came from elsewhere; two at once, as one of them waits for the database. */
async function foldEverybody(pool: Pool, { folder, now }: { folder: CustomerKpiFolder; now: Date }): Promise<number> {
  const from = performance.now();
  let folded = 0;
  let next: Promise<string[]> = listCustomerIds(pool, null, atOnce);
  const take = () => {
    const page = next;
    next = page.then((ids) => (ids.length > 0 ? listCustomerIds(pool, ids.at(-1)!, atOnce) : []));
    return page;
  };
  const work = async () => {
    for (let customerIds = await take(); customerIds.length > 0; customerIds = await take()) {
      await pool.begin((tx) => folder.refold(tx, { at: now, customerIds }));
      folded += customerIds.length;
      if (folded % 100_000 === 0) console.log(`  ${folded} folded`);
    }
  };
  await Promise.all([work(), work()]);
  return (folded / (performance.now() - from)) * 1000;
}
