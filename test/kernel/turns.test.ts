import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mapInTurns } from '../../src/kernel/turns.ts';

test('a long list is mapped in its order, and others have a turn after every few of it', async () => {
  let turns = 0;
  let isDone = false;
  const other = (async () => {
    while (!isDone) {
      await nextTurn();
      turns += 1;
    }
  })();
  const seen: number[] = [];
  const mapped = await mapInTurns([1, 2, 3, 4, 5, 6, 7], 2, (number) => {
    seen.push(turns);
    return number * 10;
  });
  isDone = true;
  await other;
  expect(mapped).toEqual([10, 20, 30, 40, 50, 60, 70]);
  // Two of each turn, and each turn a later one.
  expect([seen[0], seen[2], seen[4]]).toEqual([seen[1], seen[3], seen[5]]);
  expect(new Set(seen).size).toBe(4);
});

test('an empty list takes none', async () => {
  expect(await mapInTurns([], 2, () => 1)).toEqual([]);
});
