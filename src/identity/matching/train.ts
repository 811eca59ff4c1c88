import { type Beliefs, judge, levelShares, totalWeight } from './beliefs.ts';
import { scatter } from './block-keys.ts';
import type { Blocks } from './blocks.ts';
import { blockTable, visitPairs } from './candidate-pairs.ts';
import type { BoundComparison } from './comparator.ts';
import { bindComparisons, findComparator } from './comparators.ts';
import { balancePriors, learnPass, type PassResult } from './expectation-maximisation.ts';
import { countFrequencies } from './frequencies.ts';
import type { BlockingRule, ComparisonSpec, MatchModel, MatchSpec, TrainingPass } from './match-model.ts';
import { findColumn, type MatchTable } from './match-table.ts';
import { PatternCounter, type Patterns } from './patterns.ts';
import { sampleRandomPairs } from './random-pairs.ts';

/** A stored model of another number must be trained again. */
export const engineVersion = 1;

const randomPairs = 1_000_000;
const passPairs = 1_000_000;
const candidatePairs = 2_000_000;
const rounds = 4;

/** Weights from which on records are linked, and shown to a person, unless the caller says otherwise. */
const thresholds = { link: 2, review: -2 };

export interface TrainingOptions {
  readonly seed?: number;
  /** Blocks of `spec.blocking`, where the caller has them already. */
  readonly blocks?: readonly Blocks[];
  readonly onProgress?: (done: number, total: number) => void;
}

/** Learns how much each agreement is worth, from the records alone: nobody has to say which of them match. */
export function trainModel(table: MatchTable, spec: MatchSpec, options: TrainingOptions = {}): MatchModel {
  const bound = bindComparisons(table, spec.comparisons);
  const material = gatherMaterial(table, spec, bound, options);
  const { beliefs, results } = learn(material, spec, bound);
  return toModel(table, spec, { material, beliefs, results });
}

interface Material {
  readonly random: Patterns;
  readonly passes: readonly Pass[];
  readonly candidates: Patterns;
  readonly allPairs: number;
}

interface Pass {
  readonly rule: BlockingRule;
  readonly patterns: Patterns;
  /** Comparisons that the pass can learn: those that don't look at what it blocks on. */
  readonly active: readonly number[];
}

/** Compares what is needed, once: the rounds of learning work on patterns of levels. */
function gatherMaterial(
  table: MatchTable,
  spec: MatchSpec,
  bound: readonly BoundComparison[],
  { seed = 1, blocks, onProgress }: TrainingOptions,
): Material {
  const steps = spec.training.length + 2;
  const random = sampleRandomPairs(table.rows, bound, { pairs: randomPairs, seed });
  onProgress?.(1, steps);
  const passes = spec.training.map((rule, at) => {
    const patterns = samplePatterns(blockTable(table, [rule]), bound, passPairs);
    onProgress?.(at + 2, steps);
    return { rule, patterns, active: learnableIn(rule, spec.comparisons) };
  });
  const candidates = samplePatterns(blocks ?? blockTable(table, spec.blocking), bound, candidatePairs);
  onProgress?.(steps, steps);
  return { random, passes, candidates, allPairs: (table.rows * (table.rows - 1)) / 2 };
}

/** About `atMost` of the pairs, chosen by a hash of their rows, and counted for those that were not. */
function samplePatterns(blocks: readonly Blocks[], bound: readonly BoundComparison[], atMost: number): Patterns {
  const pairs = blocks.reduce((sum, rule) => sum + rule.pairs, 0);
  const oneIn = Math.max(1, Math.ceil(pairs / atMost));
  const counter = new PatternCounter(bound);
  visitPairs(blocks, (a, b) => {
    if (oneIn === 1 || (scatter(Math.imul(a, 0x9e3779b1) ^ b) >>> 0) % oneIn === 0) counter.add(a, b);
  });
  return counter.patterns(oneIn);
}

function learnableIn(rule: BlockingRule, comparisons: readonly ComparisonSpec[]): number[] {
  const blocked = new Set(rule.parts.flatMap(({ field, orField }) => [field, orField]));
  return comparisons.flatMap(({ fields }, at) => (fields.some((field) => blocked.has(field)) ? [] : [at]));
}

interface Learnt {
  readonly beliefs: Beliefs;
  readonly results: readonly PassResult[];
}

function learn(
  { random, passes, candidates, allPairs }: Material,
  spec: MatchSpec,
  bound: readonly BoundComparison[],
): Learnt {
  const prior = priorBeliefs(spec, bound);
  let beliefs = withU(prior, random, bound, spec, new Float64Array(random.count).fill(1));
  let results: PassResult[] = [];
  for (let round = 0; round < rounds; round++) {
    results = passes.map(({ patterns, active }) => learnPass(patterns, beliefs, prior.m, active));
    beliefs = balancePriors(candidates, { ...beliefs, m: averageM(prior, passes, results) }, allPairs);
    beliefs = withU(beliefs, random, bound, spec, strangers(random, beliefs));
  }
  return { beliefs, results };
}

function priorBeliefs(spec: MatchSpec, bound: readonly BoundComparison[]): Beliefs {
  const m = spec.comparisons.map(({ comparator }) => findComparator(comparator).levels.map((level) => level.m));
  const u = m.map((levels, at) => levels.map((_, level) => bound[at]!.knownU?.[level] ?? 1 / levels.length));
  return { lambda: 1e-4, household: 1e-5, m, u, h: u };
}

/** How far the patterns of random pairs are those of strangers: the same people among them tell nothing of u. */
function strangers(random: Patterns, beliefs: Beliefs): Float64Array {
  const { match, household } = judge(
    random,
    beliefs,
    beliefs.m.map((_, comparison) => comparison),
  );
  return match.map((p, at) => 1 - p - household[at]!);
}

/** u as random pairs show it; at least what one pair in all of them would. */
function withU(
  beliefs: Beliefs,
  random: Patterns,
  bound: readonly BoundComparison[],
  spec: MatchSpec,
  shares: Float64Array,
): Beliefs {
  const u = beliefs.m.map((levels, comparison) => {
    const uniform = levels.map(() => 1 / levels.length);
    const seen = levelShares(random, comparison, shares, uniform, 1);
    return seen.map((share, level) => bound[comparison]!.knownU?.[level] ?? share);
  });
  return { ...beliefs, u, h: householdLevels(spec, u) };
}

function householdLevels(spec: MatchSpec, u: Beliefs['u']): Beliefs['h'] {
  return spec.comparisons.map(({ comparator }, at) =>
    findComparator(comparator).levels.map(({ household }, level) => household ?? u[at]![level]!),
  );
}

/** The mean over the passes that could learn a comparison, each as heavy as the matches that it saw. */
function averageM(prior: Beliefs, passes: readonly Pass[], results: readonly PassResult[]): Beliefs['m'] {
  return prior.m.map((levels, comparison) => {
    const sums = levels.map((m) => m * 1e-3);
    let weight = 1e-3;
    for (const [at, { active }] of passes.entries()) {
      if (!active.includes(comparison)) continue;
      const { m, expectedMatches } = results[at]!;
      for (const [level, share] of m[comparison]!.entries()) sums[level]! += share * expectedMatches;
      weight += expectedMatches;
    }
    return sums.map((sum) => sum / weight);
  });
}

function toModel(
  table: MatchTable,
  spec: MatchSpec,
  { material, beliefs, results }: Learnt & { readonly material: Material },
): MatchModel {
  return {
    engine: engineVersion,
    spec,
    lambda: beliefs.lambda,
    household: beliefs.household,
    comparisons: spec.comparisons.map((comparison, at) => ({
      ...comparison,
      levels: findComparator(comparison.comparator).levels.map(({ label }, level) => ({
        label,
        m: beliefs.m[at]![level]!,
        u: beliefs.u[at]![level]!,
        household: beliefs.h[at]![level]!,
      })),
    })),
    frequencies: Object.fromEntries(
      frequencyFields(spec).map((field) => [field, countFrequencies(findColumn(table, field))]),
    ),
    thresholds,
    facts: {
      records: table.rows,
      randomPairs: totalWeight(material.random),
      rounds,
      passes: material.passes.map(({ rule, patterns }, at) => passFacts(rule, patterns, results[at]!)),
      candidatePairs: totalWeight(material.candidates),
      expectedMatches: beliefs.lambda * material.allPairs,
    },
  };
}

function frequencyFields(spec: MatchSpec): string[] {
  return [...new Set(spec.comparisons.flatMap(({ fields, context }) => [...fields, ...context]))];
}

function passFacts(rule: BlockingRule, patterns: Patterns, result: PassResult): TrainingPass {
  const { expectedMatches, iterations, converged } = result;
  return { rule: rule.name, pairs: totalWeight(patterns), iterations, converged, expectedMatches };
}
