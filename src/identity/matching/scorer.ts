import type { BoundComparison } from './comparator.ts';
import { bindComparisons, findComparator } from './comparators.ts';
import { rarityBits } from './frequencies.ts';
import type { ComparisonParameters, MatchModel } from './match-model.ts';
import { findColumn, type MatchTable } from './match-table.ts';

/** One comparison of a model, made ready for the values of one table. */
export interface ReadyComparison {
  readonly bound: BoundComparison;
  /** Bits by level. */
  readonly weights: Float64Array;
  /** By level: bits for one household rather than strangers. */
  readonly householdWeights: Float64Array;
  /** By level: how far the rarity of the value counts. */
  readonly rarityShares: Float64Array;
  /** By level: whether a rare value speaks for one household as well. */
  readonly isHouseholdShared: boolean;
  readonly rarities: readonly Float32Array[];
  /** The most bits that this comparison and those after it can still add. */
  readonly mostToCome: number;
}

export const neverReached = Number.NEGATIVE_INFINITY;

/** Scores pairs of one table by a model. */
export class Scorer {
  readonly comparisons: readonly ReadyComparison[];
  readonly prior: number;
  readonly #householdOdds: number;

  constructor(table: MatchTable, model: MatchModel) {
    this.prior = Math.log2(model.lambda / (1 - model.lambda));
    this.#householdOdds = model.household / (1 - model.lambda);
    this.comparisons = readyComparisons(table, model);
  }

  /** The weight of a pair in bits; `neverReached` as soon as it is certain to stay below `atLeast`. */
  weigh(a: number, b: number, atLeast = neverReached): number {
    let weight = this.prior;
    let household = 0;
    for (let at = 0; at < this.comparisons.length; at++) {
      const comparison = this.comparisons[at]!;
      if (weight + comparison.mostToCome < atLeast) return neverReached;
      const level = comparison.bound.level(a, b);
      if (level < 0) continue;
      const rarity = rarityAt(comparison, a, b, level);
      weight += comparison.weights[level]! + rarity;
      household += comparison.householdWeights[level]! + (comparison.isHouseholdShared ? rarity : 0);
    }
    return weight + this.householdLoss(household);
  }

  /** Bits (≤ 0) that are lost because a household explains the agreement `household` bits better than strangers do. */
  householdLoss(household: number): number {
    return -Math.log2(1 - this.#householdOdds + this.#householdOdds * 2 ** household);
  }
}

export function rarityAt(
  { bound, rarityShares, rarities }: ReadyComparison,
  a: number,
  b: number,
  level: number,
): number {
  const share = rarityShares[level]!;
  return share === 0 || !bound.rarity ? 0 : share * bound.rarity(a, b, level, rarities);
}

/** Rarity is clamped to this many bits (see frequencies). */
const mostRarity = 6;

function readyComparisons(table: MatchTable, model: MatchModel): ReadyComparison[] {
  const bound = bindComparisons(table, model.spec.comparisons);
  const bits = new Map(
    Object.entries(model.frequencies).map(([field, frequencies]) => [
      field,
      rarityBits(findColumn(table, field), frequencies),
    ]),
  );
  const ready: ReadyComparison[] = [];
  let mostToCome = 0;
  for (let at = bound.length - 1; at >= 0; at--) {
    const parameters = model.comparisons[at]!;
    const comparison = readyComparison(parameters, bound[at]!, bits);
    mostToCome += Math.max(
      0,
      ...comparison.weights.map((bits, level) => bits + comparison.rarityShares[level]! * mostRarity),
    );
    ready.unshift({ ...comparison, mostToCome });
  }
  return ready;
}

function readyComparison(
  { comparator, levels, fields, context }: ComparisonParameters,
  bound: BoundComparison,
  bits: ReadonlyMap<string, Float32Array>,
): Omit<ReadyComparison, 'mostToCome'> {
  const defaults = findComparator(comparator).levels;
  return {
    bound,
    weights: Float64Array.from(levels, ({ m, u }) => Math.log2(m / u)),
    householdWeights: Float64Array.from(levels, ({ household, u }) => Math.log2(household / u)),
    rarityShares: Float64Array.from(defaults, ({ frequency = 0 }) => frequency),
    isHouseholdShared: defaults.some(({ household }) => household !== undefined),
    rarities: [...fields, ...context].map((field) => bits.get(field)!),
  };
}
