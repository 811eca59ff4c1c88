import { Random } from '../../src/demo/retailer/random.ts';
import { abbreviateStreet, familiar, misdate, misdial, misspell, respellPhone } from './person-errors.ts';
import { cities, familyNames, givenNames, mailDomains, streetNames } from './person-names.ts';

/** One record of a person, as one source would know them. Records of the same `entity` are the same person. */
export interface PersonRecord {
  readonly entity: number;
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** `YYYY-MM-DD`. */
  readonly birthDate: string | null;
  readonly street: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
  readonly email: string | null;
  readonly phone: string | null;
}

export interface PopulationOptions {
  /** Exactly so many records come out. */
  readonly records: number;
  readonly seed: string;
  /** Share of the persons with more than one record. Default 0.3. */
  readonly duplicated?: number;
}

/**
 * People with their duplicates, the same for the same options, in no helpful order. Meant to be as hard as life: skewed
 * names, so that namesakes are many; households with one address, telephone and family name, twins among them with one
 * birth date; parents and children of the same name; and second records with typos, swapped names and dates,
 * nicknames, gaps and old addresses.
 */
export function* generatePersons(options: PopulationOptions): Generator<PersonRecord> {
  const random = new Random('persons', options.seed);
  const shuffled = new ShuffleBuffer<PersonRecord>(20_000, random);
  let left = options.records;
  for (const record of recordsOf(random, options.duplicated ?? 0.3)) {
    const pushedOut = shuffled.exchange(record);
    if (pushedOut) yield pushedOut;
    left -= 1;
    if (left === 0) break;
  }
  yield* shuffled.drain();
}

interface Home {
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  readonly landline: string;
}

interface Person extends Home {
  readonly entity: number;
  readonly givenName: string;
  readonly familyName: string;
  readonly birthDate: string;
  readonly email: string | null;
  readonly phone: string | null;
}

/** Endless. */
function* recordsOf(random: Random, duplicated: number): Generator<PersonRecord> {
  let entity = 0;
  for (;;) {
    for (const person of makeHousehold(random, entity)) {
      entity = person.entity + 1;
      yield originalOf(person, random);
      if (!random.chance(duplicated)) continue;
      const copies = random.chance(0.75) ? 1 : random.int(2, 4);
      for (let copy = 0; copy < copies; copy++) yield duplicateOf(person, random);
    }
  }
}

function makeHousehold(random: Random, entity: number): Person[] {
  const home = makeHome(random);
  const familyName = familyNamesBySize.pick(random);
  const size = random.pickWeighted([1, 2, 3, 4], (people) => [0, 0.62, 0.2, 0.1, 0.08][people]!);
  const members: Person[] = [];
  for (let index = 0; index < size; index++) {
    const relative = index > 0 ? random.pick(members) : undefined;
    members.push(makePerson(random, { ...home, familyName, entity: entity + index }, relative));
  }
  return members;
}

/** Of their relatives some are the twin, some bear the parent's name, some have another family name. */
function makePerson(random: Random, facts: Home & { familyName: string; entity: number }, relative?: Person): Person {
  const namesake = relative !== undefined && random.chance(0.05);
  const twin = relative !== undefined && !namesake && random.chance(0.08);
  const givenName = namesake ? relative.givenName : givenNameOf(random);
  const familyName =
    relative && !namesake && !twin && random.chance(0.2) ? familyNamesBySize.pick(random) : facts.familyName;
  const birthDate = twin ? relative.birthDate : makeBirthDate(random);
  const { street, postalCode, city, landline, entity } = facts;
  const email = random.chance(0.85) ? makeEmail(random, givenName, familyName, birthDate) : null;
  const phone = random.chance(0.15) ? landline : random.chance(0.8) ? makeMobile(random) : null;
  return { entity, givenName, familyName, birthDate, street, postalCode, city, landline, email, phone };
}

function makeHome(random: Random): Home {
  const city = citiesBySize.pick(random);
  const rank = cityRanks.get(city)!;
  // The largest cities have many postcodes, villages one.
  const district = random.int(0, Math.max(0, 20 - rank));
  const postalCode = String(1000 + ((rank * 173) % 8900) + district);
  const houseNumber = 1 + Math.floor(random.exponential(25));
  const street = `${streetsByUse.pick(random)} ${houseNumber}`;
  return { street, postalCode, city, landline: `+414${random.int(1, 4)}${digits(random, 7)}` };
}

function givenNameOf(random: Random): string {
  const name = givenNamesByUse.pick(random);
  return random.chance(0.04) ? `${name} ${givenNamesByUse.pick(random)}` : name;
}

function makeBirthDate(random: Random): string {
  const year = 2008 - Math.floor(random.between(0, 45) + random.between(0, 38));
  return `${year}-${String(random.int(1, 12)).padStart(2, '0')}-${String(random.int(1, 28)).padStart(2, '0')}`;
}

function makeMobile(random: Random): string {
  return `+417${random.int(6, 9)}${digits(random, 7)}`;
}

function digits(random: Random, count: number): string {
  return String(random.int(0, 10 ** count - 1)).padStart(count, '0');
}

function makeEmail(random: Random, givenName: string, familyName: string, birthDate: string): string {
  const [given, family] = [plain(givenName), plain(familyName)];
  const user = random.pick([
    `${given}.${family}`,
    `${given}.${family}${birthDate.slice(2, 4)}`,
    `${given.charAt(0)}${family}`,
    `${given}${random.int(1, 999)}`,
    `${family}${random.int(1, 999)}`,
    `${random.code(8)}`,
  ]);
  return `${user}@${domainsByUse.pick(random)}`;
}

const plainLetters: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', é: 'e', ã: 'a' };

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, (letter) => plainLetters[letter] ?? '');
}

/** Mostly as the person is; some say less of themselves. */
function originalOf(person: Person, random: Random): PersonRecord {
  const { entity, givenName, familyName, birthDate, email, phone } = person;
  const home = random.chance(0.05) ? noHome : person;
  return {
    entity,
    firstName: givenName,
    lastName: familyName,
    birthDate: random.chance(0.1) ? null : birthDate,
    street: home.street,
    postalCode: home.postalCode,
    city: home.city,
    email,
    phone: phone && respellPhone(phone, random),
  };
}

const noHome = { street: null, postalCode: null, city: null };

function duplicateOf(person: Person, random: Random): PersonRecord {
  const names = duplicateNames(person, random);
  const birthDate = oneOf(random, [0.15, () => null], [0.06, () => misdate(person.birthDate, random)]);
  const email = oneOf(
    random,
    [0.25, () => null],
    [0.18, () => makeEmail(random, person.givenName, person.familyName, person.birthDate)],
    [0.04, () => person.email && misspell(person.email, random)],
  );
  const phone = oneOf(
    random,
    [0.3, () => null],
    [0.12, () => makeMobile(random)],
    [0.04, () => person.phone && misdial(person.phone, random)],
  );
  return {
    entity: person.entity,
    ...names,
    birthDate: birthDate === undefined ? person.birthDate : birthDate,
    ...duplicateAddress(person, random),
    email: email === undefined ? person.email : email,
    phone: phone === undefined ? person.phone && respellPhone(person.phone, random) : phone,
  };
}

function duplicateNames(person: Person, random: Random): Pick<PersonRecord, 'firstName' | 'lastName'> {
  const given = oneOf(
    random,
    [0.1, () => familiar(person.givenName, random)],
    [0.1, () => misspell(person.givenName, random)],
    [0.02, () => null],
  );
  const family = oneOf(
    random,
    [0.1, () => misspell(person.familyName, random)],
    [0.02, () => familyNamesBySize.pick(random)],
    [0.02, () => `${person.familyName}-${familyNamesBySize.pick(random)}`],
    [0.01, () => null],
  );
  const firstName = given === undefined ? person.givenName : given;
  const lastName = family === undefined ? person.familyName : family;
  return random.chance(0.02) ? { firstName: lastName, lastName: firstName } : { firstName, lastName };
}

function duplicateAddress(person: Person, random: Random): Pick<PersonRecord, 'street' | 'postalCode' | 'city'> {
  if (random.chance(0.12)) return noHome;
  if (random.chance(0.12)) return addressOf(makeHome(random));
  const street = oneOf(
    random,
    [0.2, () => abbreviateStreet(person.street, random)],
    [0.1, () => misspell(person.street, random)],
    [0.02, () => null],
  );
  const postalCode = oneOf(random, [0.03, () => misspell(person.postalCode, random)], [0.02, () => null]);
  const city = oneOf(random, [0.04, () => misspell(person.city, random)], [0.02, () => null]);
  return {
    street: street === undefined ? person.street : street,
    postalCode: postalCode === undefined ? person.postalCode : postalCode,
    city: city === undefined ? person.city : city,
  };
}

function addressOf({ street, postalCode, city }: Home) {
  return { street, postalCode, city };
}

/** One of the alternatives, each with its probability; `undefined` where none happened: all is as it was. */
function oneOf<T>(random: Random, ...alternatives: readonly (readonly [number, () => T])[]): T | undefined {
  let left = random.next();
  for (const [probability, make] of alternatives) {
    left -= probability;
    if (left < 0) return make();
  }
  return undefined;
}

/** Draws by rank with weight 1 / (rank + offset), Zipf's law with a flattened top (Mandelbrot). */
class Ranked {
  readonly #names: readonly string[];
  readonly #cumulative: Float64Array;

  constructor(names: readonly string[], offset: number) {
    this.#names = names;
    this.#cumulative = new Float64Array(names.length);
    let sum = 0;
    for (let rank = 0; rank < names.length; rank++) {
      sum += 1 / (rank + 1 + offset);
      this.#cumulative[rank] = sum;
    }
  }

  pick(random: Random): string {
    const target = random.next() * this.#cumulative.at(-1)!;
    let [low, high] = [0, this.#names.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return this.#names[low]!;
  }
}

const givenNamesByUse = new Ranked(givenNames, 8);
const familyNamesBySize = new Ranked(familyNames, 20);
const streetsByUse = new Ranked(streetNames, 10);
const citiesBySize = new Ranked(cities, 5);
const domainsByUse = new Ranked(mailDomains, 1);
const cityRanks = new Map(cities.map((city, rank) => [city, rank]));

/** Lets nothing out next to what it came in with: duplicates that lie side by side would flatter caches. */
class ShuffleBuffer<T> {
  readonly #held: T[] = [];
  readonly #capacity: number;
  readonly #random: Random;

  constructor(capacity: number, random: Random) {
    this.#capacity = capacity;
    this.#random = random;
  }

  /** Takes one in and, once full, hands another one out. */
  exchange(item: T): T | undefined {
    if (this.#held.length < this.#capacity) {
      this.#held.push(item);
      return undefined;
    }
    const at = this.#random.int(0, this.#held.length - 1);
    const out = this.#held[at]!;
    this.#held[at] = item;
    return out;
  }

  *drain(): Generator<T> {
    while (this.#held.length > 0) {
      const at = this.#random.int(0, this.#held.length - 1);
      const out = this.#held[at]!;
      this.#held[at] = this.#held.at(-1)!;
      this.#held.pop();
      yield out;
    }
  }
}
