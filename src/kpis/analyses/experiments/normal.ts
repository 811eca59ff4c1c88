/**
 * The probability of a standard normal above `z`: by the series of erf near 0, by the continued fraction of erfc (Abramowitz and
 * Stegun 7.1.6 and 7.1.14) beyond. Relative error below 1e-12.
 */
export function standardNormalUpper(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const upper = x < 2 ? 0.5 - 0.5 * erfSeries(x) : 0.5 * erfcFraction(x);
  return z >= 0 ? upper : 1 - upper;
}

function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function erfcFraction(x: number): number {
  // From the innermost fraction outwards: 80 of them are more than enough from 2 on.
  let tail = 0;
  for (let n = 80; n >= 1; n -= 1) tail = n / 2 / (x + tail);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + tail));
}
