import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../src/kernel/database.ts';
import { type ImportJob, type ImportSink, importFile, progressTable } from '../../src/touchpoints/import.service.ts';
import type { ProgressStore } from '../../src/touchpoints/import-progress.ts';
import { ingestSink } from '../../src/touchpoints/import-sinks.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest } from '../support/ingest.ts';
import { invoiceHeader, invoices, temporaryFolder } from './import-support.ts';

/** 60 invoices of 20 customers, interleaved, with a bad price, a time in the future and an unreadable row among them. */
const csv = `${invoiceHeader}${Array.from({ length: 60 }, (_, at) => {
  const invoice = at % 7 === 0 ? `C${at}` : String(at);
  const sign = at % 7 === 0 ? '-' : '';
  const time = at === 41 ? '2031-01-01 10:00' : `2026-03-01 10:${String(at).padStart(2, '0')}`;
  const line = (sku: string, price: string) => `${invoice},${sku},${sign}2,${price},${time},${at % 20}\n`;
  return line('a', '1.25') + (at === 33 ? 'torn\n' : '') + line('b', at === 17 ? 'free' : '0.5');
}).join('')}`;

interface Node extends TestDatabase {
  readonly sink: ImportSink;
  readonly progress: ProgressStore;
  read(): ReturnType<typeof contents>;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const open: Node[] = [];
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  await Promise.all(open.map(({ close }) => close()));
  await folder.remove();
});

async function openNode(): Promise<Node> {
  const database = await openTestDatabase();
  const { ingest, ctx } = await openIngest(database.pool);
  const progress = progressTable(database.pool, ctx.clock);
  const node: Node = { ...database, sink: ingestSink(ctx, ingest), progress, read: () => contents(database.pool) };
  open.push(node);
  return node;
}

/** Everything that an import leaves behind, but for the times at which it ran. */
async function contents(pool: Pool) {
  return {
    touchpoints:
      await pool`select message_id, type, occurred_at, value_minor::text, lines from touchpoints order by message_id`,
    customers: await pool`
      select record.key, customer.touchpoints, customer.orders, customer.revenue, customer.first_seen_at
      from customers customer join records record on record.id = customer.id order by record.key`,
    changes: (
      await pool`select topic, count(*)::int from changes where topic = 'touchpoint.recorded' group by topic`
    )[0],
  };
}

function job(node: Node, file: string, more: Partial<ImportJob> = {}): ImportJob {
  return { file, mapping: invoices, sink: node.sink, progress: node.progress, batchSize: 5, ...more };
}

/** A sink that counts what it is given, and fails, as if the process had died, after so many batches. */
function mortal(sink: ImportSink, batches = Infinity) {
  const handed: string[] = [];
  let calls = 0;
  const dying: ImportSink = async (drafts) => {
    calls += 1;
    if (calls > batches) throw new Error('killed');
    handed.push(...drafts.map(({ messageId }) => messageId));
    return sink(drafts);
  };
  return { sink: dying, handed };
}

describe('an import', () => {
  it('reports what it did not take, with line, reason and code', async () => {
    const [node, file, report] = [await openNode(), await folder.file(csv), folder.path('report.ndjson')];
    const { counts, finished } = await importFile(job(node, file, { report }));
    expect(finished).toBe(true);
    expect(counts).toMatchObject({ rows: 121, rowsRefused: 5, touchpoints: { STORED: 58, REJECTED: 1 } });
    const lines = (await readFile(report, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toEqual([
      {
        file,
        line: 37,
        rows: 2,
        code: 'NUMBER_INVALID',
        reason: 'lines.price: expected a decimal number, got "free".',
      },
      { file, line: 69, rows: 1, code: 'WRONG_COLUMN_COUNT', reason: 'Expected 6 columns, got 1.' },
      {
        file,
        line: 85,
        rows: 2,
        code: 'OCCURRED_AT_IN_FUTURE',
        reason: expect.stringContaining('2031-01-01'),
        messageId: 'invoice-41',
      },
    ]);
  });

  it('writes the report as CSV where its name says so', async () => {
    const [node, file, report] = [await openNode(), await folder.file(csv), folder.path('report.csv')];
    await importFile(job(node, file, { report }));
    const [header, first] = (await readFile(report, 'utf8')).split('\n');
    expect(header).toBe('file,line,rows,code,reason,messageId');
    expect(first).toBe(`${file},37,2,NUMBER_INVALID,"lines.price: expected a decimal number, got ""free"".",`);
  });

  it('run twice changes nothing', async () => {
    const [node, file] = [await openNode(), await folder.file(csv)];
    const first = await importFile(job(node, file));
    const before = await node.read();
    const second = await importFile(job(node, file, { batchSize: 13 }));
    expect(second.counts).toEqual({ ...first.counts, touchpoints: { DUPLICATE: 58, REJECTED: 1 } });
    expect(await node.read()).toEqual(before);
  });

  it('calls a changed invoice under its old number a conflict, and keeps the old one', async () => {
    const node = await openNode();
    await importFile(job(node, await folder.file(csv)));
    const before = await node.read();
    const report = folder.path('conflict.ndjson');
    const { counts } = await importFile(
      job(node, await folder.file(csv.replace('1,a,2,1.25', '1,a,2,9.75')), { report }),
    );
    expect(counts.touchpoints).toEqual({ DUPLICATE: 57, CONFLICT: 1, REJECTED: 1 });
    expect(await readFile(report, 'utf8')).toContain('"line":4,"rows":2,"code":"MESSAGE_ID_CONFLICT"');
    expect(await node.read()).toEqual(before);
  });
});

describe('an interrupted import', () => {
  it.each([0, 1, 4, 9])(
    'that died after %i batches goes on there and ends as if nothing had happened',
    async (batches) => {
      const [whole, node, file] = [await openNode(), await openNode(), await folder.file(csv)];
      const [wholeReport, report] = [folder.path(`whole-${batches}.ndjson`), folder.path(`parts-${batches}.ndjson`)];
      const uninterrupted = await importFile(job(whole, file, { report: wholeReport }));

      const [before, after] = [mortal(node.sink, batches), mortal(node.sink)];
      await expect(importFile(job(node, file, { report, sink: before.sink }))).rejects.toThrow('killed');
      const resumed = await importFile(job(node, file, { report, sink: after.sink, batchSize: 7 }));

      expect(before.handed.length).toBe(batches * 5);
      expect([...before.handed, ...after.handed].sort()).toEqual(
        [...new Set([...before.handed, ...after.handed])].sort(),
      );
      expect(resumed.counts).toEqual(uninterrupted.counts);
      expect(await node.read()).toEqual(await whole.read());
      expect(await readFile(report, 'utf8')).toBe(await readFile(wholeReport, 'utf8'));
    },
  );

  it('that died between the commit and its note hands that batch over again, which is a duplicate', async () => {
    const [whole, node, file] = [await openNode(), await openNode(), await folder.file(csv)];
    const [wholeReport, report] = [folder.path('whole.ndjson'), folder.path('parts.ndjson')];
    await importFile(job(whole, file, { report: wholeReport }));

    let saves = 0;
    const forgetful: ProgressStore = {
      load: node.progress.load,
      async save(progress) {
        saves += 1;
        if (saves > 8) throw new Error('killed');
        await node.progress.save(progress);
      },
    };
    await expect(importFile(job(node, file, { report, progress: forgetful }))).rejects.toThrow('killed');
    const { counts } = await importFile(job(node, file, { report }));

    expect(counts.touchpoints).toEqual({ STORED: 54, DUPLICATE: 4, REJECTED: 1 });
    expect(await node.read()).toEqual(await whole.read());
    expect(await readFile(report, 'utf8')).toBe(await readFile(wholeReport, 'utf8'));
  });

  it('stops between two batches when it is asked to', async () => {
    const [node, file] = [await openNode(), await folder.file(csv)];
    const controller = new AbortController();
    const asking: ImportSink = async (drafts) => {
      controller.abort();
      return node.sink(drafts);
    };
    const stopped = await importFile(job(node, file, { sink: asking, signal: controller.signal }));
    expect(stopped).toMatchObject({ finished: false, counts: { touchpoints: { STORED: 5 } } });
    const resumed = await importFile(job(node, file));
    expect(resumed).toMatchObject({
      finished: true,
      rowsBefore: stopped.counts.rows,
      counts: { rows: 121, touchpoints: { STORED: 58 } },
    });
  });

  it('starts anew with another mapping or another content', async () => {
    const [node, file] = [await openNode(), await folder.file(csv)];
    await expect(importFile(job(node, file, { sink: mortal(node.sink, 3).sink }))).rejects.toThrow('killed');
    const other = { ...invoices, campaign: 'spring' };
    expect((await importFile(job(node, file, { mapping: other }))).rowsBefore).toBe(0);
    expect((await importFile(job(node, await folder.file(`${csv}\n`)))).rowsBefore).toBe(0);
    expect((await importFile(job(node, file))).rowsBefore).toBeGreaterThan(0);
  });
});
