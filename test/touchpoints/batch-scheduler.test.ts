import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fingerprintUuid } from '../../src/kernel/ids.ts';
import { BatchScheduler, type SchedulerOptions } from '../../src/touchpoints/batch-scheduler.ts';
import { propertyRuns } from '../support/property-runs.ts';

const uuid = (number: number) => `00000000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`;

interface Batch {
  readonly items: readonly number[];
  finish(): void;
  fail(error: Error): void;
}

type Options = Partial<
  Pick<SchedulerOptions<number, number>, 'maximumItems' | 'maximumQueued' | 'concurrency' | 'maximumWaitBehindMs'>
>;

/** Batches end when the test says so. Items have nothing in common; results are `item * 10`. */
function openNumbers(options: Options = {}) {
  const begun: Batch[] = [];
  const waiting: ((batch: Batch) => void)[] = [];
  const scheduler = new BatchScheduler<number, number>({
    recordOf: uuid,
    identifiersOf: () => [],
    idOf: uuid,
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
  return { scheduler, next, begun };
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), Promise.resolve().then(() => Promise.resolve(false))]);
}

describe('batches', () => {
  test('give each caller the results of its items, in order', async () => {
    const { scheduler, next } = openNumbers();
    const calls = [scheduler.add([3, 1]), scheduler.add([2])];
    const batch = await next();
    expect(batch.items).toEqual([3, 1, 2]);
    batch.finish();
    expect(await Promise.all(calls)).toEqual([[30, 10], [20]]);
  });

  test('grow while one runs', async () => {
    const { scheduler, next, begun } = openNumbers();
    const first = scheduler.add([1]);
    const alone = await next();
    const others = [scheduler.add([2]), scheduler.add([3]), scheduler.add([4])];
    expect(begun).toHaveLength(1);
    expect(scheduler.queued).toBe(3);
    alone.finish();
    const together = await next();
    expect([alone.items, together.items]).toEqual([[1], [2, 3, 4]]);
    together.finish();
    await Promise.all([first, ...others]);
  });

  test('never part the items of a small call, even more than a batch should have', async () => {
    const { scheduler, next } = openNumbers({ maximumItems: 4 });
    const calls = [scheduler.add([1, 2, 3]), scheduler.add([4, 5]), scheduler.add([6, 7, 8, 9, 10])];
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

  test('begin at once when they are full', async () => {
    const { scheduler, begun } = openNumbers({ maximumItems: 2 });
    const call = scheduler.add([1, 2]);
    expect(begun.map((batch) => batch.items)).toEqual([[1, 2]]);
    begun[0]!.finish();
    await call;
  });

  test('run side by side, as many as may', async () => {
    const { scheduler, begun } = openNumbers({ maximumItems: 1, concurrency: 2 });
    const calls = [scheduler.add([1]), scheduler.add([2]), scheduler.add([3])];
    expect(begun.map((batch) => batch.items)).toEqual([[1], [2]]);
    begun[1]!.finish();
    await calls[1];
    await expect.poll(() => begun.length).toBe(3);
    begun[0]!.finish();
    begun[2]!.finish();
    await Promise.all(calls);
  });

  test('wait for one under way if they are small, and begin as soon as it is through', async () => {
    const { scheduler, next, begun } = openNumbers({ concurrency: 2, maximumWaitBehindMs: 60_000 });
    const first = scheduler.add([1]);
    const alone = await next();
    const others = [scheduler.add([2]), scheduler.add([3])];
    await sleep(20);
    expect(begun).toHaveLength(1);
    alone.finish();
    const together = await next();
    expect(together.items).toEqual([2, 3]);
    together.finish();
    await Promise.all([first, ...others]);
  });

  test('do not wait for one under way once they are large', async () => {
    const { scheduler, next } = openNumbers({
      ...{ concurrency: 2, maximumItems: 1_000, maximumQueued: 1_000, maximumWaitBehindMs: 60_000 },
    });
    const first = scheduler.add([1]);
    const alone = await next();
    const others = Array.from({ length: 100 }, (_, number) => scheduler.add([2 + number]));
    const beside = await next();
    expect(beside.items).toHaveLength(100);
    beside.finish();
    alone.finish();
    await Promise.all([first, ...others]);
  });

  test('wait for one under way no longer than they should', async () => {
    const { scheduler, next } = openNumbers({ concurrency: 2, maximumWaitBehindMs: 3 });
    const first = scheduler.add([1]);
    const stuck = await next();
    const second = scheduler.add([2]);
    const beside = await next();
    expect(beside.items).toEqual([2]);
    beside.finish();
    expect(await second).toEqual([20]);
    stuck.finish();
    await first;
  });

  test('take nothing of a call for which there is no room, and say when to come back', async () => {
    const { scheduler, next } = openNumbers({ maximumQueued: 3 });
    const running = scheduler.add([0]);
    const batch = await next();
    const waiting = scheduler.add([1, 2, 3]);
    await expect(scheduler.add([4])).rejects.toMatchObject({ code: 'OVERLOADED', details: { retryAfterMs: 500 } });
    expect(scheduler.queued).toBe(3);
    batch.finish();
    const second = await next();
    expect(second.items).toEqual([1, 2, 3]);
    const later = scheduler.add([4]);
    second.finish();
    (await next()).finish();
    expect(await Promise.all([running, waiting, later])).toEqual([[0], [10, 20, 30], [40]]);
  });

  test('take a call that is larger than the queue when nothing waits: it could never be taken otherwise', async () => {
    const { scheduler, begun } = openNumbers({ maximumQueued: 3, maximumItems: 3 });
    const call = scheduler.add([1, 2, 3, 4]);
    begun[0]!.finish();
    expect(await call).toEqual([10, 20, 30, 40]);
  });

  test('tell of a failure only those whose items were in the batch', async () => {
    const { scheduler, next } = openNumbers({ maximumItems: 2 });
    const doomed = [scheduler.add([1]), scheduler.add([2])].map((call) => call.catch((error: Error) => error.message));
    const spared = scheduler.add([3]);
    (await next()).fail(new Error('broken'));
    (await next()).finish();
    expect(await Promise.all(doomed)).toEqual(['broken', 'broken']);
    expect(await spared).toEqual([30]);
  });

  test('answer an empty call at once', async () => {
    const { scheduler, begun } = openNumbers();
    expect(await scheduler.add([])).toEqual([]);
    expect(begun).toEqual([]);
  });

  test('are drained when nothing waits and nothing runs, after failures too', async () => {
    const { scheduler, next } = openNumbers({ maximumItems: 1 });
    await scheduler.drained();
    const calls = [scheduler.add([1]).catch(() => 'failed'), scheduler.add([2])];
    const drained = scheduler.drained();
    (await next()).fail(new Error('broken'));
    const last = await next();
    expect(await settled(drained)).toBe(false);
    last.finish();
    await drained;
    expect(scheduler.queued).toBe(0);
    expect(await Promise.all(calls)).toEqual(['failed', [20]]);
  });
});

interface Item {
  readonly id: string;
  readonly record: string;
  readonly identifiers: readonly string[];
}

const item = (id: number, record: number, ...identifiers: number[]): Item => ({
  id: uuid(id),
  record: uuid(1_000 + record),
  identifiers: identifiers.map((identifier) => uuid(2_000 + identifier)),
});

/** A large call, whose items go their own ways. */
const filler = (from: number) => Array.from({ length: 100 }, (_, index) => item(from + index, from + index));

/** Batches under way, until the test ends one of them. */
function openItems({
  maximumItems = 200,
  concurrency = 3,
  maximumQueued = 100_000,
  customerOf,
}: Partial<
  Pick<SchedulerOptions<Item, string>, 'maximumItems' | 'concurrency' | 'maximumQueued' | 'customerOf'>
> = {}) {
  const running: { readonly items: readonly Item[]; finish(): void }[] = [];
  const scheduler = new BatchScheduler<Item, string>({
    ...{ maximumItems, concurrency, maximumQueued, customerOf, maximumWaitMs: 0 },
    recordOf: ({ record }) => record,
    identifiersOf: ({ identifiers }) => identifiers.map((id) => ({ id })),
    idOf: ({ id }) => id,
    run: (items) => {
      const { promise, resolve } = Promise.withResolvers<string[]>();
      const finish = () => {
        running.splice(running.indexOf(batch), 1);
        resolve(items.map(({ id }) => `${id}!`));
      };
      const batch = { items, finish };
      running.push(batch);
      return promise;
    },
  });
  /** Ends whatever runs until nothing is left. */
  async function finishAll() {
    const drained = scheduler.drained();
    let isDrained = false;
    void drained.then(() => {
      isDrained = true;
    });
    while (!isDrained) {
      running[0]?.finish();
      await turn();
    }
  }
  return { scheduler, running, finishAll };
}

/** Lets begin whatever is going to. */
const turn = async () => void (await vi.advanceTimersByTimeAsync(2));

/** Once met, they don't look as though they could join people. */
async function openAcquainted(items: readonly Item[], options: Parameters<typeof openItems>[0] = {}) {
  const opened = openItems(options);
  const introduced = opened.scheduler.add(items.map((known, index) => ({ ...known, id: uuid(900_000 + index) })));
  await opened.finishAll();
  await introduced;
  return opened;
}

describe('batches side by side', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a large call is divided, and answered in order', async () => {
    const { scheduler, finishAll } = openItems({ maximumItems: 30 });
    const given = Array.from({ length: 500 }, (_, index) => item(index, index % 20));
    const answered = scheduler.add(given);
    await finishAll();
    expect(await answered).toEqual(given.map(({ id }) => `${id}!`));
  });

  test('take what shares nothing with those under way, and leave what has a record or an identifier in common', async () => {
    const [here, sameRecord, sameIdentifier, other] = [
      item(1, 1, 1),
      item(2, 1, 2),
      item(3, 3, 1),
      item(4, 4, 4),
    ] as const;
    const { scheduler, running, finishAll } = await openAcquainted([here, sameRecord, sameIdentifier, other]);
    void scheduler.add([here]);
    await turn();
    for (const later of [sameRecord, sameIdentifier, other]) void scheduler.add([later]);
    await turn();
    expect(running.map(({ items }) => items)).toEqual([[here], [other]]);
    expect(scheduler.queued).toBe(2);
    running[0]!.finish();
    await turn();
    expect(running.map(({ items }) => items)).toEqual([[other], [sameRecord, sameIdentifier]]);
    await finishAll();
  });

  test('have one among them that may join people, while there is enough else to do', async () => {
    const { scheduler, running, finishAll } = openItems();
    void scheduler.add([item(1, 1, 1)]);
    await turn();
    const joins = item(2, 2, 2);
    void scheduler.add([joins]);
    void scheduler.add(filler(10));
    await turn();
    expect(running).toHaveLength(2);
    expect(running[1]!.items).toHaveLength(100);
    expect(running[1]!.items).not.toContain(joins);
    await finishAll();
  });

  test('may all of them join people where a whole batch of nothing else waits', async () => {
    const { scheduler, running, finishAll } = openItems({ maximumItems: 100 });
    void scheduler.add(filler(0).map((stranger, index) => ({ ...stranger, identifiers: [uuid(50_000 + index)] })));
    void scheduler.add(filler(500).map((stranger, index) => ({ ...stranger, identifiers: [uuid(60_000 + index)] })));
    await turn();
    expect(running).toHaveLength(2);
    await finishAll();
  });

  test('are filled with what shares something where a crowd of it waits', async () => {
    const everybodys = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => item(from + index, from + index, 7));
    const { scheduler, running, finishAll } = await openAcquainted(everybodys(0, 600), { maximumItems: 100 });
    void scheduler.add(everybodys(0, 200));
    await turn();
    expect(running).toHaveLength(1);
    void scheduler.add(everybodys(200, 200));
    await turn();
    expect(running.map(({ items }) => items.length)).toEqual([100, 100, 100]);
    await finishAll();
  });

  test('keep people apart of whom it is known that they are one, whatever they come with', async () => {
    const { scheduler, running, finishAll } = openItems({ customerOf: () => '5d1f7a52-93c4-8f61-a1b2-c3d4e5f60718' });
    const visit = (id: number, browser: string) => ({
      id: uuid(id),
      record: fingerprintUuid(`record ${browser}`),
      identifiers: [fingerprintUuid(`cookie ${browser}`)],
    });
    const acquainted = scheduler.add([visit(1, 'laptop'), visit(2, 'phone')]);
    await finishAll();
    await acquainted;
    void scheduler.add([visit(3, 'laptop')]);
    await turn();
    void scheduler.add([visit(4, 'phone')]);
    await turn();
    expect(running).toHaveLength(1);
    await finishAll();
  });

  test('wait until they are worth it where a lot waits', async () => {
    const some = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => item(from + index, from + index, from + index));
    const [first, later] = [some(0, 100), some(500, 40)];
    const { scheduler, running, finishAll } = await openAcquainted([...first, ...later], { maximumItems: 100 });
    void scheduler.add(first);
    await turn();
    void scheduler.add([...first.map((known, index) => ({ ...known, id: uuid(800_000 + index) })), ...later]);
    await turn();
    expect(running).toHaveLength(1);
    running[0]!.finish();
    await turn();
    expect(running.map(({ items }) => items.length)).toEqual([100, 40]);
    await finishAll();
  });

  test('never pass over the same item for long', async () => {
    const hot = item(1, 1, 1);
    const rest = Array.from({ length: 20 }, (_, index) => item(100 + index, index % 2 === 0 ? 1 : 2, 2));
    const patient = { ...item(50, 1, 2), identifiers: [uuid(2_001), uuid(2_002)] };
    const { scheduler, running, finishAll } = await openAcquainted([hot, patient, ...rest], { maximumItems: 1 });
    void scheduler.add([hot]);
    await turn();
    let isAnswered = false;
    void scheduler.add([patient]).then(() => {
      isAnswered = true;
    });
    for (const [index, later] of rest.entries()) {
      void scheduler.add([{ ...later, record: uuid(3_000 + index), identifiers: [uuid(2_000 + (index % 2) + 1)] }]);
      await turn();
    }
    for (let ended = 0; ended < 8 && !isAnswered; ended += 1) {
      running[0]!.finish();
      await turn();
    }
    expect(isAnswered).toBe(true);
    await finishAll();
  });

  test('of two with one id the second comes after the first or beside it in one batch, whatever else they are about', async () => {
    const one = fc.record({ id: fc.nat(30), record: fc.nat(5_000), identifier: fc.nat(20) });
    const calls = fc.array(fc.array(one, { minLength: 90, maxLength: 150 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(calls, fc.infiniteStream(fc.nat(2)), async (given, choices) => {
        const { scheduler, running } = openItems({ maximumItems: 20 });
        const seen: Item[] = [];
        const answers = given.map((call) =>
          scheduler.add(call.map((i) => item(i.id, i.record, ...(i.identifier === 0 ? [1] : [])))),
        );
        const all = Promise.all(answers).then((results) => ({ results }));
        for (;;) {
          const ended = await Promise.race([all, turn()]);
          if (ended) break;
          const ids = running.map(({ items }) => new Set(items.map(({ id }) => id)));
          const [a = new Set(), b = new Set(), c = new Set()] = ids;
          expect([a.intersection(b), a.intersection(c), b.intersection(c)].map(({ size }) => size)).toEqual([0, 0, 0]);
          const next = running[choices.next().value! % Math.max(running.length, 1)];
          if (next) seen.push(...next.items);
          next?.finish();
        }
        expect(seen).toHaveLength(given.flat().length);
        const expected = given.map((call) => call.map(({ id }) => `${uuid(id)}!`));
        expect((await all).results).toEqual(expected);
        const order = (items: readonly { id: string; record: string }[], id: string) =>
          items.filter((i) => i.id === id).map(({ record }) => record);
        const arrived = given.flat().map((i) => item(i.id, i.record, ...(i.identifier === 0 ? [1] : [])));
        for (const { id } of arrived) expect(order(seen, id)).toEqual(order(arrived, id));
      }),
      { numRuns: propertyRuns(25), endOnFailure: true },
    );
  });

  test('nothing of a call is taken when too many wait', async () => {
    const { scheduler, finishAll } = openItems({ maximumItems: 50, maximumQueued: 400 });
    const calls = [scheduler.add(filler(0)), scheduler.add(filler(200)), scheduler.add(filler(400))];
    await turn();
    const waiting = scheduler.queued;
    await expect(scheduler.add([...filler(600), ...filler(800), ...filler(1000)])).rejects.toMatchObject({
      code: 'OVERLOADED',
    });
    expect(scheduler.queued).toBe(waiting);
    await finishAll();
    expect((await Promise.all(calls)).flat()).toHaveLength(300);
  });
});
