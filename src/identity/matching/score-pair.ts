import type { MatchModel, Waterfall, WaterfallStep } from './match-model.ts';
import type { MatchTable } from './match-table.ts';
import { rarityAt, Scorer } from './scorer.ts';

/**
 * Why two rows match, or don't: the same arithmetic as the prediction's, step by step. A scorer costs more than many
 * pairs: whoever asks for several gives theirs.
 */
export function scorePair(
  table: MatchTable,
  model: MatchModel,
  a: number,
  b: number,
  scorer: Scorer = new Scorer(table, model),
): Waterfall {
  let household = 0;
  const steps = scorer.comparisons.map((comparison, at): WaterfallStep => {
    const { name, fields, levels } = model.comparisons[at]!;
    const level = comparison.bound.level(a, b);
    if (level < 0) return unknownStep(name, fields);
    const frequencyAdjustment = rarityAt(comparison, a, b, level);
    household += comparison.householdWeights[level]! + (comparison.isHouseholdShared ? frequencyAdjustment : 0);
    const { label, m, u } = levels[level]!;
    const weight = comparison.weights[level]! + frequencyAdjustment;
    return { comparison: name, fields, level, label, m, u, weight, frequencyAdjustment };
  });
  const loss = scorer.householdLoss(household);
  const weight = steps.reduce((sum, step) => sum + step.weight, scorer.prior) + loss;
  return { prior: scorer.prior, steps, household: loss, weight, probability: probabilityOf(weight) };
}

/** `2^M / (1 + 2^M)`. */
export function probabilityOf(weight: number): number {
  return 1 / (1 + 2 ** -weight);
}

function unknownStep(comparison: string, fields: readonly string[]): WaterfallStep {
  return { comparison, fields, level: null, label: 'unknown', m: 1, u: 1, weight: 0, frequencyAdjustment: 0 };
}
