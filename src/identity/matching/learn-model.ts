import { type Beliefs, judge, levelShares, totalWeight } from './beliefs.ts';
import type { BoundComparison } from './comparator.ts';
import { findComparator } from './comparators.ts';
import { balancePriors, learnPass, type PassResult } from './expectation-maximisation.ts';
import type { BlockingRule, ComparisonSpec, MatchSpec } from './match-model.ts';
import type { TrainingMaterial } from './training-material.ts';

/** Each starts from the u and λ that the round before found. */
export const rounds = 4;

export interface Learnt {
  readonly beliefs: Beliefs;
  /** Of the last round, one for each rule of `spec.training`. */
  readonly passes: readonly PassResult[];
}

/**
 * Learns m, u and λ in turns: m in passes that each see the pairs of one rule, λ from the candidates, and then u anew
 * from the random pairs, those left out that look like matches. In a small table these would make u far too large.
 */
export function learnBeliefs(material: TrainingMaterial, spec: MatchSpec, bound: readonly BoundComparison[]): Learnt {
  const { random, candidates, rows } = material;
  const allPairs = (rows * (rows - 1)) / 2;
  const active = spec.training.map((rule) => learnableIn(rule, spec.comparisons));
  const prior = priorBeliefs(spec, bound);
  const learnU = (beliefs: Beliefs, strangers: Float64Array): Beliefs => {
    const u = shareLevels(random.count > 0 ? levelsOfStrangers(material, beliefs, strangers) : beliefs.u, bound);
    return { ...beliefs, u, h: householdLevels(spec, u) };
  };
  let beliefs = learnU(prior, new Float64Array(random.count).fill(1));
  let passes: PassResult[] = [];
  for (let round = 0; round < rounds; round++) {
    passes = material.passes.map((patterns, at) => learnPass(patterns, beliefs, prior.m, active[at]!));
    beliefs = balancePriors(candidates, { ...beliefs, m: averageM(prior.m, active, passes) }, allPairs);
    beliefs = learnU(beliefs, strangersAmong(material, beliefs));
  }
  return { beliefs, passes };
}

/** A pass can't learn a comparison of what it blocks on: there, everybody agrees. */
function learnableIn(rule: BlockingRule, comparisons: readonly ComparisonSpec[]): number[] {
  const blocked = new Set(rule.parts.flatMap(({ field, orField }) => [field, orField]));
  return comparisons.flatMap(({ fields }, at) => (fields.some((field) => blocked.has(field)) ? [] : [at]));
}

function priorBeliefs(spec: MatchSpec, bound: readonly BoundComparison[]): Beliefs {
  const m = spec.comparisons.map(({ comparator }) => findComparator(comparator).levels.map((level) => level.m));
  const u = shareLevels(
    m.map((levels) => levels.map(() => 1 / levels.length)),
    bound,
  );
  return { lambda: 1e-4, household: 1e-5, m, u, h: householdLevels(spec, u) };
}

/** How far the pairs of each pattern are strangers: the same people among random pairs tell nothing of u. */
function strangersAmong({ random }: TrainingMaterial, beliefs: Beliefs): Float64Array {
  const { match, household } = judge(random, beliefs, [...beliefs.m.keys()]);
  return match.map((probability, at) => 1 - probability - household[at]!);
}

function levelsOfStrangers({ random }: TrainingMaterial, { m }: Beliefs, strangers: Float64Array): number[][] {
  return m.map((levels, comparison) => {
    const uniform = levels.map(() => 1 / levels.length);
    return levelShares(random, { comparison, shares: strangers, prior: uniform, pseudoPairs: 1 });
  });
}

/** u, with what comparators know of it better than random pairs do. */
function shareLevels(u: readonly (readonly number[])[], bound: readonly BoundComparison[]): Beliefs['u'] {
  return u.map((levels, at) => levels.map((share, level) => bound[at]!.knownU?.[level] ?? share));
}

function householdLevels(spec: MatchSpec, u: Beliefs['u']): Beliefs['h'] {
  return spec.comparisons.map(({ comparator }, at) =>
    findComparator(comparator).levels.map(({ household }, level) => household ?? u[at]![level]!),
  );
}

/** The mean over the passes that could learn a comparison, each as heavy as the matches that it saw. */
function averageM(prior: Beliefs['m'], active: readonly number[][], passes: readonly PassResult[]): Beliefs['m'] {
  return prior.map((levels, comparison) => {
    const sums = levels.map((m) => m * leastWeight);
    let weight = leastWeight;
    for (const [at, { m, expectedMatches }] of passes.entries()) {
      if (!active[at]!.includes(comparison)) continue;
      for (const [level, share] of m[comparison]!.entries()) sums[level]! += share * expectedMatches;
      weight += expectedMatches;
    }
    return sums.map((sum) => sum / weight);
  });
}

/** Of the prior, in matches: it decides only where no pass has learnt anything. */
const leastWeight = 1e-3;

/** The pairs of each pass, for the facts of a training. */
export function countPairs({ passes }: TrainingMaterial): number[] {
  return passes.map((patterns) => totalWeight(patterns));
}
