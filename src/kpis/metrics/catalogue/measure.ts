import type { BaseKey } from './base.ts';

/**
 * What the numbers of a measure mean, and how they are shown. PERCENT: as a part of 1, so 0.25 for 25 %. MONEY: in units of the
 * currency. QUANTITY: of pieces, with decimal places where there are any.
 */
export const measureFormats = ['MONEY', 'COUNT', 'QUANTITY', 'PERCENT', 'AVERAGE', 'SCORE', 'HOURS', 'POINTS'] as const;
export type MeasureFormat = (typeof measureFormats)[number];

/**
 * SQL aggregates over the rows of a base, which is where `f` comes from. In sums of nothing NULL stands for 0.
 * `$now` is the instant of the question.
 */
export interface Aggregate {
  readonly facts: string;
  /** Over cells of the roll-up: only where it is equal. */
  readonly cells?: string;
  /** Over lines of purchases, where a query names SKU or CATEGORY. Left out: there the measure says nothing. */
  readonly lines?: string;
}

interface Described {
  /** Such as `NET_REVENUE`. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly format: MeasureFormat;
  /** Who answers for the definition. */
  readonly owner: string;
  readonly base: BaseKey;
  /** Rows may be added up: it counts everything once. */
  readonly additive: boolean;
  /** Whose something is makes a difference, not only that it happened. */
  readonly aboutCustomers?: boolean;
  /** Time alone moves it: never answered from the cache. */
  readonly moving?: boolean;
  /** Dimensions that would split what must not be split, or say nothing. */
  readonly without?: readonly string[];
}

/** A sum or a count: of nothing it is 0. */
export interface SumMeasure extends Described {
  readonly kind: 'SUM';
  readonly value: Aggregate;
}

/** Without anything in the denominator it is null. */
export interface RatioMeasure extends Described {
  readonly kind: 'RATIO';
  readonly numerator: Aggregate;
  readonly denominator: Aggregate;
  /** Observations. */
  readonly n: Aggregate;
  /** Numerator, denominator: whether they are money. A ratio in format MONEY has a numerator in money. */
  readonly moneyParts?: boolean;
  /** Of the value; default 1. */
  readonly times?: number;
  /** Below so many observations the value is flagged. */
  readonly least?: number;
  /** The standard error of the value. */
  readonly error?: Aggregate;
}

/** Something that is neither, such as a median: of nothing it is null. */
export interface ValueMeasure extends Described {
  readonly kind: 'VALUE';
  readonly value: Aggregate;
}

export type Measure = SumMeasure | RatioMeasure | ValueMeasure;

/** In which units numbers are; null: a mere number. */
export function unitOf(format: MeasureFormat): string | null {
  const units: Partial<Record<MeasureFormat, string>> = { HOURS: 'hours', POINTS: 'points' };
  return units[format] ?? null;
}
