import type { LifecycleSettings } from '../settings/kpi-settings.ts';

export interface LoyaltyScores {
  readonly recency: number;
  readonly frequency: number;
}

/** Whether a customer is among the loyal ones, by their tier at once, by their scores at every scoring. */
export class LoyaltySoFar {
  #rank = 0;
  #missed = 0;
  by: 'SCORES' | 'TIER' | null = null;
  /** Of the last scoring; null: there was none. */
  scores: LoyaltyScores | null = null;

  get rank(): number {
    return this.#rank;
  }

  setRank(rank: number, levers: LifecycleSettings): void {
    this.#rank = rank;
    this.applyRank(levers);
  }

  applyRank({ loyalTier }: LifecycleSettings): void {
    if (this.#rank < loyalTier) return;
    this.#missed = 0;
    this.by = 'TIER';
  }

  /** Answers whether that makes a difference. Who falls below is loyal until it has happened so many times in a row. */
  evaluate(scores: LoyaltyScores, levers: LifecycleSettings): boolean {
    const before = this.by;
    this.scores = scores;
    const byScores = scores.recency >= levers.loyalRecency && scores.frequency >= levers.loyalFrequency;
    if (this.#rank >= levers.loyalTier) this.by = 'TIER';
    else if (byScores) this.by = 'SCORES';
    if (this.#rank >= levers.loyalTier || byScores) this.#missed = 0;
    else {
      this.#missed += 1;
      if (this.#missed >= levers.loyalEvaluations) this.by = null;
    }
    return (before === null) !== (this.by === null);
  }
}
