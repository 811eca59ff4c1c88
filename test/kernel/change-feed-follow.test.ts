import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beforeTransaction } from '../../src/kernel/change-cursor.ts';
import { Follow, type FollowedCustomer } from '../../src/kernel/change-feed-follow.ts';
import type { ChangeLine, NewChange } from '../../src/kernel/changes.queries.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { begin, change, commit, merged, split, startFeed, takeIds, untilReadable } from './feed-fixture.ts';

const [anna, bea, carl] = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].map(
  (start) => `${start}-0000-4000-8000-000000000000`,
) as [string, string, string];
const record = 'dddddddd-0000-4000-8000-000000000000';
const at = new Date(0);

const line = (tx: bigint, parts: NewChange): ChangeLine => ({ ...parts, position: { tx, seq: 0n }, at });
const followAnna = (asOf = 10n) => new Follow({ customerId: anna, recordIds: [record], asOf: beforeTransaction(asOf) });
const touched = (customerId: string, recordId = record) =>
  change({ topic: 'touchpoint.recorded', customerId, detail: { recordId } });

describe('following a customer', () => {
  test("takes her own changes and nobody else's", () => {
    const follow = followAnna();
    expect(follow.isAbout(line(11n, change({ customerId: anna })))).toBe(true);
    expect(follow.isAbout(line(11n, change({ customerId: bea })))).toBe(false);
    expect(follow.isAbout(line(11n, change({ customerId: null })))).toBe(false);
  });

  test("in history goes by records, which say today's view, for touchpoints", () => {
    const follow = followAnna();
    expect(follow.isAbout(line(9n, touched(bea)))).toBe(true);
    expect(follow.isAbout(line(9n, touched(anna, carl)))).toBe(false);
  });

  test('from then on goes by customer, and by the records that it knew', () => {
    const follow = followAnna();
    expect(follow.isAbout(line(10n, touched(anna, carl)))).toBe(true);
    expect(follow.isAbout(line(10n, touched(bea, carl)))).toBe(false);
    // Bea was absorbed by Anna, which was known already, but not yet told by the feed.
    expect(follow.isAbout(line(10n, touched(bea)))).toBe(true);
  });

  test('moves along when she is merged, and takes the merge itself', () => {
    const follow = followAnna();
    const merge = line(11n, merged(anna, bea));
    expect(follow.isAbout(merge)).toBe(true);
    expect(follow.advance(merge)).toBe(true);
    expect([...follow.customerIds]).toEqual([bea]);
    expect(follow.isAbout(line(12n, change({ customerId: anna })))).toBe(false);
    expect(follow.isAbout(line(12n, change({ customerId: bea })))).toBe(true);
  });

  test('sees others being merged into her, and stays', () => {
    const follow = followAnna();
    const merge = line(11n, merged(bea, anna));
    expect(follow.isAbout(merge)).toBe(true);
    expect(follow.advance(merge)).toBe(false);
  });

  test('does not move for a merge that was known when it began', () => {
    const follow = followAnna();
    expect(follow.advance(line(9n, merged(anna, bea)))).toBe(false);
    expect([...follow.customerIds]).toEqual([anna]);
  });

  test('after a split takes both sides until it is told which is hers', () => {
    const follow = followAnna();
    expect(follow.advance(line(11n, split(bea, anna)))).toBe(true);
    expect(follow.customerIds).toEqual(new Set([anna, bea]));
    expect(follow.hasSplit).toBe(true);
    expect(follow.settle(carl)).toBe(false);
    expect(follow.settle(bea)).toBe(true);
    expect([...follow.customerIds]).toEqual([bea]);
  });
});

describe('a subscription that follows a customer', () => {
  let database: TestDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await openTestDatabase();
    pool = database.pool;
  });
  afterAll(() => database.close());

  const followed = (asOf: bigint): FollowedCustomer => ({
    customerId: anna,
    recordIds: [record],
    asOf: beforeTransaction(asOf),
  });

  test.each(['live', 'replayed'])('goes on with the survivor, within one page and beyond (%s)', async (how) => {
    const feed = await startFeed(pool);
    await untilReadable(pool);
    const customer = followed(await readGuard());
    const { head } = await feed.window();
    const waiting = how === 'live' ? takeIds(await feed.subscribe({ customer }), 5) : undefined;
    const written = await commit(
      pool,
      change({ customerId: bea }),
      change({ customerId: anna }),
      merged(anna, bea),
      change({ customerId: bea }),
      change({ customerId: anna }),
      merged(bea, carl),
    );
    written.push(...(await commit(pool, change({ customerId: carl }), change({ customerId: bea }))));
    const seen = await (waiting ?? takeIds(await feed.subscribe({ customer, after: head }), 5));
    expect(seen).toEqual([1, 2, 3, 5, 6].map((index) => written[index]));
    await feed.stop();
  });

  test.each(['replayed', 'live'])('gets what led to the customer that she is now (%s)', async (how) => {
    const feed = await startFeed(pool);
    await untilReadable(pool);
    const { head } = await feed.window();
    const guard = await readGuard();
    const older = how === 'live' ? await begin(pool, change()) : undefined;
    const written = await commit(pool, touched(bea), touched(bea, carl), merged(bea, anna), split(carl, anna));
    // With an older transaction still open, all of it is known when she is looked up, but none of it told yet.
    const customer = followed(how === 'live' ? guard : await readGuard());
    const stream = await feed.subscribe({ customer, after: head });
    const seen = takeIds(stream, 4);
    await older?.commit();
    const live = await commit(pool, change({ customerId: anna }));
    expect(await seen).toEqual([written[0], written[2], written[3], live[0]]);
    await feed.stop();
  });

  async function readGuard(): Promise<bigint> {
    const [row] = await pool<{ tx: bigint }[]>`select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as tx`;
    return row!.tx;
  }
});
