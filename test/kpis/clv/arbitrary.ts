import fc from 'fast-check';
import { expect } from 'vitest';
import type { History } from '../../../src/kpis/clv/history.ts';

/** Numbers between two positive ones, evenly over their logarithms. */
export function lnSteps(from: number, to: number): fc.Arbitrary<number> {
  return fc.double({ min: Math.log(from), max: Math.log(to), noNaN: true }).map(Math.exp);
}

export const histories: fc.Arbitrary<History> = fc
  .record({
    repeats: fc.integer({ min: 0, max: 40 }),
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    age: fc.double({ min: 0.5, max: 80, noNaN: true }),
  })
  .map(({ repeats, share, age }) => ({ repeats, recency: repeats > 0 ? Math.min(age, share * age) : 0, age }));

export function near(actual: number, expected: number, relative: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(expected)));
}

/** Slopes in the logarithms of a model's parameters, by differences of five points. */
export function slopesByDifferences<Name extends string>(
  names: readonly Name[],
  model: Readonly<Record<Name, number>>,
  f: (model: Record<Name, number>) => number,
): number[] {
  const h = 1e-3;
  return names.map((name) => {
    const at = (steps: number) => f({ ...model, [name]: model[name] * Math.exp(steps * h) });
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
  });
}
