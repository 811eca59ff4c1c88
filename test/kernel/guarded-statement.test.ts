import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ empty: true });
});
afterAll(() => database.close());

test('a statement is part of others, of two at once and one after the other, alone or as one of several', async () => {
  const { pool } = database;
  const part = pool`${7}::int + ${1}::int`;
  const [[a], [b]] = await Promise.all([pool`select ${part} as n`, pool`select ${part} * 2 as n`]);
  expect([a!.n, b!.n]).toEqual([8, 9]);
  const [c] = await pool`select ${[pool`${part}`, pool`+ ${10}::int`]} as n`;
  expect(c!.n).toBe(18);
});

test('whoever asks later gets the same answer, or the same error, without another statement', async () => {
  const { pool } = database;
  const told = pool`select random() as n`;
  expect(await told).toEqual(await told);
  const wrong = pool`select 1 / ${0}::int`;
  await expect(wrong).rejects.toMatchObject({ code: '22012' });
  await expect(wrong).rejects.toMatchObject({ code: '22012' });
});

test('a transaction fails with a statement whose error nobody looked at', async () => {
  const done = database.pool.begin(async (tx) => {
    await tx`select 1 / ${0}::int`.catch(() => {});
    return 'fine';
  });
  await expect(done).rejects.toMatchObject({ code: '22012' });
});
