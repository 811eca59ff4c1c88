import { describe, expect, test } from 'vitest';
import {
  checkSources,
  defaultSources,
  isComparable,
  storedNames,
  toMatchRow,
} from '../../../src/identity/matching/record-fields.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';

function valuesOf(traits: JsonObject, identifiers: Record<string, string> = {}): Record<string, string> {
  const { values } = toMatchRow(defaultSources, { id: 'r', source: 'crm', traits, identifiers });
  return Object.fromEntries(
    defaultSources.flatMap(({ name }, at) => (values[at] == null ? [] : [[name, values[at]] as [string, string]])),
  );
}

describe('the values of a record', () => {
  test.each<[string, JsonObject, Record<string, string>]>([
    ['under the usual names', { firstName: 'Ann', lastName: 'Keller' }, { givenName: 'Ann', familyName: 'Keller' }],
    [
      'in snake case',
      { given_name: 'Ann', date_of_birth: '1990-01-02' },
      { givenName: 'Ann', birthDate: '1990-01-02' },
    ],
    ['of a whole name', { name: 'Ann Maria Keller' }, { givenName: 'Ann Maria', familyName: 'Keller' }],
    ['of a name with a comma', { name: 'Keller, Ann' }, { givenName: 'Ann', familyName: 'Keller' }],
    ['of a single word, which says too little', { name: 'Keller' }, {}],
    [
      'with a part beside the whole',
      { name: 'Ann Keller', lastName: 'Frei' },
      { givenName: 'Ann', familyName: 'Frei' },
    ],
    ['in an address', { address: { street: 'Weg 1', city: 'Bern' } }, { street: 'Weg 1', city: 'Bern' }],
    ['that are numbers, or lists', { zip: 8001, phone: ['079', '044'] }, { postalCode: '8001', phone: '079' }],
    ['that are none', { firstName: ' ', city: null, gender: {}, lastName: [], company: true }, {}],
  ])('%s', (_what, traits, values) => {
    expect(valuesOf(traits)).toEqual(values);
  });

  test('prefer an identifier to a trait', () => {
    expect(valuesOf({ email: 'trait@x.example' }, { email: 'claim@x.example' })).toEqual({ email: 'claim@x.example' });
  });
});

test('every trait that is looked at is read', () => {
  const { traits, identifiers } = storedNames(defaultSources);
  expect(traits).toEqual(expect.arrayContaining(['firstName', 'first_name', 'address', 'name', 'address_line_2']));
  expect(traits.filter((name) => name.includes('.'))).toEqual([]);
  expect(identifiers).toEqual(['email', 'phone']);
});

test('a record without any value is not comparable', () => {
  expect(isComparable({ id: 'r', values: [null, undefined, ''] })).toBe(false);
  expect(isComparable({ id: 'r', values: [null, 'x'] })).toBe(true);
});

test('fields without a source, or of one name, are refused', () => {
  const field = { name: 'city', kind: 'city', traits: ['city'], identifier: null } as const;
  expect(() => checkSources([field])).not.toThrow();
  expect(() => checkSources([])).toThrow(/1 to 40 fields/);
  expect(() => checkSources([field, field])).toThrow(/different names/);
  expect(() => checkSources([{ ...field, traits: [] }])).toThrow(/at least one trait/);
});
