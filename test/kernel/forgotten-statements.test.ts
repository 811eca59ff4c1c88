import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tx } from '../../src/kernel/database.ts';
import { leftOf } from '../support/collected.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ empty: true });
});
afterAll(() => database.close());

/** A transaction that holds on to something, as most do to their request. */
async function inTransaction(say: (tx: Tx) => Promise<unknown>): Promise<WeakRef<object>> {
  const held = { request: 'x'.repeat(100) };
  await database.pool.begin(async (tx) => {
    await say(tx);
    return held.request;
  });
  return new WeakRef(held);
}

test('what a transaction held is forgotten after it, also by the statements that it was the first to send', async () => {
  // The library's own `commit` is beyond us: it keeps the very first transaction.
  await inTransaction((tx) => tx`select 0`);
  const refs = [
    await inTransaction((tx) => tx`select 1 as first`),
    await inTransaction((tx) => tx`select ${2}::int as second`),
    await inTransaction((tx) => tx`select ${tx`3`} as third`),
    await inTransaction((tx) => tx.unsafe('select 4 as fourth')),
  ];
  expect(await leftOf(refs)).toBe(0);
});
