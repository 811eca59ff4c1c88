import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import { migrate, migrationState } from '../../src/kernel/migrate.ts';
import { loadIdSecret } from '../../src/kernel/settings.queries.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** As it was before the first migration. */
async function emptied(): Promise<void> {
  await database.pool`drop schema public cascade`;
  await database.pool`create schema public`;
}

test('a migrated database has nothing pending and a secret of its own', async () => {
  const state = await migrationState(database.pool);
  expect(state.applied.length).toBeGreaterThan(0);
  expect(state).toMatchObject({ pending: [], unknown: [] });
  expect(await loadIdSecret(database.pool)).toHaveLength(72);
});

test('an empty database tells what is pending, without being changed', async () => {
  await emptied();
  const before = await migrationState(database.pool);
  expect(before.applied).toEqual([]);
  expect(before.pending[0]).toBe('0000_initial');
  const [tables] = await database.pool`select count(*)::int as count from pg_tables where schemaname = 'public'`;
  expect(tables?.count).toBe(0);
});

test('five processes that migrate at once apply every migration once', async () => {
  await emptied();
  const pools = Array.from({ length: 5 }, () => createPool(database.url, { max: 1 }));
  const applied = await Promise.all(pools.map((pool) => migrate(pool)));
  await Promise.all(pools.map((pool) => pool.end()));
  const { applied: all } = await migrationState(database.pool);
  expect(applied.flat()).toEqual(all);
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
});

test('migrations go through PgBouncer-style connections, without prepared statements', async () => {
  await emptied();
  const pool = createPool(database.url, { max: 1, pgbouncer: true });
  expect((await migrate(pool)).length).toBeGreaterThan(0);
  expect(await migrate(pool)).toEqual([]);
  await pool.end();
});

test('a database of a newer release is refused', async () => {
  await database.pool`insert into migrations (name, hash, applied_at) values ('9999_from_the_future', 'x', now())`;
  await expect(migrate(database.pool)).rejects.toThrow(/newer Rundum \(it has "9999_from_the_future"\)/);
  expect((await migrationState(database.pool)).unknown).toEqual(['9999_from_the_future']);
  await database.pool`delete from migrations where name = '9999_from_the_future'`;
});

test('a migration that was edited after it was applied is refused', async () => {
  await database.pool`update migrations set hash = 'other' where name = '0000_initial'`;
  await expect(migrate(database.pool)).rejects.toThrow(/"0000_initial" has changed since/);
});
