import type { Json } from '../kernel/json.ts';

/** One row of a file: CSV cells by column name (always text), or the members of a JSON object. */
export interface Row {
  /** The line of the file on which the row starts, from 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, Json>>;
}

/** Rows that were not imported, and why. */
export interface Refusal {
  /** The line to look at. */
  readonly line: number;
  /** How many rows were left out with it: one bad line takes its whole invoice with it. */
  readonly rows: number;
  /** Stable, such as `WRONG_COLUMN_COUNT`. */
  readonly code: string;
  readonly reason: string;
  readonly messageId?: string;
}

/** A row that could not be read. `values` holds what could be told of it, so that its group is found where possible. */
export interface BrokenRow extends Row {
  readonly broken: { readonly code: string; readonly reason: string };
}

export function isBroken(row: Row | BrokenRow): row is BrokenRow {
  return 'broken' in row;
}

/** Thrown while a row is mapped; becomes a {@link Refusal} of that row or its group. */
export class RowRefused extends Error {
  readonly code: string;
  /** The line to blame, where it is another than the first of the group. */
  readonly line: number | undefined;

  constructor(code: string, reason: string, line?: number) {
    super(reason);
    this.name = 'RowRefused';
    this.code = code;
    this.line = line;
  }
}
