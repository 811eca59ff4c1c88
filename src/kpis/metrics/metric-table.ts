/** Money and ratios are decimal text inside, so that nothing is lost before a format decides how it writes them. */
export type MetricValue = string | number | Date | null;

export type MetricColumnType = 'TEXT' | 'TIME' | 'COUNT' | 'DECIMAL' | 'FLOAT';

export interface MetricColumn {
  /** Such as `time`, `channel`, `net_revenue`, `net_revenue__previous`, `nps__numerator`, `nps__n`. */
  readonly name: string;
  readonly kind: 'TIME' | 'DIMENSION' | 'MEASURE' | 'PART' | 'COMPARISON';
  readonly type: MetricColumnType;
  /** Such as `EUR`, `%`, `days`, `points`; null: a mere number, or text. */
  readonly unit: string | null;
  readonly description: string;
}

export type MetricRow = readonly MetricValue[];

/** Columns at once, rows as they come: for downloads of any length, at constant memory. */
export interface MetricStream {
  readonly columns: readonly MetricColumn[];
  readonly queryHash: string;
  readonly asOf: Date;
  /** Pages of rows. Ends the statement when the reader ends early. */
  readonly pages: AsyncIterable<readonly MetricRow[]>;
}

export const metricWarnings = ['SUPPRESSED', 'FEW_OBSERVATIONS', 'MIXED_TOTAL', 'ROUNDED', 'SCORES_MISSING'] as const;
export type MetricWarningCode = (typeof metricWarnings)[number];

/** Something that whoever reads the numbers should know. */
export interface MetricWarning {
  readonly code: MetricWarningCode;
  readonly message: string;
  /** Names of the columns that it is about. Empty: all of them. */
  readonly columns: readonly string[];
}

/** `ROLLUP`: hourly sums of touchpoints. `FACTS`: one row for each thing that happened, or each customer. */
export type MetricSource = 'ROLLUP' | 'FACTS';

/** The answer to a query. */
export interface MetricTable {
  readonly columns: readonly MetricColumn[];
  readonly rows: readonly MetricRow[];
  /** Each measure over all rows, whatever the page; null in the columns of time and dimensions. Null: not asked for. */
  readonly totals: MetricRow | null;
  /** The numbers are those of this instant. */
  readonly asOf: Date;
  /** Names the question: whoever asks the same, in whatever words, gets the same one. Not the page, not the caller. */
  readonly queryHash: string;
  readonly cache: {
    /** The numbers had been computed before, and nothing has happened since that could change them. */
    readonly hit: boolean;
    readonly computedAt: Date;
  };
  /** What the numbers were made of, by the base of the measures. */
  readonly sources: readonly { readonly base: string; readonly source: MetricSource }[];
  readonly freshness: {
    /** Everything that was acknowledged by then is in the numbers. */
    readonly factsAt: Date;
    /** When customers were scored last; null: no score is in the numbers, or nobody has been scored. */
    readonly scoredAt: Date | null;
  };
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  /** Rows of the page in which something was suppressed. */
  readonly suppressedRows: number;
  readonly warnings: readonly MetricWarning[];
}
