import { expect, test } from 'vitest';
import { BoundedQueue } from '../../src/kernel/bounded-queue.ts';

const drain = async (queue: BoundedQueue<number>, count: number) => {
  const values: unknown[] = [];
  for (let taken = 0; taken < count; taken++) values.push((await queue.next()).value);
  return values;
};

test('hands over in order, to those who wait and to those who come later', async () => {
  const queue = new BoundedQueue<number>(10);
  const waiting = [queue.next(), queue.next()];
  for (const value of [1, 2, 3, 4]) queue.push(value);
  expect((await Promise.all(waiting)).map((result) => result.value)).toEqual([1, 2]);
  expect(await drain(queue, 2)).toEqual([3, 4]);
});

test('takes no more than its capacity, and again once there is room', async () => {
  const queue = new BoundedQueue<number>(2);
  expect([1, 2, 3].map((value) => queue.push(value))).toEqual([true, true, false]);
  expect(await drain(queue, 1)).toEqual([1]);
  expect(queue.push(4)).toBe(true);
  expect(await drain(queue, 2)).toEqual([2, 4]);
});

test('combines a value with the last that waits, where they can be', async () => {
  const queue = new BoundedQueue<number>(2, (waiting, next) => (next % 10 === 0 ? undefined : waiting + next));
  expect([1, 2, 10, 3, 20].map((value) => queue.push(value))).toEqual([true, true, true, true, false]);
  expect(await drain(queue, 2)).toEqual([3, 13]);
});

test('when closed drops what waits, takes nothing more, and tells everybody who waits', async () => {
  const [empty, full] = [new BoundedQueue<number>(2), new BoundedQueue<number>(2)];
  const waiting = empty.next();
  empty.close();
  expect(await waiting).toEqual({ done: true, value: undefined });
  full.push(1);
  full.close();
  expect(full.push(2)).toBe(true);
  expect(full.size).toBe(0);
  expect(await full.next()).toEqual({ done: true, value: undefined });
});
