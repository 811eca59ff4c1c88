import type { RuleKeys } from './block-keys.ts';
import { sharedInts } from './dictionary.ts';

/** The blocks of one rule: `order` holds the rows block by block, `starts` where each block begins and the last ends. */
export interface Blocks {
  /** The key of each row; two rows are in one block exactly if their keys are equal and not 0. */
  readonly keys: Int32Array;
  readonly order: Int32Array;
  readonly starts: Int32Array;
  readonly pairs: number;
  /** Rows that share a key with too many others to be compared at all. */
  readonly skippedRows: number;
}

/**
 * Divides rows into blocks that bring at most `budget` pairs: the largest blocks are divided by finer keys, and left
 * out if they are too large even with the finest. So the cost grows with the number of rows, not with its square.
 */
export function makeBlocks(ruleKeys: RuleKeys, budget: number): Blocks {
  const keys = sharedInts(ruleKeys[0]!.length);
  keys.set(ruleKeys[0]!);
  let sorted = sortByKey(keys);
  let skippedRows = 0;
  for (let stage = 0; countPairs(sorted.starts) > budget; stage++) {
    const finer = ruleKeys[stage + 1];
    const limit = largestAllowed(sorted.starts, finer ? budget / 2 : budget);
    skippedRows += divideLarge(keys, sorted, limit, finer);
    sorted = sortByKey(keys);
    if (!finer) break;
  }
  return { keys, ...sorted, pairs: countPairs(sorted.starts), skippedRows };
}

type Sorted = Pick<Blocks, 'order' | 'starts'>;

/** Gives the rows of blocks larger than `limit` their finer key. Returns how many rows were left without any. */
function divideLarge(keys: Int32Array, { order, starts }: Sorted, limit: number, finer?: Int32Array): number {
  let skipped = 0;
  for (let block = 0; block + 1 < starts.length; block++) {
    if (starts[block + 1]! - starts[block]! <= limit) continue;
    for (let at = starts[block]!; at < starts[block + 1]!; at++) {
      const row = order[at]!;
      keys[row] = finer ? finer[row]! : 0;
      if (keys[row] === 0) skipped++;
    }
  }
  return skipped;
}

function countPairs(starts: Int32Array): number {
  let pairs = 0;
  for (let block = 0; block + 1 < starts.length; block++) pairs += pairsOf(starts[block + 1]! - starts[block]!);
  return pairs;
}

function pairsOf(size: number): number {
  return (size * (size - 1)) / 2;
}

/** The largest size at which all blocks up to it bring no more than `budget` pairs. */
function largestAllowed(starts: Int32Array, budget: number): number {
  const sizes = Int32Array.from(
    { length: starts.length - 1 },
    (_, block) => starts[block + 1]! - starts[block]!,
  ).sort();
  let pairs = 0;
  let allowed = 1;
  for (const [at, size] of sizes.entries()) {
    pairs += pairsOf(size);
    if (pairs > budget) break;
    // A size counts as allowed only if all blocks of that size fit.
    if (sizes[at + 1] !== size) allowed = size;
  }
  return allowed;
}

/** Rows with a key, by key and then by row. */
function sortByKey(keys: Int32Array): Sorted {
  let order = rowsWithKey(keys);
  order = countingPass(order, keys, 0);
  order = countingPass(order, keys, 16);
  const starts: number[] = [];
  for (let at = 0; at < order.length; at++) {
    if (at === 0 || keys[order[at]!] !== keys[order[at - 1]!]) starts.push(at);
  }
  starts.push(order.length);
  return withoutSingles(order, Int32Array.from(starts));
}

function rowsWithKey(keys: Int32Array): Int32Array {
  let count = 0;
  for (const key of keys) if (key !== 0) count++;
  const rows = new Int32Array(count);
  let at = 0;
  for (let row = 0; row < keys.length; row++) if (keys[row] !== 0) rows[at++] = row;
  return rows;
}

/** One pass of a radix sort, by 16 bits of the key: stable, so two passes sort. */
function countingPass(order: Int32Array, keys: Int32Array, shift: number): Int32Array {
  const ends = new Int32Array(0x10001);
  for (const row of order) ends[((keys[row]! >>> shift) & 0xffff) + 1]!++;
  for (let digit = 1; digit < ends.length; digit++) ends[digit]! += ends[digit - 1]!;
  const sorted = new Int32Array(order.length);
  for (const row of order) {
    const digit = (keys[row]! >>> shift) & 0xffff;
    sorted[ends[digit]!++] = row;
  }
  return sorted;
}

function withoutSingles(order: Int32Array, starts: Int32Array): Sorted {
  const kept: number[] = [];
  const keptStarts: number[] = [0];
  for (let block = 0; block + 1 < starts.length; block++) {
    if (starts[block + 1]! - starts[block]! < 2) continue;
    for (let at = starts[block]!; at < starts[block + 1]!; at++) kept.push(order[at]!);
    keptStarts.push(kept.length);
  }
  return { order: share(kept), starts: share(keptStarts) };
}

function share(values: readonly number[]): Int32Array {
  const shared = sharedInts(values.length);
  shared.set(values);
  return shared;
}
