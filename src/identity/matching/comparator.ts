import type { MatchColumn } from './match-table.ts';

/** What is believed of a level before any data is seen. */
export interface LevelDefault {
  readonly label: string;
  readonly m: number;
  /**
   * Its probability between two members of one household, whose names and addresses agree as one person's would; not
   * given where a household is like strangers.
   */
  readonly household?: number;
  /** How far the frequency of the agreed value counts: 1 wholly, 0 (not given) not at all. */
  readonly frequency?: number;
}

/** A way of comparing records: its levels, from the closest agreement to none. */
export interface Comparator {
  readonly levels: readonly LevelDefault[];
  /** The columns are those of the fields, then those of the context. */
  bind(columns: readonly MatchColumn[]): BoundComparison;
}

/** A comparator at work on the columns of one table. */
export interface BoundComparison {
  /** The level at which two rows agree; −1 where that can't be known. */
  level(a: number, b: number): number;
  /**
   * Bits that the rarity of the agreed value is worth: `bits` holds, by column, what each value is worth against the
   * average one. Of two values that only resemble each other, the more common one counts.
   */
  rarity?(a: number, b: number, level: number, bits: readonly Float32Array[]): number;
  /** By level: u where random pairs can't show it. */
  readonly knownU?: readonly (number | undefined)[];
}

/** The rarity of what two rows have in one column. */
export function rarityIn(bits: Float32Array, codeA: number, codeB: number): number {
  if (codeA < 0 || codeB < 0) return 0;
  return Math.min(bits[codeA]!, bits[codeB]!);
}
