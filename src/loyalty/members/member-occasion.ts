import type { EarningFact } from '../earning/purchase.ts';

export const tierCauses = ['EVENT', 'CLOCK', 'MERGE', 'UNMERGE', 'MEMBERSHIP', 'OVERRIDE', 'PROGRAM'] as const;
export type TierCause = (typeof tierCauses)[number];

/** What happened to customers, whose rows are locked. */
export interface Occasion {
  readonly at: Date;
  readonly customers: readonly Concerned[];
  /** Customers that are no more. */
  readonly absorbed?: readonly string[];
  /** Takes what has been sent and need not be waited for: see `RecordedBatch`. Without it, it is waited for. */
  readonly alongside?: (statements: Promise<unknown>) => void;
}

/** One customer whom something happened to. */
export interface Concerned {
  readonly customerId: string;
  /** What is new; the rest is read where it is needed. In the order of (time, id). */
  readonly facts: readonly EarningFact[];
  /**
   * - `LAST`: the facts come after what was folded before, as far as the caller knows.
   * - `FIRST`: nothing happened before.
   * - `ANEW`: what happened before may count otherwise now.
   * - `TIME`: nothing happened, but an instant has come.
   */
  readonly since: 'LAST' | 'FIRST' | 'ANEW' | 'TIME';
  readonly cause: TierCause;
  readonly causeId: string | null;
}
