/**
 * What a column of a download holds. COUNT: whole numbers; DECIMAL: exact ones, such as amounts; ID: a public id; JSON: any
 * value, as text.
 */
export type CellType = 'TEXT' | 'ID' | 'TIME' | 'DATE' | 'COUNT' | 'DECIMAL' | 'FLOAT' | 'BOOLEAN' | 'JSON';

export interface ExportColumn {
  readonly name: string;
  readonly type: CellType;
  /** Such as `EUR`, `%` or `days`; null: a mere number, or no number. */
  readonly unit: string | null;
  readonly description: string;
}

/** Numbers, booleans and JSON may come as text, the way PostgreSQL writes them: nothing is lost, and nothing parsed for nothing. */
export type Cell = string | number | bigint | boolean | Date | null;

export type ExportRow = readonly Cell[];

/** Columns at once, rows as they come, whatever they are written as. */
export interface ExportTable {
  /** Becomes the name of the file. */
  readonly name: string;
  readonly columns: readonly ExportColumn[];
  readonly asOf: Date;
  /** Of a metric query. */
  readonly queryHash: string | null;
  /** Ends the statement when the reader ends early. */
  readonly pages: AsyncIterable<readonly ExportRow[]>;
}

/** How the values of a table are to be written. */
export interface WriteOptions {
  /** SAFE: text that a spreadsheet would take for a formula is written so that it doesn't. RAW: as it is. CSV only. */
  readonly formulas: 'SAFE' | 'RAW';
  /** NUMBER, or EXACT: as text in JSON, as `decimal128` in Arrow. CSV is exact either way. */
  readonly decimals: 'NUMBER' | 'EXACT';
}
