import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tx } from '../../src/kernel/database.ts';
import { migrate } from '../../src/kernel/migrate.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

/** Grow with the organisation: who stops writing to them, or writes them anew, stops the tills for minutes. */
const bigTables = [
  ...['records', 'identifiers', 'claims', 'record_traits', 'customers', 'touchpoints', 'receipts', 'record_revenue'],
  ...['changes', 'purchases', 'signals', 'segment_states', 'segment_log', 'customer_kpis', 'customer_lifecycles'],
  ...['loyalty_postings', 'loyalty_lots', 'loyalty_accounts'],
];

/** Applied by whoever runs an earlier state of this release, so nothing can be changed in them any more. */
const firstChecked = '0012';

/**
 * A lock that keeps others from writing while the statement reads the whole table: building an index takes it. (Adding a
 * column or a trigger takes stronger ones, for a moment.)
 */
const writersWait = ['ShareLock'];

interface Harm {
  readonly table: string;
  readonly what: string;
}

/** What a migration does to big tables, seen by running it. */
async function harmOf(tx: Tx, sql: string): Promise<Harm[]> {
  const before = await filesOf(tx);
  await tx.unsafe(sql);
  const rewritten = [...(await filesOf(tx))].filter(([table, file]) => (before.get(table) ?? file) !== file);
  const locks = await tx<{ table: string; mode: string }[]>`
    select c.relname as table, l.mode from pg_locks l join pg_class c on c.oid = l.relation
    where l.pid = pg_backend_pid() and c.relname = any(${bigTables}) and l.mode = any(${writersWait})`;
  return [
    ...rewritten.map(([table]) => ({ table, what: 'is written anew' })),
    ...locks.map(({ table, mode }) => ({ table, what: mode })),
  ];
}

/** Where each is stored: another file after a rewrite. Partitions count as their table. */
async function filesOf(tx: Tx): Promise<Map<string, string>> {
  const rows = await tx<{ name: string; file: string }[]>`
    select relname as name, relfilenode::text as file from pg_class
    where relkind = 'r' and (relname = any(${bigTables}) or relname like 'touchpoints\\_%')`;
  return new Map(rows.map(({ name, file }) => [name, file]));
}

interface Migration {
  readonly name: string;
  readonly sql: string;
}

async function migrations(): Promise<Migration[]> {
  const journal = JSON.parse(await readFile('migrations/meta/_journal.json', 'utf8')) as { entries: { tag: string }[] };
  return Promise.all(
    journal.entries.map(async ({ tag }) => ({
      name: tag,
      sql: await readFile(join('migrations', `${tag}.sql`), 'utf8'),
    })),
  );
}

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ empty: true });
});
afterAll(() => database.close());

describe('migrations beside a running server', () => {
  test('none stops writing to a big table while it reads it, and none writes one anew', async () => {
    const all = await migrations();
    const checked = all.filter(({ name }) => name >= firstChecked);
    await migrate(database.pool, { names: all.filter(({ name }) => name < firstChecked).map(({ name }) => name) });
    expect(checked.length).toBeGreaterThan(0);
    const harm: Record<string, readonly Harm[]> = {};
    for (const { name, sql } of checked) {
      harm[name] = await database.pool.begin((tx) => harmOf(tx, sql));
    }
    expect(harm).toEqual(Object.fromEntries(checked.map(({ name }) => [name, []])));
  });

  test.each([
    ['create index on claims (kind)', [{ table: 'claims', what: 'ShareLock' }]],
    ['alter table receipts alter column fingerprint type text', [{ table: 'receipts', what: 'is written anew' }]],
    [
      'alter table records add column random uuid default gen_random_uuid()',
      [{ table: 'records', what: 'is written anew' }],
    ],
    ['alter table records add column harmless text', []],
  ])('the check can tell: %s', async (sql, expected) => {
    const found = await database.pool
      .begin(async (tx) => {
        throw Object.assign(new Error('undo'), { harm: await harmOf(tx, sql) });
      })
      .catch((error: { harm?: Harm[] }) => error.harm);
    expect(found).toEqual(expect.arrayContaining(expected));
    if (expected.length === 0) expect(found).toEqual([]);
  });

  test('one that has to wait for a table lets the others pass, and tries again', async () => {
    const { pool } = database;
    await pool`drop schema public cascade`;
    await pool`create schema public`;
    await migrate(pool, { names: ['0000_initial'] });
    const reader = Promise.withResolvers<void>();
    const holding = Promise.withResolvers<void>();
    const longReader = pool.begin(async (tx) => {
      await tx`select count(*) from claims`;
      holding.resolve();
      await reader.promise;
    });
    await holding.promise;
    const migrating = migrate(pool);
    // Behind a statement that waits for the table nobody else would get it either: a second at most.
    await waitsForLock();
    await pool`select count(*) from claims`;
    reader.resolve();
    await longReader;
    expect((await migrating).length).toBeGreaterThan(1);
  });
});

async function waitsForLock(): Promise<void> {
  for (;;) {
    const waiting = await database.pool`
      select from pg_locks l where not l.granted and l.relation = 'claims'::regclass and l.mode = 'AccessExclusiveLock'`;
    if (waiting.length > 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
