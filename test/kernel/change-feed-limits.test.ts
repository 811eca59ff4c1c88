import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeFeedCursor } from '../../src/kernel/change-cursor.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { deleteExpiredChanges } from '../../src/kernel/feed-retention.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { begin, change, commit, errorOf, startFeed, take, takeIds, untilReadable } from './feed-fixture.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase({ max: 12 });
  pool = database.pool;
});
beforeEach(async () => {
  await pool`truncate changes`;
  await pool`delete from settings where name = 'change_feed'`;
});
afterAll(() => database.close());

const someChanges = (count: number) => Array.from({ length: count }, () => change());
const longAfter = new Date('2027-01-01T00:00:00Z');

describe('a subscriber that does not keep up', () => {
  test('is ended with a cursor from which it can complete what it missed, while others go on', async () => {
    const feed = await startFeed(pool, { pageSize: 5, replaySize: 5 });
    const [slow, quick] = [await feed.subscribe({ capacity: 10 }), await feed.subscribe({ capacity: 10 })];
    const [first, reading] = [take(slow, 1), takeIds(quick, 61)];
    const written = await commit(pool, change());
    const [got] = await first;
    for (let round = 0; round < 12; round++) written.push(...(await commit(pool, ...someChanges(5))));
    expect(await reading).toEqual(written);

    const error = await errorOf(slow.next());
    expect(error.code).toBe('SLOW_CONSUMER');
    expect(error.details.cursor).toBe(got!.cursor);
    expect(await slow.next()).toMatchObject({ done: true });

    const resumed = await feed.subscribe({ after: got!.cursor, capacity: 10 });
    expect(await takeIds(resumed, 60)).toEqual(written.slice(1));
    await feed.stop();
  });

  test('reads history at its own pace: a long one never counts against it', async () => {
    const feed = await startFeed(pool, { pageSize: 5, replaySize: 5 });
    const { head } = await feed.window();
    const written: string[] = [];
    for (let round = 0; round < 10; round++) written.push(...(await commit(pool, ...someChanges(10))));
    await untilReadable(pool);
    const other = await feed.subscribe();
    const late = await feed.subscribe({ after: head, capacity: 5 });
    const seen = await takeIds(late, 50);
    const tail = takeIds(other, 1);
    written.push(...(await commit(pool, change())));
    await tail;
    expect([...seen, ...(await takeIds(late, 51))]).toEqual(written);
    await feed.stop();
  });

  test('of latest states only is never ended: what waits becomes one', async () => {
    const feed = await startFeed(pool, { pageSize: 5, replaySize: 5 });
    const stream = await feed.subscribe({ capacity: 1, combine: (_waiting, next) => next });
    const other = await feed.subscribe();
    const first = takeIds(stream, 1);
    const [started] = await commit(pool, change());
    expect(await first).toEqual([started]);
    const written = await commit(pool, ...someChanges(40));
    await take(other, 41);
    expect(await takeIds(stream, 1)).toEqual(written.slice(-1));
    await feed.stop();
  });
});

describe('a cursor', () => {
  test('of something else is CURSOR_INVALID', async () => {
    const feed = await startFeed(pool);
    const foreign = Buffer.from('customers.LAST_SEEN.DESC/1/00000000-0000-0000-0000-000000000000').toString(
      'base64url',
    );
    for (const after of [
      '',
      'nonsense',
      foreign,
      '💥',
      'x'.repeat(10_000),
      encodeFeedCursor('zz', { tx: 1n, seq: 1n }),
    ]) {
      expect(await errorOf(feed.subscribe({ after }))).toMatchObject({
        code: 'CURSOR_INVALID',
        details: { field: 'after' },
      });
    }
    await feed.stop();
  });

  test('whose changes have been deleted is CURSOR_EXPIRED, one at the edge is not', async () => {
    const feed = await startFeed(pool);
    const { head } = await feed.window();
    const stream = await feed.subscribe();
    const written = await commit(pool, ...someChanges(6));
    const seen = await take(stream, 6);
    await pool`update changes set at = ${longAfter} where seq >= 4`;
    expect(await deleteExpiredChanges({ pool }, longAfter, 3)).toBe(4);

    for (const after of [head, seen[0]!.cursor, seen[2]!.cursor]) {
      expect((await errorOf(feed.subscribe({ after }))).code).toBe('CURSOR_EXPIRED');
    }
    const { oldest } = await feed.window();
    expect(oldest).toBe(seen[3]!.cursor);
    expect(await takeIds(await feed.subscribe({ after: oldest }), 2)).toEqual(written.slice(4));
    await feed.stop();
  });

  test('expires under a subscriber who is still reading history', async () => {
    const feed = await startFeed(pool, { pageSize: 2, replaySize: 2 });
    const { head } = await feed.window();
    await commit(pool, ...someChanges(6));
    await untilReadable(pool);
    const reader = await feed.subscribe({ after: head });
    await take(reader, 2);
    await untilReadable(pool);
    await deleteExpiredChanges({ pool }, longAfter);
    expect((await errorOf(reader.next())).code).toBe('CURSOR_EXPIRED');
    await feed.stop();
  });

  test('from before the database was restored elsewhere is CURSOR_EXPIRED, and the old lines are gone', async () => {
    const before = await startFeed(pool);
    const { head } = await before.window();
    await commit(pool, ...someChanges(3));
    await before.stop();
    await pool`update settings set value = value || '{"cluster": "1234567890"}' where name = 'change_feed'`;
    await pool`update changes set tx = (tx::text::bigint + 1000000)::text::xid8`;

    const after = await startFeed(pool);
    expect((await errorOf(after.subscribe({ after: head }))).code).toBe('CURSOR_EXPIRED');
    const { oldest } = await after.window();
    const written = await commit(pool, change());
    expect(await takeIds(await after.subscribe({ after: oldest }), 1)).toEqual(written);
    await after.stop();
  });

  test('from a future that a point-in-time recovery undid is CURSOR_EXPIRED', async () => {
    const feed = await startFeed(pool);
    const [row] = await pool<
      { epoch: string }[]
    >`select value ->> 'epoch' as epoch from settings where name = 'change_feed'`;
    const after = encodeFeedCursor(row!.epoch, { tx: 10n ** 15n, seq: 0n });
    expect((await errorOf(feed.subscribe({ after }))).code).toBe('CURSOR_EXPIRED');
    await feed.stop();
  });

  test('stays good when the same database starts again', async () => {
    const before = await startFeed(pool);
    const { head } = await before.window();
    await before.stop();
    const written = await commit(pool, change());
    const after = await startFeed(pool);
    expect(await takeIds(await after.subscribe({ after: head }), 1)).toEqual(written);
    await after.stop();
  });
});

describe('retention', () => {
  test('never deletes behind a line that is to be kept, or one that readers cannot see yet', async () => {
    const feed = await startFeed(pool);
    await commit(pool, change());
    const kept = await commit(pool, change());
    await pool`update changes set at = ${longAfter} where subject_id = ${kept[0]!}`;
    await commit(pool, change());
    await untilReadable(pool);
    expect(await deleteExpiredChanges({ pool }, longAfter)).toBe(1);

    await pool`truncate changes`;
    const older = await begin(pool, change());
    await commit(pool, change());
    expect(await deleteExpiredChanges({ pool }, longAfter)).toBe(0);
    await older.commit();
    await feed.stop();
  });

  test('leaves it to the node that is at it already', async () => {
    const feed = await startFeed(pool);
    await commit(pool, change());
    await untilReadable(pool);
    await pool.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('rundum.feed-retention'))`;
      expect(await deleteExpiredChanges({ pool }, longAfter)).toBe(0);
    });
    expect(await deleteExpiredChanges({ pool }, longAfter)).toBe(1);
    await feed.stop();
  });
});
