export interface LifetimeValueTerms {
  /** E[Y(t)]: purchases expected in the next t. */
  readonly purchases: (t: number) => number;
  /** E[M]: the expected worth of a purchase, in the caller's currency. */
  readonly spend: number;
  /** Profit of a unit of revenue: 0.3 is 30 %. */
  readonly margin: number;
  /** How many periods ahead, and how long one is in the time unit of `purchases` (a month: 4.345 weeks). */
  readonly periods: number;
  readonly period: number;
  /** A period's rate: 0.01 is 1 % a period, not a year. */
  readonly discountRate: number;
}

/**
 * Predictive CLV by the reference: Σ_k margin · E[M] · (E[Y(kΔ)] − E[Y((k−1)Δ)]) / (1+d)^k, in the caller's currency. A
 * period's purchases count as made at its end. Throws RangeError for terms that make no sense.
 */
export function lifetimeValue({ purchases, spend, margin, periods, period, discountRate }: LifetimeValueTerms): number {
  if (!(Number.isSafeInteger(periods) && periods >= 0 && period > 0 && discountRate > -1))
    throw new RangeError(`No value over ${periods} periods of ${period}, discounted by ${discountRate}.`);
  let discounted = 0;
  let before = 0;
  for (let k = 1; k <= periods; k += 1) {
    const until = purchases(k * period);
    discounted += (until - before) / (1 + discountRate) ** k;
    before = until;
  }
  return margin * spend * discounted;
}
