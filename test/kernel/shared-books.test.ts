import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { hold, holdAll, lockAlone, readState, type SharedBook } from '../../src/kernel/shared-books.queries.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { untilWaiting } from '../support/locks.ts';

let database: TestDatabase;

const bookOf = (lock: number, name: string): SharedBook<number> => ({
  lock,
  state: (db) => db`(select to_jsonb(page) from pages where name = ${name})`,
});
const one = bookOf(0x7e57_0001, 'one');
const other = bookOf(0x7e57_0002, 'other');

beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool`create table pages (name text primary key, page int not null)`;
});

beforeEach(
  () => database.pool`
  insert into pages values ('one', 1), ('other', 10) on conflict (name) do update set page = excluded.page`,
);

afterAll(() => database.close());

function turn(name: string) {
  return database.pool`update pages set page = page + 1 where name = ${name}`;
}

test('books that are held together keep the state that was found', async () => {
  await database.pool.begin(async (tx) => {
    holdAll(tx, [one, other]);
    expect(await hold(tx, other)).toBe(10);
    await turn('other');
    expect(await Promise.all([hold(tx, one), hold(tx, other)])).toEqual([1, 10]);
  });
  expect(await readState(database.pool, other)).toBe(11);
  await database.pool.begin(async (tx) => {
    holdAll(tx, [one]);
    // Not among them: looked up by itself.
    expect(await Promise.all([hold(tx, one), hold(tx, other)])).toEqual([1, 11]);
  });
});

test('who changes one of them waits for all who hold it, and who holds it next sees the change', async () => {
  const ended = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const holding = database.pool.begin(async (tx) => {
    holdAll(tx, [one, other]);
    await hold(tx, one);
    held.resolve();
    await ended.promise;
  });
  await held.promise;
  const changing = database.pool.begin(async (tx) => {
    await lockAlone(tx, other);
    await tx`update pages set page = page + 1 where name = 'other'`;
  });
  await untilWaiting(database.pool, 1);
  const next = database.pool.begin(async (tx) => {
    holdAll(tx, [one, other]);
    return hold(tx, other);
  });
  await untilWaiting(database.pool, 2);
  ended.resolve();
  await Promise.all([holding, changing]);
  expect(await next).toBe(11);
});

test('whoever holds one hears that they could not be held', async () => {
  const broken: SharedBook<number> = { lock: 0x7e57_0003, state: (db) => db`(select to_jsonb(page) from no_pages)` };
  const attempt = database.pool.begin(async (tx) => {
    holdAll(tx, [one, broken]);
    return hold(tx, one);
  });
  await expect(attempt).rejects.toMatchObject({ code: '42P01' });
});
