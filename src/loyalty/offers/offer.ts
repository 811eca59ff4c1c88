import type { Condition } from '../../conditions/condition.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';

/** An exact amount as it is stored: decimal text in units of the currency. */
export interface MoneyText {
  readonly amount: string;
  readonly currency: string;
}

/** Lines of a basket: by sku or category, an entry of either is enough. */
export interface ItemSelection {
  readonly skus: readonly string[];
  readonly categories: readonly string[];
}

/**
 * What the customer gets.
 *
 * - `percent` and `fixed`: off the lines of `of`, or of the whole basket. `maximum` bounds a percentage.
 * - `points` of a wallet of the offer's programme.
 * - `multiplier`: what the basket earns in a wallet, times `factor` − 1 on top.
 * - `product`: so many pieces at a price, "0" for free.
 */
export type OfferValue =
  | {
      readonly percent: {
        readonly percent: string;
        readonly maximum: MoneyText | null;
        readonly of: ItemSelection | null;
      };
    }
  | { readonly fixed: { readonly amount: MoneyText; readonly of: ItemSelection | null } }
  | { readonly points: { readonly wallet: string; readonly points: number } }
  | { readonly multiplier: { readonly wallet: string; readonly factor: string } }
  | { readonly product: { readonly sku: string; readonly quantity: number; readonly price: MoneyText } };

export const offerStatuses = ['DRAFT', 'LIVE', 'PAUSED', 'ENDED'] as const;
export type OfferStatus = (typeof offerStatuses)[number];

export const limitPeriods = ['DAY', 'WEEK', 'MONTH', 'YEAR', 'EVER'] as const;
export type LimitPeriod = (typeof limitPeriods)[number];

/** At most so many uses by one customer in a period of the organisation's calendar. */
export interface UseLimit {
  readonly per: LimitPeriod;
  readonly uses: number;
}

/** What the basket has to be like. Everything given must hold. */
export interface BasketTest {
  readonly minimum: MoneyText | null;
  /** Of each of these at least so many pieces. */
  readonly items: readonly (ItemSelection & { readonly quantity: number })[];
}

export interface OfferDefinition {
  readonly description: string | null;
  /** Segments that the condition names are written out in `resolved`. Null: everybody, also who is not known. */
  readonly eligibility: { readonly given: Condition; readonly resolved: Condition } | null;
  /** Keys of tiers of the offer's programme. Null: all, and those without one. */
  readonly tiers: readonly string[] | null;
  readonly channels: readonly Channel[] | null;
  readonly stores: readonly string[] | null;
  readonly basket: BasketTest | null;
  readonly value: OfferValue;
  /** Half-open. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** What all uses together may cost, or how many there may be. */
  readonly budget: { readonly money: MoneyText } | { readonly uses: number } | null;
  readonly limits: readonly UseLimit[];
  /** What has to be left of the price of the basket after the discount, in percent; and when nobody knows the costs. */
  readonly margin: { readonly minimumPercent: string; readonly ifUnknown: 'REFUSE' | 'ALLOW' } | null;
  /**
   * `exclusive`: with no other offer. Of a `group` one only. A higher priority goes first; of one priority, the offer that is
   * worth more; then by id.
   */
  readonly stacking: { readonly exclusive: boolean; readonly group: string | null; readonly priority: number };
  /** Of all customers who never get it, to measure its effect: percent with up to two decimal places. */
  readonly holdoutPercent: string;
  readonly expected: {
    /** How many accept it, 0 to 1, as long as nobody has been asked; it counts as much as `weight` answers. */
    readonly acceptance: string;
    readonly weight: number;
    /** What one acceptance is worth to the business before its cost; null: the margin of the basket. */
    readonly worth: MoneyText | null;
    /** By how much to push it: its expected value is multiplied. */
    readonly lever: string;
  };
  /** What one use costs beside a discount: a product, points. Null of points: by the value of the wallet's point. */
  readonly cost: MoneyText | null;
  /** How long it holds after being presented, and after being accepted. */
  readonly holdMinutes: number;
  readonly redeemMinutes: number;
}

/** Why an offer is not made to somebody. In this order: the first one that applies is told. */
export const rejections = [
  'STATUS',
  'VALIDITY',
  'CHANNEL',
  'STORE',
  'CURRENCY',
  'BASKET',
  'UNKNOWN_PERSON',
  'TIER',
  'NOT_ELIGIBLE',
  'HOLDOUT',
  'LIMIT',
  'BUDGET',
  'MARGIN',
  'NO_VALUE',
  'STACKED_OUT',
  'BEYOND_FIRST',
] as const;
export type Rejection = (typeof rejections)[number];

/** Why it is made. */
export const reasons = [
  'ELIGIBLE',
  'TIER',
  'CHANNEL',
  'STORE',
  'BASKET',
  'LIMITED_TIME',
  'MARGIN_KEPT',
  'LEARNED_ACCEPTANCE',
] as const;
export type Reason = (typeof reasons)[number];
