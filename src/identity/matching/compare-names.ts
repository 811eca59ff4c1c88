import { editDistance } from './edit-distance.ts';
import { familiarGroups } from './familiar-names.ts';
import { jaroWinkler } from './jaro-winkler.ts';
import { fewestEdits, letterMask, type MaskedText, mostJaroWinkler } from './letters.ts';
import { soundKey } from './sound-key.ts';

export const NameLevel = { same: 0, close: 1, similar: 2, short: 3, vague: 4, different: 5 } as const;

/** A part of a name, folded, with what is needed of it again and again. */
export interface PreparedName extends MaskedText {
  readonly sound: string;
  readonly familiar: readonly number[];
}

export function prepareName(text: string): PreparedName {
  return {
    text,
    mask: letterMask(text),
    sound: text.length >= 4 ? soundKey(text) : '',
    familiar: familiarGroups(text),
  };
}

/** How close two parts of a name are. */
export function compareNames(a: PreparedName, b: PreparedName): number {
  if (a.text === b.text) return NameLevel.same;
  const similarity = mostJaroWinkler(a, b) < 0.72 ? 0 : jaroWinkler(a.text, b.text);
  if (similarity >= 0.94 || isSlip(a, b)) return NameLevel.close;
  if (isShortForm(a.text, b.text) || isFamiliar(a, b)) return NameLevel.short;
  if (similarity >= 0.87 || soundsAlike(a, b) || isTwoSlips(a, b)) return NameLevel.similar;
  return similarity >= 0.72 ? NameLevel.vague : NameLevel.different;
}

/** One letter more, less or other, or two exchanged. In names of two letters that would be another name. */
function isSlip(a: PreparedName, b: PreparedName): boolean {
  return isWithin(a, b, { edits: 1, length: 3 });
}

function isTwoSlips(a: PreparedName, b: PreparedName): boolean {
  return isWithin(a, b, { edits: 2, length: 5 });
}

function isWithin(a: PreparedName, b: PreparedName, { edits, length }: { edits: number; length: number }): boolean {
  if (Math.min(a.text.length, b.text.length) < length || fewestEdits(a.mask, b.mask) > edits) return false;
  return editDistance(a.text, b.text, edits) <= edits;
}

/** "J" and "John", "Rob" and "Robert", "Mary" and "Mary Ann". */
function isShortForm(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

/** "Bill" and "William", "Sepp" and "Josef". */
function isFamiliar(a: PreparedName, b: PreparedName): boolean {
  return a.familiar.length > 0 && a.familiar.some((group) => b.familiar.includes(group));
}

function soundsAlike(a: PreparedName, b: PreparedName): boolean {
  return a.sound !== '' && a.sound === b.sound;
}

export const FullNameLevel = { same: 0, close: 1, covered: 2, half: 3, vague: 4, different: 5 } as const;

export interface PreparedFullName {
  readonly text: string;
  readonly words: readonly PreparedName[];
}

export function prepareFullName(text: string): PreparedFullName {
  return { text, words: text.split(' ').map(prepareName) };
}

/** "annaweber" for "anna weber". */
function joinWords({ text }: PreparedFullName): string {
  return text.replaceAll(' ', '');
}

/** How close two whole names are, whatever the order of their words. */
export function compareFullNames(a: PreparedFullName, b: PreparedFullName): number {
  const [fewer, more] = a.words.length <= b.words.length ? [a.words, b.words] : [b.words, a.words];
  const closest = fewer.map((word) => Math.min(...more.map((other) => compareNames(word, other))));
  const count = (level: number) => closest.filter((found) => found <= level).length;
  const shortened = closest.filter((found) => found <= NameLevel.close || found === NameLevel.short).length;
  const all = fewer.length;
  if (count(NameLevel.same) === all && more.length === all) return FullNameLevel.same;
  if (count(NameLevel.close) === all && more.length === all) return FullNameLevel.close;
  if (all >= 2 && count(NameLevel.same) >= 1 && shortened === all) return FullNameLevel.covered;
  if (editDistance(joinWords(a), joinWords(b), 1) <= 1) return FullNameLevel.covered;
  if (count(NameLevel.close) * 2 >= all) return FullNameLevel.half;
  return jaroWinkler(a.text, b.text) >= 0.72 ? FullNameLevel.vague : FullNameLevel.different;
}
