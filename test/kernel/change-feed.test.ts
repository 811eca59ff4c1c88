import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beforeTransaction } from '../../src/kernel/change-cursor.ts';
import { readChanges } from '../../src/kernel/changes.queries.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { begin, change, commit, startFeed, take, takeIds, untilReadable } from './feed-fixture.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase({ max: 12 });
  pool = database.pool;
});
afterAll(() => database.close());

/** What one would write first: goes on behind the highest line that it has seen. */
class NaiveReader {
  #last = { tx: '0', seq: '-1' };

  async read(): Promise<string[]> {
    const rows = await pool<{ tx: string; seq: string; id: string }[]>`
      select tx::text as tx, seq::text as seq, subject_id as id from changes
      where (tx, seq) > (${this.#last.tx}::text::xid8, ${this.#last.seq}::text::bigint)
      order by changes.tx, changes.seq`;
    this.#last = rows.at(-1) ?? this.#last;
    return rows.map((row) => row.id);
  }
}

class GuardedReader {
  #last = beforeTransaction(0n);

  async read(): Promise<string[]> {
    const read = await readChanges(pool, this.#last, { scan: 1_000, handOver: 1_000 }, { topics: null, about: null });
    this.#last = read.through;
    return read.lines.map((line) => line.subjectId);
  }
}

/** Transaction 1 writes first, transaction 2 commits first, and both readers look in between. */
async function overtake(reader: NaiveReader | GuardedReader): Promise<{ written: string[]; seen: string[] }> {
  await reader.read();
  const first = await begin(pool, change());
  const second = await begin(pool, change(), change());
  await second.commit();
  const early = await reader.read();
  await first.commit();
  await untilReadable(pool);
  return { written: [...first.ids, ...second.ids], seen: [...early, ...(await reader.read())] };
}

describe('a reader of the change feed', () => {
  test('that goes on behind the highest line loses what commits out of order', async () => {
    const { written, seen } = await overtake(new NaiveReader());
    expect(seen).not.toContain(written[0]);
    expect(seen).toEqual(written.slice(1));
  });

  test('with the snapshot guard gets every line, once, in order of transaction and sequence', async () => {
    const { written, seen } = await overtake(new GuardedReader());
    expect(seen).toEqual(written);
  });

  test('is not held up by what was rolled back', async () => {
    const feed = await startFeed(pool);
    const stream = await feed.subscribe();
    const lost = await begin(pool, change());
    const [kept] = await commit(pool, change());
    await lost.rollback();
    expect(await takeIds(stream, 1)).toEqual([kept]);
    await feed.stop();
  });

  test.each([
    [1, 1],
    [3, 2],
    [2, 3],
    [100, 2],
  ])('goes through everything in short reads (%i looked at, %i handed over)', async (scan, handOver) => {
    await pool`truncate changes`;
    const rare = () => change({ topic: 'customer.created' });
    const written = await commit(
      pool,
      rare(),
      change(),
      change(),
      change(),
      change(),
      rare(),
      rare(),
      rare(),
      change(),
    );
    await untilReadable(pool);
    const seen: string[] = [];
    let read = await readChanges(
      pool,
      beforeTransaction(0n),
      { scan, handOver },
      { topics: ['customer.created'], about: null },
    );
    for (;;) {
      expect(read.lines.length).toBeLessThanOrEqual(handOver);
      seen.push(...read.lines.map((line) => line.subjectId));
      if (!read.more) break;
      read = await readChanges(pool, read.through, { scan, handOver }, { topics: ['customer.created'], about: null });
    }
    expect(seen).toEqual([0, 5, 6, 7].map((index) => written[index]));
  });

  test('says that committed lines wait for an older transaction', async () => {
    const older = await begin(pool, change());
    await commit(pool, change());
    expect(
      (await readChanges(pool, beforeTransaction(0n), { scan: 10, handOver: 10 }, { topics: null, about: null })).held,
    ).toBe(true);
    await older.commit();
  });
});

describe('a subscription', () => {
  test('delivers what is committed after it began, and nothing older', async () => {
    const feed = await startFeed(pool);
    await commit(pool, change());
    await untilReadable(pool);
    const stream = await feed.subscribe();
    const written = await commit(pool, change(), change(), change());
    expect(await takeIds(stream, 3)).toEqual(written);
    await feed.stop();
  });

  test('notices commits of another node without being woken', async () => {
    const [here, there] = [await startFeed(pool), await startFeed(pool)];
    const stream = await here.subscribe();
    const waiting = takeIds(stream, 1);
    const written = await commit(pool, change());
    there.wake();
    expect(await waiting).toEqual(written);
    await Promise.all([here.stop(), there.stop()]);
  });

  test('is woken by a commit of its own node, long before the next poll', async () => {
    const feed = await startFeed(pool, { pollMs: 600_000 });
    const stream = await feed.subscribe();
    const first = takeIds(stream, 1);
    for (const round of [1, 2, 3]) {
      const written = await commit(pool, change());
      feed.wake();
      expect(await (round === 1 ? first : takeIds(stream, 1))).toEqual(written);
    }
    await feed.stop();
  });

  test('looks again by itself when what it was woken for waits for an older transaction', async () => {
    const feed = await startFeed(pool, { pollMs: 600_000 });
    const stream = await feed.subscribe();
    const waiting = takeIds(stream, 2);
    const older = await begin(pool, change());
    const written = await commit(pool, change());
    feed.wake();
    await older.commit();
    expect(await waiting).toEqual([...older.ids, ...written]);
    await feed.stop();
  });

  test('resumes behind its cursor on another feed, without gap or duplicate', async () => {
    const before = await startFeed(pool);
    const stream = await before.subscribe();
    const written = await commit(pool, ...Array.from({ length: 10 }, () => change()));
    const seen: string[] = [];
    let cursor: string | undefined;
    for await (const { subjectId, cursor: here } of stream) {
      seen.push(subjectId);
      cursor = here;
      if (seen.length === 4) break;
    }
    await before.stop();
    const meanwhile = await commit(pool, change(), change());

    const after = await startFeed(pool, { replaySize: 3 });
    const resumed = await after.subscribe({ after: cursor });
    seen.push(...(await takeIds(resumed, 8)));
    const live = await commit(pool, change());
    seen.push(...(await takeIds(resumed, 1)));
    expect(seen).toEqual([...written, ...meanwhile, ...live]);
    await after.stop();
  });

  test('returns at once even while it waits for the next change', async () => {
    const feed = await startFeed(pool);
    const stream = await feed.subscribe();
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await feed.stop();
  });

  test('ends with its signal, and when the feed stops', async () => {
    const feed = await startFeed(pool);
    const aborting = new AbortController();
    const [aborted, stopped] = [await feed.subscribe({ signal: aborting.signal }), await feed.subscribe()];
    const ends = [aborted.next(), stopped.next()];
    aborting.abort();
    expect(await ends[0]).toMatchObject({ done: true });
    await feed.stop();
    expect(await ends[1]).toMatchObject({ done: true });
  });

  test('gets only its topics and what it matches', async () => {
    const feed = await startFeed(pool);
    const stream = await feed.subscribe({
      topics: ['touchpoint.recorded'],
      match: ({ detail }) => detail?.type === 'order.completed',
    });
    const after = await feed.window();
    const recorded = (type: string) => change({ topic: 'touchpoint.recorded', detail: { type } });
    const written = await commit(
      pool,
      change(),
      recorded('page.viewed'),
      recorded('order.completed'),
      recorded('order.completed'),
    );
    expect(await takeIds(stream, 2)).toEqual(written.slice(2));
    const replayed = await feed.subscribe({ after: after.head, topics: ['customer.changed'] });
    expect(await takeIds(replayed, 1)).toEqual(written.slice(0, 1));
    await feed.stop();
  });

  test('for the latest state only gets waiting changes as one', async () => {
    const feed = await startFeed(pool);
    const customerId = crypto.randomUUID();
    const stream = await feed.subscribe({
      topics: ['customer.changed'],
      match: (one) => one.customerId === customerId,
      combine: (waiting, next) => ({ ...next, detail: { parts: `${waiting.detail?.parts}${next.detail?.parts}` } }),
    });
    const first = takeIds(stream, 1);
    await commit(pool, change({ customerId, detail: { parts: 'first' } }));
    await first;
    const waiting = take(stream, 1);
    const written = await commit(
      pool,
      ...['a', 'b', 'c', 'd'].map((parts) => change({ customerId, detail: { parts } })),
    );
    const [alone] = await waiting;
    const [joined] = await take(stream, 1);
    expect([alone!.detail?.parts, joined!.detail?.parts]).toEqual(['a', 'bcd']);
    expect(joined!.subjectId).toBe(written[3]);
    await feed.stop();
  });
});
