import type { BoundComparison } from './comparator.ts';

/** One more than the most levels that a comparison has: the digit 0 stands for unknown. */
const base = 9;

/** Pairs by the levels at which they agree: a few thousand patterns stand for millions of pairs. */
export interface Patterns {
  readonly comparisons: number;
  readonly count: number;
  /** `comparisons` levels for each pattern, one pattern after the other; −1 is unknown. */
  readonly levels: Int8Array;
  /** How many pairs have the pattern. */
  readonly weights: Float64Array;
}

export class PatternCounter {
  readonly #bound: readonly BoundComparison[];
  readonly #counts = new Map<number, number>();

  constructor(bound: readonly BoundComparison[]) {
    this.#bound = bound;
  }

  add(a: number, b: number): void {
    let key = 0;
    for (const comparison of this.#bound) key = key * base + comparison.level(a, b) + 1;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** In a fixed order, so that sums over them don't depend on the order of the pairs. */
  patterns(scale = 1): Patterns {
    const comparisons = this.#bound.length;
    const keys = [...this.#counts.keys()].sort((a, b) => a - b);
    const levels = new Int8Array(keys.length * comparisons);
    for (const [at, key] of keys.entries()) writeLevels(key, levels.subarray(at * comparisons, (at + 1) * comparisons));
    const weights = Float64Array.from(keys, (key) => this.#counts.get(key)! * scale);
    return { comparisons, count: keys.length, levels, weights };
  }
}

function writeLevels(key: number, levels: Int8Array): void {
  let rest = key;
  for (let at = levels.length - 1; at >= 0; at--) {
    levels[at] = (rest % base) - 1;
    rest = Math.floor(rest / base);
  }
}
