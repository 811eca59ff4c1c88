/** A question about numbers, as the service takes it: from GraphQL, the command line, a saved query. */
export interface MetricQuery {
  /** Keys of the catalogue, in the order of the columns. At least one. */
  readonly measures: readonly string[];
  readonly dimensions?: readonly string[] | null;
  /** Left out: all there is, as of now. */
  readonly time?: MetricTime | null;
  /** All of them hold. */
  readonly filter?: readonly MetricFilter[] | null;
  /** UUIDs of segments: only customers who are in all of them now. */
  readonly segments?: readonly string[] | null;
  readonly orderBy?: readonly MetricOrder[] | null;
  /** Rows, 1 to 10,000. Default 1,000. Downloads have no limit. */
  readonly limit?: number | null;
  /** `endCursor` of the page before. */
  readonly after?: string | null;
  /** Also each measure over all rows, recomputed from what they are made of. */
  readonly totals?: boolean | null;
  /** Adds, for every measure, its value of another period. Needs a time. */
  readonly compareTo?: MetricComparison | null;
  /** Adds numerator, denominator and number of observations for every ratio. */
  readonly parts?: boolean | null;
  /** When what was returned is taken off. Default RETURN_DATE. */
  readonly returns?: 'RETURN_DATE' | 'ORDER_DATE' | null;
  /** Who is one customer by what was known then: an RFC 3339 instant. Left out: by what is known now. */
  readonly identityAsOf?: string | null;
}

export interface MetricTime {
  /** Null: one bucket, the whole period, without a column. */
  readonly grain?: MetricGrain | null;
  /** Half-open. RFC 3339 instants, or dates in the zone. */
  readonly from: string;
  readonly to: string;
  /** IANA. Default: the organisation's. */
  readonly timezone?: string | null;
  /** A row for every bucket, also where nothing happened: counts and sums are 0, ratios null. */
  readonly fill?: boolean | null;
}

export const metricGrains = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const;
/** Weeks begin on Monday. */
export type MetricGrain = (typeof metricGrains)[number];

export interface MetricFilter {
  readonly dimension: string;
  readonly operator: 'IN' | 'NOT_IN' | 'IS_NULL' | 'IS_NOT_NULL';
  readonly values?: readonly string[] | null;
}

export interface MetricOrder {
  /** Key of a measure or dimension of the query, or `TIME`. */
  readonly by: string;
  readonly direction?: 'ASC' | 'DESC' | null;
}

/** Exactly one is there. */
export interface MetricComparison {
  readonly previous?: 'PERIOD' | 'YEAR' | null;
  readonly period?: { readonly from: string; readonly to: string } | null;
}
