import { describe, expect, it } from 'vitest';
import { inferSchema, kindOf } from '../../../src/identity/matching/infer-schema.ts';
import type { FieldKind } from '../../../src/identity/matching/match-model.ts';
import { buildMatchTable, textOf } from '../../../src/identity/matching/match-table.ts';
import { normaliseValue } from '../../../src/identity/matching/normalise-value.ts';

describe('normalising', () => {
  it.each<[FieldKind, string, string | null]>([
    ['givenName', '  Zoë-Anne ', 'zoe anne'],
    ['familyName', "O'Brien", 'obrien'],
    ['familyName', 'Strauß', 'strauss'],
    ['familyName', 'Ｓｍｉｔｈ', 'smith'],
    ['familyName', 'Łukasz', 'lukasz'],
    ['familyName', 'N/A', null],
    ['familyName', '   ', null],
    ['familyName', '李', '李'],
    ['email', ' Ann.Smith@Work.ORG ', 'ann.smith@work.org'],
    ['phone', '+41 79 123 45 67', '41791234567'],
    ['phone', '0041 79 123 45 67', '41791234567'],
    ['phone', '12', null],
    ['birthDate', '1971-06-24', '19710624'],
    ['birthDate', '19710624', '19710624'],
    ['birthDate', '1971-06-24T00:00:00Z', '19710624'],
    ['birthDate', '24.6.1971', '19710624'],
    ['birthDate', '06/24/1971', '19710624'],
    ['birthDate', 'in summer', null],
    ['street', '12 River Road', '12 river rd'],
    ['street', 'Nelkenhalde 8', 'nelkenhalde 8'],
    ['postalCode', 'SW1A 1AA', 'sw1a1aa'],
    ['company', 'Hooli, Inc.', 'hooli'],
    ['gender', 'Female', 'f'],
  ])('a %s "%s" is %s', (kind, value, normal) => {
    expect(normaliseValue(kind, value)).toBe(normal);
  });
});

describe('names of columns', () => {
  it.each<[string, FieldKind]>([
    ['given_name', 'givenName'],
    ['First Name', 'givenName'],
    ['surname', 'familyName'],
    ['lastName', 'familyName'],
    ['name', 'fullName'],
    ['dob', 'birthDate'],
    ['date_of_birth', 'birthDate'],
    ['email', 'email'],
    ['phone_number', 'phone'],
    ['soc_sec_id', 'identityNumber'],
    ['street_number', 'houseNumber'],
    ['address', 'street'],
    ['address_1', 'street'],
    ['address_2', 'addressLine'],
    ['zip', 'postalCode'],
    ['postcode', 'postalCode'],
    ['suburb', 'city'],
    ['city', 'city'],
    ['state', 'region'],
    ['company', 'company'],
    ['occupation', 'text'],
  ])('%s means %s', (column, kind) => {
    expect(kindOf(column)).toBe(kind);
  });
});

describe('a table', () => {
  it('holds rows in the order of their ids, with unknown values as such', () => {
    const schema = inferSchema(['first_name', 'last_name']);
    const table = buildMatchTable(schema, [
      { id: 'b', source: 'crm', values: ['Bea', null] },
      { id: 'a', values: ['', 'Bea'] },
    ]);
    expect(table.ids).toEqual(['a', 'b']);
    expect([...table.sources]).toEqual([-1, 0]);
    const [given, family] = table.columns;
    expect([0, 1].map((row) => textOf(given!, row))).toEqual([null, 'bea']);
    expect([0, 1].map((row) => textOf(family!, row))).toEqual(['bea', null]);
    // One dictionary for both names: an exchanged name has the same number.
    expect(given!.codes[1]).toBe(family!.codes[0]);
  });
});
