import type { Basket } from './basket.ts';
import { sum } from './basket.ts';
import type { OfferTerms } from './offer-terms.ts';

/** What came of the last presentations of an offer. */
export interface Answers {
  readonly presented: number;
  readonly accepted: number;
}

const million = 1_000_000n;

/**
 * How likely somebody accepts, in millionths: what was expected before anybody was asked counts as much as `weight`
 * answers. (The mean of a beta distribution: the usual smoothing of rates.)
 */
export function acceptancePpm({ acceptancePpm: prior, offer }: OfferTerms, { presented, accepted }: Answers): bigint {
  const weight = BigInt(offer.definition.expected.weight);
  const answers = BigInt(presented) + weight;
  if (answers === 0n) return prior;
  return (BigInt(accepted) * million + prior * weight) / answers;
}

/** What is left for the business of a basket at these prices; null where the cost of a line is not known. */
export function marginOf(basket: Basket, prices: readonly bigint[]): bigint | null {
  const costs = basket.lines.map(({ cost }) => cost);
  if (costs.some((cost) => cost === null)) return null;
  return sum(prices) - sum(costs as bigint[]);
}

/** Whether at least so many millionths of the price are left. Of a price of nothing nothing is left, or less. */
export function keepsMargin(margin: bigint, price: bigint, ppm: bigint): boolean {
  return price === 0n ? margin >= 0n && ppm <= 0n : margin * million >= ppm * price;
}

export interface ValueOf {
  /** What one acceptance leaves for the business, after discount and costs; null: nobody knows. */
  readonly gain: bigint | null;
  readonly acceptancePpm: bigint;
}

/** Acceptance × value × lever, in minor units, rounded down. What is not known is worth nothing. */
export function expectedValue({ leverPpm }: OfferTerms, { gain, acceptancePpm: acceptance }: ValueOf): bigint {
  return floorDivided((gain ?? 0n) * acceptance * leverPpm, million * million);
}

function floorDivided(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
