import { type Fit, noData, notConverged } from './fit.ts';
import { columnsOf, type HistoryColumns, type HistoryGroup, scaling } from './history.ts';
import { bound, type Evaluation, maximise } from './maximise.ts';
import { digamma, logGamma } from './special-functions.ts';

/**
 * BG/NBD: purchases come at a rate that is Gamma(r, α) over customers; after each, a customer leaves for good with a
 * probability that is Beta(a, b). α is a time, in the histories' unit; r, a and b are numbers. Fader, Hardie & Lee,
 * "Counting Your Customers" the Easy Way, Marketing Science 24 (2005).
 */
export interface BgNbd {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

const names = ['r', 'alpha', 'a', 'b'] as const;

/** ln r, ln α (of the longest age), ln a, ln b: near most published fits; then faithful buyers; then quick leavers. */
const starts = [
  [-1, -1.5, 0, 1],
  [0, 0, -2, 1],
  [0.5, -2.5, 1, 1],
];

/**
 * The parameters of greatest likelihood. Customers without repeats belong to the groups. The order of groups doesn't
 * matter, nor whether equal histories are one group or many.
 */
export function fitBgNbd(groups: readonly HistoryGroup[]): Fit<BgNbd> {
  const columns = columnsOf(groups);
  const { customers, unit } = columns;
  if (unit === 0) return noData(customers);
  const maximum = maximise((point) => meanLogLikelihood(columns, point.map(Math.exp)), starts);
  if (!maximum.found) return notConverged(maximum, names, { bound, customers });
  const [r, alpha, a, b] = maximum.point.map(Math.exp) as [number, number, number, number];
  const parameters = { r, alpha: alpha * unit, a, b };
  return {
    status: 'CONVERGED',
    parameters,
    logLikelihood: maximum.value * customers - scaling(columns),
    customers,
    steps: maximum.steps,
  };
}

/**
 * The log-likelihood of all groups and its slopes in ln r, ln α, ln a, ln b. Densities are per time unit to the power
 * of
 * repeats.
 */
export function evaluateBgNbd({ r, alpha, a, b }: BgNbd, groups: readonly HistoryGroup[]): Evaluation {
  const columns = columnsOf(groups);
  const { customers, unit } = columns;
  const mean = meanLogLikelihood(columns, [r, alpha / (unit || 1), a, b]);
  return {
    value: mean.value * customers - scaling(columns),
    gradient: mean.gradient.map((slope) => slope * customers),
  };
}

interface Sums {
  /** Σ w · ln of the bracket below. */
  value: number;
  /** Its slope by r (as far as not the same for all customers with x repeats), and by α. */
  byRate: number;
  byAlpha: number;
  /** Σ w · (probability of having left), and Σ w. */
  left: number;
  weight: number;
}

/**
 * The mean log-likelihood of a customer and its slopes in ln r, ln α, ln a, ln b; by the reference, LL = A1 + A2 +
 * logaddexp(A3, A4). What depends on x alone is computed once per x, which leaves two or three logarithms a group.
 */
function meanLogLikelihood(columns: HistoryColumns, parameters: readonly number[]): Evaluation {
  const [r, alpha, a, b] = parameters as [number, number, number, number];
  // Nobody: a sum of nothing.
  const customers = columns.customers || 1;
  let value = 0;
  const slope = [0, 0, 0, 0];
  let from = 0;
  for (const { repeats: x, end } of columns.runs) {
    const sums = sumRun(columns, { from, end, x, r, alpha, logOdds: x > 0 ? Math.log(a) - Math.log(b + x - 1) : 0 });
    const { weight, left } = sums;
    const common = digamma(a + b) - digamma(a + b + x);
    value += weight * constantOf(x, parameters) + sums.value;
    slope[0]! += r * (weight * (digamma(r + x) - digamma(r) + Math.log(alpha)) - sums.byRate);
    slope[1]! += weight * r - alpha * (r + x) * sums.byAlpha;
    slope[2]! += a * weight * common + left;
    slope[3]! += b * (weight * (common + digamma(b + x) - digamma(b)) - (x > 0 ? left / (b + x - 1) : 0));
    from = end;
  }
  return { value: value / customers, gradient: slope.map((s) => s / customers) };
}

/** A1 + A2 of the reference. */
function constantOf(x: number, parameters: readonly number[]): number {
  const [r, alpha, a, b] = parameters as [number, number, number, number];
  const purchases = logGamma(r + x) - logGamma(r) + r * Math.log(alpha);
  return purchases + logGamma(a + b) - logGamma(a + b + x) + logGamma(b + x) - logGamma(b);
}

interface Run {
  readonly from: number;
  readonly end: number;
  readonly x: number;
  readonly r: number;
  readonly alpha: number;
  /** ln(a/(b+x−1)). */
  readonly logOdds: number;
}

/** Σ w · logaddexp(A3, A4), where A4 = −∞ at x = 0. */
function sumRun({ recency, age, weight }: HistoryColumns, { from, end, x, r, alpha, logOdds }: Run): Sums {
  const sums: Sums = { value: 0, byRate: 0, byAlpha: 0, left: 0, weight: 0 };
  const n = r + x;
  for (let row = from; row < end; row += 1) {
    const w = weight[row]!;
    const [whole, bought] = [alpha + age[row]!, alpha + recency[row]!];
    const logWhole = Math.log(whole);
    const logBought = x > 0 ? Math.log(bought) : 0;
    // A4 − A3: the log odds of having left.
    const d = x > 0 ? logOdds + n * (logWhole - logBought) : Number.NEGATIVE_INFINITY;
    const e = Math.exp(-Math.abs(d));
    const left = d > 0 ? 1 / (1 + e) : e / (1 + e);
    sums.value += w * (Math.max(0, d) + Math.log1p(e) - n * logWhole);
    sums.byRate += w * ((1 - left) * logWhole + left * logBought);
    sums.byAlpha += w * ((1 - left) / whole + left / bought);
    sums.left += w * left;
    sums.weight += w;
  }
  return sums;
}
