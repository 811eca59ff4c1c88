/** From so many degrees of freedom on, the normal distribution is as good. */
const many = 1_000_000;
const normal = 1.959_963_984_540_054;

/** Which distance from the mean 95 % of Student's t distribution lie within. Degrees of freedom need not be whole. */
export function studentQuantile(freedom: number): number {
  if (freedom >= many) return normal;
  let [low, high] = [1, 2];
  while (outside(high, freedom) > 0.05) high *= 2;
  while (high - low > 1e-10 * high) {
    const middle = (low + high) / 2;
    if (outside(middle, freedom) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** P(|T| > t) = I(ν / (ν + t²); ν/2, 1/2). */
function outside(t: number, freedom: number): number {
  const [a, b, x] = [freedom / 2, 0.5, freedom / (freedom + t * t)];
  const rest = (t * t) / (freedom + t * t);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(rest));
  // The fraction converges fast on one side only; I(x; a, b) = 1 − I(1 − x; b, a).
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(rest, b, a)) / b;
}

/** Of the incomplete beta function, by the modified method of Lentz: NIST, Digital Library of Mathematical Functions, 8.17.22. */
function fraction(x: number, a: number, b: number): number {
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let value = d;
  for (let step = 1; step < 10_000; step += 1) {
    const even = (step * (b - step) * x) / ((a + 2 * step - 1) * (a + 2 * step));
    const odd = (-(a + step) * (a + b + step) * x) / ((a + 2 * step) * (a + 2 * step + 1));
    let factor = 1;
    for (const term of [even, odd]) {
      d = 1 / (1 + term * d);
      c = 1 + term / c;
      factor = c * d;
      value *= factor;
    }
    if (Math.abs(factor - 1) < 1e-14) break;
  }
  return value;
}

/** Stirling's series, from where it is exact enough; below, Γ(x) = Γ(x + 1) / x. */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}
