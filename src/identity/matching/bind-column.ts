import { type BoundComparison, rarityIn } from './comparator.ts';
import { type LevelOf, levelsOf, type ValueComparison } from './level-cache.ts';
import type { MatchColumn } from './match-table.ts';

/** Compares the values of one column. */
export function bindColumn<Prepared>(
  columns: readonly MatchColumn[],
  comparison: ValueComparison<Prepared>,
): BoundComparison {
  const { codes, values } = columns[0]!;
  return bindLevels(codes, levelsOf(values, codes.length, comparison));
}

export function bindLevels(codes: Int32Array, levelOf: LevelOf): BoundComparison {
  return {
    level: (a, b) => levelOf(codes[a]!, codes[b]!),
    rarity: (a, b, _level, [bits]) => rarityIn(bits!, codes[a]!, codes[b]!),
  };
}
