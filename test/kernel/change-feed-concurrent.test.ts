import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../../src/kernel/change-feed-page.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { begin, change, commit, startFeed, take } from './feed-fixture.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase({ max: 16 });
  pool = database.pool;
});
afterAll(() => database.close());

/** Numbers that look random and are the same in every run (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Transactions of 1 to 3 changes that overlap, overtake each other and now and then roll back. */
async function writeAtRandom(random: (below: number) => number, transactions: number): Promise<string[]> {
  const committed: string[] = [];
  const open: Awaited<ReturnType<typeof begin>>[] = [];
  const endOne = async () => {
    const [transaction] = open.splice(random(open.length), 1);
    if (!transaction) return;
    if (random(10) === 0) return transaction.rollback();
    await transaction.commit();
    committed.push(...transaction.ids);
  };
  for (let begun = 0; begun < transactions; begun++) {
    open.push(await begin(pool, ...Array.from({ length: 1 + random(3) }, () => change())));
    if (open.length > random(4)) await endOne();
  }
  while (open.length > 0) await endOne();
  return committed;
}

async function feedOrder(): Promise<string[]> {
  const rows = await pool<{ id: string }[]>`select subject_id as id from changes order by tx, seq`;
  return rows.map((row) => row.id);
}

const idsOf = (changes: readonly Change[]) => changes.map((one) => one.subjectId);

describe('while transactions overlap and commit in any order', () => {
  test.each([1, 2, 3])(
    'every subscriber on every node gets every change once, in the same order (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      await pool`truncate changes`;
      const feeds = [await startFeed(pool, { pageSize: 7, replaySize: 7 }), await startFeed(pool)];
      const streams = await Promise.all([...feeds, ...feeds].map((feed) => feed.subscribe()));
      const writers = Promise.all([1, 2, 3].map(() => writeAtRandom(random, 25)));
      // A subscriber that is behind reads on its own; with three writers at work all of them cross the seam often.
      const reading = streams.map((stream) => untilLast(stream));
      const committed = (await writers).flat();
      await commit(pool, change({ detail: { last: true } }));
      const order = await feedOrder();
      for (const seen of await Promise.all(reading)) expect(idsOf(seen)).toEqual(order);
      expect(new Set(order.slice(0, -1))).toEqual(new Set(committed));
      await Promise.all(feeds.map((feed) => feed.stop()));
    },
  );

  test('subscribers that join at any moment, with any cursor, miss and repeat nothing at the seam', async () => {
    const random = seeded(7);
    await pool`truncate changes`;
    const feed = await startFeed(pool, { pageSize: 4, replaySize: 4 });
    const first = await feed.subscribe();
    const start = (await feed.window()).head;
    const known: Change[] = [];
    const joined: { after: string; seen: Promise<Change[]> }[] = [];
    const collecting = (async () => {
      for await (const one of first) {
        known.push(one);
        const after = random(4) === 0 ? start : known[random(known.length)]!.cursor;
        joined.push({ after, seen: untilLast(await feed.subscribe({ after })) });
        if (one.detail?.last) return;
      }
    })();
    await Promise.all([writeAtRandom(random, 20), writeAtRandom(random, 20)]);
    await commit(pool, change({ detail: { last: true } }));
    await collecting;
    const order = await feedOrder();
    expect(idsOf(known)).toEqual(order);
    for (const { after, seen } of joined) {
      const from = known.findIndex((one) => one.cursor === after) + 1;
      expect(idsOf(await seen)).toEqual(order.slice(from));
    }
    expect(joined.length).toBeGreaterThan(30);
    await feed.stop();
  });

  test('one that resumes from every single cursor gets exactly the rest', async () => {
    await pool`truncate changes`;
    const feed = await startFeed(pool, { pageSize: 3, replaySize: 3 });
    const stream = await feed.subscribe();
    await commit(pool, change(), change(), change());
    await commit(pool, change());
    await commit(pool, change(), change());
    const all = await take(stream, 6);
    for (const [index, { cursor }] of all.entries()) {
      const rest = await take(await feed.subscribe({ after: cursor }), 5 - index);
      expect(idsOf(rest)).toEqual(idsOf(all.slice(index + 1)));
    }
    await feed.stop();
  });
});

/** Everything up to and with the change that says it is the last. */
async function untilLast(stream: AsyncIterable<Change>): Promise<Change[]> {
  const seen: Change[] = [];
  for await (const one of stream) {
    seen.push(one);
    if (one.detail?.last) break;
  }
  return seen;
}
