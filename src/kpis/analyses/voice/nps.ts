import { z95 } from '../experiments/experiment.ts';
import { isTooSmall } from '../small-groups.ts';

export interface NpsCounts {
  /** 9 and 10. */
  readonly promoters: number;
  /** 7 and 8. */
  readonly passives: number;
  /** 0 to 6. */
  readonly detractors: number;
}

export interface Nps {
  readonly responses: number;
  /** Null: too few to be told. */
  readonly counts: NpsCounts | null;
  /** −100 to 100: % of promoters less % of detractors. Null without answers, or too few to be told. */
  readonly score: number | null;
  /** In points. */
  readonly standardError: number | null;
  /** Of the 95 % confidence interval, within −100 and 100. */
  readonly lowest: number | null;
  readonly highest: number | null;
  /** Fewer than {@link fewAnswers}: chance says more than customers do. */
  readonly few: boolean;
  readonly suppressed: boolean;
}

export const fewAnswers = 30;

export function npsOf({ promoters, passives, detractors }: NpsCounts, sees: boolean): Nps {
  const counts = { promoters, passives, detractors };
  const n = promoters + passives + detractors;
  const base = { responses: n, few: n < fewAnswers };
  const none = { score: null, standardError: null, lowest: null, highest: null };
  if (n === 0) return { ...base, ...none, counts, suppressed: false };
  if (isTooSmall(n, sees)) return { ...base, ...none, responses: 0, counts: null, suppressed: true };
  const [p, d] = [promoters / n, detractors / n];
  const score = (100 * (promoters - detractors)) / n;
  const standardError = 100 * Math.sqrt((p + d - (p - d) ** 2) / n);
  return {
    ...base,
    ...{ counts, score, standardError, suppressed: false },
    lowest: Math.max(-100, score - z95 * standardError),
    highest: Math.min(100, score + z95 * standardError),
  };
}
