import type { Period } from './calendar.ts';
import { makeEmail, makeHomes } from './contacts.ts';
import { firstNames, lastNames } from './names.ts';
import { type HouseholdFacts, makePerson, type Person } from './person.ts';
import { Random } from './random.ts';

/**
 * The people of one household, numbered from `no`: one, or two who may share a browser, an e-mail address or both.
 * A household's country follows from its number, so that numbers for phones can be dealt out without a register.
 */
export function makeHousehold(seed: string, no: number, room: number, period: Period): Person[] {
  const random = new Random(seed, 'household', no);
  const couple = room > 1 && random.chance(0.12);
  const [first, second] = twoNames(random);
  const facts = makeFacts(no, first, couple, period, random);
  const person = (at: number, name: string) => makePerson(at, name, facts, period, new Random(seed, 'person', at));
  return couple ? [person(no, first), person(no + 1, second)] : [person(no, first)];
}

function makeFacts(no: number, firstName: string, couple: boolean, period: Period, random: Random): HouseholdFacts {
  const country = no % 3 === 0 ? 'DE' : 'CH';
  const lastName = random.pick(lastNames);
  const sharesBrowser = couple && random.chance(0.6);
  const sharesEmail = couple && (!sharesBrowser || random.chance(0.3));
  return {
    country,
    lastName,
    homes: makeHomes(country, period, random),
    email: sharesEmail ? makeEmail(no, firstName, lastName, random) : null,
    sharedBrowser: sharesBrowser ? `b-${random.code(16)}` : null,
  };
}

function twoNames(random: Random): [string, string] {
  const first = random.pick(firstNames);
  return [first, random.pick(firstNames.filter((name) => name !== first))];
}

/** Exactly `count` people. */
export function* makePeople(seed: string, count: number, period: Period): Generator<Person> {
  let no = 0;
  while (no < count) {
    const household = makeHousehold(seed, no, count - no, period);
    yield* household;
    no += household.length;
  }
}
