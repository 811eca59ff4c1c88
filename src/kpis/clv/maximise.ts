import { decompose, solve } from './cholesky.ts';

/** A function of some real numbers, and its slope in each. NaN and −∞ mean: not here. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: readonly number[];
}

export type Objective = (point: readonly number[]) => Evaluation;

export type Maximum =
  | { readonly found: true; readonly point: readonly number[]; readonly value: number; readonly steps: number }
  | { readonly found: false; readonly reason: NoMaximum; readonly point: readonly number[]; readonly steps: number };

/**
 * `AT_BOUND`: it still rises where the box ends. `NO_CURVATURE`: it is flat or a saddle there, so the data don't say
 * where the maximum is.
 * `TOO_MANY_STEPS`: not reached in time. `UNDEFINED`: the start has no value.
 */
export type NoMaximum = 'AT_BOUND' | 'NO_CURVATURE' | 'TOO_MANY_STEPS' | 'UNDEFINED';

/** On parameters' logarithms: e⁻¹⁰ to e¹⁰, of time in units of the longest age and of money in units of the mean. */
export const bound = 10;
const maximumSteps = 300;
/** No step changes a parameter by more than a factor e: a first step on a steep slope would leap over the maximum. */
const longestStep = 1;

/**
 * The maximum of a smooth function within |point_i| ≤ box, by BFGS with a backtracking line search (Nocedal & Wright,
 * Numerical Optimization, 2nd edition, 6.1 and 3.1).
 *
 * Chosen over Nelder–Mead for two reasons. A likelihood of a million customers costs a tenth of a second, and with
 * slopes 30 of them do, where a simplex in four dimensions takes 300 and its restarts as many again. And a simplex only
 * says that it has become small, while slopes say whether it stopped at a maximum: the curvature is measured there,
 * must
 * bend down in all directions, and the step that it still asks for must be negligible. Restarts are still made: from
 * each start in turn until one leads to a maximum.
 *
 * The function should be a mean (of log-likelihoods), so that tolerances mean the same for any number of customers.
 */
export function maximise(objective: Objective, starts: readonly (readonly number[])[], box = bound): Maximum {
  let last: Maximum = { found: false, reason: 'UNDEFINED', point: [], steps: 0 };
  for (const start of starts) {
    last = climb(objective, start, box);
    if (last.found) return last;
  }
  return last;
}

interface Position extends Evaluation {
  readonly point: readonly number[];
}

function confine(point: readonly number[], box: number): number[] {
  return point.map((x) => Math.max(-box, Math.min(box, x)));
}

function climb(objective: Objective, start: readonly number[], box: number): Maximum {
  let here: Position = { point: start, ...objective(start) };
  if (!isDefined(here)) return { found: false, reason: 'UNDEFINED', point: start, steps: 0 };
  let inverse = scaledIdentity(start.length, 1);
  for (let steps = 1; steps <= maximumSteps; steps += 1) {
    let next = search(objective, here, { direction: times(inverse, here.gradient), box });
    // The curvature learnt so far may be wrong: before giving up, straight uphill.
    if (!next) next = search(objective, here, { direction: here.gradient, box });
    if (!next) return judge(objective, here, steps);
    if (leavesBox(next, box)) return { found: false, reason: 'AT_BOUND', point: next.point, steps };
    inverse = learn(inverse, here, next, steps === 1);
    here = next;
  }
  return { found: false, reason: 'TOO_MANY_STEPS', point: here.point, steps: maximumSteps };
}

function isDefined({ value, gradient }: Evaluation): boolean {
  return Number.isFinite(value) && gradient.every(Number.isFinite);
}

const flat = 1e-14;
const sufficient = 1e-4;

/**
 * The first point along a direction, each half as far as the one before, that gains enough (Armijo); none: nothing to
 * be gained.
 */
function search(
  objective: Objective,
  here: Position,
  { direction, box }: { readonly direction: readonly number[]; readonly box: number },
): Position | undefined {
  let length = Math.min(1, longestStep / Math.max(...direction.map(Math.abs)));
  const slope = dot(here.gradient, direction);
  if (!(slope > flat)) return undefined;
  for (let halving = 0; halving < 40; halving += 1, length /= 2) {
    const point = confine(
      here.point.map((x, i) => x + length * direction[i]!),
      box,
    );
    const there = { point, ...objective(point) };
    if (isDefined(there) && there.value >= here.value + sufficient * length * slope) return there;
  }
  return undefined;
}

function leavesBox({ point, gradient }: Position, box: number): boolean {
  return point.some((x, i) => Math.abs(x) >= box && x * gradient[i]! > 0);
}

/**
 * The BFGS update of the inverse Hessian of −f (Nocedal & Wright 6.17), left out where the function doesn't bend
 * down.
 */
function learn(inverse: number[][], before: Position, after: Position, first: boolean): number[][] {
  const s = after.point.map((x, i) => x - before.point[i]!);
  const y = after.gradient.map((g, i) => before.gradient[i]! - g);
  const sy = dot(s, y);
  if (!(sy > 1e-12 * Math.sqrt(dot(s, s) * dot(y, y)))) return inverse;
  const h = first ? scaledIdentity(s.length, sy / dot(y, y)) : inverse;
  const hy = times(h, y);
  const factor = (1 + dot(y, hy) / sy) / sy;
  return h.map((row, i) => row.map((v, j) => v + factor * s[i]! * s[j]! - (hy[i]! * s[j]! + s[i]! * hy[j]!) / sy));
}

/** So little may the last step of Newton's method still ask for, in each logarithm: 0.1 ‰ of a parameter. */
const negligible = 1e-4;

function judge(objective: Objective, here: Position, steps: number): Maximum {
  const curvature = decompose(hessian(objective, here.point));
  const remaining = curvature && solve(curvature, here.gradient);
  if (!remaining || remaining.some((step) => !(Math.abs(step) < negligible)))
    return { found: false, reason: 'NO_CURVATURE', point: here.point, steps };
  return { found: true, point: here.point, value: here.value, steps };
}

/** Second derivatives of −f, as central differences of its slopes. */
function hessian(objective: Objective, point: readonly number[]): number[][] {
  const width = 1e-4;
  const rows = point.map((_, i) => {
    const [up, down] = [shifted(point, i, width), shifted(point, i, -width)].map((at) => objective(at).gradient);
    return up!.map((g, j) => (down![j]! - g) / (2 * width));
  });
  return rows.map((row, i) => row.map((v, j) => (v + rows[j]![i]!) / 2));
}

/** The slopes of a function that comes without, as central differences: to about 1e-9 where it is exact to 1e-13. */
export function withSlopes(f: (point: readonly number[]) => number): Objective {
  const width = 3e-5;
  return (point) => {
    const value = f(point);
    if (!Number.isFinite(value)) return { value, gradient: [] };
    const slope = (_: number, i: number) => (f(shifted(point, i, width)) - f(shifted(point, i, -width))) / (2 * width);
    return { value, gradient: point.map(slope) };
  };
}

function shifted(point: readonly number[], index: number, by: number): number[] {
  return point.map((x, i) => (i === index ? x + by : x));
}

function scaledIdentity(size: number, scale: number): number[][] {
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? scale : 0)));
}

function times(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  return matrix.map((row) => dot(row, vector));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}
