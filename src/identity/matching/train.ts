import { totalWeight } from './beliefs.ts';
import { bindComparisons, findComparator } from './comparators.ts';
import { countFrequencies } from './frequencies.ts';
import { countPairs, type Learnt, learnBeliefs, rounds } from './learn-model.ts';
import type { ComparisonParameters, MatchModel, MatchSpec, TrainingFacts } from './match-model.ts';
import { findColumn, type MatchTable } from './match-table.ts';
import { gatherMaterial, type TrainingMaterial } from './training-material.ts';

/** A stored model of another number must be trained again. */
export const engineVersion = 1;

/** Weights from which on records are linked, and shown to a person, unless the caller says otherwise. */
const thresholds = { link: 1, review: -3 };

export interface TrainingOptions {
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Learns how much each agreement is worth, from the records alone: nobody has to say which of them match. */
export function trainModel(
  table: MatchTable,
  spec: MatchSpec,
  { seed = 1, onProgress }: TrainingOptions = {},
): MatchModel {
  const bound = bindComparisons(table, spec.comparisons);
  const material = gatherMaterial({ table, bound }, spec, seed, onProgress);
  return modelOf(table, spec, material);
}

/** The model that follows from what has been gathered. */
export function modelOf(table: MatchTable, spec: MatchSpec, material: TrainingMaterial): MatchModel {
  const learnt = learnBeliefs(material, spec, bindComparisons(table, spec.comparisons));
  return {
    engine: engineVersion,
    spec,
    lambda: learnt.beliefs.lambda,
    household: learnt.beliefs.household,
    comparisons: parametersOf(spec, learnt),
    frequencies: Object.fromEntries(
      frequencyFields(spec).map((field) => [field, countFrequencies(findColumn(table, field))]),
    ),
    thresholds,
    facts: factsOf(spec, material, learnt),
  };
}

function parametersOf(spec: MatchSpec, { beliefs }: Learnt): ComparisonParameters[] {
  return spec.comparisons.map((comparison, at) => ({
    ...comparison,
    levels: findComparator(comparison.comparator).levels.map(({ label }, level) => ({
      label,
      m: beliefs.m[at]![level]!,
      u: beliefs.u[at]![level]!,
      household: beliefs.h[at]![level]!,
    })),
  }));
}

function frequencyFields({ comparisons }: MatchSpec): string[] {
  return [...new Set(comparisons.flatMap(({ fields, context }) => [...fields, ...context]))];
}

function factsOf(spec: MatchSpec, material: TrainingMaterial, { beliefs, passes }: Learnt): TrainingFacts {
  const pairs = countPairs(material);
  return {
    records: material.rows,
    randomPairs: totalWeight(material.random),
    rounds,
    passes: passes.map(({ expectedMatches, iterations, converged }, at) => ({
      rule: spec.training[at]!.name,
      pairs: pairs[at]!,
      iterations,
      converged,
      expectedMatches,
    })),
    candidatePairs: totalWeight(material.candidates),
    expectedMatches: (beliefs.lambda * material.rows * (material.rows - 1)) / 2,
  };
}
