import { scatter } from './block-keys.ts';
import type { Blocks } from './blocks.ts';
import { blockTable, visitPairs } from './candidate-pairs.ts';
import type { BoundComparison } from './comparator.ts';
import type { BlockingRule, MatchSpec } from './match-model.ts';
import type { MatchTable } from './match-table.ts';
import { PatternCounter, type Patterns } from './patterns.ts';
import { sampleRandomPairs } from './random-pairs.ts';

const randomPairs = 1_000_000;
const passPairs = 500_000;
const candidatePairs = 2_000_000;

/** All that learning needs of the records: every pair is compared once, the rounds of learning work on patterns. */
export interface TrainingMaterial {
  readonly rows: number;
  readonly random: Patterns;
  /** One for each rule of `spec.training`. */
  readonly passes: readonly Patterns[];
  readonly candidates: Patterns;
}

export interface MaterialSource {
  readonly table: MatchTable;
  readonly bound: readonly BoundComparison[];
}

export function gatherMaterial(
  source: MaterialSource,
  spec: MatchSpec,
  seed: number,
  onProgress?: (done: number, total: number) => void,
): TrainingMaterial {
  const steps = spec.training.length + 2;
  const random = randomPatterns(source, seed);
  const passes = spec.training.map((rule, at) => {
    onProgress?.(at + 1, steps);
    return passPatterns(source, rule);
  });
  onProgress?.(steps - 1, steps);
  const candidates = candidatePatterns(source, blockTable(source.table, spec.blocking));
  onProgress?.(steps, steps);
  return { rows: source.table.rows, random, passes, candidates };
}

export function randomPatterns({ table, bound }: MaterialSource, seed: number): Patterns {
  return sampleRandomPairs(table.rows, bound, { pairs: randomPairs, seed });
}

export function passPatterns({ table, bound }: MaterialSource, rule: BlockingRule): Patterns {
  return samplePatterns(blockTable(table, [rule]), bound, passPairs);
}

export function candidatePatterns({ bound }: MaterialSource, blocks: readonly Blocks[]): Patterns {
  return samplePatterns(blocks, bound, candidatePairs);
}

/** About `atMost` of the pairs, chosen by a hash of their rows, and counted for those that were not. */
function samplePatterns(blocks: readonly Blocks[], bound: readonly BoundComparison[], atMost: number): Patterns {
  const pairs = blocks.reduce((sum, rule) => sum + rule.pairs, 0);
  const oneIn = Math.max(1, Math.ceil(pairs / atMost));
  const counter = new PatternCounter(bound);
  const isChosen = (a: number, b: number) => (scatter(Math.imul(a, 0x9e3779b1) ^ b) >>> 0) % oneIn === 0;
  visitPairs(blocks, (a, b) => counter.add(a, b), { where: oneIn === 1 ? undefined : isChosen });
  return counter.patterns(oneIn);
}
