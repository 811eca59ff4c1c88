import type { Condition } from '../../conditions/condition.ts';

/** Values from `least` to `most`, both included. */
export type ScoreRange = readonly [least: number, most: number];

/** Customers whose three scores lie in a box. The first box that fits is theirs. */
export interface RfmSegment {
  /** Such as `CHAMPIONS`. */
  readonly key: string;
  readonly name: string;
  readonly recency: ScoreRange;
  readonly frequency: ScoreRange;
  readonly monetary: ScoreRange;
}

export interface RfmSettings {
  /**
   * How customers are spread over scores from 1 to 5.
   *
   * - `SHARE`: a value's score is the fifth of the customers in which the middle of those with that value lies: ties share a bin,
   *   and few distinct values make fewer bins.
   * - `QUANTILES`: cuts are the type-7 quantiles at .2 .4 .6 .8, each with 1 added, as the R package rfm makes them.
   */
  readonly binning: 'SHARE' | 'QUANTILES';
  readonly segments: readonly RfmSegment[];
  /** Key of those whom no box fits. */
  readonly otherwise: string;
}

export interface AbcSettings {
  readonly basis: 'MARGIN' | 'REVENUE';
  /** Shares of the whole, as parts of 1: below the first A, below the second B. */
  readonly a: number;
  readonly b: number;
}

export interface ClvSettings {
  readonly months: number;
  /** A month's rate: 0.01 is 1 %. */
  readonly discountRate: number;
  /** Margin as a part of net revenue where costs are not known; null: no CLV without costs. */
  readonly marginRate: number | null;
  /** What a case costs on average, in units of the customer's currency. */
  readonly costPerCase: number;
}

export interface LifecycleSettings {
  /** A prospect that is silent for so many days is ARCHIVED. */
  readonly prospectDays: number;
  /** Days after which a customer is AT_RISK and DORMANT as long as their own gaps are too few to tell. */
  readonly overdueDays: number;
  readonly dormantDays: number;
  /** So many gaps of one's own at least. */
  readonly ownGaps: number;
  /** LOST below this P(alive), or without a model, after so many days. */
  readonly lostProbability: number;
  readonly lostDays: number;
  /** LOYAL by scores, or by the rank of the tier. */
  readonly loyalRecency: number;
  readonly loyalFrequency: number;
  readonly loyalTier: number;
  /** No longer LOYAL after so many evaluations in a row. */
  readonly loyalEvaluations: number;
  /** How long evidence makes an ADVOCATE. */
  readonly advocateDays: number;
}

export interface ChurnSettings {
  /** Where the bands ELEVATED and HIGH begin. */
  readonly elevated: number;
  readonly high: number;
  /** Added in logit space. */
  readonly overdueWeight: number;
  readonly detractorWeight: number;
  readonly complaintWeight: number;
  readonly contractWeight: number;
  /** A contract that ends within so many days counts. */
  readonly contractDays: number;
  /** A detractor's answer counts for so many days. */
  readonly detractorDays: number;
  /** Times the part by which they are here less often than usual. */
  readonly engagementWeight: number;
  /** The days that are compared with three times as many before. */
  readonly engagementDays: number;
  readonly tierDropWeight: number;
  /** A tier that ends within so many days counts. */
  readonly tierDropDays: number;
}

/** Customers for whom other thresholds count. Of several groups, the first one whose condition holds is theirs. */
export interface LeverGroup {
  /** Such as `WHOLESALE`. */
  readonly key: string;
  readonly name: string;
  /** Who is in it: as it was given, and with the conditions of the segments that it names written out. */
  readonly condition: { readonly given: Condition; readonly resolved: Condition };
  /** Levers that are others for them; all else is as for everybody. */
  readonly lifecycle: Partial<LifecycleSettings>;
  readonly churn: Partial<ChurnSettings>;
}

/** The levers. Every change is a version with a time from which on it counts. */
export interface KpiSettings {
  readonly rfm: RfmSettings;
  readonly abc: AbcSettings;
  readonly clv: ClvSettings;
  readonly lifecycle: LifecycleSettings;
  readonly churn: ChurnSettings;
  /** Identified purchases from which on a relationship is COLLABORATIVE and not TRANSACTIONAL. */
  readonly collaborativePurchases: number;
  readonly groups: readonly LeverGroup[];
}

const segment = (key: string, name: string, r: ScoreRange, f: ScoreRange, m: ScoreRange): RfmSegment => ({
  key,
  name,
  recency: r,
  frequency: f,
  monetary: m,
});

/** Before anybody turns a lever. The boxes are those of the R package rfm. */
export const defaultSettings: KpiSettings = {
  rfm: {
    binning: 'SHARE',
    segments: [
      segment('CHAMPIONS', 'Champions', [5, 5], [5, 5], [5, 5]),
      segment('POTENTIAL_LOYALIST', 'Potential Loyalist', [3, 5], [3, 5], [2, 5]),
      segment('LOYAL_CUSTOMERS', 'Loyal Customers', [2, 4], [2, 4], [2, 4]),
      segment('PROMISING', 'Promising', [3, 4], [1, 3], [3, 5]),
      segment('NEW_CUSTOMERS', 'New Customers', [4, 5], [1, 3], [1, 5]),
      segment('CANT_LOSE_THEM', "Can't Lose Them", [1, 2], [3, 4], [4, 5]),
      segment('AT_RISK', 'At Risk', [1, 2], [2, 5], [4, 5]),
      segment('NEED_ATTENTION', 'Need Attention', [1, 3], [3, 5], [3, 5]),
      segment('ABOUT_TO_SLEEP', 'About To Sleep', [2, 3], [1, 3], [1, 4]),
      segment('LOST', 'Lost', [1, 1], [1, 5], [1, 5]),
    ],
    otherwise: 'OTHERS',
  },
  abc: { basis: 'REVENUE', a: 0.8, b: 0.95 },
  clv: { months: 12, discountRate: 0.01, marginRate: null, costPerCase: 0 },
  lifecycle: {
    prospectDays: 365,
    overdueDays: 90,
    dormantDays: 180,
    ownGaps: 3,
    lostProbability: 0.1,
    lostDays: 730,
    loyalRecency: 4,
    loyalFrequency: 4,
    loyalTier: 2,
    loyalEvaluations: 2,
    advocateDays: 180,
  },
  churn: {
    elevated: 0.3,
    high: 0.6,
    overdueWeight: 1,
    detractorWeight: 0.8,
    complaintWeight: 0.6,
    contractWeight: 0.7,
    contractDays: 60,
    detractorDays: 180,
    engagementWeight: 0.6,
    engagementDays: 30,
    tierDropWeight: 0.3,
    tierDropDays: 30,
  },
  collaborativePurchases: 3,
  groups: [],
};
