import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImportSummary, importFile, progressTable } from '../../src/touchpoints/import.service.ts';
import { parseMapping } from '../../src/touchpoints/import-mapping.ts';
import { ingestSink } from '../../src/touchpoints/import-sinks.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest } from '../support/ingest.ts';

const file = '../shared/data/online-retail/online_retail.csv.gz';
const present = existsSync(file);
if (!present) console.warn(`Skipped: ${file} is not here, so the import isn't checked against the Online Retail data.`);

/** The figures by another way than the import's: one pass over the text, in thousandths of a pound. */
function figuresOfFile() {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n').slice(1);
  const [customers, invoices, touchpoints] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let [gross, net] = [0, 0];
  for (const line of lines) {
    const invoice = line.slice(0, line.indexOf(','));
    touchpoints.add(invoice);
    // Only descriptions hold commas, so the cells that matter are counted from the end.
    const [quantity, , price, customer] = line.split(',').slice(-5);
    if (!customer) continue;
    customers.add(customer);
    const amount = Number(quantity) * Math.round(Number(price) * 1000);
    net += amount;
    if (Number(quantity) <= 0 || Number(price) <= 0) continue;
    invoices.add(invoice);
    gross += amount;
  }
  return {
    lines: lines.length,
    customers: customers.size,
    invoices: invoices.size,
    gross,
    net,
    touchpoints: touchpoints.size,
  };
}

describe.skipIf(!present)('Online Retail, 541,909 invoice lines', () => {
  const mapping = parseMapping(JSON.parse(readFileSync('examples/online-retail.mapping.json', 'utf8')));
  let database: TestDatabase;
  let run: () => Promise<ImportSummary>;
  let first: ImportSummary;

  beforeAll(async () => {
    database = await openTestDatabase();
    const { ingest, ctx } = await openIngest(database.pool);
    const progress = progressTable(database.pool, ctx.clock);
    run = () => importFile({ file, mapping, sink: ingestSink(ctx, ingest), progress, batchSize: 1000 });
    const startedAt = performance.now();
    first = await run();
    const seconds = (performance.now() - startedAt) / 1000;
    console.info(`imported in ${seconds.toFixed(1)} s, ${Math.round(first.counts.rows / seconds)} rows/s`);
  }, 300_000);
  afterAll(() => database.close());

  it('agrees with the file and with the published figures', async () => {
    const expected = figuresOfFile();
    expect(expected).toMatchObject({
      lines: 541_909,
      customers: 4372,
      invoices: 18_532,
      gross: 8_911_407_904,
      net: 8_300_065_814,
    });

    const { pool } = database;
    const [customers] = await pool`select count(*)::int as count from customers`;
    const [sums] = await pool`
      select sum((revenue -> 'GBP' ->> 'orders')::int)::int as orders,
             sum((revenue -> 'GBP' ->> 'gross')::numeric)::text as gross,
             sum((revenue -> 'GBP' ->> 'gross')::numeric - (revenue -> 'GBP' ->> 'returned')::numeric)::text as net
      from customers`;
    expect(customers?.count).toBe(expected.customers);
    // In pence: the few amounts with a fraction of a penny are rounded, invoice by invoice.
    expect(sums).toEqual({ orders: expected.invoices, gross: '891140790', net: '830006581' });
    expect(first.counts).toEqual({
      rows: expected.lines,
      rowsRefused: 0,
      rowsSkipped: {},
      touchpoints: { STORED: expected.touchpoints },
      warnings: {},
    });
  }, 300_000);

  it('loses no line and gives every kind of invoice its type', async () => {
    const rows = await database.pool`
      select type, record.customer_id is not null as identified, count(*)::int as invoices,
             sum(jsonb_array_length(lines))::int as lines
      from touchpoints join records record on record.id = touchpoints.record_id
      group by 1, 2 order by 1, 2`;
    expect(rows.map(({ type, identified, invoices, lines }) => [type, identified, invoices, lines])).toEqual([
      ['ledger.adjusted', false, 3, 3],
      ['order.completed', false, 1427, expect.any(Number)],
      ['order.completed', true, 18_532, expect.any(Number)],
      ['order.complimentary', true, 4, expect.any(Number)],
      ['order.returned', false, 182, 383],
      ['order.returned', true, 3654, 8905],
      ['stock.adjusted', false, 2098, expect.any(Number)],
    ]);
    expect(rows.reduce((sum, { lines }) => sum + Number(lines), 0)).toBe(541_909);
  });

  it('imported again changes nothing', async () => {
    const fingerprint = () => database.pool`
      select (select count(*)::int from touchpoints) as touchpoints, (select count(*)::int from changes) as changes,
             (select md5(string_agg(customers::text, ' ' order by id)) from customers) as customers,
             (select md5(string_agg(record_revenue::text, ' ' order by record_id, currency)) from record_revenue) as revenue`;
    const before = await fingerprint();
    const again = await run();
    expect(again.counts).toEqual({ ...first.counts, touchpoints: { DUPLICATE: first.counts.touchpoints.STORED } });
    expect(await fingerprint()).toEqual(before);
  }, 300_000);
});
