import type { Condition, EventMatch } from '../conditions/condition.ts';

/**
 * A number of a rule, as decimal text, or the lever that holds it: `"1.5"`, `{ lever: "bonusFactor" }`. A lever has the
 * value that was in force when the touchpoint occurred.
 */
export type Setting = string | { readonly lever: string };

export const roundings = ['DOWN', 'HALF_UP', 'UP'] as const;
export type Rounding = (typeof roundings)[number];

export const enrolments = ['AUTOMATIC', 'EXPLICIT'] as const;
export type Enrolment = (typeof enrolments)[number];

/** How a programme is run; see `docs/loyalty.md`. Nothing is earned before PILOT, and from SUNSET on. */
export const phases = ['PREPARATION', 'PILOT', 'LAUNCH', 'LIVE', 'SUNSET', 'CLOSED'] as const;
export type Phase = (typeof phases)[number];

/** A unit of points: `points`, `stars`. Whole numbers only. */
export interface Wallet {
  readonly key: string;
  readonly name: string;
  /** What a return takes back that has been spent: it is owed, or the programme bears it. */
  readonly debt: 'OWED' | 'WRITTEN_OFF';
  /** What one point costs the programme when it is redeemed, for liability: decimal text, and a currency. */
  readonly pointValue: { readonly amount: string; readonly currency: string } | null;
}

export const capPeriods = ['TOUCHPOINT', 'DAY', 'MONTH', 'YEAR', 'EVER'] as const;
export type CapPeriod = (typeof capPeriods)[number];

/**
 * At most so many points by one rule, for one customer, in a period of the organisation's calendar. What a return takes back
 * is free again for later touchpoints; what the rule granted before it had the cap doesn't count.
 */
export interface Cap {
  readonly per: CapPeriod;
  readonly points: Setting;
}

/**
 * What a rule grants.
 *
 * - `spend`: `points` for each `per` of `currency`, of the value of the order, or of the lines that the rule names.
 * - `item`: `points` for each piece of the lines that the rule names, or of all lines.
 * - `event`: `points` for the touchpoint. The lines of an order share them by what was paid, so that returns take their part.
 * - `multiplier`: what the rules named in `of` (null: all others but multipliers) grant for the same lines, times
 *   `factor` − 1; nothing where that is less than nothing. Several multipliers add up, they do not multiply each other.
 */
export type Earning =
  | { readonly spend: { readonly points: Setting; readonly per: string; readonly currency: string } }
  | { readonly item: { readonly points: Setting } }
  | { readonly event: { readonly points: Setting } }
  | { readonly multiplier: { readonly factor: Setting; readonly of: readonly string[] | null } };

export interface Expiry {
  readonly count: number;
  readonly unit: 'DAY' | 'MONTH' | 'YEAR';
  /** Not on the day itself, but at the end of its month or year. */
  readonly endOf: 'DAY' | 'MONTH' | 'YEAR';
}

export interface EarningRule {
  /** Unique in the version: `base`, `coffee-weeks`. Names the rule in grants, caps and explanations. */
  readonly key: string;
  readonly name: string;
  /** Key of the wallet. Of a multiplier: the wallet of the rules that it multiplies. */
  readonly wallet: string;
  /** Which touchpoints. Purchases are `order.completed`. */
  readonly match: EventMatch;
  /** Only these lines; null: all. An entry of either list is enough. */
  readonly lines: { readonly skus: readonly string[]; readonly categories: readonly string[] } | null;
  readonly earns: Earning;
  readonly rounding: Rounding;
  /** Rounded for each line on its own, or for the order as a whole. */
  readonly roundedPer: 'LINE' | 'ORDER';
  /** Judged once, when the touchpoint arrives. Segments that it names are written out in `resolved`. */
  readonly eligibility: { readonly given: Condition; readonly resolved: Condition } | null;
  /** Only for customers who had one of these tiers just before the touchpoint. Null: all. */
  readonly tiers: readonly string[] | null;
  /** Half-open, by when the touchpoint occurred. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** Days until points can be spent: 0 at once. */
  readonly pendingDays: number;
  /** Counted from when they were earned. Null: they don't expire. */
  readonly expiry: Expiry | null;
  readonly caps: readonly Cap[];
  /** Points that the rule may grant in all, first come first served. Null: no end. */
  readonly budget: Setting | null;
  /** Whether its points count for the tier. */
  readonly qualifies: boolean;
  /** Who pays for the points; null: the programme itself. */
  readonly partner: string | null;
}

export interface Tier {
  readonly key: string;
  readonly name: string;
  /** From this much on. The lowest tier has 0. */
  readonly threshold: Setting;
  readonly benefits: readonly string[];
}

/**
 * Tiers by what was earned or spent in a window, never by the balance. Reaching a threshold counts at once. What counts is
 * net of returns, at the time of the purchase.
 */
export interface TierScheme {
  /** Qualifying points of a wallet, net spend in a currency (in units, not minor ones), or the number of orders. */
  readonly basis:
    | { readonly points: { readonly wallet: string } }
    | { readonly spend: { readonly currency: string } }
    | { readonly orders: true };
  /**
   * `rolling`: the last so many months, by days of the organisation's calendar: what was earned on a day counts until the day
   * before it is so many months later (31 January, a month: 27 February). `calendar`: such a period of the calendar.
   */
  readonly window:
    | { readonly rolling: { readonly months: number } }
    | { readonly calendar: { readonly months: 1 | 3 | 6 | 12 } };
  /** Of a calendar window: a tier is kept until the end of the next period. */
  readonly keepsThroughNextPeriod: boolean;
  /** After that, a tier is kept so many days before it is lost. */
  readonly graceDays: number;
  /** In order of their thresholds. */
  readonly tiers: readonly Tier[];
}

/** A number that may be turned without a new version, within its bounds, by its owner. */
export interface Lever {
  readonly key: string;
  readonly name: string;
  /** Decimal text, as are the bounds. Until it is turned for the first time. */
  readonly initial: string;
  readonly minimum: string;
  readonly maximum: string;
  /** Who may be asked about it: a role or a team. */
  readonly owner: string;
}

/** Everything that a version says. Versions are immutable once they are published. */
export interface ProgramDefinition {
  readonly mechanics: string | null;
  readonly goals: string | null;
  readonly enrolment: Enrolment;
  /**
   * Of a hundred customers, how many take no part while the version is in force, so that the programme's effect can be
   * measured: decimal text above 0 and up to 50, with at most two places. Null or left out: all take part.
   */
  readonly holdoutPercent?: string | null;
  readonly wallets: readonly Wallet[];
  readonly rules: readonly EarningRule[];
  readonly tierScheme: TierScheme | null;
  readonly levers: readonly Lever[];
}

/** A published version, in force from then on until the next one is. */
export interface ProgramVersion {
  readonly version: number;
  readonly effectiveAt: Date;
  readonly definition: ProgramDefinition;
}

/** A lever was turned, or a promotion's lever given a value for a time (`until`). */
export interface LeverValue {
  readonly lever: string;
  readonly value: string;
  readonly effectiveAt: Date;
  /** Then it goes back to what it was without this one. Null: for good. */
  readonly until: Date | null;
}

export interface PhaseChange {
  readonly phase: Phase;
  readonly effectiveAt: Date;
}

/** A programme with its whole past: what applied at any instant follows from it alone. */
export interface Program {
  readonly id: string;
  readonly name: string;
  /** By effectiveAt. */
  readonly versions: readonly ProgramVersion[];
  /** In the order in which they were entered: of two that hold at one instant, the later one counts. */
  readonly leverValues: readonly LeverValue[];
  /** By effectiveAt. */
  readonly phases: readonly PhaseChange[];
}
