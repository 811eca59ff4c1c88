import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase({ empty: true });
  // One connection: whatever comes next uses the same.
  pool = createPool(database.url, { max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

describe('a statement that is cancelled', () => {
  test('ends its transaction', async () => {
    const cancelled = pool.begin(async (tx) => {
      const query = tx`select pg_sleep(60)`;
      setTimeout(() => query.cancel(), 50);
      await query;
    });
    await expect(cancelled).rejects.toMatchObject({ code: '57014' });
  });

  test('the moment it ends by itself takes nothing else with it', async () => {
    for (let round = 0; round < 100; round += 1) {
      await pool
        .begin(async (tx) => {
          const query = tx`select number from generate_series(1, 3) as number`;
          await query.forEach(({ number }) => {
            if (number === 1) query.cancel();
          });
        })
        .catch(({ code }) => expect(code).toBe('57014'));
      await pool`select pg_sleep(0.003)`;
    }
  });

  test('has to be one of a transaction', () => {
    const query = pool`select 1`;
    expect(() => query.cancel()).toThrow(TypeError);
  });
});
