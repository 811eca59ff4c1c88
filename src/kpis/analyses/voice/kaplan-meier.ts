/** How long something took, or how long it has taken by now. */
export interface Duration {
  readonly time: number;
  /** It has not ended: nobody knows how long it will take, only that it is longer. */
  readonly censored: boolean;
}

/** At a time at which something ended. */
export interface SurvivalStep {
  readonly time: number;
  /** How many had taken no less. */
  readonly atRisk: number;
  readonly ended: number;
  /** The part of 1 that takes longer. */
  readonly survival: number;
}

/** Kaplan and Meier, 1958: what was watched up to the very time at which others ended is among those that might have. */
export function survivalCurve(durations: readonly Duration[]): SurvivalStep[] {
  const ascending = [...durations].sort((a, b) => a.time - b.time);
  const steps: SurvivalStep[] = [];
  let survival = 1;
  for (let index = 0; index < ascending.length; ) {
    const { time } = ascending[index]!;
    const atRisk = ascending.length - index;
    let ended = 0;
    for (; ascending[index]?.time === time; index += 1) if (!ascending[index]!.censored) ended += 1;
    if (ended === 0) continue;
    survival *= 1 - ended / atRisk;
    steps.push({ time, atRisk, ended, survival });
  }
  return steps;
}

/** What rounding may have added to a product of fractions: 1/2 is 1/2 however it was reached. */
const tolerance = 1e-12;

/** The time by which a part of 1 has ended; null: not so many have. */
export function survivalQuantile(steps: readonly SurvivalStep[], p: number): number | null {
  return steps.find(({ survival }) => survival <= 1 - p + tolerance)?.time ?? null;
}

/** At most so many steps, the last one among them: for a chart. */
export function thinned(steps: readonly SurvivalStep[], most: number): SurvivalStep[] {
  if (steps.length <= most) return [...steps];
  return Array.from({ length: most }, (_, index) => steps[Math.round(((index + 1) * steps.length) / most) - 1]!);
}
