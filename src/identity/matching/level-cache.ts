import type { Dictionary } from './dictionary.ts';

/** The level at which two values of one dictionary agree; −1 if one is unknown, 0 if they are equal. */
export type LevelOf = (codeA: number, codeB: number) => number;

/** What is needed of a value again and again, made once; and how two of these are compared. */
export interface ValueComparison<Prepared> {
  readonly prepare: (text: string) => Prepared;
  readonly compare: (a: Prepared, b: Prepared) => number;
}

/** Values that are compared as they are. */
export function asTheyAre(compare: (a: string, b: string) => number): ValueComparison<string> {
  return { prepare: (text) => text, compare };
}

/**
 * Compares values by their numbers. Where few values stand in many rows, such as names, it remembers what it found:
 * the same two meet again and again. Where nearly every row has its own, such as e-mail addresses, that would be vain.
 */
export function levelsOf<Prepared>(
  values: Dictionary,
  rows: number,
  { prepare, compare }: ValueComparison<Prepared>,
): LevelOf {
  const prepared: (Prepared | undefined)[] = new Array(values.size);
  const preparedOf = (code: number): Prepared => (prepared[code] ??= prepare(values.text(code)));
  const compareCodes: LevelOf = (codeA, codeB) => {
    if (codeA < 0 || codeB < 0) return -1;
    return codeA === codeB ? 0 : compare(preparedOf(codeA), preparedOf(codeB));
  };
  return values.size * 3 > rows ? compareCodes : rememberLevels(compareCodes);
}

const slotBits = 20;

/** Each pair of values has one place; a newcomer takes the place of the one before, so the memory is bounded. */
function rememberLevels(compareCodes: LevelOf): LevelOf {
  const keys = new Float64Array(1 << slotBits).fill(-1);
  const levels = new Int8Array(1 << slotBits);
  return (codeA, codeB) => {
    if (codeA < 0 || codeB < 0) return -1;
    if (codeA === codeB) return 0;
    const low = codeA < codeB ? codeA : codeB;
    const high = codeA < codeB ? codeB : codeA;
    const key = low * 0x100000000 + high;
    const slot = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> (32 - slotBits);
    if (keys[slot] === key) return levels[slot]!;
    const level = compareCodes(low, high);
    keys[slot] = key;
    levels[slot] = level;
    return level;
  };
}
