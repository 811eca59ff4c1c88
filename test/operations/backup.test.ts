import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Retailer } from '../../src/demo/retailer/retailer.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import { copyOut } from '../../src/kernel/backup/backup.queries.ts';
import { checkBackup, type Partitioned, restoreBackup, writeBackup } from '../../src/kernel/backup/backup.ts';
import { dataFile, type Manifest, manifestFile } from '../../src/kernel/backup/manifest.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { migrationState } from '../../src/kernel/migrate.ts';
import { recordFacts } from '../../src/kpis/facts/record-facts.service.ts';
import { ensurePartitions } from '../../src/touchpoints/partitions.queries.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { expectRebuildable } from '../support/rebuild.ts';
import { readWorld } from '../support/world.ts';

const partitioned: Partitioned = {
  table: 'touchpoints',
  monthOf: (partition) => /^touchpoints_(\d{4})_(\d\d)$/.exec(partition)?.slice(1).join('-'),
  ensure: ensurePartitions,
};
const now = new Date('2026-11-01T12:00:00Z');

let database: TestDatabase;
let node: IngestFixture;
let folder: string;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openIngest(database.pool, { reactions: [recordFacts(randomIds)] });
  const retailer = new Retailer({ seed: 'backup', customers: 25, now });
  const drafts = [...retailer.history()].map(({ draft }) => draft);
  for (let at = 0; at < drafts.length; at += 400) await node.ingest.submit(node.ctx, drafts.slice(at, at + 400));
  // What COPY's text has to escape.
  const odd = { note: 'tab\tbackslash\\ newline\n \\N "quotes" ünïcode 🎉', nothing: null };
  await node.ingest.submit(node.ctx, [touchpoint({ key: 'odd', properties: odd, traits: { firstName: '\\N' } })]);
});
afterAll(() => database.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rundum-backup-'));
  return () => rm(folder, { recursive: true, force: true });
});

function backUp(pool: Pool, to = folder): Promise<Manifest> {
  return writeBackup(pool, { folder: to, version: '0.1.0', now, partitioned });
}

async function withEmptyDatabase(work: (empty: TestDatabase) => Promise<void>): Promise<void> {
  const empty = await openTestDatabase({ empty: true });
  try {
    await work(empty);
  } finally {
    await empty.close();
  }
}

test('a restored backup is the same database, to the last byte', async () => {
  const written = await backUp(database.pool);
  expect(written.tables.find(({ name }) => name === 'touchpoints')!.rows).toBeGreaterThan(400);
  expect(await checkBackup(folder)).toEqual([]);
  await withEmptyDatabase(async ({ pool }) => {
    const restored = await restoreBackup(pool, { folder, partitioned });
    expect(restored).toEqual(written);
    expect(await readWorld(pool)).toEqual(await readWorld(database.pool));
    await expectRebuildable(pool, defaultRules);
    const again = await mkdtemp(join(tmpdir(), 'rundum-backup-'));
    try {
      expect((await backUp(pool, again)).tables).toEqual(written.tables);
    } finally {
      await rm(again, { recursive: true });
    }
  });
});

test('what is restored goes on where it was: repeats are repeats, and new touchpoints find their people', async () => {
  await node.ingest.submit(node.ctx, [touchpoint({ messageId: 'once', key: 'known' })]);
  await backUp(database.pool);
  await withEmptyDatabase(async ({ pool }) => {
    await restoreBackup(pool, { folder, partitioned });
    const restored = await openIngest(pool);
    const [repeat, next] = await restored.ingest.submit(restored.ctx, [
      touchpoint({ messageId: 'once', key: 'known' }),
      touchpoint({ key: 'known' }),
    ]);
    expect(repeat!.status).toBe('DUPLICATE');
    expect(next).toMatchObject({ status: 'STORED', customerId: repeat!.customerId });
  });
});

test('a backup is of one instant, whatever is written meanwhile', async () => {
  const before = await database.pool`select count(*)::int as count from receipts`;
  let first = true;
  const manifest = await writeBackup(database.pool, {
    ...{ folder, version: '0.1.0', now, partitioned },
    // Between two tables: a writer that doesn't know of the backup.
    onTable: () => {
      if (first) void node.ingest.submit(node.ctx, [touchpoint({ key: 'meanwhile' })]);
      first = false;
    },
  });
  await node.ingest.drained();
  const rowsOf = (table: string) => manifest.tables.find(({ name }) => name === table)!.rows;
  expect(rowsOf('receipts')).toBe(before[0]!.count);
  expect(rowsOf('touchpoints')).toBe(rowsOf('receipts'));
  const after = await database.pool`select count(*)::int as count from receipts`;
  expect(after[0]!.count).toBe(before[0]!.count + 1);
});

test('damage is found: by a look at the files, and by a restore, which leaves nothing behind', async () => {
  await backUp(database.pool);
  const manifest = JSON.parse(await readFile(join(folder, manifestFile), 'utf8')) as Manifest;
  const records = manifest.tables.find(({ name }) => name === 'records')!;
  records.sha256 = records.sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  await writeFile(join(folder, manifestFile), JSON.stringify(manifest));
  expect(await checkBackup(folder)).toEqual([expect.stringMatching(/^records: other values/)]);
  await withEmptyDatabase(async ({ pool }) => {
    await expect(restoreBackup(pool, { folder, partitioned })).rejects.toThrow(/records: other values/);
    const [row] = await pool`select (select count(*) from claims)::int + (select count(*) from receipts)::int as rows`;
    expect(row).toEqual({ rows: 0 });
  });
});

test('a file that was cut off or swapped is found', async () => {
  await backUp(database.pool);
  await writeFile(dataFile(folder, 'claims'), (await readFile(dataFile(folder, 'claims'))).subarray(0, 200));
  await writeFile(dataFile(folder, 'customers'), await readFile(dataFile(folder, 'receipts')));
  await appendFile(dataFile(folder, 'identifiers'), 'x');
  const problems = await checkBackup(folder);
  expect(problems.map((problem) => problem.split(':')[0])).toEqual(expect.arrayContaining(['claims', 'customers']));
});

test('rows at whose end the stream is full do not silence the connection', async () => {
  const { pool } = database;
  await pool`create table crowded as select n as id, repeat('x', 70000) as text from generate_series(1, 3) as n`;
  try {
    for (let time = 0; time < 3; time += 1) {
      const rows = await pool.begin(async (tx) => {
        const text = await copyOut(tx, { name: 'crowded', columns: ['id', 'text'], key: ['id'] });
        await new Promise((resolve) => setImmediate(resolve));
        for await (const _ of text);
        return tx`select count(*)::int as rows from crowded`;
      });
      expect(rows[0]).toEqual({ rows: 3 });
    }
  } finally {
    await pool`drop table crowded`;
  }
});

test('nobody else can read a backup', async () => {
  await backUp(database.pool, join(folder, 'own'));
  const { mode } = await stat(join(folder, 'own'));
  expect(mode & 0o077).toBe(0);
  for (const name of await readdir(join(folder, 'own'))) {
    expect((await stat(join(folder, 'own', name))).mode & 0o077).toBe(0);
  }
});

test('folders and databases that hold something are left alone', async () => {
  await writeFile(join(folder, 'mine'), '');
  await expect(backUp(database.pool)).rejects.toThrow(/is not empty; a backup needs a folder of its own/);
  await rm(join(folder, 'mine'));
  await expect(checkBackup(folder)).rejects.toThrow(/holds no finished backup/);
  await backUp(database.pool);
  await expect(restoreBackup(database.pool, { folder, partitioned })).rejects.toThrow(/The database is not empty/);
});

test('a backup of an earlier release is restored with its own schema, and then brought up to date', async () => {
  const { applied } = await migrationState(database.pool);
  await backUp(database.pool);
  const path = join(folder, manifestFile);
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  await writeFile(path, JSON.stringify({ ...manifest, migrations: applied.slice(0, 1), tables: [] }));
  await withEmptyDatabase(async ({ pool }) => {
    await restoreBackup(pool, { folder, partitioned });
    expect(await migrationState(pool)).toMatchObject({ applied, pending: [] });
  });
  await writeFile(path, JSON.stringify({ ...manifest, migrations: [...applied, '9999_later'] }));
  await withEmptyDatabase(async ({ pool }) => {
    await expect(restoreBackup(pool, { folder, partitioned })).rejects.toThrow(/no migration "9999_later"/);
  });
});
