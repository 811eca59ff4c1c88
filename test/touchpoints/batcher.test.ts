import { describe, expect, test } from 'vitest';
import { MicroBatcher } from '../../src/touchpoints/batcher.ts';

interface Batch {
  readonly items: readonly number[];
  finish(): void;
  fail(error: Error): void;
}

/** A batcher whose batches end when the test says so. Results are `item * 10`. */
function openBatcher(options: { maximumItems?: number; maximumQueued?: number; concurrency?: number } = {}) {
  const begun: Batch[] = [];
  const waiting: ((batch: Batch) => void)[] = [];
  const batcher = new MicroBatcher<number, number>({
    maximumItems: 4,
    maximumWaitMs: 1,
    maximumQueued: 10,
    concurrency: 1,
    ...options,
    run: (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<number[]>();
      const batch = { items, finish: () => resolve(items.map((item) => item * 10)), fail: reject };
      begun.push(batch);
      waiting.shift()?.(batch);
      return promise;
    },
  });
  /** The next batch that begins. */
  let seen = 0;
  const next = (): Promise<Batch> => {
    seen += 1;
    const batch = begun[seen - 1];
    return batch ? Promise.resolve(batch) : new Promise((resolve) => waiting.push(resolve));
  };
  return { batcher, next, begun };
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), Promise.resolve().then(() => Promise.resolve(false))]);
}

describe('a micro-batcher', () => {
  test('gives each caller the results of its items, in order', async () => {
    const { batcher, next } = openBatcher();
    const calls = [batcher.add([3, 1]), batcher.add([2])];
    const batch = await next();
    expect(batch.items).toEqual([3, 1, 2]);
    batch.finish();
    expect(await Promise.all(calls)).toEqual([[30, 10], [20]]);
  });

  test('lets batches grow while one runs', async () => {
    const { batcher, next, begun } = openBatcher();
    const first = batcher.add([1]);
    const alone = await next();
    const others = [batcher.add([2]), batcher.add([3]), batcher.add([4])];
    expect(begun).toHaveLength(1);
    expect(batcher.queued).toBe(3);
    alone.finish();
    const together = await next();
    expect([alone.items, together.items]).toEqual([[1], [2, 3, 4]]);
    together.finish();
    await Promise.all([first, ...others]);
  });

  test('never parts the items of one caller, even more than a batch should have', async () => {
    const { batcher, next } = openBatcher({ maximumItems: 4 });
    const calls = [batcher.add([1, 2, 3]), batcher.add([4, 5]), batcher.add([6, 7, 8, 9, 10])];
    for (const expected of [
      [1, 2, 3],
      [4, 5],
      [6, 7, 8, 9, 10],
    ]) {
      const batch = await next();
      expect(batch.items).toEqual(expected);
      batch.finish();
    }
    await Promise.all(calls);
  });

  test('begins a full batch at once', async () => {
    const { batcher, begun } = openBatcher({ maximumItems: 2 });
    const call = batcher.add([1, 2]);
    expect(begun.map((batch) => batch.items)).toEqual([[1, 2]]);
    begun[0]!.finish();
    await call;
  });

  test('runs as many batches at once as it may', async () => {
    const { batcher, begun } = openBatcher({ maximumItems: 1, concurrency: 2 });
    const calls = [batcher.add([1]), batcher.add([2]), batcher.add([3])];
    expect(begun.map((batch) => batch.items)).toEqual([[1], [2]]);
    begun[1]!.finish();
    await calls[1];
    await expect.poll(() => begun.length).toBe(3);
    begun[0]!.finish();
    begun[2]!.finish();
    await Promise.all(calls);
  });

  test('takes nothing of a call for which it has no room, and says when to come back', async () => {
    const { batcher, next } = openBatcher({ maximumQueued: 3 });
    const running = batcher.add([0]);
    const batch = await next();
    const waiting = batcher.add([1, 2, 3]);
    expect(() => batcher.add([4])).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', details: { retryAfterMs: 500 } }),
    );
    expect(batcher.queued).toBe(3);
    batch.finish();
    const second = await next();
    expect(second.items).toEqual([1, 2, 3]);
    const later = batcher.add([4]);
    second.finish();
    (await next()).finish();
    expect(await Promise.all([running, waiting, later])).toEqual([[0], [10, 20, 30], [40]]);
  });

  test('takes a call that is larger than the queue when nothing waits: it could never be taken otherwise', async () => {
    const { batcher, begun } = openBatcher({ maximumQueued: 3, maximumItems: 3 });
    const call = batcher.add([1, 2, 3, 4]);
    begun[0]!.finish();
    expect(await call).toEqual([10, 20, 30, 40]);
  });

  test('tells of a failure only those whose items were in the batch', async () => {
    const { batcher, next } = openBatcher({ maximumItems: 2 });
    const doomed = [batcher.add([1]), batcher.add([2])].map((call) => call.catch((error: Error) => error.message));
    const spared = batcher.add([3]);
    (await next()).fail(new Error('broken'));
    (await next()).finish();
    expect(await Promise.all(doomed)).toEqual(['broken', 'broken']);
    expect(await spared).toEqual([30]);
  });

  test('answers an empty call at once', async () => {
    const { batcher, begun } = openBatcher();
    expect(await batcher.add([])).toEqual([]);
    expect(begun).toEqual([]);
  });

  test('is drained when nothing waits and nothing runs, after failures too', async () => {
    const { batcher, next } = openBatcher({ maximumItems: 1 });
    await batcher.drained();
    const calls = [batcher.add([1]).catch(() => 'failed'), batcher.add([2])];
    const drained = batcher.drained();
    (await next()).fail(new Error('broken'));
    const last = await next();
    expect(await settled(drained)).toBe(false);
    last.finish();
    await drained;
    expect(batcher.queued).toBe(0);
    expect(await Promise.all(calls)).toEqual(['failed', [20]]);
  });
});
