import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agglomerate } from '../../../src/identity/matching/agglomeration.ts';
import { clusterPairs } from '../../../src/identity/matching/cluster.ts';
import { defaultSpec } from '../../../src/identity/matching/default-spec.ts';
import type { ClusterConstraints, MatchModel, PairList } from '../../../src/identity/matching/match-model.ts';
import { buildMatchTable, type MatchTable } from '../../../src/identity/matching/match-table.ts';
import { trainModel } from '../../../src/identity/matching/train.ts';

const rows = 10;

function evidenceOf(bits: ReadonlyMap<string, number>) {
  return (a: number, b: number) => bits.get(`${Math.min(a, b)} ${Math.max(a, b)}`) ?? -5;
}

const singles = Array.from({ length: rows }, (_, row) => [row]);
const bitsOfPairs = fc
  .array(fc.tuple(fc.nat(rows - 1), fc.nat(rows - 1), fc.integer({ min: -10, max: 20 })), { maxLength: 30 })
  .map(
    (pairs) =>
      new Map(pairs.filter(([a, b]) => a !== b).map(([a, b, w]) => [`${Math.min(a, b)} ${Math.max(a, b)}`, w])),
  );

describe('joining the best first', () => {
  it('keeps a chain of likenesses from making strangers one person', () => {
    const bits = new Map([
      ['0 1', 8],
      ['1 2', 5],
      ['0 2', -20],
    ]);
    expect(agglomerate({ parts: [[0], [1], [2]], evidence: evidenceOf(bits) })).toEqual([[0, 1], [2]]);
  });

  it('lets one strong link outweigh records that know too little to agree', () => {
    const bits = new Map([
      ['0 1', 8],
      ['1 2', 10],
      ['0 2', -3],
    ]);
    expect(agglomerate({ parts: [[0], [1], [2]], evidence: evidenceOf(bits) })).toHaveLength(1);
  });

  it('never joins what must not be joined, however strong everything else is', () => {
    fc.assert(
      fc.property(bitsOfPairs, fc.nat(rows - 1), fc.nat(rows - 1), (bits, a, b) => {
        fc.pre(a !== b);
        const forbidden = new Map(bits).set(`${Math.min(a, b)} ${Math.max(a, b)}`, Number.NEGATIVE_INFINITY);
        const clusters = agglomerate({ parts: singles, evidence: evidenceOf(forbidden) });
        expect(clusters.find((cluster) => cluster.includes(a))).not.toContain(b);
      }),
      { numRuns: 300 },
    );
  });

  it('divides all rows, each into one cluster', () => {
    fc.assert(
      fc.property(bitsOfPairs, (bits) => {
        const clusters = agglomerate({ parts: singles, evidence: evidenceOf(bits) });
        expect(clusters.flat().sort((a, b) => a - b)).toEqual(singles.flat());
      }),
    );
  });
});

/** Records of twelve people: three each from two sources, so much alike that nothing but a constraint parts them. */
const people = [
  'Anna Weber',
  'Tom Kruse',
  'Eva Lang',
  'Ivo Marti',
  'Lea Frei',
  'Max Roth',
  'Ida Vogt',
  'Jan Kunz',
  'Mia Senn',
  'Urs Ott',
  'Ella Graf',
  'Nils Kern',
];
const records = people.flatMap((name, person) =>
  Array.from({ length: 3 }, (_, copy) => ({
    id: `${String(person).padStart(2, '0')}-${copy}`,
    source: copy === 2 ? 'crm' : 'shop',
    values: [
      ...name.split(' '),
      `19${50 + person}-0${1 + (person % 9)}-1${copy === 0 ? 1 : 2}`,
      `${name.replace(' ', '.').toLowerCase()}${person}@x.org`,
    ],
  })),
);
const schema = [
  { name: 'first', kind: 'givenName' },
  { name: 'last', kind: 'familyName' },
  { name: 'born', kind: 'birthDate' },
  { name: 'email', kind: 'email' },
] as const;
const table = buildMatchTable(schema, records);
const model = trainModel(table, defaultSpec(schema));

function clusterRows(
  constraints: ClusterConstraints = {},
  given: { table: MatchTable; model: MatchModel } = { table, model },
): Int32Array {
  return clusterPairs(given.table, given.model, allPairs(given.table.rows), constraints);
}

function allPairs(count: number): PairList {
  const pairs = Array.from({ length: count }, (_, a) =>
    Array.from({ length: count - a - 1 }, (_, at) => [a, a + 1 + at] as const),
  ).flat();
  return {
    count: pairs.length,
    left: Int32Array.from(pairs, ([a]) => a),
    right: Int32Array.from(pairs, ([, b]) => b),
    weight: new Float32Array(pairs.length).fill(1_000),
  };
}

const aRow = fc.nat(records.length - 1);
const pairs = fc.array(
  fc.tuple(aRow, aRow).filter(([a, b]) => a !== b),
  { maxLength: 5 },
);

describe('clusters', () => {
  it('are the people, named by their first row, if nothing is in the way', () => {
    expect([...clusterRows()]).toEqual(records.map((_, row) => row - (row % 3)));
  });

  it('respect every veto', () => {
    fc.assert(
      fc.property(pairs, (vetoes) => {
        const clusters = clusterRows({ vetoes });
        for (const [a, b] of vetoes) expect(clusters[a]).not.toBe(clusters[b]);
      }),
      { numRuns: 50 },
    );
  });

  it('hold what is linked together, whatever the evidence', () => {
    fc.assert(
      fc.property(pairs, (links) => {
        const clusters = clusterRows({ links });
        for (const [a, b] of links) expect(clusters[a]).toBe(clusters[b]);
      }),
      { numRuns: 50 },
    );
  });

  it('hold one record of a source that knows a person once', () => {
    const clusters = clusterRows({ uniqueSources: new Set(['shop']) });
    for (let person = 0; person < people.length; person++) {
      const [first, second, crm] = [0, 1, 2].map((copy) => clusters[person * 3 + copy]);
      expect(first).not.toBe(second);
      expect([first, second]).toContain(crm);
    }
  });

  it('of thousands of identical records stay bounded, and so does the time they take', () => {
    const same = Array.from({ length: 1_500 }, (_, at) => ({ ...records[0]!, id: String(at).padStart(5, '0') }));
    const crowd = buildMatchTable(schema, same);
    const sizes = new Map<number, number>();
    for (const name of Array.from(clusterRows({}, { table: crowd, model })))
      sizes.set(name, (sizes.get(name) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBe(100);
  });
});
