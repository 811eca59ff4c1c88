import { KeyMaker } from './block-keys.ts';
import { type Blocks, makeBlocks } from './blocks.ts';
import type { BlockingRule } from './match-model.ts';
import type { MatchTable } from './match-table.ts';

/** Pairs that one rule may bring, at most: a share for small tables to be compared whole, the rest grows with rows. */
export function pairBudget(rows: number): number {
  return 1_000_000 + 4 * rows;
}

export function blockTable(table: MatchTable, rules: readonly BlockingRule[]): Blocks[] {
  const maker = new KeyMaker(table);
  return rules.map((rule) => makeBlocks(maker.keys(rule), pairBudget(table.rows)));
}

/** A share of the work: the `part`th of `parts` of every rule's pairs. */
export interface Share {
  readonly part: number;
  readonly parts: number;
}

export interface VisitOptions {
  readonly share?: Share;
  /** Other pairs are passed over, before anything else is asked of them. */
  readonly where?: (left: number, right: number) => boolean;
}

type Visit = (left: number, right: number) => void;

/** Visits every pair of the union of the rules once, with the first rule that brings it; the smaller row is `left`. */
export function visitPairs(rules: readonly Blocks[], visit: Visit, options: VisitOptions = {}): void {
  for (let rule = 0; rule < rules.length; rule++) visitRule(rules, rule, visit, options);
}

function visitRule(rules: readonly Blocks[], rule: number, visit: Visit, { share, where }: VisitOptions): void {
  const { order, starts } = rules[rule]!;
  const earlier = rules.slice(0, rule).map(({ keys }) => keys);
  const [from, to] = share ? blocksOf(rules[rule]!, share) : [0, starts.length - 1];
  for (let block = from; block < to; block++) {
    const end = starts[block + 1]!;
    for (let first = starts[block]!; first < end; first++) {
      const left = order[first]!;
      for (let second = first + 1; second < end; second++) {
        const right = order[second]!;
        if (where && !where(left, right)) continue;
        if (!isBroughtBy(earlier, left, right)) visit(left, right);
      }
    }
  }
}

function isBroughtBy(earlier: readonly Int32Array[], left: number, right: number): boolean {
  for (let rule = 0; rule < earlier.length; rule++) {
    const keys = earlier[rule]!;
    const key = keys[left]!;
    if (key === keys[right]! && key !== 0) return true;
  }
  return false;
}

/** The blocks of one share: as many pairs as any other, give or take a block. */
function blocksOf({ starts, pairs }: Blocks, { part, parts }: Share): readonly [from: number, to: number] {
  const blocks = starts.length - 1;
  const bounds: number[] = [];
  let seen = 0;
  for (let block = 0; block < blocks; block++) {
    while (bounds.length <= parts && seen >= (pairs * bounds.length) / parts) bounds.push(block);
    const size = starts[block + 1]! - starts[block]!;
    seen += (size * (size - 1)) / 2;
  }
  return [bounds[part] ?? blocks, part + 1 === parts ? blocks : (bounds[part + 1] ?? blocks)];
}
