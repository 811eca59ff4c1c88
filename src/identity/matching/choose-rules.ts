import { ruleKeys } from './block-keys.ts';
import type { BlockingRule, PairList } from './match-model.ts';
import type { MatchTable } from './match-table.ts';

/** A blocking rule whose blocks are kept, with the block of each row; 0 is none. */
export interface KeptRule {
  readonly name: string;
  readonly keys: Int32Array;
}

export interface KeepOptions {
  /** Records of a larger block are not compared when one of them changes. */
  readonly blockLimit: number;
  /** With fewer rows than this every rule is kept. */
  readonly smallTable: number;
  /** More rules are not kept, however much they would add. */
  readonly mostRules: number;
}

/** A rule that brings less than this share of the pairs is not worth its room. */
const leastGain = 0.0005;
const sampleSize = 50_000;

/**
 * Chooses the rules by which a single new or changed record will be compared: the few that bring nearly all the pairs
 * which all rules together have found. Each kept rule costs a row for every record.
 */
export function chooseRules(
  table: MatchTable,
  rules: readonly BlockingRule[],
  pairs: PairList,
  options: KeepOptions,
): KeptRule[] {
  const all = rules.map((rule) => ({ name: rule.name, keys: ruleKeys(table, rule)[0]! }));
  if (table.rows < options.smallTable) return all;
  const sample = sampleOf(pairs);
  const brought = all.map(({ keys }) => broughtBy(keys, sample, options.blockLimit));
  return chooseGreedily(brought, sample.length, options.mostRules).map((rule) => all[rule]!);
}

type RowPair = readonly [number, number];

function sampleOf({ count, left, right }: PairList): RowPair[] {
  const step = Math.max(1, Math.floor(count / sampleSize));
  return Array.from({ length: Math.ceil(count / step) }, (_, at) => [left[at * step]!, right[at * step]!]);
}

/** The pairs of the sample that share a block which is not too large. */
function broughtBy(keys: Int32Array, sample: readonly RowPair[], limit: number): Set<number> {
  const sharing = [...sample.keys()].filter((pair) => {
    const [left, right] = sample[pair]!;
    return keys[left] !== 0 && keys[left] === keys[right];
  });
  const sizes = new Map(sharing.map((pair) => [keys[sample[pair]![0]]!, 0]));
  for (const key of keys) {
    const size = sizes.get(key);
    if (size !== undefined) sizes.set(key, size + 1);
  }
  return new Set(sharing.filter((pair) => sizes.get(keys[sample[pair]![0]]!)! <= limit));
}

/** Always the rule that adds most to those chosen before. */
function chooseGreedily(brought: readonly Set<number>[], pairs: number, most: number): number[] {
  const chosen: number[] = [];
  let missing = brought.map((set) => new Set(set));
  while (chosen.length < most) {
    const gains = missing.map(({ size }) => size);
    const best = gains.indexOf(Math.max(...gains));
    if (best < 0 || gains[best]! <= pairs * leastGain) break;
    chosen.push(best);
    const added = missing[best]!;
    missing = missing.map((set) => set.difference(added));
  }
  return chosen.sort((a, b) => a - b);
}
