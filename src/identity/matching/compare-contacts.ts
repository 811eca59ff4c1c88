import { editDistance } from './edit-distance.ts';
import { jaroWinkler } from './jaro-winkler.ts';

export const EmailLevel = { same: 0, sameByName: 1, slip: 2, sameUser: 3, similar: 4, different: 5 } as const;

/** How close two addresses are. Whether they are made of the names (`sameByName`) only the whole records can tell. */
export function compareEmails(a: string, b: string): number {
  if (a === b) return EmailLevel.same;
  if (Math.min(a.length, b.length) >= 8 && editDistance(a, b, 2) <= 2) return EmailLevel.slip;
  const [userA, domainA] = splitEmail(a);
  const [userB, domainB] = splitEmail(b);
  const sameUser = userA === userB && userA.length >= 4;
  if (sameUser && jaroWinkler(domainA, domainB) >= 0.85) return EmailLevel.slip;
  if (sameUser) return EmailLevel.sameUser;
  return jaroWinkler(a, b) >= 0.9 ? EmailLevel.similar : EmailLevel.different;
}

export function splitEmail(email: string): readonly [user: string, domain: string] {
  const at = email.lastIndexOf('@');
  return at < 0 ? [email, ''] : [email.slice(0, at), email.slice(at + 1)];
}

/**
 * Whether the part before the @ says nothing but the name: at most one letter is left without it, and no number.
 * Two people of one name with the same provider then come to the same address, or nearly.
 */
export function isMadeOfName(email: string, given: string | null, family: string | null): boolean {
  const [user] = splitEmail(email);
  if (/\d\D*\d/.test(user)) return false;
  let rest = user.replace(/[^\p{L}]/gu, '');
  for (const name of [family, given]) {
    if (name !== null && name.length >= 2) rest = rest.replace(name.replaceAll(' ', ''), '');
  }
  return rest.length <= 1 && rest.length < user.length;
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
