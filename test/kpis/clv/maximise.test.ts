import { describe, expect, it } from 'vitest';
import { bound, maximise, type Objective, withSlopes } from '../../../src/kpis/clv/maximise.ts';

const rosenbrock: Objective = ([x, y]) => ({
  value: -((1 - x!) ** 2) - 100 * (y! - x! * x!) ** 2,
  gradient: [2 * (1 - x!) + 400 * x! * (y! - x! * x!), -200 * (y! - x! * x!)],
});

describe('A maximum', () => {
  it('is found at the end of a curved ridge', () => {
    const maximum = maximise(rosenbrock, [[-1.2, 1]]);
    expect(maximum.found).toBe(true);
    expect(maximum.point[0]).toBeCloseTo(1, 5);
    expect(maximum.point[1]).toBeCloseTo(1, 5);
    expect(maximum.steps).toBeLessThan(80);
  });

  it('is found without slopes of its own', () => {
    const maximum = maximise(
      withSlopes((point) => rosenbrock(point).value),
      [[-1.2, 1]],
    );
    expect(maximum).toMatchObject({ found: true });
    expect(maximum.point[0]).toBeCloseTo(1, 4);
  });

  it('is found around a region without values', () => {
    const f = ([x]: readonly number[]) => (x! > 2 ? Number.NaN : Math.log(2.5 - x!) + x!);
    expect(maximise(withSlopes(f), [[-3]])).toMatchObject({ found: true });
    expect(maximise(withSlopes(f), [[-3]]).point[0]).toBeCloseTo(1.5, 5);
  });

  it('is looked for from the next start when one leads nowhere', () => {
    const f = ([x]: readonly number[]) => (x! > 5 ? Number.NaN : -((x! - 1) ** 2));
    expect(maximise(withSlopes(f), [[9], [4]])).toMatchObject({ found: true });
  });
});

describe('No maximum', () => {
  it('is reported where the function still rises at the end of the box', () => {
    const maximum = maximise(([x, y]) => ({ value: x! - y! * y!, gradient: [1, -2 * y!] }), [[0, 1]]);
    expect(maximum).toMatchObject({ found: false, reason: 'AT_BOUND' });
    expect(maximum.point[0]).toBe(bound);
  });

  it('is reported for a plateau, a saddle and a ridge without a top', () => {
    const reasons = [
      () => 3,
      ([x, y]: readonly number[]) => x! * x! - y! * y!,
      ([x, y]: readonly number[]) => -((x! + y!) ** 2),
    ]
      .map((f) => maximise(withSlopes(f), [[0, 0.5]]))
      .map((maximum) => !maximum.found && maximum.reason);
    expect(reasons).toEqual(['NO_CURVATURE', expect.stringMatching(/NO_CURVATURE|AT_BOUND/), 'NO_CURVATURE']);
    expect(
      maximise(
        withSlopes(([x, y]) => x! * x! - y! * y!),
        [[0, 0]],
      ),
    ).toMatchObject({ reason: 'NO_CURVATURE' });
  });

  it('is reported for a slope that only fades away', () => {
    const maximum = maximise(([x]) => ({ value: -Math.exp(-3 * x!), gradient: [3 * Math.exp(-3 * x!)] }), [[0]]);
    expect(maximum).toMatchObject({ found: false });
  });

  it('is reported where no start has a value', () => {
    expect(maximise(() => ({ value: Number.NaN, gradient: [0] }), [[0], [1]])).toMatchObject({ reason: 'UNDEFINED' });
  });
});
