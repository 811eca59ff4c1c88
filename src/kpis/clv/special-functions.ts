import logGamma from '@stdlib/math-base-special-gammaln';

/** lnΓ(x) for x > 0. */
export { logGamma };

/** Where the asymptotic series below is exact to the last bits: its first dropped term is 3617/8160 / 10¹⁶. */
const asymptoticFrom = 10;

/**
 * ψ(x) = d lnΓ(x)/dx for x > 0, to about 1e-14: ψ(x) = ψ(x+1) − 1/x up to 10, then the asymptotic series (Abramowitz
 * & Stegun 6.3.5 and 6.3.18). Ours, as stdlib's is derived from Boost and comes with a second licence.
 */
export function digamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < asymptoticFrom; y += 1) shift -= 1 / y;
  const u = 1 / (y * y);
  const tail =
    u * (1 / 12 - u * (1 / 120 - u * (1 / 252 - u * (1 / 240 - u * (1 / 132 - u * (691 / 32_760 - u / 12))))));
  return shift + Math.log(y) - 0.5 / y - tail;
}

/** ln(eᵃ + eᵇ) without overflow. Either may be −∞. */
export function logAddExp(a: number, b: number): number {
  const larger = Math.max(a, b);
  if (larger === Number.NEGATIVE_INFINITY) return larger;
  return larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
}

/** ln(eᵃ − eᵇ) for a ≥ b; −∞ where rounding has left no difference, or turned it round. */
export function logSubExp(a: number, b: number): number {
  return a > b ? a + Math.log(-Math.expm1(b - a)) : Number.NEGATIVE_INFINITY;
}

/** 1/(1 + e⁻ˣ): 0 and 1 at the ends, never NaN for a number or an infinity. */
export function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** (e^(d·x) − 1)/d, whose limit at d = 0 is x; exact on the way there, so that no threshold has to be chosen. */
export function powerExcess(x: number, d: number): number {
  return d === 0 ? x : Math.expm1(d * x) / d;
}
