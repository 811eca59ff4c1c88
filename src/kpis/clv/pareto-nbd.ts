import { type Fit, noData, notConverged } from './fit.ts';
import { checkHistory, columnsOf, type History, type HistoryColumns, type HistoryGroup, scaling } from './history.ts';
import { certain, hypergeometric } from './hypergeometric.ts';
import { maximise, withSlopes } from './maximise.ts';
import { logAddExp, logGamma, logistic, logSubExp, powerExcess } from './special-functions.ts';

/**
 * Pareto/NBD: purchases come at a rate that is Gamma(r, α) over customers, until each leaves at a rate that is
 * Gamma(s, β). α and β are times, in the histories' unit; r and s are numbers. Schmittlein, Morrison & Colombo 1987; in
 * the form of Fader & Hardie 2005, "A Note on Deriving the Pareto/NBD Model and Related Expressions".
 */
export interface ParetoNbd {
  readonly r: number;
  readonly alpha: number;
  readonly s: number;
  readonly beta: number;
}

const names = ['r', 'alpha', 's', 'beta'] as const;

/** ln r, ln α, ln s, ln β; times of the longest age. */
const starts = [
  [-0.5, -1, -0.5, -1],
  [0, -0.5, 0, 0.5],
  [0.5, -2, -1, 0],
];

/**
 * Of the logarithms: narrower than for BG/NBD, as a ₂F₁ needs some √(α/β) steps, and a search along a wall should end
 * soon.
 */
const bound = 6;

/** The parameters of greatest likelihood. Customers without repeats belong to the groups. */
export function fitParetoNbd(groups: readonly HistoryGroup[]): Fit<ParetoNbd> {
  const columns = columnsOf(groups);
  const { customers, unit } = columns;
  if (unit === 0) return noData(customers);
  const mean = (point: readonly number[]) => sumLogLikelihood(columns, parametersOf(point)) / customers;
  const maximum = maximise(withSlopes(mean), starts, bound);
  if (!maximum.found) return notConverged(maximum, names, { bound, customers });
  const { r, alpha, s, beta } = parametersOf(maximum.point);
  return {
    status: 'CONVERGED',
    parameters: { r, alpha: alpha * unit, s, beta: beta * unit },
    logLikelihood: maximum.value * customers - scaling(columns),
    customers,
    steps: maximum.steps,
  };
}

function parametersOf(point: readonly number[]): ParetoNbd {
  const [r, alpha, s, beta] = point.map(Math.exp) as [number, number, number, number];
  return { r, alpha, s, beta };
}

/** The log-likelihood of all groups; densities are per time unit to the power of repeats. */
export function logLikelihoodOfParetoNbd(model: ParetoNbd, groups: readonly HistoryGroup[]): number {
  const columns = columnsOf(groups);
  const unit = columns.unit || 1;
  const scaled = { ...model, alpha: model.alpha / unit, beta: model.beta / unit };
  return sumLogLikelihood(columns, scaled) - scaling(columns);
}

/**
 * Σ w ln L with L = Γ(r+x) αʳ βˢ / Γ(r) · [(α+T)^−(r+x) (β+T)^−s + s/(r+s+x) · A₀] (Fader & Hardie 2005, (18)–(20)).
 * NaN where a ₂F₁ doesn't converge.
 */
function sumLogLikelihood({ runs, recency, age, weight }: HistoryColumns, model: ParetoNbd): number {
  const { r, alpha, s, beta } = model;
  let sum = 0;
  let row = 0;
  for (const { repeats, end } of runs) {
    const constant = logGamma(r + repeats) - logGamma(r) + r * Math.log(alpha) + s * Math.log(beta);
    // Without repeats, the time of the last purchase is 0 for all: its integral is the costly one, and needed once.
    const atFirst = repeats === 0 ? logIntegral(model, 0, 0) : undefined;
    for (; row < end; row += 1) {
      const history = { repeats, recency: recency[row]!, age: age[row]! };
      const { alive, left } = logTerms(model, history, atFirst);
      sum += weight[row]! * (constant + logAddExp(alive, left));
    }
    if (Number.isNaN(sum)) return sum;
  }
  return sum;
}

/** The logarithms of the bracket's two terms: still a customer at T, and left between t_x and T. */
function logTerms(
  model: ParetoNbd,
  { repeats: x, recency, age }: History,
  bought = logIntegral(model, x, recency),
): { alive: number; left: number } {
  const { r, alpha, s, beta } = model;
  const alive = -(r + x) * Math.log(alpha + age) - s * Math.log(beta + age);
  const difference = logSubExpOrNaN(bought, logIntegral(model, x, age));
  return { alive, left: Math.log(s / (r + s + x)) + difference };
}

function logSubExpOrNaN(a: number, b: number): number {
  return Number.isNaN(a + b) ? Number.NaN : logSubExp(a, b);
}

/**
 * ln of ₂F₁(r+s+x, s+1; r+s+x+1; (α−β)/(α+t)) / (α+t)^(r+s+x) for α ≥ β, and of ₂F₁(r+s+x, r+x; …; (β−α)/(β+t)) /
 * (β+t)^(r+s+x) otherwise. After Euler's transformation one argument of ₂F₁ is 1 and all terms are positive and at
 * most those of
 * 1/(1−z), whatever x: nothing overflows or cancels, and the powers stay logarithms.
 */
function logIntegral({ r, alpha, s, beta }: ParetoNbd, x: number, t: number): number {
  const c = r + s + x + 1;
  const [logA, logB] = [Math.log(alpha + t), Math.log(beta + t)];
  if (alpha >= beta)
    return Math.log(hypergeometric(1, r + x, c, (alpha - beta) / (alpha + t))) - (r + x) * logA - s * logB;
  return Math.log(hypergeometric(1, s + 1, c, (beta - alpha) / (beta + t))) - (r + x - 1) * logA - (s + 1) * logB;
}

/**
 * P(alive | x, t_x, T) = 1/(1 + s/(r+s+x) · (α+T)^(r+x) (β+T)^s · A₀), by the logistic of the log odds. Unlike
 * BG/NBD's, below 1 without
 * repeats too. Throws RangeError for an impossible history.
 */
export function probabilityAliveByPareto(model: ParetoNbd, history: History): number {
  checkHistory(history);
  const { alive, left } = logTerms(model, history);
  return certain(logistic(alive - left), 'P(alive)');
}

/** Purchases after the first that a new customer is expected to make by time t: rβ/(α(s−1)) · [1 − (β/(β+t))^(s−1)]. */
export function newCustomerPurchasesByPareto(model: ParetoNbd, t: number): number {
  return expectedIfAlive(model, { repeats: 0, recency: 0, age: 0 }, t);
}

/**
 * E[Y(t) | x, t_x, T]: purchases expected in the next t (Fader & Hardie 2005, (41)). Throws RangeError for an
 * impossible
 * history or a negative t.
 */
export function expectedPurchasesByPareto(model: ParetoNbd, history: History, t: number): number {
  return probabilityAliveByPareto(model, history) * expectedIfAlive(model, history, t);
}

/** (r+x)(β+T)/((α+T)(s−1)) · [1 − ((β+T)/(β+T+t))^(s−1)]; its limit at s = 1 is reached without a seam. */
function expectedIfAlive({ r, alpha, s, beta }: ParetoNbd, { repeats, age }: History, t: number): number {
  const logRest = Math.log((beta + age) / (beta + age + t));
  if (!(t >= 0)) throw new RangeError(`There is no expectation for t = ${t}.`);
  return (((r + repeats) * (beta + age)) / (alpha + age)) * -powerExcess(logRest, s - 1);
}
