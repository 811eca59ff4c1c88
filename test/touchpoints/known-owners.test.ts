import { describe, expect, test } from 'vitest';
import { fingerprintUuid } from '../../src/kernel/ids.ts';
import { KnownOwners } from '../../src/touchpoints/known-owners.ts';

const ids = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => fingerprintUuid(`${kind} ${index}`));

describe('known owners', () => {
  test('what belongs to one customer has one number, another customer another one', () => {
    const owners = new KnownOwners();
    const [record, identifier, other] = ids('thing', 3) as [string, string, string];
    const [ann, bob] = ids('customer', 2) as [string, string];
    owners.note(record, ann);
    owners.note(identifier, ann);
    owners.note(other, bob);
    expect(owners.find(record)).toBe(owners.find(identifier));
    expect(owners.find(other)).not.toBe(owners.find(record));
    owners.note(record, bob);
    expect(owners.find(record)).toBe(owners.find(other));
  });

  test('of nobody else anything is known, and of many nearly all', () => {
    const owners = new KnownOwners();
    const known = ids('known', 20_000);
    for (const id of known) owners.note(id, id);
    const remembered = known.filter((id) => owners.find(id) !== undefined).length;
    expect(remembered).toBeGreaterThan(19_000);
    expect(ids('stranger', 20_000).filter((id) => owners.find(id) !== undefined).length).toBeLessThan(3);
  });
});
