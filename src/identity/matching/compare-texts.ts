import { editDistance } from './edit-distance.ts';
import { jaroWinkler } from './jaro-winkler.ts';
import { fewestEdits, letterMask, type MaskedText, mostJaroWinkler } from './letters.ts';

export const TextLevel = { same: 0, close: 1, similar: 2, different: 3 } as const;

/** `text` is joined to one word: people disagree about blanks. */
export interface PreparedText extends MaskedText {
  readonly words: readonly string[];
  readonly sortedWords: string;
}

export function prepareText(folded: string): PreparedText {
  const words = [...new Set(folded.split(' '))];
  const text = folded.replaceAll(' ', '');
  return { text, mask: letterMask(text), words, sortedWords: words.toSorted().join(' ') };
}

/** How close two texts of one or more words are. */
export function compareTexts(a: PreparedText, b: PreparedText): number {
  const shorter = Math.min(a.text.length, b.text.length);
  if (isWithin(a, b, shorter >= 8 ? 2 : shorter >= 4 ? 1 : 0) || a.sortedWords === b.sortedWords)
    return TextLevel.close;
  const similarity = mostJaroWinkler(a, b) < 0.86 ? 0 : jaroWinkler(a.text, b.text);
  if (similarity >= 0.94) return TextLevel.close;
  return similarity >= 0.86 || shareOfWords(a.words, b.words) >= 0.6 ? TextLevel.similar : TextLevel.different;
}

function isWithin(a: MaskedText, b: MaskedText, edits: number): boolean {
  return fewestEdits(a.mask, b.mask) <= edits && editDistance(a.text, b.text, edits) <= edits;
}

/** Jaccard's: the words that both have among those that either has. */
function shareOfWords(a: readonly string[], b: readonly string[]): number {
  let both = 0;
  for (const word of a) if (b.includes(word)) both++;
  return both / (a.length + b.length - both);
}
