import type { Maximum, NoMaximum } from './maximise.ts';

/** A model's parameters, or why there are none: never numbers from a search that has not ended at a maximum. */
export type Fit<Parameters> = Converged<Parameters> | NotConverged;

export interface Converged<Parameters> {
  readonly status: 'CONVERGED';
  readonly parameters: Parameters;
  /** Of all customers, in the caller's units (of time, of money). */
  readonly logLikelihood: number;
  readonly customers: number;
  readonly steps: number;
}

export interface NotConverged {
  readonly status: 'NOT_CONVERGED';
  readonly reason: NoMaximum | 'NO_DATA';
  /** Which parameters were at their bounds, when that is the reason. */
  readonly atBound: readonly string[];
  readonly customers: number;
}

export function noData(customers: number): NotConverged {
  return { status: 'NOT_CONVERGED', reason: 'NO_DATA', atBound: [], customers };
}

export function notConverged(
  maximum: Extract<Maximum, { found: false }>,
  names: readonly string[],
  { bound, customers }: { readonly bound: number; readonly customers: number },
): NotConverged {
  const atBound = names.filter((_, i) => Math.abs(maximum.point[i] ?? 0) >= bound);
  return { status: 'NOT_CONVERGED', reason: maximum.reason, atBound, customers };
}
