import { type Beliefs, judge, levelShares, totalWeight } from './beliefs.ts';
import type { Patterns } from './patterns.ts';

/** So many pairs that nobody has seen speak for what was believed before: little data changes little. */
const pseudoPairs = 10;
const mostIterations = 100;
const tolerance = 1e-4;

export interface PassResult {
  readonly m: readonly (readonly number[])[];
  readonly expectedMatches: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Learns m, and the λ of these pairs, by expectation and maximisation (Dempster, Laird & Rubin, 1977; applied to
 * record linkage by Winkler, 1988). u stays what random pairs showed. `prior` is what was believed of m beforehand.
 */
export function learnPass(
  patterns: Patterns,
  beliefs: Beliefs,
  prior: Beliefs['m'],
  active: readonly number[],
): PassResult {
  const pairs = totalWeight(patterns);
  let current: Beliefs = { ...beliefs, lambda: 0.2, household: 0.05 };
  let expectedMatches = 0;
  for (let iteration = 1; iteration <= mostIterations; iteration++) {
    const posterior = judge(patterns, current, active);
    expectedMatches = totalWeight(patterns, posterior.match);
    const m = current.m.map((levels, comparison) =>
      active.includes(comparison)
        ? levelShares(patterns, { comparison, shares: posterior.match, prior: prior[comparison]!, pseudoPairs })
        : levels,
    );
    const next = {
      ...current,
      m,
      lambda: (expectedMatches + 1) / (pairs + 10),
      household: (totalWeight(patterns, posterior.household) + 0.1) / (pairs + 10),
    };
    const change = largestChange(current, next);
    current = next;
    if (change < tolerance) return { m: current.m, expectedMatches, iterations: iteration, converged: true };
  }
  return { m: current.m, expectedMatches, iterations: mostIterations, converged: false };
}

function largestChange(before: Beliefs, after: Beliefs): number {
  let largest = Math.abs(before.lambda - after.lambda);
  for (const [comparison, levels] of after.m.entries()) {
    for (const [level, m] of levels.entries()) {
      largest = Math.max(largest, Math.abs(m - before.m[comparison]![level]!));
    }
  }
  return largest;
}

/**
 * Finds λ, and how common pairs of one household are, among all pairs: the candidates hold nearly every match, so λ
 * is what makes the number of matches that they are expected to hold come out as λ times all pairs.
 */
export function balancePriors(candidates: Patterns, beliefs: Beliefs, allPairs: number): Beliefs {
  const active = beliefs.m.map((_, comparison) => comparison);
  let current = beliefs;
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const posterior = judge(candidates, current, active);
    const lambda = share(totalWeight(candidates, posterior.match), allPairs);
    const household = share(totalWeight(candidates, posterior.household), allPairs);
    const settled = Math.abs(lambda / current.lambda - 1) < 1e-3 && Math.abs(household / current.household - 1) < 1e-2;
    current = { ...current, lambda, household };
    if (settled) break;
  }
  return current;
}

/** At least one pair, and never so many that nothing else could be. */
function share(expected: number, allPairs: number): number {
  return Math.min(0.3, (expected + 1) / (allPairs + 10));
}
