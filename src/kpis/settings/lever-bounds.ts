/** From `least` to `most`, both included. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
  /** No fractions. */
  readonly whole?: boolean;
}

const days: Bounds = { least: 1, most: 3650, whole: true };
const part: Bounds = { least: 0, most: 1 };
const weight: Bounds = { least: 0, most: 10 };
const score: Bounds = { least: 1, most: 5, whole: true };

/** Of every lever that is a number, by group. What levers must be to each other, `check-settings.ts` says. */
export const leverBounds = {
  abc: { a: part, b: part },
  clv: {
    months: { least: 1, most: 60, whole: true },
    discountRate: part,
    marginRate: part,
    costPerCase: { least: 0, most: 1_000_000 },
  },
  lifecycle: {
    prospectDays: days,
    overdueDays: days,
    dormantDays: days,
    ownGaps: { least: 1, most: 100, whole: true },
    lostProbability: part,
    lostDays: days,
    loyalRecency: score,
    loyalFrequency: score,
    loyalTier: { least: 1, most: 100, whole: true },
    loyalEvaluations: { least: 1, most: 20, whole: true },
    advocateDays: days,
  },
  churn: {
    elevated: part,
    high: part,
    overdueWeight: weight,
    detractorWeight: weight,
    complaintWeight: weight,
    contractWeight: weight,
    contractDays: days,
    detractorDays: days,
    engagementWeight: weight,
    engagementDays: { least: 7, most: 90, whole: true },
    tierDropWeight: weight,
    tierDropDays: { least: 1, most: 365, whole: true },
  },
} as const satisfies Record<string, Record<string, Bounds>>;

export const scoreBounds = score;
export const collaborativeBounds: Bounds = { least: 1, most: 1000, whole: true };

export const mostRfmSegments = 50;
export const mostGroups = 20;
/** Of a key such as `CHAMPIONS`. */
export const keyPattern = /^[A-Z][A-Z0-9_]{0,39}$/;
export const longestName = 80;

/** Such as `1 to 60, whole`. */
export function boundsText({ least, most, whole }: Bounds): string {
  return `${least} to ${most}${whole ? ', whole' : ''}`;
}
