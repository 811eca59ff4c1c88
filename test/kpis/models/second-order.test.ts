import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lostAfterFirst, secondOrderSurvival, survivalAt } from '../../../src/kpis/models/second-order.ts';

const again = (days: number, customers = 1) => ({ days, boughtAgain: true, customers });
const waiting = (days: number, customers = 1) => ({ days, boughtAgain: false, customers });

describe('The wait for a second order', () => {
  // Kaplan & Meier's product by hand: 6/7 of seven, then 4/5 of the five left, then 2/3 of three.
  it('is the product of those who went on waiting among those who still could have bought', () => {
    const curve = secondOrderSurvival([again(5), waiting(6), again(10), waiting(12), again(20), waiting(30, 2)]);
    expect(curve.days).toEqual([5, 10, 20]);
    const expected = [6 / 7, (6 / 7) * (4 / 5), (6 / 7) * (4 / 5) * (2 / 3)];
    for (const [step, value] of expected.entries()) expect(curve.survival[step]).toBeCloseTo(value, 12);
  });

  it('counts who was watched up to a day among those who might have bought on it', () => {
    expect(secondOrderSurvival([again(10), waiting(10)]).survival).toEqual([0.5]);
  });

  it('is 1 where nobody has ever bought again, and says nothing where nobody has bought', () => {
    for (const curve of [secondOrderSurvival([]), secondOrderSurvival([waiting(100, 5)])]) {
      expect(survivalAt(curve, 50)).toBe(1);
      expect(lostAfterFirst(curve, 50)).toBe(1);
    }
  });

  it('says how likely somebody never comes back: the more, the longer they have waited', () => {
    const curve = secondOrderSurvival([again(10, 40), again(100, 20), waiting(400, 40)]);
    expect(lostAfterFirst(curve, 0)).toBeCloseTo(0.4, 12);
    expect(lostAfterFirst(curve, 10)).toBeCloseTo(0.4 / 0.6, 12);
    expect(lostAfterFirst(curve, 99)).toBeCloseTo(0.4 / 0.6, 12);
    expect(lostAfterFirst(curve, 100)).toBe(1);
  });

  it('never rises, and is within two parts of a thousand of the whole curve where steps are left out', () => {
    const group = fc.record({
      days: fc.integer({ min: 1, max: 700 }),
      boughtAgain: fc.boolean(),
      customers: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 300 }), (groups) => {
        const curve = secondOrderSurvival(groups);
        const expected = exactly(groups);
        expect(curve.days.length).toBeLessThanOrEqual(501);
        for (const day of [0, 1, 50, 350, 700, 5000]) {
          const difference = survivalAt(curve, day) - expected(day);
          expect(difference).toBeGreaterThanOrEqual(-1e-12);
          expect(difference).toBeLessThan(0.002);
        }
        expect(curve.survival.at(-1) ?? 1).toBeCloseTo(expected(5000), 12);
      }),
      { numRuns: 60 },
    );
  });
});

/** By its definition: over each day on which somebody bought again. */
function exactly(groups: readonly { days: number; boughtAgain: boolean; customers: number }[]) {
  const count = (those: typeof groups) => those.reduce((sum, { customers }) => sum + customers, 0);
  const days = [...new Set(groups.filter(({ boughtAgain }) => boughtAgain).map(({ days }) => days))];
  return (until: number) =>
    days
      .filter((day) => day <= until)
      .reduce((survival, day) => {
        const bought = count(groups.filter((group) => group.boughtAgain && group.days === day));
        return survival * (1 - bought / count(groups.filter((group) => group.days >= day)));
      }, 1);
}
