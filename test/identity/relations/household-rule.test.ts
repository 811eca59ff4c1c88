import { describe, expect, test } from 'vitest';
import {
  checkHouseholdRule,
  householdKey,
  normaliseTrait,
  shippedHouseholdRule,
} from '../../../src/identity/relations/household-rule.ts';
import { touchedBy } from '../../../src/identity/relations/touched-customers.ts';
import type { ChangeLine, ChangeTopic } from '../../../src/kernel/changes.queries.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';

describe('traits are equal', () => {
  test.each([
    ['Bahnhof-Straße  7', 'bahnhof strasse 7'],
    ['MÜLLER', 'muller'],
    ['Lavallée', ' lavallee '],
    ['８００１', '8001'],
    ['O’Brien', "o'brien"],
    ['Nuñez', 'nunez'],
  ])('%s and %s', (one, other) => {
    expect(normaliseTrait(one)).toBe(normaliseTrait(other));
  });

  test.each([
    ['Weg 1', 'Weg 11'],
    ['Weg 1 1', 'Weg 11'],
    ['Meier', 'Meyer'],
  ])('but not %s and %s', (one, other) => {
    expect(normaliseTrait(one)).not.toBe(normaliseTrait(other));
  });

  test('for nobody of whom one is missing or says nothing', () => {
    expect(householdKey(['lastName', 'street'], ['Keller', null])).toBeNull();
    expect(householdKey(['lastName', 'street'], ['Keller', ' - '])).toBeNull();
    expect(householdKey(['lastName', 'street'], ['Keller', 'Weg 1'])).toEqual([
      'lastName',
      'keller',
      'street',
      'weg 1',
    ]);
  });

  test('only under the same names of traits', () => {
    expect(householdKey(['a', 'b'], ['x', 'y'])).not.toEqual(householdKey(['b', 'a'], ['x', 'y']));
  });
});

describe('a rule', () => {
  test('as shipped is off, and valid', () => {
    expect(shippedHouseholdRule.enabled).toBe(false);
    expect(checkHouseholdRule(shippedHouseholdRule)).toEqual(shippedHouseholdRule);
  });

  test.each([
    ['input.traits', { traits: [] }],
    ['input.traits', { traits: ['lastName', ' '] }],
    ['input.minimumSize', { minimumSize: 1 }],
    ['input.maximumSize', { minimumSize: 5, maximumSize: 4 }],
    ['input.maximumSize', { maximumSize: 101 }],
  ])('with wrong %s is refused', (field, wrong) => {
    expect(() => checkHouseholdRule({ ...shippedHouseholdRule, ...wrong })).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }) as Error,
    );
  });
});

describe('touched is', () => {
  const line = (topic: ChangeTopic, detail: JsonObject | null, customerId: string | null = 'c'): ChangeLine => ({
    topic,
    customerId,
    subjectId: customerId ?? 's',
    detail,
    position: { tx: 1n, seq: 0n },
    at: new Date(0),
  });

  test.each([
    ['a new customer', line('customer.created', null), ['c'], []],
    ['whose traits changed', line('customer.changed', { reasons: ['TOUCHPOINTS', 'TRAITS'] }), ['c'], []],
    ['not who only did something', line('customer.changed', { reasons: ['TOUCHPOINTS', 'ORDERS'] }), [], []],
    ['either side of a merge', line('customer.merged', { into: 'd' }), ['c', 'd'], ['c', 'd']],
    ['either side of a split', line('customer.split', { from: 'd' }), ['c', 'd'], ['c', 'd']],
    [
      'of whom somebody said something',
      line('household.changed', { what: 'MEMBER_ADDED', origin: 'HAND' }),
      ['c'],
      ['c'],
    ],
    ['nobody by what the rule did', line('household.changed', { what: 'MEMBER_ADDED', origin: 'RULE' }), [], []],
    [
      'nobody by a change of a household alone',
      line('household.changed', { what: 'UPDATED', origin: 'HAND' }, null),
      [],
      [],
    ],
  ])('%s', (_who, change, customerIds, anyway) => {
    expect(touchedBy([change])).toEqual({ customerIds: new Set(customerIds), anyway: new Set(anyway) });
  });
});
