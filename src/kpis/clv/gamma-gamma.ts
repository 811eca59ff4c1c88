import { type Converged, type Fit, type NotConverged, noData, notConverged } from './fit.ts';
import { runsOf } from './history.ts';
import { bound, type Evaluation, maximise } from './maximise.ts';
import { digamma, logGamma } from './special-functions.ts';

/**
 * Gamma-Gamma: a customer's purchases are worth Gamma(p, ν) each, with ν ~ Gamma(q, γ) over customers. γ is money, in
 * the caller's currency; p and q are numbers. Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value".
 */
export interface GammaGamma {
  readonly p: number;
  readonly q: number;
  readonly gamma: number;
}

/** The mean worth of a customer's repeat purchases, the first one not among them. */
export interface Spend {
  readonly repeats: number;
  readonly meanSpend: number;
}

export interface SpendGroup extends Spend {
  readonly customers: number;
}

export type GammaGammaFit = (Converged<GammaGamma> | NotConverged) & {
  /** Correlation of repeats and mean spend over the customers used; null where one of them doesn't vary. */
  readonly correlation: number | null;
  /** Frequent buyers spend more (or less) each time, which the model rules out: expect biased values. */
  readonly correlated: boolean;
  /** Customers left out: without repeats, or with a mean spend that isn't positive (returns). */
  readonly excluded: number;
};

/** Above it (either sign), spend and frequency don't look independent. */
export const correlationLimit = 0.3;

const names = ['p', 'q', 'gamma'] as const;

/** ln p, ln q, ln γ (of the mean spend). */
const starts = [
  [1, 1, 0],
  [0, 0.5, 0],
  [3, 2, -1],
];

/** The parameters of greatest likelihood over customers with repeats and a positive mean spend. */
export function fitGammaGamma(groups: readonly SpendGroup[]): GammaGammaFit {
  const used = groups.filter(isUsed);
  const correlation = correlationOf(used);
  return {
    ...fitSpends(used),
    correlation,
    correlated: correlation !== null && Math.abs(correlation) > correlationLimit,
    excluded: sumOf(groups, () => 1) - sumOf(used, () => 1),
  };
}

function fitSpends(groups: readonly SpendGroup[]): Fit<GammaGamma> {
  const columns = columnsOf(groups);
  const { customers, unit } = columns;
  if (customers === 0) return noData(0);
  const maximum = maximise((point) => meanLogLikelihood(columns, point.map(Math.exp)), starts);
  if (!maximum.found) return notConverged(maximum, names, { bound, customers });
  const [p, q, gamma] = maximum.point.map(Math.exp) as [number, number, number];
  return {
    status: 'CONVERGED',
    parameters: { p, q, gamma: gamma * unit },
    // A density per unit of money: dividing amounts by the unit multiplied it.
    logLikelihood: (maximum.value - Math.log(unit)) * customers,
    customers,
    steps: maximum.steps,
  };
}

/**
 * The log-likelihood of all groups with repeats and a positive mean spend, and its slopes in ln p, ln q, ln γ.
 * Densities
 * are per unit of money.
 */
export function evaluateGammaGamma({ p, q, gamma }: GammaGamma, groups: readonly SpendGroup[]): Evaluation {
  const columns = columnsOf(groups.filter(isUsed));
  const { customers, unit } = columns;
  const mean = meanLogLikelihood(columns, [p, q, gamma / unit]);
  return {
    value: (mean.value - Math.log(unit)) * customers,
    gradient: mean.gradient.map((slope) => slope * customers),
  };
}

function isUsed({ repeats, meanSpend }: Spend): boolean {
  return repeats > 0 && meanSpend > 0;
}

/**
 * E[M | x, m] = p(γ+xm)/(px+q−1): the expected worth of a customer's purchases, in the caller's currency, from what
 * theirs and everyone's were worth. Without repeats, the population's mean pγ/(q−1). Null where px + q ≤ 1: the
 * distribution has no mean.
 */
export function expectedSpend({ p, q, gamma }: GammaGamma, { repeats, meanSpend }: Spend): number | null {
  const denominator = p * repeats + q - 1;
  if (denominator <= 0) return null;
  return (p * (gamma + (repeats > 0 ? repeats * meanSpend : 0))) / denominator;
}

interface SpendColumns {
  readonly runs: readonly { readonly repeats: number; readonly end: number }[];
  /** m in units of the mean, ln m, and customers. */
  readonly mean: Float64Array;
  readonly logMean: Float64Array;
  readonly weight: Float64Array;
  readonly customers: number;
  readonly unit: number;
}

function columnsOf(groups: readonly SpendGroup[]): SpendColumns {
  for (const { repeats, meanSpend, customers } of groups)
    if (!(Number.isSafeInteger(repeats) && Number.isFinite(meanSpend) && customers > 0 && Number.isFinite(customers)))
      throw new RangeError(`No group has x = ${repeats}, m = ${meanSpend}, ${customers} customers.`);
  const rows = [...groups].sort((a, b) => a.repeats - b.repeats);
  const customers = sumOf(rows, () => 1);
  const unit = customers === 0 ? 1 : sumOf(rows, ({ meanSpend }) => meanSpend) / customers;
  return {
    runs: runsOf(rows.map(({ repeats }) => repeats)),
    mean: Float64Array.from(rows, ({ meanSpend }) => meanSpend / unit),
    logMean: Float64Array.from(rows, ({ meanSpend }) => Math.log(meanSpend / unit)),
    weight: Float64Array.from(rows, (row) => row.customers),
    customers,
    unit,
  };
}

/**
 * The mean log-likelihood of a customer and its slopes in ln p, ln q, ln γ, by the reference: lnΓ(px+q) − lnΓ(px) −
 * lnΓ(q) +
 * q ln γ + (px−1) ln m + px ln x − (px+q) ln(γ+xm). What depends on x alone is computed once per x.
 */
function meanLogLikelihood(columns: SpendColumns, parameters: readonly number[]): Evaluation {
  const [p, q, gamma] = parameters as [number, number, number];
  // Nobody: a sum of nothing.
  const customers = columns.customers || 1;
  let value = 0;
  const slope = [0, 0, 0];
  let from = 0;
  for (const { repeats: x, end } of columns.runs) {
    const shape = p * x;
    const sums = sumRun(columns, { from, end, x, gamma });
    const both = digamma(shape + q);
    const constant = logGamma(shape + q) - logGamma(shape) - logGamma(q) + q * Math.log(gamma) + shape * Math.log(x);
    value += sums.weight * constant + (shape - 1) * sums.logMean - (shape + q) * sums.logTotal;
    slope[0]! += shape * (sums.weight * (both - digamma(shape) + Math.log(x)) + sums.logMean - sums.logTotal);
    slope[1]! += q * (sums.weight * (both - digamma(q) + Math.log(gamma)) - sums.logTotal);
    slope[2]! += sums.weight * q - gamma * (shape + q) * sums.inverse;
    from = end;
  }
  return { value: value / customers, gradient: slope.map((s) => s / customers) };
}

/** Σ w, Σ w ln m, Σ w ln(γ+xm), Σ w/(γ+xm) over customers with x repeats. */
function sumRun(
  { mean, logMean, weight }: SpendColumns,
  { from, end, x, gamma }: { readonly from: number; readonly end: number; readonly x: number; readonly gamma: number },
) {
  const sums = { weight: 0, logMean: 0, logTotal: 0, inverse: 0 };
  for (let row = from; row < end; row += 1) {
    const w = weight[row]!;
    const total = gamma + x * mean[row]!;
    sums.weight += w;
    sums.logMean += w * logMean[row]!;
    sums.logTotal += w * Math.log(total);
    sums.inverse += w / total;
  }
  return sums;
}

function sumOf<Row extends { readonly customers: number }>(rows: readonly Row[], read: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + row.customers * read(row), 0);
}

/** Pearson's, weighted by customers. */
export function correlationOf(groups: readonly SpendGroup[]): number | null {
  const n = sumOf(groups, () => 1);
  if (n === 0) return null;
  const x = sumOf(groups, ({ repeats }) => repeats) / n;
  const m = sumOf(groups, ({ meanSpend }) => meanSpend) / n;
  const covariance = sumOf(groups, ({ repeats, meanSpend }) => (repeats - x) * (meanSpend - m));
  const xx = sumOf(groups, ({ repeats }) => (repeats - x) ** 2);
  const mm = sumOf(groups, ({ meanSpend }) => (meanSpend - m) ** 2);
  return xx > 0 && mm > 0 ? covariance / Math.sqrt(xx * mm) : null;
}
