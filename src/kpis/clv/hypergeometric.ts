/** So many terms are summed before a series counts as not converging: some milliseconds. */
const maximumTerms = 1_000_000;
const tolerance = 1e-16;

/** Above it, the fraction needs a small part of the series' terms: some √(1−z) of them. */
const fractionFrom = 0.9;

/**
 * Gauss's ₂F₁(a, b; c; z) for real a, b, c > 0 and z < 1, to about 1e-13 where no terms cancel.
 *
 * The series (DLMF 15.2.1), after Pfaff's transformation for z < 0 and after Euler's, (1−z)^(c−a−b) ·
 * ₂F₁(c−a, c−b; c; z), where that one's terms fall faster (DLMF 15.8.1). With an argument of 1 and z near 1, Gauss's
 * continued fraction instead. Answers NaN, never a wrong number, where neither converges within a million steps, and
 * outside the domain: an optimiser steps back from it, and forecasts refuse by `certain`.
 */
export function hypergeometric(a: number, b: number, c: number, z: number): number {
  if (!(z < 1 && c > 0)) return Number.NaN;
  if (z < 0) return (1 - z) ** -a * hypergeometric(a, c - b, c, z / (z - 1));
  if (z > fractionFrom && a === 1 && b > 0) return fraction(b, c, z);
  if (z > fractionFrom && b === 1 && a > 0) return fraction(a, c, z);
  if (c - a - b < 0) return (1 - z) ** (c - a - b) * series(c - a, c - b, c, z);
  return series(a, b, c, z);
}

function series(a: number, b: number, c: number, z: number): number {
  return 1 + (b / c) * hypergeometricExcess(a, b, c, z);
}

/**
 * (₂F₁(a, b; c; z) − 1) · c/b for c > −1 and 0 ≤ z < 1: Σ_{n≥1} (a)_n (b+1)_{n−1} zⁿ / ((c+1)_{n−1} n!). It is smooth
 * through b = 0 and c = 0, where the product itself would be 0/0. NaN where it doesn't converge.
 */
export function hypergeometricExcess(a: number, b: number, c: number, z: number): number {
  if (!(z >= 0 && z < 1 && c > -1)) return Number.NaN;
  let term = a * z;
  let sum = 0;
  for (let n = 1; n <= maximumTerms; n += 1) {
    sum += term;
    const ratio = (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    term *= ratio;
    // What is left is about a geometric series; while terms still grow, nothing is left out.
    if (Math.abs(ratio) < 1 && Math.abs(term) <= tolerance * (1 - Math.abs(ratio)) * (1 + Math.abs(sum))) return sum;
  }
  return Number.NaN;
}

const tiny = 1e-300;

/**
 * ₂F₁(1, b; c; z) by Gauss's continued fraction 1/(1 − k₁z/(1 − k₂z/…)) (DLMF 15.7.1), evaluated by Lentz's method
 * (Numerical Recipes, 3rd edition, 5.2). Its error falls by ((1−√(1−z))/(1+√(1−z)))ⁿ, that of the series by zⁿ.
 */
function fraction(b: number, c: number, z: number): number {
  let [value, upper, lower] = [1, 1, 0];
  for (let n = 1; n <= maximumTerms; n += 1) {
    const k = -coefficient(b, c, n) * z;
    lower = 1 / (1 + k * lower || tiny);
    upper = 1 + k / upper || tiny;
    value *= upper * lower;
    if (Math.abs(upper * lower - 1) < 4 * Number.EPSILON) return 1 / value;
  }
  return Number.NaN;
}

function coefficient(b: number, c: number, n: number): number {
  const half = Math.floor(n / 2);
  const numerator = n % 2 === 1 ? (b + half) * (c - 1 + half) : half * (c - b - 1 + half);
  return numerator / ((c + n - 2) * (c + n - 1));
}

/** The value of a forecast, refused where a series within it did not converge. Throws RangeError. */
export function certain(value: number, what: string): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(
    `${what} could not be computed: a series did not converge, or an argument is out of its domain.`,
  );
}
