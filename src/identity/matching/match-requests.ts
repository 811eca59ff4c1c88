import type { MatchModel, MatchRow, MatchSchema, PairList } from './match-model.ts';

/**
 * What the matching thread is asked, and what it answers. A table is loaded once, page by page, and then trained on or
 * matched; the other requests bring their rows with them.
 */
export interface MatchRequests {
  /** Forgets what was loaded before. */
  begin: { ask: { schema: MatchSchema }; answer: null };
  /** Rows in order of their ids. */
  load: { ask: { rows: readonly MatchRow[] }; answer: null };
  /** Fields without a single value are left out of the model. */
  train: { ask: { threads: number }; answer: MatchModel };
  match: { ask: { model: MatchModel; threads: number }; answer: Matched };
  /** The weights of chosen pairs of the loaded rows. */
  weigh: { ask: { model: MatchModel; pairs: readonly RowPair[] }; answer: number[] };
  /** The blocks of rows by these rules, in their order; 0 is none. */
  keys: { ask: { model: MatchModel; rules: readonly string[]; rows: readonly MatchRow[] }; answer: number[][] };
  /** By row, the smallest row of its cluster: of these rows, of which pairs look like one person. */
  cluster: { ask: { model: MatchModel; rows: readonly MatchRow[]; pairs: readonly WeightedPair[] }; answer: number[] };
  /** The weights of pairs of these rows. */
  score: { ask: { model: MatchModel; rows: readonly MatchRow[]; pairs: readonly RowPair[] }; answer: number[] };
}

/** Positions of two rows among those of the request. */
export type RowPair = readonly [number, number];

export type WeightedPair = readonly [number, number, weight: number];

/** Rows are counted in the order in which they were loaded. */
export interface Matched {
  /** In order of the left row, then of the right one. */
  readonly pairs: PairList;
  /** By row, the smallest row of its cluster. */
  readonly clusters: Int32Array;
  readonly kept: readonly KeptBlocks[];
}

/** A rule by which changed records will be found. */
export interface KeptBlocks {
  readonly name: string;
  /** The block of each row; 0 is none. */
  readonly keys: Int32Array;
  /** The rows that are in a block, by block. */
  readonly order: Int32Array;
}

export type RequestName = keyof MatchRequests;

export interface RequestMessage<Name extends RequestName = RequestName> {
  readonly id: number;
  readonly name: Name;
  readonly ask: MatchRequests[Name]['ask'];
}

export type ResponseMessage =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: Error }
  | { readonly id: number; readonly progress: number };
