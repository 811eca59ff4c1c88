import { afterAll, beforeAll, expect, test } from 'vitest';
import { mapLines } from '../../src/cli/privacy-erase.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import { tablesWithPeople } from '../../src/privacy/personal-data.ts';
import { personalTables } from '../../src/server/personal-data.ts';
import { readTable } from '../docs/markdown.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
const tables = personalTables({ idSecret: 'secret', defaultRegion: 'CH' }, () => defaultRules);

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function findTables(): Promise<string[]> {
  const rows = await database.pool<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition
      and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
    order by 1`;
  return rows.map(({ name }) => name);
}

test('every table of the database has one rule, and every rule a table', async () => {
  expect(tables.map(({ table }) => table).sort()).toEqual(await findTables());
});

test('a table that nobody thought of is noticed', async () => {
  await database.pool`create table forgotten (id uuid primary key)`;
  expect(await findTables()).not.toEqual(tables.map(({ table }) => table).sort());
  await database.pool`drop table forgotten`;
});

test('whatever holds something of people says what an erasure does to it', () => {
  for (const { table, holds, why, effect, afterwards, erase } of tables) {
    expect(why, table).toMatch(/^[A-Z].*\.$/);
    expect(effect !== undefined, table).toBe(holds !== 'NOTHING');
    expect(afterwards !== undefined, table).toBe(holds !== 'NOTHING');
    const others = ['suppressions', 'audit_entries'];
    expect(erase !== undefined, table).toBe(holds !== 'NOTHING' && !others.includes(table));
  }
  expect(tablesWithPeople(tables)).toContain('touchpoints');
  expect(tablesWithPeople(tables)).not.toContain('settings');
});

test('tables that have a column for a record or a customer hold something of people', async () => {
  const rows = await database.pool<{ name: string }[]>`
    select distinct table_name as name from information_schema.columns
    where table_schema = 'public' and column_name in ('record_id', 'customer_id', 'record_a', 'customer_ids', 'record_ids')
      and table_name in (select relname from pg_class where relkind in ('r', 'p') and not relispartition)`;
  const known = tablesWithPeople(tables);
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
});

test('the documentation says what the map says; `rundum privacy map` prints it', () => {
  const written = readTable('docs/erasure.md', 'table |');
  const printed = mapLines(tables)
    .slice(2)
    .map((line) => line.slice(2, -2).split(' | '));
  expect(written).toEqual(printed);
});
