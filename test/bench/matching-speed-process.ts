import { clusterPairs } from '../../src/identity/matching/cluster.ts';
import { defaultSpec } from '../../src/identity/matching/default-spec.ts';
import type { MatchRow, MatchSchema } from '../../src/identity/matching/match-model.ts';
import { buildMatchTable } from '../../src/identity/matching/match-table.ts';
import { predict } from '../../src/identity/matching/predict.ts';
import { trainModel } from '../../src/identity/matching/train.ts';
import { accuracyAt, clusterAccuracy } from './pair-accuracy.ts';
import { generatePersons } from './person-generator.ts';
import { type Figures, round } from './report.ts';

/** Matches made-up people and prints how long each step took: `matching-speed-process.ts RECORDS SEED`. */

const schema: MatchSchema = [
  { name: 'firstName', kind: 'givenName' },
  { name: 'lastName', kind: 'familyName' },
  { name: 'birthDate', kind: 'birthDate' },
  { name: 'street', kind: 'street' },
  { name: 'postalCode', kind: 'postalCode' },
  { name: 'city', kind: 'city' },
  { name: 'email', kind: 'email' },
  { name: 'phone', kind: 'phone' },
];

const [records, seed = '1'] = [Number(process.argv[2]), process.argv[3]];
const entities = new Int32Array(records);
const seconds: Record<string, number> = {};

function* rows(): Generator<MatchRow> {
  let row = 0;
  for (const person of generatePersons({ records, seed })) {
    entities[row] = person.entity;
    const { firstName, lastName, birthDate, street, postalCode, city, email, phone } = person;
    const values = [firstName, lastName, birthDate, street, postalCode, city, email, phone];
    yield { id: String(row).padStart(8, '0'), values };
    row += 1;
  }
}

function timed<T>(step: string, work: () => T): T {
  const begun = performance.now();
  const result = work();
  seconds[step] = (performance.now() - begun) / 1000;
  return result;
}

const table = timed('table', () => buildMatchTable(schema, rows()));
const model = timed('train', () => trainModel(table, defaultSpec(schema)));
const pairs = timed('predict', () => predict(table, model));
const clusters = timed('cluster', () => clusterPairs(table, model, pairs));

const total = Object.values(seconds).reduce((sum, step) => sum + step, 0);
const atThreshold = accuracyAt(
  { a: pairs.left, b: pairs.right, weight: pairs.weight },
  entities,
  model.thresholds.link,
);
const figures: Figures = {
  records,
  ...Object.fromEntries(Object.entries(seconds).map(([step, took]) => [`${step} s`, round(took, 1)])),
  total: round(total, 1),
  'million pairs': round(model.facts.candidatePairs / 1e6, 1),
  'pairs/s': round(model.facts.candidatePairs / seconds.predict!),
  'peak GB': round(process.resourceUsage().maxRSS / 2 ** 20, 2),
  'pairs F1': round(atThreshold.f1, 4),
  'customers F1': round(clusterAccuracy(clusters, entities).f1, 4),
};
console.log(JSON.stringify(figures));
