import type { RfmSegment, RfmSettings, ScoreRange } from '../settings/kpi-settings.ts';
import type { Scale } from '../settings/kpi-timeline.ts';

/** From 1 to 5 each; 5 is best. */
export interface RfmScores {
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
}

/** What a customer is scored by. */
export interface RfmValues {
  /** Days since the last order, in the organisation's zone. */
  readonly recencyDays: number;
  readonly netOrders: number;
  /** Orders less returns in minor units of the customer's currency. */
  readonly netMinor: number;
}

/** Against the bins of a scoring run for the customer's currency. */
export function rfmScores({ recencyDays, netOrders, netMinor }: RfmValues, scale: RfmCuts): RfmScores {
  return {
    recency: 5 - countBelow(scale.recencyCuts, recencyDays),
    frequency: 1 + countBelow(scale.frequencyCuts, netOrders),
    monetary: 1 + countBelow(scale.monetaryCuts, netMinor),
  };
}

/** Four upper ends for each value, which belong to their bins. Equal ones: the bin between them is empty. */
export type RfmCuts = Pick<Scale, 'recencyCuts' | 'frequencyCuts' | 'monetaryCuts'>;

function countBelow(cuts: readonly number[], value: number): number {
  let below = 0;
  for (const cut of cuts) if (value > cut) below += 1;
  return below;
}

/** The key of the first box that the scores lie in. */
export function rfmSegmentOf(
  { recency, frequency, monetary }: RfmScores,
  { segments, otherwise }: Pick<RfmSettings, 'segments' | 'otherwise'>,
): string {
  const fits = (box: RfmSegment) =>
    contains(box.recency, recency) && contains(box.frequency, frequency) && contains(box.monetary, monetary);
  return segments.find(fits)?.key ?? otherwise;
}

function contains([least, most]: ScoreRange, score: number): boolean {
  return score >= least && score <= most;
}

const allScores = [1, 2, 3, 4, 5];

/** The segment of every triple of scores, 111 first, then 112: what a run looks up. */
export function rfmSegmentTable(settings: Pick<RfmSettings, 'segments' | 'otherwise'>): string[] {
  return allScores.flatMap((recency) =>
    allScores.flatMap((frequency) =>
      allScores.map((monetary) => rfmSegmentOf({ recency, frequency, monetary }, settings)),
    ),
  );
}

/**
 * Upper ends of bins from their edges as the R package rfm makes them: a quantile, and 1 more of what is counted, which
 * belongs to the bin above. Values are whole numbers.
 */
export function endsBelow(quantiles: readonly number[], one: number): number[] {
  return quantiles.map((quantile) => Math.ceil(quantile + one) - 1);
}
