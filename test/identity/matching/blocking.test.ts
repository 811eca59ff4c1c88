import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyMaker } from '../../../src/identity/matching/block-keys.ts';
import { makeBlocks } from '../../../src/identity/matching/blocks.ts';
import { visitPairs } from '../../../src/identity/matching/candidate-pairs.ts';
import { defaultSpec } from '../../../src/identity/matching/default-spec.ts';
import { inferSchema } from '../../../src/identity/matching/infer-schema.ts';
import type { BlockingRule } from '../../../src/identity/matching/match-model.ts';
import { buildMatchTable } from '../../../src/identity/matching/match-table.ts';

/** Keys of one rule by row: 0 is none. */
const keys = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 12, maxLength: 12 });
const plenty = 1_000;

function pairsOf(rules: Parameters<typeof visitPairs>[0], share?: { part: number; parts: number }): string[] {
  const pairs: string[] = [];
  visitPairs(rules, (a, b) => pairs.push(`${a} ${b}`), { share });
  return pairs;
}

describe('candidate pairs', () => {
  it('are exactly those that some rule puts in one block, each of them once', () => {
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1, maxLength: 4 }), (rules) => {
        const blocks = rules.map((ofRule) => makeBlocks([Int32Array.from(ofRule)], plenty));
        const expected: string[] = [];
        for (let a = 0; a < 12; a++) {
          for (let b = a + 1; b < 12; b++) {
            if (rules.some((ofRule) => ofRule[a] !== 0 && ofRule[a] === ofRule[b])) expected.push(`${a} ${b}`);
          }
        }
        expect(pairsOf(blocks).sort()).toEqual(expected.sort());
      }),
      { numRuns: 300 },
    );
  });

  it('fall into shares that have nothing in common and are all of them together', () => {
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 5 }), (rules, parts) => {
        const blocks = rules.map((ofRule) => makeBlocks([Int32Array.from(ofRule)], plenty));
        const shares = Array.from({ length: parts }, (_, part) => pairsOf(blocks, { part, parts })).flat();
        expect(shares.sort()).toEqual(pairsOf(blocks).sort());
      }),
    );
  });

  it('never pass the budget of their rule, whatever the keys', () => {
    fc.assert(
      fc.property(keys, keys, fc.nat(40), (coarse, finer, budget) => {
        const { pairs, keys: used } = makeBlocks([Int32Array.from(coarse), Int32Array.from(finer)], budget);
        expect(pairs).toBeLessThanOrEqual(budget);
        expect(pairsOf([makeBlocks([used], plenty)])).toHaveLength(pairs);
      }),
    );
  });

  it('of a block that is too large are those of its finer blocks, and the rest is counted as skipped', () => {
    const coarse = Int32Array.from([1, 1, 1, 1, 1, 2, 2]);
    const finer = Int32Array.from([11, 11, 12, 12, 12, 13, 14]);
    expect(pairsOf([makeBlocks([coarse, finer], 8)]).sort()).toEqual(['0 1', '2 3', '2 4', '3 4', '5 6']);
    expect(makeBlocks([coarse], 8)).toMatchObject({ pairs: 1, skippedRows: 5 });
  });
});

describe('blocking keys', () => {
  const schema = inferSchema(['first_name', 'last_name', 'dob', 'email']);
  const rows = [
    { id: '1', values: ['Anna', 'Meyer', '1980-02-03', 'anna@x.org'] },
    { id: '2', values: ['Maier', 'Ana', '1980-02-03', null] },
    { id: '3', values: ['Tom', 'Kruse', null, 'anna@x.org'] },
  ];
  const rule = (parts: BlockingRule['parts']): BlockingRule => ({ name: 'r', parts, refine: [] });
  const keysFor = (parts: BlockingRule['parts'], of = rows) => [
    ...new KeyMaker(buildMatchTable(schema, of)).keys(rule(parts))[0]!,
  ];

  it('are equal for equal parts, and 0 where a part is unknown', () => {
    const byDate = keysFor([{ field: 'dob', transform: 'year' }]);
    expect(byDate[0]).toBe(byDate[1]);
    expect(byDate[2]).toBe(0);
  });

  it('of two names that may be exchanged do not depend on their order', () => {
    const [one, other, stranger] = keysFor([{ field: 'first_name', orField: 'last_name', transform: 'sound' }]);
    expect(one).toBe(other);
    expect(one).not.toBe(stranger);
  });

  it('depend on nothing but the row: the same in another table', () => {
    const parts = [{ field: 'email', transform: 'whole' }];
    expect(keysFor(parts, rows.slice(2))[0]).toBe(keysFor(parts)[2]);
  });
});

describe('the default specification', () => {
  it('compares an address once, and a whole name only where its parts are unknown', () => {
    const names = (columns: string[]) =>
      defaultSpec(inferSchema(columns)).comparisons.map(({ comparator }) => comparator);
    expect(names(['full_name', 'first_name', 'last_name'])).toEqual(['givenName', 'familyName', 'nameOrder']);
    expect(names(['name', 'address', 'zip', 'city', 'state'])).toEqual(['fullName', 'street', 'place']);
  });

  it('blocks and trains only on fields that there are', () => {
    const { blocking, training } = defaultSpec(inferSchema(['last_name', 'dob']));
    for (const { parts, refine } of [...blocking, ...training]) {
      for (const { field } of [...parts, ...refine]) expect(['last_name', 'dob']).toContain(field);
    }
    expect(training.length).toBeGreaterThan(0);
  });
});
