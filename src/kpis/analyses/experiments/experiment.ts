import type { Estimate } from '../../../loyalty/reports/lift.ts';
import { standardNormalUpper } from './normal.ts';

/** What customers of one arm of an experiment did: all who were assigned to it, whether it reached them or not. */
export interface Arm {
  readonly customers: number;
  /** Of them, those who did what was wanted. */
  readonly conversions: number;
}

export interface ConversionLift {
  /** Parts of 1. */
  readonly treated: number;
  readonly control: number;
  /** Δ = treated − control, with its 95 % confidence interval: standard errors of either arm, not pooled. */
  readonly difference: Estimate;
  /** Δ ÷ control; null where nobody of the control converted. */
  readonly relative: number | null;
  /** Conversions that would not have been: treated customers times Δ. */
  readonly incremental: number;
  /** Of the two-sided test of Δ = 0, with the pooled standard error; null where everybody or nobody converted. */
  readonly z: number | null;
  readonly p: number | null;
}

/** Of 95 %, two-sided. */
export const z95 = 1.959963984540054;

/** By intention to treat. Null where an arm is empty. */
export function conversionLift(treated: Arm, control: Arm): ConversionLift | null {
  for (const { customers, conversions } of [treated, control])
    if (!(conversions >= 0 && conversions <= customers)) throw new RangeError('More conversions than customers.');
  if (treated.customers === 0 || control.customers === 0) return null;
  const [one, other] = [treated.conversions / treated.customers, control.conversions / control.customers];
  const delta = one - other;
  const half = z95 * Math.sqrt((one * (1 - one)) / treated.customers + (other * (1 - other)) / control.customers);
  const z = pooledZ(treated, control);
  return {
    treated: one,
    control: other,
    difference: { value: delta, lowest: delta - half, highest: delta + half },
    relative: other > 0 ? delta / other : null,
    incremental: treated.customers * delta,
    z,
    p: z === null ? null : 2 * standardNormalUpper(Math.abs(z)),
  };
}

function pooledZ(one: Arm, other: Arm): number | null {
  const pooled = (one.conversions + other.conversions) / (one.customers + other.customers);
  const variance = pooled * (1 - pooled) * (1 / one.customers + 1 / other.customers);
  if (variance === 0) return null;
  return (one.conversions / one.customers - other.conversions / other.customers) / Math.sqrt(variance);
}

/**
 * iROI = (N_t · (m_t − m_c) − cost) ÷ cost, `m` the mean margin of a customer of either arm, in the unit of the cost. Null without
 * cost: nothing was invested.
 */
export function incrementalReturn({
  customers,
  treatedMargin,
  controlMargin,
  cost,
}: {
  readonly customers: number;
  readonly treatedMargin: number;
  readonly controlMargin: number;
  readonly cost: number;
}): number | null {
  return cost > 0 ? (customers * (treatedMargin - controlMargin) - cost) / cost : null;
}

export interface SampleRatio {
  readonly chiSquare: number;
  readonly p: number;
  /** `INVALID`: the arms differ in size by more than chance explains, so something is wrong with how they were filled. */
  readonly verdict: 'VALID' | 'INVALID';
}

/** Below this probability the sizes of arms are no chance. Strict: it is looked at again and again. */
export const sampleRatioLimit = 0.001;

/**
 * Whether the arms have as many customers as they were meant to: χ² with one degree of freedom. `share` is the part of all that
 * was meant to be treated, between 0 and 1. Null without customers.
 */
export function sampleRatio(treated: number, control: number, share: number): SampleRatio | null {
  if (!(share > 0 && share < 1)) throw new RangeError(`A share of ${share} leaves an arm empty.`);
  const all = treated + control;
  if (all === 0) return null;
  const chiSquare = (treated - all * share) ** 2 / (all * share * (1 - share));
  // χ² of one degree of freedom is the square of a standard normal.
  const p = 2 * standardNormalUpper(Math.sqrt(chiSquare));
  return { chiSquare, p, verdict: p < sampleRatioLimit ? 'INVALID' : 'VALID' };
}
