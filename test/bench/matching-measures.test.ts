import { describe, expect, test } from 'vitest';
import { accuracyAt, bestThreshold, clusterAccuracy, countTruePairs } from './pair-accuracy.ts';
import { generatePersons } from './person-generator.ts';

const entities = [1, 1, 1, 2, 2, 3];
/** Three right, one wrong; one true pair (0, 2) is not among them. */
const pairs = { a: [0, 1, 3, 4], b: [1, 2, 4, 5], weight: [9, 5, 5, 1] };

describe('accuracy', () => {
  test('counts pairs of one person', () => expect(countTruePairs(entities)).toBe(4));

  test.each([
    [0, 3 / 4, 3 / 4],
    [5, 1, 3 / 4],
    [9, 1, 1 / 4],
    [10, 1, 0],
  ])('at %i bits', (threshold, precision, recall) => {
    expect(accuracyAt(pairs, entities, threshold)).toMatchObject({ precision, recall });
  });

  test('finds the threshold with the best F1', () => {
    expect(bestThreshold(pairs, entities)).toMatchObject({ threshold: 5, precision: 1, recall: 3 / 4 });
  });

  test('of clusters counts what chains join', () => {
    expect(clusterAccuracy([0, 0, 0, 3, 3, 3], entities)).toMatchObject({ precision: 4 / 6, recall: 1 });
  });
});

describe('made-up people', () => {
  const people = [...generatePersons({ records: 5_000, seed: 'x' })];

  test('are as many as asked for, and the same for the same seed', () => {
    expect(people).toHaveLength(5_000);
    expect([...generatePersons({ records: 5_000, seed: 'x' })]).toEqual(people);
    expect([...generatePersons({ records: 10, seed: 'y' })]).not.toEqual(people.slice(0, 10));
  });

  test('have duplicates that differ, gaps, and namesakes who are others', () => {
    const byEntity = [...Map.groupBy(people, ({ entity }) => entity).values()];
    const duplicates = byEntity.filter(({ length }) => length > 1);
    expect(duplicates.length / byEntity.length).toBeGreaterThan(0.2);
    const differ = duplicates.filter((records) => new Set(records.map((record) => JSON.stringify(record))).size > 1);
    expect(differ.length / duplicates.length).toBeGreaterThan(0.8);
    expect(people.filter(({ birthDate }) => birthDate === null).length).toBeGreaterThan(200);
    const byName = Map.groupBy(people, ({ firstName, lastName }) => `${firstName} ${lastName}`);
    const namesakes = [...byName.values()].filter((records) => new Set(records.map(({ entity }) => entity)).size > 1);
    expect(namesakes.length).toBeGreaterThan(20);
  });

  test('live with people of their family name, twins among them', () => {
    const homes = Map.groupBy(people, ({ lastName, street, postalCode }) => `${lastName} ${street} ${postalCode}`);
    const families = [...homes].filter(
      ([home, records]) => !home.includes('null') && new Set(records.map(({ entity }) => entity)).size > 1,
    );
    expect(families.length).toBeGreaterThan(100);
    const withTwins = families.filter(([, records]) => {
      const births = Map.groupBy(records, ({ birthDate }) => birthDate ?? '');
      return [...births].some(([birth, those]) => birth !== '' && new Set(those.map(({ entity }) => entity)).size > 1);
    });
    expect(withTwins.length).toBeGreaterThan(3);
  });
});
