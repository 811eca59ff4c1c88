import type { Period } from './calendar.ts';
import { streets, type Town, towns } from './names.ts';
import type { Random } from './random.ts';

export type Country = 'CH' | 'DE';

/** Where somebody lives, and since when. */
export interface Home extends Town {
  readonly from: number;
  readonly street: string;
}

/** Two homes for those who move during the history. */
export function makeHomes(country: Country, period: Period, random: Random): Home[] {
  const homes = [makeHome(country, period.from, random)];
  if (random.chance(0.12)) homes.push(makeHome(country, Math.floor(random.between(period.from, period.to)), random));
  return homes;
}

function makeHome(country: Country, from: number, random: Random): Home {
  return { from, street: `${random.pick(streets)} ${random.int(1, 96)}`, ...random.pick(towns[country]) };
}

/** Unique by the person's number. Apart from one provider with rules of its own, all under reserved names (RFC 2606). */
export function makeEmail(no: number, firstName: string, lastName: string, random: Random): string {
  const name = `${plain(firstName)}.${plain(lastName)}.${no}`;
  if (random.chance(0.4)) return `${name}.demo@gmail.com`;
  return `${name}@${random.pick(['post.example', 'mail.example', 'familie.example', 'buero.example'])}`;
}

const plainLetters: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue' };

function plain(name: string): string {
  return name.toLowerCase().replace(/[äöü]/g, (letter) => plainLetters[letter] ?? letter);
}

// Numbers that the German regulator keeps free for films and books: a thousand in each of five cities.
const germanBlocks = ['3023125', '6990009', '4066969', '2214710', '8999998'];

/**
 * Unique by the person's number. Swiss ones start with a 0 behind the prefix, which no operator hands out; German
 * ones are from the blocks for fiction, which hold 5,000: dealt to every third person, then none.
 */
export function makePhone(no: number, country: Country, random: Random): string | null {
  if (!random.chance(0.65)) return null;
  if (country === 'CH') return `+417${6 + (Math.floor(no / 1_000_000) % 4)}0${String(no % 1_000_000).padStart(6, '0')}`;
  const block = no % 3 === 0 ? germanBlocks[Math.floor(no / 3000)] : undefined;
  return block ? `+49${block}${String((no / 3) % 1000).padStart(3, '0')}` : null;
}
