import type { Ask, Dimensions } from './ask.ts';

/** How a measure is made of rows. */
export interface Definition {
  /** A SELECT of rows with `occurred` and `customer_id`, and what the aggregates name. */
  readonly rows: (ask: Ask) => string;
  /** Beside those that customers have. */
  readonly dimensions: Dimensions;
  /** Rows of rows: over what is scoped, within groups of keys. */
  readonly within?: (scoped: string, ask: Ask) => string;
  /** An aggregate. A sum or a count of nothing is 0. */
  readonly sum?: string;
  /** Two aggregates: of nothing there is no ratio. */
  readonly ratio?: readonly [numerator: string, denominator: string];
  /** Of the ratio; default 1. */
  readonly times?: number;
  /** An aggregate that is not a number where there is nothing. */
  readonly value?: string;
  /** Of a ratio: an aggregate that counts what it was observed of. */
  readonly n?: string;
  /** Of a ratio: its standard error. */
  readonly error?: string;
  /** In minor units of the currency: the sum, or the numerator. */
  readonly money?: boolean;
  /** The denominator is money too. */
  readonly ofMoney?: boolean;
}
