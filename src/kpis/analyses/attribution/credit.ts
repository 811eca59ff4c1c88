import { split } from '../../../loyalty/earning/fraction.ts';

/**
 * What one conversion is worth: the least number that 1 to 30 divide, so that as many touchpoints share it without a rest. All
 * credit is counted in these parts, and none is ever lost.
 */
export const wholeCredit = 2_329_089_562_800n;

/** Decimal places in which credit is told. */
export const creditPlaces = 6;
const told = 10n ** BigInt(creditPlaces);
/** Weights that are no fractions are taken to so many parts of 1: about as many as a double has. */
const precision = 2 ** 52;

/** One conversion's credit, shared by weights. Adds up to {@link wholeCredit}. */
export function shareCredit(weights: readonly number[]): bigint[] {
  return split(wholeCredit, integersOf(weights));
}

/** Shares a whole by weights that are no fractions; all of it is given away. */
export function shareWhole(whole: bigint, weights: readonly number[]): bigint[] {
  return whole < 0n ? split(-whole, integersOf(weights)).map((part) => -part) : split(whole, integersOf(weights));
}

function integersOf(weights: readonly number[]): bigint[] {
  if (weights.every(Number.isSafeInteger)) return weights.map(BigInt);
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => BigInt(Math.round((weight / sum) * precision)));
}

/** Parts of credit of `conversions` conversions → as they are told, in {@link creditPlaces} places: they add up exactly, too. */
export function tellCredit(parts: readonly bigint[], conversions: number): bigint[] {
  return conversions === 0 ? parts.map(() => 0n) : split(BigInt(conversions) * told, parts);
}

/** Parts of credit times minor units → minor units that add up to the whole. */
export function tellRevenue(parts: readonly bigint[], wholeMinor: bigint): bigint[] {
  return wholeMinor === 0n ? parts.map(() => 0n) : split(wholeMinor, parts);
}
