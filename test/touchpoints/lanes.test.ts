import { expect, test } from 'vitest';
import { Lanes } from '../../src/touchpoints/lanes.ts';

interface Item {
  readonly id: string;
  readonly record: string;
}

function openLanes(maximumQueued = 10_000) {
  const batches: Item[][] = [];
  const lanes = new Lanes<Item, string>({
    lanes: 3,
    recordOf: ({ record }) => record,
    idOf: ({ id }) => id,
    maximumItems: 50,
    maximumWaitMs: 1,
    maximumQueued,
    run: async (items) => {
      batches.push([...items]);
      return items.map(({ id }) => `${id}!`);
    },
  });
  return { lanes, batches };
}

const uuid = (number: number) => `00000000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`;
const items = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: uuid(index), record: uuid(index % 20) }));

test('a large call is divided by record, and answered in order', async () => {
  const { lanes, batches } = openLanes();
  const given = items(500);
  expect(await lanes.add(given)).toEqual(given.map(({ id }) => `${id}!`));
  await lanes.drained();
  for (const batch of batches) {
    expect(new Set(batch.map(({ record }) => Number.parseInt(record.slice(-6), 16) % 3)).size).toBe(1);
  }
  expect(batches.flat()).toHaveLength(500);
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
