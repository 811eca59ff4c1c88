import type { Dictionary } from './dictionary.ts';

const slots = 1 << 18;

/**
 * Compares values by their numbers, and remembers what it found: names come in a few spellings and meet millions of
 * times. Each pair has one place; a newcomer takes the place of the one before, so the memory is bounded.
 */
export function cacheLevels(values: Dictionary, compare: (a: string, b: string) => number): LevelOf {
  const keys = new Float64Array(slots).fill(-1);
  const levels = new Int8Array(slots);
  return (codeA, codeB) => {
    if (codeA < 0 || codeB < 0) return -1;
    if (codeA === codeB) return 0;
    const low = codeA < codeB ? codeA : codeB;
    const high = codeA < codeB ? codeB : codeA;
    const key = low * 0x100000000 + high;
    const slot = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 14;
    if (keys[slot] === key) return levels[slot]!;
    const level = compare(values.text(low), values.text(high));
    keys[slot] = key;
    levels[slot] = level;
    return level;
  };
}

/** The level at which two values of one dictionary agree; −1 if one is unknown, 0 if they are equal. */
export type LevelOf = (codeA: number, codeB: number) => number;
