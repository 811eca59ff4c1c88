import { badInput } from '../../kernel/errors.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { FieldKind, MatchRow, MatchSchema } from './match-model.ts';

/** Where the value of a field is found on a record. */
export interface FieldSource {
  /** The field's name in the model. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Traits in order of preference; `address.city` is a member of a trait that is an object. */
  readonly traits: readonly string[];
  /** A kind of identifier that is preferred to traits: of several, the one that was seen first. */
  readonly identifier: string | null;
  /** Where there is none of these: the first or the last word of a whole name. */
  readonly partOfName?: 'first' | 'last';
}

/** Traits with a whole name, which is taken apart where a record has no given and family name. */
const wholeNames = ['name', 'fullName', 'full_name', 'displayName'];

/**
 * The fields of a person, and what sources usually call them. Both spellings, `firstName` and `first_name`, are looked
 * for.
 */
export const defaultSources: readonly FieldSource[] = [
  { ...source('givenName', ['firstName', 'givenName', 'forename']), partOfName: 'first' },
  { ...source('familyName', ['lastName', 'familyName', 'surname']), partOfName: 'last' },
  source('birthDate', ['birthday', 'birthDate', 'dateOfBirth']),
  source('email', ['email'], 'email'),
  source('phone', ['phone', 'mobile', 'phoneNumber'], 'phone'),
  source('identityNumber', ['socialSecurityNumber', 'passportNumber', 'taxId']),
  source('street', ['street', 'addressLine1', 'address1', 'address', 'address.street']),
  source('houseNumber', ['houseNumber', 'streetNumber', 'address.houseNumber']),
  source('addressLine', ['addressLine2', 'address2', 'address.line2']),
  source('postalCode', ['postalCode', 'postcode', 'zip', 'zipCode', 'address.postalCode', 'address.zip']),
  source('city', ['city', 'town', 'address.city']),
  source('region', ['region', 'state', 'canton', 'address.region', 'address.state']),
  source('country', ['country', 'countryCode', 'address.country']),
  source('gender', ['gender', 'sex']),
  source('company', ['company', 'organization', 'organisation']),
];

function source(kind: FieldKind, traits: readonly string[], identifier: string | null = null): FieldSource {
  const spellings = traits.flatMap((name) => [name, snakeCase(name)]);
  return { name: kind, kind, traits: [...new Set(spellings)], identifier };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/(?<=[a-z])(?=\d)/g, '_');
}

/** Throws `BAD_USER_INPUT` for fields that nothing can be compared by. */
export function checkSources(sources: readonly FieldSource[]): void {
  const names = sources.map(({ name }) => name);
  if (sources.length < 1 || sources.length > 40 || new Set(names).size < names.length) {
    throw badInput('Expected 1 to 40 fields with different names.', 'input.fields');
  }
  const empty = sources.findIndex(({ traits, identifier }) => traits.length === 0 && identifier === null);
  if (empty >= 0) throw badInput('Name at least one trait, or an identifier.', `input.fields[${empty}].traits`);
}

export function schemaOf(sources: readonly FieldSource[]): MatchSchema {
  return sources.map(({ name, kind }) => ({ name, kind }));
}

/** The names under which the values are stored: what a reader of records must ask for. */
export function storedNames(sources: readonly FieldSource[]): { traits: string[]; identifiers: string[] } {
  const whole = sources.some(({ partOfName }) => partOfName) ? wholeNames : [];
  return {
    traits: [...new Set([...sources.flatMap(({ traits }) => traits.map(rootOf)), ...whole])],
    identifiers: [...new Set(sources.flatMap(({ identifier }) => identifier ?? []))],
  };
}

/** A record as it is stored. */
export interface StoredRecord {
  readonly id: string;
  readonly source: string;
  readonly traits: JsonObject | null;
  /** Kind → value. */
  readonly identifiers: Readonly<Record<string, string>> | null;
}

export function toMatchRow(sources: readonly FieldSource[], record: StoredRecord): MatchRow {
  return { id: record.id, source: record.source, values: sources.map((field) => fieldValue(field, record)) };
}

/** A record without a single value can't be compared with anything. */
export function isComparable({ values }: MatchRow): boolean {
  return values.some((value) => value !== null && value !== undefined && value !== '');
}

function fieldValue({ identifier, traits, partOfName }: FieldSource, record: StoredRecord): string | null {
  const identified = identifier === null ? undefined : record.identifiers?.[identifier];
  return identified ?? firstOf(record, traits) ?? wordOfName(firstOf(record, partOfName ? wholeNames : []), partOfName);
}

function firstOf({ traits }: StoredRecord, names: readonly string[]): string | null {
  for (const name of names) {
    const value = textOf(memberAt(traits, name));
    if (value !== null) return value;
  }
  return null;
}

/** "Keller, Ann" and "Ann Keller". A single word is a family name as likely as not: it says too little. */
function wordOfName(name: string | null, part: 'first' | 'last' | undefined): string | null {
  const [family, given] = name?.includes(',') ? name.split(',', 2) : [];
  if (family && given) return (part === 'first' ? given : family).trim();
  const words = name?.trim().split(/\s+/) ?? [];
  if (words.length < 2) return null;
  return part === 'first' ? words.slice(0, -1).join(' ') : words.at(-1)!;
}

function rootOf(name: string): string {
  return name.split('.', 1)[0]!;
}

function memberAt(traits: JsonObject | null, name: string): Json | undefined {
  let value: Json | undefined = traits ?? undefined;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, part))
      return undefined;
    value = value[part];
  }
  return value;
}

/** Of a list the first: a record that knows several telephone numbers mostly has the usual one in front. */
function textOf(value: Json | undefined): string | null {
  if (Array.isArray(value)) return textOf(value[0]);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}
