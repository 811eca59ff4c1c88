import type { BgNbd } from '../clv/bg-nbd.ts';
import type { GammaGamma } from '../clv/gamma-gamma.ts';

/**
 * How many of those who had bought once have bought again, by days since: a Kaplan-Meier curve as steps. What BG/NBD cannot say
 * of one-time buyers, who are alive for it as long as they live.
 */
export interface SecondOrderSurvival {
  /** Ascending. */
  readonly days: readonly number[];
  /** The part of 1 that has not bought again by then. Never rises. */
  readonly survival: readonly number[];
}

/** A model in use. Times are in days, amounts in minor units of each currency. */
export interface ActiveModel {
  readonly id: string;
  readonly version: number;
  readonly effectiveFrom: Date;
  readonly cutOff: Date;
  readonly bgNbd: BgNbd;
  /** By currency; missing where it did not converge. */
  readonly spend: Readonly<Record<string, GammaGamma>>;
  readonly secondOrder: SecondOrderSurvival;
}
