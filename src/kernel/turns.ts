import { setImmediate as nextTurn } from 'node:timers/promises';

/** Maps a list in its order, so many at once; in between, whoever else waits for this process has a turn. */
export async function mapInTurns<T, R>(items: readonly T[], atOnce: number, map: (item: T) => R): Promise<R[]> {
  const mapped: R[] = [];
  for (const item of items) {
    if (mapped.length > 0 && mapped.length % atOnce === 0) await nextTurn();
    mapped.push(map(item));
  }
  return mapped;
}
