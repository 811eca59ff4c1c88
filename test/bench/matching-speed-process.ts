import { defaultSpec } from '../../src/identity/matching/default-spec.ts';
import type { MatchRow, MatchSchema } from '../../src/identity/matching/match-model.ts';
import { buildMatchTable } from '../../src/identity/matching/match-table.ts';
import { type MatchingProgress, runMatching } from '../../src/identity/matching/run-matching.ts';
import { accuracyAt, clusterAccuracy } from './pair-accuracy.ts';
import { generatePersons } from './person-generator.ts';
import { type Figures, round } from './report.ts';

/** Matches made-up people and prints how long each phase took: `matching-speed-process.ts RECORDS SEED`. */

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

/** Made as they are read: the memory that is measured holds no second copy of them. */
function* rows(): Generator<MatchRow> {
  let row = 0;
  for (const person of generatePersons({ records, seed })) {
    entities[row] = person.entity;
    const { firstName, lastName, birthDate, street, postalCode, city, email, phone } = person;
    const values = [firstName, lastName, birthDate, street, postalCode, city, email, phone];
    yield { id: String(row++).padStart(8, '0'), values };
  }
}

const begun = performance.now();
const table = buildMatchTable(schema, rows());
const ended = new Map<string, number>([['read', performance.now()]]);
const onProgress = ({ phase }: MatchingProgress) => ended.set(phase, performance.now());
const { model, pairs, clusters } = await runMatching(table, { spec: defaultSpec(schema), threads: 2, onProgress });

let before = begun;
const seconds: Figures = {};
for (const [phase, at] of ended) {
  seconds[`${phase} s`] = round((at - before) / 1000, 1);
  before = at;
}
const { candidatePairs } = model.facts;
const { link } = model.thresholds;
const figures: Figures = {
  records,
  ...seconds,
  total: round((before - begun) / 1000, 1),
  'CPU s': round((process.cpuUsage().user + process.cpuUsage().system) / 1e6),
  'million pairs': round(candidatePairs / 1e6, 1),
  'pairs/s': round(candidatePairs / Number(seconds['predict s'])),
  'peak GB': round(process.resourceUsage().maxRSS / 2 ** 20, 2),
  'pairs F1': round(accuracyAt({ a: pairs.left, b: pairs.right, weight: pairs.weight }, entities, link).f1, 4),
  'customers F1': round(clusterAccuracy(clusters, entities).f1, 4),
};
console.log(JSON.stringify(figures));
