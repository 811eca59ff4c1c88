import { editDistance } from './edit-distance.ts';
import { jaroWinkler } from './jaro-winkler.ts';
import { soundKey } from './sound-key.ts';

export const NameLevel = { same: 0, close: 1, similar: 2, short: 3, vague: 4, different: 5 } as const;

/** How close two parts of a name are, both folded. */
export function compareNames(a: string, b: string): number {
  if (a === b) return NameLevel.same;
  const similarity = jaroWinkler(a, b);
  if (isSlip(a, b) || similarity >= 0.94) return NameLevel.close;
  if (isShortForm(a, b)) return NameLevel.short;
  if (similarity >= 0.87 || isTwoSlips(a, b) || soundsAlike(a, b)) return NameLevel.similar;
  return similarity >= 0.72 ? NameLevel.vague : NameLevel.different;
}

/** One letter more, less or other, or two exchanged. In names of two letters that would be another name. */
function isSlip(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 3 && editDistance(a, b, 1) === 1;
}

function isTwoSlips(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 5 && editDistance(a, b, 2) === 2;
}

/** "J" and "John", "Rob" and "Robert", "Mary" and "Mary Ann". */
function isShortForm(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function soundsAlike(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 4 && soundKey(a) === soundKey(b);
}

export const FullNameLevel = { same: 0, close: 1, covered: 2, half: 3, vague: 4, different: 5 } as const;

/** How close two whole names are, whatever the order of their words. */
export function compareFullNames(a: string, b: string): number {
  const [fewer, more] = byNumberOfWords(a.split(' '), b.split(' '));
  const closest = fewer.map((word) => Math.min(...more.map((other) => compareNames(word, other))));
  const count = (level: number) => closest.filter((found) => found <= level).length;
  const all = fewer.length;
  if (count(NameLevel.same) === all && more.length === all) return FullNameLevel.same;
  if (count(NameLevel.close) === all && more.length === all) return FullNameLevel.close;
  if (all >= 2 && count(NameLevel.same) >= 1 && count(NameLevel.short) === all) return FullNameLevel.covered;
  if (jaroWinkler(a, b) >= 0.92) return FullNameLevel.covered;
  if (count(NameLevel.close) * 2 >= all) return FullNameLevel.half;
  return jaroWinkler(a, b) >= 0.72 ? FullNameLevel.vague : FullNameLevel.different;
}

function byNumberOfWords(a: string[], b: string[]): [string[], string[]] {
  return a.length <= b.length ? [a, b] : [b, a];
}
