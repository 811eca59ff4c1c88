import type { Patterns } from './patterns.ts';

/**
 * What is believed of the pairs: there are three kinds. The same person (λ), two members of one household, who share a
 * family name and an address though they are two, and strangers. Without the second kind, everything that a household
 * shares would count as evidence of its being one person.
 */
export interface Beliefs {
  readonly lambda: number;
  readonly household: number;
  /** By comparison and level. */
  readonly m: readonly (readonly number[])[];
  readonly u: readonly (readonly number[])[];
  /** By comparison and level; u where a household is like strangers. */
  readonly h: readonly (readonly number[])[];
}

/** The probabilities, by pattern, that its pairs are the same person, and that they are of one household. */
export interface Posterior {
  readonly match: Float64Array;
  readonly household: Float64Array;
}

/** Bayes' rule. Only the comparisons in `active` are heard. */
export function judge(patterns: Patterns, beliefs: Beliefs, active: readonly number[]): Posterior {
  const match = new Float64Array(patterns.count);
  const household = new Float64Array(patterns.count);
  const logs = [beliefs.m, beliefs.u, beliefs.h].map((table) => table.map((levels) => levels.map(Math.log)));
  const priors = [beliefs.lambda, 1 - beliefs.lambda - beliefs.household, beliefs.household].map(Math.log);
  for (let at = 0; at < patterns.count; at++) {
    const [same, stranger, home] = logs.map((log, kind) => priors[kind]! + sumLogs(patterns, at, log, active));
    const top = Math.max(same!, stranger!, home!);
    const total = Math.exp(same! - top) + Math.exp(stranger! - top) + Math.exp(home! - top);
    match[at] = Math.exp(same! - top) / total;
    household[at] = Math.exp(home! - top) / total;
  }
  return { match, household };
}

function sumLogs(patterns: Patterns, at: number, logs: readonly number[][], active: readonly number[]): number {
  let sum = 0;
  for (const comparison of active) {
    const level = patterns.levels[at * patterns.comparisons + comparison]!;
    if (level >= 0) sum += logs[comparison]![level]!;
  }
  return sum;
}

export function totalWeight(patterns: Patterns, shares?: Float64Array): number {
  let total = 0;
  for (let at = 0; at < patterns.count; at++) total += patterns.weights[at]! * (shares ? shares[at]! : 1);
  return total;
}

export interface LevelCount {
  readonly comparison: number;
  /** How far the pairs of each pattern count. */
  readonly shares: Float64Array;
  /** What was believed before, counted as so many pairs. */
  readonly prior: readonly number[];
  readonly pseudoPairs: number;
}

/** How often each level of a comparison occurs, among the pairs for which it is known. */
export function levelShares(patterns: Patterns, { comparison, shares, prior, pseudoPairs }: LevelCount): number[] {
  const counts = prior.map((share) => share * pseudoPairs);
  for (let at = 0; at < patterns.count; at++) {
    const level = patterns.levels[at * patterns.comparisons + comparison]!;
    if (level >= 0) counts[level]! += patterns.weights[at]! * shares[at]!;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}
