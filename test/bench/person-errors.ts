import type { Random } from '../../src/demo/retailer/random.ts';
import { nicknames } from './person-names.ts';

/** How one record of a person comes to differ from the next. Each function answers the text changed, never empty. */

const soundAlikes: readonly (readonly [string, string])[] = [
  ['th', 't'],
  ['ph', 'f'],
  ['ck', 'k'],
  ['ss', 's'],
  ['ll', 'l'],
  ['mm', 'm'],
  ['nn', 'n'],
  ['tt', 't'],
  ['ei', 'ai'],
  ['ie', 'i'],
  ['ü', 'ue'],
  ['ö', 'oe'],
  ['ä', 'ae'],
  ['é', 'e'],
  ['y', 'i'],
  ['v', 'f'],
  ['c', 'k'],
];

/** One slip of a finger or of an ear: a letter lost, doubled, wrong or swapped with the next; or spelt as it sounds. */
export function misspell(text: string, random: Random): string {
  if (text.length < 3) return text;
  if (random.chance(0.3)) {
    const sound = soundAlikes.filter(([from]) => text.includes(from));
    if (sound.length > 0) return text.replace(...random.pick(sound));
  }
  const at = random.int(random.chance(0.1) ? 0 : 1, text.length - 2);
  const before = text.slice(0, at);
  const after = text.slice(at + 1);
  const letter = text.charAt(at);
  const wrong = /\d/.test(letter) ? String(random.int(0, 9)) : random.pick([...'abcdefghiklmnoprstuvwz']);
  return random.pick([
    before + after,
    before + letter + letter + after,
    before + wrong + after,
    before + wrong + letter + after,
    before + text.charAt(at + 1) + letter + text.slice(at + 2),
  ]);
}

export function familiar(givenName: string, random: Random): string {
  return nicknames.get(givenName) ?? (random.chance(0.5) ? givenName : `${givenName.charAt(0)}.`);
}

/** `1984-03-07` with day and month swapped where that is a date, else with a digit wrong. */
export function misdate(date: string, random: Random): string {
  const [year = '', month = '', day = ''] = date.split('-');
  if (Number(day) <= 12 && day !== month && random.chance(0.4)) return `${year}-${day}-${month}`;
  if (random.chance(0.3)) return `${year}-${month}-${pad(random.int(1, 28))}`;
  if (random.chance(0.3)) return `${year}-${pad(random.int(1, 12))}-${pad(Math.min(28, Number(day)))}`;
  return `${Number(year) + random.pick([-10, -1, 1, 10])}-${month}-${day}`;
}

/** The same street as others write it. */
export function abbreviateStreet(street: string, random: Random): string {
  return random.pick([
    street.replace('strasse', 'str.'),
    street.replace('strasse', ' Strasse'),
    street.replace(/ (\d+)$/, ' $1a'),
    street.toUpperCase(),
  ]);
}

export function misdial(phone: string, random: Random): string {
  const at = random.int(5, phone.length - 1);
  return phone.slice(0, at) + String(random.int(0, 9)) + phone.slice(at + 1);
}

/** The same number as people write it. */
export function respellPhone(e164: string, random: Random): string {
  const [prefix, a, b, c] = [e164.slice(3, 5), e164.slice(5, 8), e164.slice(8, 10), e164.slice(10)];
  return random.pick([e164, `+41 ${prefix} ${a} ${b} ${c}`, `0${prefix} ${a} ${b} ${c}`, `0${prefix}${a}${b}${c}`]);
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
