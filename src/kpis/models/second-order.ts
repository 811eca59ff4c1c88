import type { SecondOrderSurvival } from './kpi-model.ts';

/** Customers who bought again so many days after their first purchase day, or had not yet when so many days had passed. */
export interface SecondOrderGroup {
  readonly days: number;
  readonly boughtAgain: boolean;
  readonly customers: number;
}

/** Steps smaller than the last that is kept by less than this are left out: the curve is right to that part of 1. */
const smallestStep = 0.002;

/**
 * Kaplan-Meier of the time to the second purchase day. Who has not bought again counts as long as they were observed; who
 * was observed up to the very day on which others bought is among those who might have.
 */
export function secondOrderSurvival(groups: readonly SecondOrderGroup[]): SecondOrderSurvival {
  const byDay = new Map<number, { again: number; censored: number }>();
  for (const { days, boughtAgain, customers } of groups) {
    const day = byDay.get(days) ?? { again: 0, censored: 0 };
    if (boughtAgain) day.again += customers;
    else day.censored += customers;
    byDay.set(days, day);
  }
  const ascending = [...byDay].sort(([a], [b]) => a - b);
  let atRisk = groups.reduce((sum, { customers }) => sum + customers, 0);
  let survival = 1;
  const steps: { days: number; survival: number }[] = [];
  for (const [days, { again, censored }] of ascending) {
    if (again > 0) {
      survival *= 1 - again / atRisk;
      steps.push({ days, survival });
    }
    atRisk -= again + censored;
  }
  return columnsOf(thinned(steps));
}

/** The last step stays: it says how many never come back, as far as anybody has been watched. */
function thinned(steps: readonly { days: number; survival: number }[]): typeof steps {
  let kept = 1;
  return steps.filter(({ survival }, index) => {
    if (kept - survival < smallestStep && index < steps.length - 1) return false;
    kept = survival;
    return true;
  });
}

function columnsOf(steps: readonly { days: number; survival: number }[]): SecondOrderSurvival {
  return { days: steps.map(({ days }) => days), survival: steps.map(({ survival }) => survival) };
}

/** The part of 1 that had not bought again by so many days after the first purchase. Replays ask hundreds of times. */
export function survivalAt({ days, survival }: SecondOrderSurvival, after: number): number {
  let [from, to] = [0, days.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (days[middle]! <= after) from = middle + 1;
    else to = middle;
  }
  return from === 0 ? 1 : survival[from - 1]!;
}

/**
 * How likely somebody who has bought once, so many days ago, never comes back: those whom the curve has never seen again,
 * among those who had not come back by then. What P(alive) cannot say of one-time buyers.
 */
export function lostAfterFirst(curve: SecondOrderSurvival, after: number): number {
  const never = curve.survival.at(-1) ?? 1;
  const still = survivalAt(curve, after);
  return still > 0 ? never / still : 1;
}
