import type { Rounding } from '../program.ts';

/** An exact share: of points, before they are rounded. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const places = 8;
/** What decimals are scaled by. */
export const unit = 100_000_000n;
const remembered = new Map<string, bigint>();

/** Decimal text with at most eight places → the number times 10^8. */
export function scaled(decimal: string): bigint {
  const known = remembered.get(decimal);
  if (known !== undefined) return known;
  const match = /^(-?)(\d+)(?:\.(\d{1,8}))?$/.exec(decimal);
  if (!match) throw new TypeError(`no decimal number of at most ${places} places: ${decimal}`);
  const [, sign, whole = '', fraction = ''] = match;
  const value = BigInt(whole + fraction.padEnd(places, '0'));
  const result = sign ? -value : value;
  if (remembered.size > 10_000) remembered.clear();
  remembered.set(decimal, result);
  return result;
}

/** A quantity as JSON gives it, times 10^8. Quantities with more places are rounded there. */
export function scaledNumber(quantity: number): bigint {
  return scaled(Number.isInteger(quantity) ? String(quantity) : quantity.toFixed(places));
}

/** Of what is not negative. */
export function round({ numerator, denominator }: Fraction, rounding: Rounding): bigint {
  switch (rounding) {
    case 'DOWN':
      return numerator / denominator;
    case 'UP':
      return (numerator + denominator - 1n) / denominator;
    case 'HALF_UP':
      return (2n * numerator + denominator) / (2n * denominator);
  }
}

/**
 * Splits a whole by weights so that nothing is lost: everybody gets their share rounded down, and what is left goes to the
 * largest remainders, the first of equals first.
 */
export function split(total: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.length === 1) return [total];
  let sum = 0n;
  for (const weight of weights) sum += weight;
  if (sum === 0n) return weights.map((_, index) => (index === 0 ? total : 0n));
  let left = total;
  const shares: bigint[] = [];
  for (const weight of weights) {
    const share = weight === sum ? total : (total * weight) / sum;
    shares.push(share);
    left -= share;
  }
  if (left > 0n) giveRest(shares, left, (index) => total * weights[index]! - shares[index]! * sum);
  return shares;
}

function giveRest(shares: bigint[], left: bigint, restOf: (index: number) => bigint): void {
  const remainders = shares.map((_, index) => ({ index, rest: restOf(index) }));
  remainders.sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1));
  for (const { index } of remainders.slice(0, Number(left))) shares[index]! += 1n;
}
