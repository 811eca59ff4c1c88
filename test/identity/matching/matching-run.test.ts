import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterPairs } from '../../../src/identity/matching/cluster.ts';
import { defaultSpec } from '../../../src/identity/matching/default-spec.ts';
import { inferSchema } from '../../../src/identity/matching/infer-schema.ts';
import type { MatchModel, MatchRow, PairList } from '../../../src/identity/matching/match-model.ts';
import { buildMatchTable, type MatchTable } from '../../../src/identity/matching/match-table.ts';
import { predict, predictFor } from '../../../src/identity/matching/predict.ts';
import { runMatching } from '../../../src/identity/matching/run-matching.ts';
import { scorePair } from '../../../src/identity/matching/score-pair.ts';
import { SeededRandom } from '../../../src/identity/matching/seeded-random.ts';
import { trainModel } from '../../../src/identity/matching/train.ts';
import { generatePersons } from '../../bench/person-generator.ts';
import { familyNames, givenNames, streetNames } from '../../bench/person-names.ts';

const columns = ['firstName', 'lastName', 'birthDate', 'street', 'postalCode', 'city', 'email', 'phone'] as const;
const schema = inferSchema(columns);
const spec = defaultSpec(schema);
const persons = [...generatePersons({ records: 600, seed: 'matching' })];
const rows: MatchRow[] = persons.map((person, at) => ({
  id: `r${at}`,
  values: columns.map((column) => person[column]),
}));
const table = buildMatchTable(schema, rows);
const model = trainModel(table, spec);
const pairs = predict(table, model);

/** Pairs by the ids of their records, so that tables of another order can be compared. */
function described(of: MatchTable, list: PairList): string[] {
  return Array.from({ length: list.count }, (_, at) => {
    const ids = [of.ids[list.left[at]!]!, of.ids[list.right[at]!]!].sort();
    return `${ids.join(' ')} ${list.weight[at]!.toFixed(4)}`;
  }).sort();
}

describe('a model', () => {
  it('finds people: nearly all, and nearly no others', () => {
    const entityOf = (row: number) => persons[Number(table.ids[row]!.slice(1))]!.entity;
    const clusters = clusterPairs(table, model, pairs);
    let [found, right, true_] = [0, 0, 0];
    for (let a = 0; a < table.rows; a++) {
      for (let b = a + 1; b < table.rows; b++) {
        const same = entityOf(a) === entityOf(b);
        if (same) true_++;
        if (clusters[a] !== clusters[b]) continue;
        found++;
        if (same) right++;
      }
    }
    expect(right / found).toBeGreaterThan(0.95);
    expect(right / true_).toBeGreaterThan(0.93);
    expect(model.facts.expectedMatches / true_).toBeCloseTo(1, 0);
  });

  it('is plain JSON, and predicts the same after storage', () => {
    const stored = JSON.parse(JSON.stringify(model)) as MatchModel;
    expect(stored).toEqual(model);
    expect(described(table, predict(table, stored))).toEqual(described(table, pairs));
  });

  it('keeps probabilities that are ones', () => {
    for (const { levels } of model.comparisons) {
      for (const { m, u } of levels) {
        expect(m).toBeGreaterThan(0);
        expect(m).toBeLessThanOrEqual(1);
        expect(u).toBeGreaterThan(0);
        expect(u).toBeLessThanOrEqual(1);
      }
      expect(levels.reduce((sum, { m }) => sum + m, 0)).toBeCloseTo(1, 6);
    }
  });

  it('does not depend on the order in which records arrive', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(rows.slice(0, 150), { minLength: 150 }), (shuffled) => {
        const [one, other] = [rows.slice(0, 150), shuffled].map((given) => buildMatchTable(schema, given));
        const [modelOne, modelOther] = [one!, other!].map((given) => trainModel(given, spec));
        expect(modelOther).toEqual(modelOne);
        expect(described(other!, predict(other!, modelOther!))).toEqual(described(one!, predict(one!, modelOne!)));
      }),
      { numRuns: 3 },
    );
  });

  it('can be trained on next to nothing', () => {
    for (const count of [0, 1, 2, 3]) {
      const few = buildMatchTable(schema, rows.slice(0, count));
      const trained = trainModel(few, spec);
      expect(Number.isFinite(trained.lambda)).toBe(true);
      expect(clusterPairs(few, trained, predict(few, trained))).toHaveLength(count);
    }
  });
});

describe('a pair', () => {
  it('is explained by a waterfall whose steps add up to its weight', () => {
    expect(pairs.count).toBeGreaterThan(100);
    for (let at = 0; at < pairs.count; at += 7) {
      const { prior, steps, household, weight, probability } = scorePair(
        table,
        model,
        pairs.left[at]!,
        pairs.right[at]!,
      );
      expect(weight).toBeCloseTo(pairs.weight[at]!, 3);
      expect(steps.reduce((sum, step) => sum + step.weight, prior + household)).toBeCloseTo(weight, 9);
      expect(probability).toBeCloseTo(2 ** weight / (1 + 2 ** weight), 9);
      for (const step of steps) {
        const bits = step.level === null ? 0 : Math.log2(step.m / step.u) + step.frequencyAdjustment;
        expect(step.weight).toBeCloseTo(bits, 9);
      }
    }
  });

  it('of new rows is found as in a full run, and no other', () => {
    const fresh = Int32Array.from([3, 50, 51, 400]);
    const expected = described(table, pairs).filter((line) =>
      [...fresh].some((row) => line.split(' ').slice(0, 2).includes(table.ids[row]!)),
    );
    expect(described(table, predictFor(table, model, fresh))).toEqual(expected);
  });

  it('of a small table weighs what it weighs in the large one: the model brings its frequencies along', () => {
    const [a, b] = [table.ids[pairs.left[0]!]!, table.ids[pairs.right[0]!]!];
    const small = buildMatchTable(
      schema,
      rows.filter(({ id }) => id === a || id === b),
    );
    expect(scorePair(small, model, 0, 1).weight).toBeCloseTo(pairs.weight[0]!, 4);
  });
});

describe('a household', () => {
  /** Families of three at one address with one landline; every fourth person has a second record. */
  const random = new SeededRandom(4);
  const pick = <Value>(values: readonly Value[]): Value => values[random.below(values.length)]!;
  const digits = (count: number) => Array.from({ length: count }, () => random.below(10)).join('');
  const members = Array.from({ length: 120 }, () => {
    const [family, street, phone] = [
      pick(familyNames),
      `${pick(streetNames)} ${1 + random.below(90)}`,
      `044${digits(7)}`,
    ];
    const born = () => `${1940 + random.below(60)}-0${1 + random.below(9)}-${10 + random.below(18)}`;
    return [0, 1, 2].map(() => [pick(givenNames), family, born(), street, phone]);
  }).flat();
  const homeRows = members.flatMap((values, at) => {
    const [given, family, born, , phone] = values;
    const first = { id: `${at}-a`, values };
    return at % 4 === 0 ? [first, { id: `${at}-b`, values: [given, family, born, null, phone] }] : [first];
  });
  const homeSchema = inferSchema(['firstName', 'lastName', 'birthDate', 'street', 'phone']);
  const homes = buildMatchTable(homeSchema, homeRows);
  const homeModel = trainModel(homes, defaultSpec(homeSchema));

  it('is not one person, though it shares a name, an address and a telephone', () => {
    const clusters = clusterPairs(homes, homeModel, predict(homes, homeModel));
    const persons = new Map<number, Set<string>>();
    for (const [row, id] of homes.ids.entries()) {
      const found = persons.get(clusters[row]!) ?? new Set();
      persons.set(clusters[row]!, found.add(id.split('-')[0]!));
    }
    expect(Math.max(...[...persons.values()].map((ids) => ids.size))).toBe(1);
    expect(persons.size).toBe(members.length);
  });

  it('is counted: as many pairs as there are', () => {
    const homePairs = (homeModel.household * homes.rows * (homes.rows - 1)) / 2;
    // Three pairs of people in each family, of which some have a second record.
    expect(homePairs).toBeGreaterThan(300);
    expect(homePairs).toBeLessThan(800);
  });
});

describe('a run in threads', () => {
  it('finds what the same steps find in this thread', async () => {
    const phases = new Set<string>();
    const run = await runMatching(table, { spec, threads: 2, onProgress: ({ phase }) => phases.add(phase) });
    expect(run.model).toEqual(model);
    expect(described(table, run.pairs)).toEqual(described(table, pairs));
    expect([...run.clusters]).toEqual([...clusterPairs(table, model, pairs)]);
    expect([...phases]).toEqual(['block', 'train', 'predict', 'cluster']);
  });

  it('takes a model that there is already, and constraints', async () => {
    const vetoes = [[pairs.left[0]!, pairs.right[0]!]] as const;
    const run = await runMatching(table, { model, constraints: { vetoes }, threads: 1 });
    expect(run.model).toBe(model);
    expect(run.clusters[vetoes[0][0]]).not.toBe(run.clusters[vetoes[0][1]]);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const running = runMatching(table, { spec, signal: stop.signal, onProgress: () => stop.abort(reason) });
    await expect(running).rejects.toBe(reason);
    await expect(runMatching(table, { spec, signal: stop.signal })).rejects.toBe(reason);
  });

  it('says why it could not be done', async () => {
    const broken = {
      ...model,
      spec: { ...spec, blocking: [{ name: 'x', parts: [{ field: 'nothing', transform: 'whole' }], refine: [] }] },
    };
    await expect(runMatching(table, { model: broken })).rejects.toThrow('no field "nothing"');
  });
});
