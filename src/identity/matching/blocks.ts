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

/** Rows with a key that others have too, by key and then by row. */
function sortByKey(keys: Int32Array): Sorted {
  const unsorted = rowsWithKey(keys);
  const scratch = new Int32Array(unsorted.length);
  countingPass(unsorted, scratch, keys, 0);
  countingPass(scratch, unsorted, keys, 16);
  return withoutSingles(unsorted, keys);
}

function rowsWithKey(keys: Int32Array): Int32Array {
  const rows = new Int32Array(keys.length);
  let count = 0;
  for (let row = 0; row < keys.length; row++) if (keys[row] !== 0) rows[count++] = row;
  return rows.slice(0, count);
}

/** One pass of a radix sort, by 16 bits of the key: stable, so two passes sort. */
function countingPass(from: Int32Array, to: Int32Array, keys: Int32Array, shift: number): void {
  const ends = new Int32Array(0x10001);
  for (let at = 0; at < from.length; at++) ends[((keys[from[at]!]! >>> shift) & 0xffff) + 1]!++;
  for (let digit = 1; digit < ends.length; digit++) ends[digit]! += ends[digit - 1]!;
  for (let at = 0; at < from.length; at++) {
    const row = from[at]!;
    to[ends[(keys[row]! >>> shift) & 0xffff]!++] = row;
  }
}

function withoutSingles(sorted: Int32Array, keys: Int32Array): Sorted {
  const order = sharedInts(sorted.length);
  const starts = sharedInts((sorted.length >> 1) + 1);
  let kept = 0;
  let blocks = 0;
  for (let from = 0; from < sorted.length; ) {
    const key = keys[sorted[from]!]!;
    let to = from + 1;
    while (to < sorted.length && keys[sorted[to]!] === key) to++;
    if (to - from > 1) {
      starts[blocks++] = kept;
      for (let at = from; at < to; at++) order[kept++] = sorted[at]!;
    }
    from = to;
  }
  starts[blocks] = kept;
  return { order: order.subarray(0, kept), starts: starts.subarray(0, blocks + 1) };
}
