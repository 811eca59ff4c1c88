import { editDistance } from './edit-distance.ts';
import { jaroWinkler } from './jaro-winkler.ts';
import { fewestEdits, letterMask, type MaskedText, mostJaroWinkler } from './letters.ts';

export const EmailLevel = { same: 0, sameByName: 1, slip: 2, sameUser: 3, similar: 4, different: 5 } as const;

export interface PreparedEmail extends MaskedText {
  readonly user: string;
  readonly domain: string;
}

export function prepareEmail(text: string): PreparedEmail {
  const at = text.lastIndexOf('@');
  const [user, domain] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  return { text, mask: letterMask(text), user, domain };
}

/** How close two addresses are. Whether they are made of the names (`sameByName`) only the whole records can tell. */
export function compareEmails(a: PreparedEmail, b: PreparedEmail): number {
  if (a.text === b.text) return EmailLevel.same;
  if (isTwoSlips(a, b)) return EmailLevel.slip;
  if (a.user === b.user && a.user.length >= 4) {
    return jaroWinkler(a.domain, b.domain) >= 0.85 ? EmailLevel.slip : EmailLevel.sameUser;
  }
  const isSimilar = mostJaroWinkler(a, b) >= 0.9 && jaroWinkler(a.text, b.text) >= 0.9;
  return isSimilar ? EmailLevel.similar : EmailLevel.different;
}

function isTwoSlips(a: PreparedEmail, b: PreparedEmail): boolean {
  if (Math.min(a.text.length, b.text.length) < 8 || fewestEdits(a.mask, b.mask) > 2) return false;
  return editDistance(a.text, b.text, 2) <= 2;
}

/** What the names of a record leave of its e-mail address. */
export interface NameRemainder {
  /** The letters before the @ are the name, or parts and initials of it. */
  readonly isName: boolean;
  /** The digits before the @: the year of birth, or what was needed to be different from a namesake. */
  readonly digits: string;
}

/**
 * Takes the names from an address. If nothing is left, two people of one name with the same provider come to the same
 * address, or nearly: it says little that the names haven't said.
 */
export function takeNames(email: string, given: string | null, family: string | null): NameRemainder {
  const { user } = prepareEmail(email);
  const letters = user.replace(/[^\p{L}]/gu, '');
  const names = [family, given].flatMap((name) => (name === null ? [] : [name.replaceAll(' ', '')]));
  const isName = isUsedUp(letters, names) || isUsedUp(withoutUmlauts(letters), names.map(withoutUmlauts));
  return { isName, digits: user.replace(/\D/g, '') };
}

/** The level of two addresses in the light of what the names leave of them. */
export function discountNames(level: number, a: NameRemainder, b: NameRemainder): number {
  if (level === EmailLevel.same) return a.digits === '' && (a.isName || b.isName) ? EmailLevel.sameByName : level;
  if (!a.isName && !b.isName) return level;
  // Likenesses between names. Only the same digits still speak for the same person, or, without any, a mere slip.
  if (a.digits !== b.digits) return EmailLevel.different;
  return a.digits !== '' || level === EmailLevel.slip ? EmailLevel.sameByName : EmailLevel.different;
}

function isUsedUp(letters: string, names: readonly string[]): boolean {
  let rest = letters;
  for (const name of names) if (name.length >= 2) rest = rest.replace(name, '');
  return rest.length <= 1 && rest.length < letters.length;
}

/** "mueller" for "müller", which folding makes "muller". */
function withoutUmlauts(text: string): string {
  return text.replace(/([aou])e/g, '$1');
}

export const NumberLevel = { same: 0, slip: 1, twoSlips: 2, different: 3 } as const;

/** Phone numbers are the same with or without the code of the country: the last nine digits decide, or all of them. */
export function comparePhones(a: string, b: string): number {
  if (a === b) return NumberLevel.same;
  const shorter = Math.min(a.length, b.length);
  const length = Math.min(shorter, 9);
  const tailA = a.slice(-length);
  const tailB = b.slice(-length);
  if (tailA === tailB && length >= 7) return NumberLevel.same;
  if (shorter < 7) return NumberLevel.different;
  return slips(tailA, tailB);
}

export function compareNumbers(a: string, b: string): number {
  if (a === b) return NumberLevel.same;
  return Math.min(a.length, b.length) < 5 ? NumberLevel.different : slips(a, b);
}

function slips(a: string, b: string): number {
  return Math.min(editDistance(a, b, 2), NumberLevel.different);
}
