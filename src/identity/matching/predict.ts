import type { Blocks } from './blocks.ts';
import { blockTable, type Share, type VisitOptions, visitPairs } from './candidate-pairs.ts';
import type { MatchModel, PairList } from './match-model.ts';
import type { MatchTable } from './match-table.ts';
import { Scorer } from './scorer.ts';

export interface PredictOptions {
  /** Bits; the model's threshold for review unless given. */
  readonly threshold?: number;
  /** Blocks of `model.spec.blocking`, where the caller has them already. */
  readonly blocks?: readonly Blocks[];
  readonly scorer?: Scorer;
  /** Only this share of the pairs. */
  readonly share?: Share;
  readonly onProgress?: (pairs: number) => void;
}

/** The pairs of the model's blocking rules that reach the threshold. */
export function predict(table: MatchTable, model: MatchModel, options: PredictOptions = {}): PairList {
  return predictWhere(table, model, options);
}

/** Those pairs in which one of `rows` takes part: new records against all. */
export function predictFor(
  table: MatchTable,
  model: MatchModel,
  rows: Int32Array,
  options: PredictOptions = {},
): PairList {
  const chosen = new Uint8Array(table.rows);
  for (const row of rows) chosen[row] = 1;
  return predictWhere(table, model, options, (a, b) => chosen[a] === 1 || chosen[b] === 1);
}

/** Pairs between two notices of progress. */
const noticeEvery = 1 << 20;

function predictWhere(
  table: MatchTable,
  model: MatchModel,
  options: PredictOptions,
  where?: VisitOptions['where'],
): PairList {
  const { threshold = model.thresholds.review, share, onProgress } = options;
  const scorer = options.scorer ?? new Scorer(table, model);
  const found = new PairCollector();
  let visited = 0;
  const visit = (a: number, b: number) => {
    if ((++visited & (noticeEvery - 1)) === 0) onProgress?.(noticeEvery);
    const weight = scorer.weigh(a, b, threshold);
    if (weight >= threshold) found.add(a, b, weight);
  };
  visitPairs(options.blocks ?? blockTable(table, model.spec.blocking), visit, { share, where });
  return found.pairs();
}

/** Pairs in columns that grow. */
export class PairCollector {
  #left = new Int32Array(1024);
  #right = new Int32Array(1024);
  #weight = new Float32Array(1024);
  #count = 0;

  add(a: number, b: number, weight: number): void {
    if (this.#count === this.#left.length) this.#grow();
    this.#left[this.#count] = Math.min(a, b);
    this.#right[this.#count] = Math.max(a, b);
    this.#weight[this.#count++] = weight;
  }

  pairs(): PairList {
    const count = this.#count;
    return {
      count,
      left: this.#left.slice(0, count),
      right: this.#right.slice(0, count),
      weight: this.#weight.slice(0, count),
    };
  }

  #grow(): void {
    const [left, right, weight] = [this.#left, this.#right, this.#weight];
    this.#left = new Int32Array(2 * this.#count);
    this.#right = new Int32Array(2 * this.#count);
    this.#weight = new Float32Array(2 * this.#count);
    this.#left.set(left);
    this.#right.set(right);
    this.#weight.set(weight);
  }
}

export function joinPairLists(lists: readonly PairList[]): PairList {
  const count = lists.reduce((sum, list) => sum + list.count, 0);
  const joined = { count, left: new Int32Array(count), right: new Int32Array(count), weight: new Float32Array(count) };
  let at = 0;
  for (const list of lists) {
    joined.left.set(list.left, at);
    joined.right.set(list.right, at);
    joined.weight.set(list.weight, at);
    at += list.count;
  }
  return joined;
}
