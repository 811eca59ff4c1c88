import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { operatorContext } from '../../src/access/operator.ts';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import { ChangeFeed } from '../../src/kernel/change-feed.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { readConfig } from '../../src/kernel/config.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { removeEmbedded } from '../../src/kernel/embedded-postgres.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { migrate } from '../../src/kernel/migrate.ts';
import { openDatabase } from '../../src/kernel/open-database.ts';
import { EntityExports } from '../../src/kpis/exports/entity-export.service.ts';
import type { ExportFormat } from '../../src/kpis/exports/export-format.ts';
import { writeTable } from '../../src/kpis/exports/write-table.ts';
import { type Figures, median, round } from './report.ts';

const repeats = 3;
/** Both sides read the same view, in the same order, and write CSV with a line of names. */
const columns =
  'touchpoint_id, record_id, customer_id, occurred_at, kind, order_id, opens_order, source, channel, campaign, store, currency, amount, cost, items';

/**
 * How many orders a second leave as CSV, beside PostgreSQL's own `COPY … TO STDOUT` of the same rows in turns with it: one
 * process reads, writes and throws away the bytes. Public ids and formulas made harmless are in ours, not in COPY's.
 */
export async function runExport({ rows = 1_000_000, pool }: { rows?: number; pool?: Pool } = {}): Promise<Figures> {
  const database = pool ? undefined : await openOwnDatabase();
  const source = pool ?? database!.pool;
  try {
    if (!pool) await writePurchases(source, rows);
    const [counted] = await source<{ count: number }[]>`select count(*)::int as count from purchases`;
    const count = counted!.count;
    const ctx = await openContext(source);
    const exports = new EntityExports({ timeZone: 'UTC' });
    const formats = ['csv', 'ndjson', 'arrow'] as const;
    const times: Record<ExportFormat | 'copy', number[]> = { csv: [], ndjson: [], json: [], arrow: [], copy: [] };
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      times.copy.push(await timed(() => copyOut(source)));
      for (const format of formats) times[format].push(await timed(() => download(ctx, exports, format)));
    }
    const rate = (what: keyof typeof times) => count / median(times[what]);
    return {
      'export: rows': count,
      'CSV rows/s (goal ≥ 100,000)': round(rate('csv')),
      'COPY rows/s': round(rate('copy')),
      'CSV ÷ COPY (or ≥ 0.5)': round(rate('csv') / rate('copy'), 2),
      'NDJSON rows/s': round(rate('ndjson')),
      'Arrow rows/s': round(rate('arrow')),
      'export: memory of the process MB': round(process.memoryUsage().rss / 2 ** 20),
    };
  } finally {
    await database?.close();
  }
}

async function download(ctx: Context, exports: EntityExports, format: ExportFormat): Promise<number> {
  let bytes = 0;
  const written = writeTable(exports.open(ctx, { list: 'purchases' }), format, {
    formulas: 'SAFE',
    decimals: 'NUMBER',
  });
  for await (const chunk of written) bytes += Buffer.from(chunk).length;
  return bytes;
}

async function copyOut(pool: Pool): Promise<number> {
  const copy = await pool
    .unsafe(
      `copy (select ${columns} from bi.orders_and_returns order by occurred_at, touchpoint_id) to stdout (format csv, header)`,
    )
    .readable();
  let bytes = 0;
  for await (const chunk of copy) bytes += (chunk as Buffer).length;
  return bytes;
}

async function timed(work: () => Promise<number>): Promise<number> {
  const from = performance.now();
  if ((await work()) === 0) throw new Error('Nothing came out.');
  return (performance.now() - from) / 1000;
}

async function writePurchases(pool: Pool, rows: number): Promise<void> {
  const people = Math.ceil(rows / 5);
  await pool`
    insert into records (id, source, key, customer_id, owned, first_at, last_at, touchpoints, identified, created_at)
    select id, 'shop', 'k-' || n, id, true, now(), now(), 5, true, now()
    from (select n, md5('person ' || n)::uuid as id from generate_series(1, ${people}::int) as n) as made`;
  await pool`
    insert into purchases (record_id, occurred_at, id, kind, order_id, opens_order, source, channel, campaign, store, currency,
                           value_minor, cost_minor, items)
    select md5('person ' || (n % ${people} + 1))::uuid, timestamptz '2025-01-01' + n * interval '31 seconds', md5('order ' || n)::uuid,
           case when n % 20 = 0 then 'RETURN' else 'ORDER' end, 'order-' || n, n % 20 <> 0, 'shop',
           (array['WEB', 'POS', 'APP'])[n % 3 + 1], case when n % 4 = 0 then 'spring' end, 'store ' || n % 50, 'CHF',
           100 + n % 30000, case when n % 2 = 0 then 60 + n % 15000 end, 1 + n % 3
    from generate_series(1, ${rows}::int) as n`;
  await pool`vacuum analyze`;
}

async function openContext(pool: Pool): Promise<Context> {
  const log = pino({ level: 'silent' });
  const surroundings = { pool, clock: systemClock, ids: randomIds, log };
  const personalTraits = await CataloguedTraits.open(surroundings);
  return operatorContext({ ...surroundings, feed: new ChangeFeed({ pool, log }), personalTraits });
}

/** As the server has it: the embedded PostgreSQL with its settings, in a new folder. */
async function openOwnDatabase(): Promise<{ pool: Pool; close(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rundum-bench-'));
  const log = pino({ level: 'silent' });
  const database = await openDatabase(readConfig({ RUNDUM_DATA_DIR: dataDir }, {}), { role: 'command', log });
  await migrate(database.pool);
  return {
    pool: database.pool,
    async close() {
      await database.close();
      await removeEmbedded(dataDir, log);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
