import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Lanes } from '../../src/touchpoints/lanes.ts';

interface Item {
  readonly id: string;
  readonly record: string;
  readonly identifier?: string;
}

function openLanes(maximumQueued = 10_000) {
  const batches: Item[][] = [];
  const running = new Set<readonly Item[]>();
  const seen = { most: 0, shared: 0 };
  const keysOf = ({ record, identifier }: Item) => (identifier ? [record, identifier] : [record]);
  const lanes = new Lanes<Item, string>({
    lanes: 3,
    recordOf: ({ record }) => record,
    identifiersOf: ({ identifier }) => (identifier ? [{ id: identifier }] : []),
    idOf: ({ id }) => id,
    maximumItems: 50,
    maximumWaitMs: 1,
    maximumQueued,
    run: async (items) => {
      batches.push([...items]);
      const others = new Set([...running].flatMap((batch) => batch.flatMap(keysOf)));
      seen.shared += items.filter((item) => keysOf(item).some((key) => others.has(key))).length;
      running.add(items);
      seen.most = Math.max(seen.most, running.size);
      await wait(2);
      running.delete(items);
      return items.map(({ id }) => `${id}!`);
    },
  });
  return { lanes, batches, seen };
}

const uuid = (number: number) => `00000000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`;
const items = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: uuid(index), record: uuid(index % 20) }));

test('a large call is divided and answered in order', async () => {
  const { lanes, batches, seen } = openLanes();
  const given = items(500);
  expect(await lanes.add(given)).toEqual(given.map(({ id }) => `${id}!`));
  await lanes.drained();
  expect(batches.flat()).toHaveLength(500);
  expect(seen.most).toBe(2);
});

const ofPeople = (call: number): Item[] =>
  Array.from({ length: 120 }, (_, index) => ({
    id: uuid(call * 1000 + index),
    record: uuid(10_000 + (index % 40)),
    identifier: uuid(20_000 + ((index % 40) >> 1)),
  }));

test('what shares a record or an identifier is never in two batches at once, also when it comes in several calls', async () => {
  const { lanes, batches, seen } = openLanes();
  await lanes.add(ofPeople(0));
  Object.assign(seen, { most: 0, shared: 0 });
  await Promise.all([1, 2, 3].map((call) => lanes.add(ofPeople(call))));
  expect(batches.flat()).toHaveLength(480);
  expect(seen).toEqual({ most: 2, shared: 0 });
});

test('what may join people goes to one lane, and never waits behind all others', async () => {
  const { lanes, batches } = openLanes();
  await lanes.add(ofPeople(0));
  batches.length = 0;
  const joining: Item[] = ofPeople(1)
    .filter((_, index) => index % 20 === 0)
    .map((item, index) => ({ ...item, id: uuid(90_000 + index), identifier: uuid(91_000 + index) }));
  await lanes.add([...ofPeople(2), ...joining]);
  const own = batches.filter((batch) => batch.some((item) => joining.includes(item)));
  expect(own).toHaveLength(1);
  expect(own[0]).toEqual(joining);
});

test('when everything is new, all lanes have work', async () => {
  const { lanes, seen } = openLanes();
  const strangers = items(500).map(({ id }, index) => ({ id, record: id, identifier: uuid(50_000 + index) }));
  await lanes.add(strangers);
  expect(seen.most).toBe(3);
});

test('what all items share does not make them queue up in one lane', async () => {
  const { lanes, seen } = openLanes();
  await lanes.add(items(500).map((item) => ({ ...item, record: item.id, identifier: uuid(99_999) })));
  expect(seen.most).toBe(3);
});

test('a small call stays in one batch', async () => {
  const { lanes, batches } = openLanes();
  await lanes.add(items(40));
  expect(batches).toHaveLength(1);
});

test('of two with one id the second follows the first, whatever its record', async () => {
  const { lanes, batches } = openLanes();
  const [first, second] = [
    { id: uuid(7), record: uuid(1) },
    { id: uuid(7), record: uuid(2) },
  ];
  await lanes.add([...items(200).filter(({ id }) => id !== uuid(7)), first, second]);
  const at = (item: Item) => batches.findIndex((batch) => batch.includes(item));
  expect(at(second)).toBe(at(first));
});

test('nothing of a call is taken when too many wait', async () => {
  const { lanes, batches } = openLanes(400);
  const running = lanes.add(items(500));
  const waiting = lanes.add(items(300));
  await expect(lanes.add(items(200))).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect([...(await running), ...(await waiting)]).toHaveLength(800);
  expect(batches.flat()).toHaveLength(800);
});
