import { isTooSmall } from '../small-groups.ts';
import type { CaseTime } from './case-clock.ts';
import { type SurvivalStep, survivalCurve, survivalQuantile, thinned } from './kaplan-meier.ts';

export interface WatchedCase {
  readonly who: string;
  readonly time: CaseTime;
}

export interface CaseResolution {
  readonly opened: number;
  readonly resolved: number;
  /** Still open: they count as long as they have been watched. */
  readonly open: number;
  readonly reopened: number;
  /** Hours. Null: not so many are resolved yet, there is none, or too few to be told. */
  readonly median: number | null;
  readonly p90: number | null;
  /** Times are hours. */
  readonly curve: readonly SurvivalStep[];
  readonly suppressed: boolean;
}

const hour = 3_600_000;
/** As many as a chart shows. */
const mostSteps = 200;

export function caseResolutionOf(cases: readonly WatchedCase[], sees: boolean): CaseResolution {
  if (isTooSmall(new Set(cases.map(({ who }) => who)).size, sees))
    return { opened: 0, resolved: 0, open: 0, reopened: 0, median: null, p90: null, curve: [], suppressed: true };
  const steps = survivalCurve(
    cases.map(({ time }) => ({ time: time.milliseconds / hour, censored: time.resolvedAt === null })),
  );
  const resolved = cases.filter(({ time }) => time.resolvedAt !== null).length;
  return {
    opened: cases.length,
    resolved,
    open: cases.length - resolved,
    reopened: cases.filter(({ time }) => time.reopened).length,
    median: survivalQuantile(steps, 0.5),
    p90: survivalQuantile(steps, 0.9),
    curve: thinned(steps, mostSteps),
    suppressed: false,
  };
}
