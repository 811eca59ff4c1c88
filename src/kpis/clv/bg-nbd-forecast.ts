import type { BgNbd } from './bg-nbd.ts';
import { checkHistory, type History } from './history.ts';
import { certain, hypergeometricExcess } from './hypergeometric.ts';
import { logistic, powerExcess } from './special-functions.ts';

/** Purchases after the first that a new customer is expected to make by time t. */
export function newCustomerPurchases(model: BgNbd, t: number): number {
  return expectedPurchases(model, { repeats: 0, recency: 0, age: 0 }, t);
}

/**
 * E[Y(t) | x, t_x, T]: purchases expected in the next t, by the reference's Euler-transformed form of Fader, Hardie &
 * Lee
 * (10):
 * (a+b+x−1)/(a−1) · [1 − (1−z)^(a−1) · ₂F₁(a+b−1−r, a−1; a+b+x−1; z)] · P(alive), z = t/(α+T+t).
 *
 * With δ = a−1, c = a+b+x−1 and F = 1 + (δ/c)·S, c/δ times the bracket is −(e^(δ ln(1−z)) − 1)/δ · (c + δS) − S. Both
 * quotients are computed as such, so that values near a = 1 (and a+b+x = 1) are exact, and the limit is the value at
 * δ = 0; the bracket itself loses all digits there.
 *
 * Throws RangeError for an impossible history, a negative t, and a t beyond some 30,000 times α + T.
 */
export function expectedPurchases(model: BgNbd, history: History, t: number): number {
  checkHistory(history);
  return certain(purchasesIfAlive(model, history, t) * probabilityAlive(model, history), `E[Y(${t})]`);
}

/**
 * The same for somebody who is known not to have left: does not depend on when they last bought, so that customers with
 * equally many repeats and the same age share it. NaN where a series does not converge.
 */
export function purchasesIfAlive(
  { r, alpha, a, b }: BgNbd,
  { repeats, age }: Pick<History, 'repeats' | 'age'>,
  t: number,
): number {
  const c = a + b + repeats - 1;
  const until = alpha + age + t;
  const logRest = Math.log((alpha + age) / until);
  const excess = hypergeometricExcess(a + b - 1 - r, a - 1, c, t / until);
  return -powerExcess(logRest, a - 1) * (c + (a - 1) * excess) - excess;
}

/**
 * P(alive | x, t_x, T): that a customer has not left at the end of observation. 1 without repeats, as in this model
 * nobody leaves before a second purchase: not a statement about one-time buyers. Fader, Hardie & Lee 2008, "Computing
 * P(alive) using the BG/NBD model", by the logistic of the log odds, as their powers overflow.
 */
export function probabilityAlive({ r, alpha, a, b }: BgNbd, history: History): number {
  checkHistory(history);
  const { repeats: x, recency, age } = history;
  if (x === 0) return 1;
  const logOddsLeft = Math.log(a / (b + x - 1)) + (r + x) * Math.log((alpha + age) / (alpha + recency));
  return logistic(-logOddsLeft);
}
