import { editDistance } from './edit-distance.ts';
import { jaroWinkler } from './jaro-winkler.ts';

export const TextLevel = { same: 0, close: 1, similar: 2, different: 3 } as const;

/** How close two folded texts of one or more words are. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return TextLevel.same;
  const [joinedA, joinedB] = [a.replaceAll(' ', ''), b.replaceAll(' ', '')];
  const shorter = Math.min(joinedA.length, joinedB.length);
  const allowed = shorter >= 8 ? 2 : shorter >= 4 ? 1 : 0;
  if (editDistance(joinedA, joinedB, allowed) <= allowed) return TextLevel.close;
  if (sortWords(a) === sortWords(b)) return TextLevel.close;
  const similarity = jaroWinkler(joinedA, joinedB);
  if (similarity >= 0.94) return TextLevel.close;
  return similarity >= 0.86 || shareOfWords(a, b) >= 0.6 ? TextLevel.similar : TextLevel.different;
}

function sortWords(text: string): string {
  return text.split(' ').sort().join(' ');
}

/** Jaccard's: the words that both have among those that either has. */
function shareOfWords(a: string, b: string): number {
  const wordsA = new Set(a.split(' '));
  const wordsB = new Set(b.split(' '));
  const both = wordsA.intersection(wordsB).size;
  return both / (wordsA.size + wordsB.size - both);
}
