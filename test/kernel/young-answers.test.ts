import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let collect: (options: { type: 'minor' }) => void;
beforeAll(async () => {
  database = await openTestDatabase({ empty: true });
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc');
});
afterAll(() => database.close());

const rounds = 6;
const reads = 10;
const rows = 1_000;

/**
 * By how much memory grows with each of many reads, in bytes, where only young garbage is collected: what survives that twice is old.
 * The least of three attempts, since whatever else this process has to do leaves something, too.
 */
async function leftBy(read: () => Promise<unknown>): Promise<number> {
  const attempts: number[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) attempts.push(await leftOnce(read));
  return Math.min(...attempts);
}

async function leftOnce(read: () => Promise<unknown>): Promise<number> {
  const collectTwice = () => {
    collect({ type: 'minor' });
    collect({ type: 'minor' });
    return process.memoryUsage().heapUsed;
  };
  await read();
  const before = collectTwice();
  for (let round = 0; round < rounds; round += 1) {
    for (let time = 0; time < reads; time += 1) await read();
    // The last answer is forgotten when the next turn begins.
    await nextTurn();
    collect({ type: 'minor' });
  }
  return (collectTwice() - before) / (rounds * reads);
}

/** What an answer takes, or a text that is sent, at least. */
const large = rows * 100;

test('the rows of an answer are not kept once nobody has them', async () => {
  const { pool } = database;
  const read = () => pool`select n, repeat('x', 60) as text from generate_series(1, ${rows}::int) as n`;
  expect(await read()).toHaveLength(rows);
  expect(await leftBy(read)).toBeLessThan(large / 2);
});

test('nor by a transaction, nor what its function holds', async () => {
  const { pool } = database;
  const read = () => {
    const held = Array.from({ length: rows }, (_, n) => ({ n }));
    return pool.begin(async (tx) => {
      await tx`select n, repeat('x', 60) as text from generate_series(1, ${rows}::int) as n`;
      return held.length;
    });
  };
  expect(await leftBy(read)).toBeLessThan(large / 2);
});

test('nor is what was sent', async () => {
  const { pool } = database;
  const send = () => pool`select length(${'x'.repeat(large) + Math.random()}::text)`;
  expect(await leftBy(send)).toBeLessThan(large / 2);
});
