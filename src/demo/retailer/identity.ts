import type { JsonObject } from '../../kernel/json.ts';
import { latestAt, type Membership, type Person } from './person.ts';

export type Claim = { kind: string; value: string };

/** The membership's id once it exists. */
export function idAt(membership: Membership | null, at: number): string | null {
  return membership && membership.since <= at ? membership.id : null;
}

/** The cookie of the browser that the person uses then. */
export function browserAt(person: Person, at: number): string {
  return latestAt(person.browsers, at).id;
}

/** Claims for the identifiers that are there. */
export function claims(...pairs: readonly (readonly [kind: string, value: string | null])[]): Claim[] {
  return pairs.flatMap(([kind, value]) => (value === null ? [] : [{ kind, value }]));
}

/** What the person would enter in a form. */
export function formTraits(person: Person, at: number): JsonObject {
  const home = latestAt(person.homes, at);
  return {
    firstName: person.firstName,
    lastName: person.lastName,
    email: person.email,
    street: home.street,
    postalCode: home.postcode,
    city: home.city,
    country: person.country,
    language: 'de',
  };
}
