import type { Random } from './random.ts';

/** One slip of a finger: two letters swapped, one lost or one doubled. Never the first, never the text unchanged. */
export function withTypo(text: string, random: Random): string {
  const at = random.int(1, Math.max(1, text.length - 2));
  const swapped = text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2);
  const lost = text.slice(0, at) + text.slice(at + 1);
  const doubled = text.slice(0, at) + text.charAt(at) + text.slice(at);
  const typo = random.pick([swapped, lost, doubled]);
  return typo === text ? doubled : typo;
}

/** A typo in front of the @: another address, belonging to nobody. */
export function withEmailTypo(email: string, random: Random): string {
  const [name = '', domain = ''] = email.split('@');
  return `${withTypo(name, random)}@${domain}`;
}

/** The same mailbox written another way: capitals anywhere, dots and plus-tags where the provider ignores them. */
export function respellEmail(email: string, random: Random): string {
  const [name = '', domain = ''] = email.split('@');
  if (domain !== 'gmail.com') return random.chance(0.5) ? email.toUpperCase() : `${capitalise(name)}@${domain}`;
  const variants = [`${name}+news@gmail.com`, `${name.replaceAll('.', '')}@gmail.com`, `${capitalise(name)}@gmail.com`];
  return random.pick(variants);
}

/** The same number as people write it. National forms only for Swiss numbers: the demo's default region is CH. */
export function spellPhone(e164: string, random: Random): string {
  return random.pick(e164.startsWith('+41') ? swissSpellings(e164) : internationalSpellings(e164));
}

function swissSpellings(e164: string): string[] {
  const [prefix, a, b, c] = [e164.slice(3, 5), e164.slice(5, 8), e164.slice(8, 10), e164.slice(10)];
  return [
    e164,
    `+41 ${prefix} ${a} ${b} ${c}`,
    `0${prefix} ${a} ${b} ${c}`,
    `0${prefix}${a}${b}${c}`,
    `0041 ${prefix} ${a}${b}${c}`,
    `+41 (0)${prefix} ${a} ${b} ${c}`,
    `0${prefix}/${a}.${b}.${c}`,
  ];
}

function internationalSpellings(e164: string): string[] {
  return [e164, `${e164.slice(0, 3)} ${e164.slice(3)}`, `00${e164.slice(1)}`, `${e164.slice(0, 3)}-${e164.slice(3)}`];
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
