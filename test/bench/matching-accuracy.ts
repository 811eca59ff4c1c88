import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterPairs } from '../../src/identity/matching/cluster.ts';
import { defaultSpec } from '../../src/identity/matching/default-spec.ts';
import { inferSchema } from '../../src/identity/matching/infer-schema.ts';
import type { MatchRow, MatchSchema } from '../../src/identity/matching/match-model.ts';
import { buildMatchTable } from '../../src/identity/matching/match-table.ts';
import { predict } from '../../src/identity/matching/predict.ts';
import { trainModel } from '../../src/identity/matching/train.ts';
import { type LabelledRecords, readLabelled, type TruthSource } from './labelled-records.ts';
import { type Accuracy, accuracyAt, bestThreshold, clusterAccuracy, countTruePairs } from './pair-accuracy.ts';
import { type Figures, round } from './report.ts';

/** A file of records whose persons are known. */
export interface LabelledFile {
  readonly name: string;
  readonly file: string;
  readonly truth: TruthSource;
  /** Columns that say nothing about a person: numbers of rows. */
  readonly ignore?: readonly string[];
  /** What others have reached, with all the tuning they wished. */
  readonly published?: string;
  /** What columns mean, where their names don't say it well enough. */
  readonly schemaOf?: (columns: readonly string[]) => MatchSchema;
}

const folder = '../shared/data/entity-resolution';
const febrlTruth: TruthSource = { column: 'rec_id', pattern: /^rec-(\d+)-/ };

export const publicSets: readonly LabelledFile[] = [
  { name: 'febrl1', file: join(folder, 'febrl1.csv'), truth: febrlTruth },
  { name: 'febrl1 without soc_sec_id', file: join(folder, 'febrl1.csv'), truth: febrlTruth, ignore: ['soc_sec_id'] },
  {
    name: 'febrl3',
    file: join(folder, 'febrl3.csv'),
    truth: febrlTruth,
    published: 'Splink 0.995, GoldenMatch 0.991, recordlinkage 0.957 to 0.982',
  },
  { name: 'febrl3 without soc_sec_id', file: join(folder, 'febrl3.csv'), truth: febrlTruth, ignore: ['soc_sec_id'] },
  {
    name: 'fake_1000',
    file: join(folder, 'fake_1000.csv'),
    truth: { column: 'cluster' },
    ignore: ['unique_id'],
    published: 'Splink 3 0.928, Splink 5 0.862',
  },
  {
    name: 'dqbench1',
    file: join(folder, 'dqbench1.csv'),
    truth: { file: join(folder, 'dqbench1.truth.json'), rowColumn: 'row' },
    published: 'dedupe 0.916, GoldenMatch 0.893, recordlinkage 0.808, Splink 0.667',
  },
];

/** The sets of the shared folder; none, and a word about it, where that is missing. */
export async function findPublicSets(): Promise<readonly LabelledFile[]> {
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  if (there) return publicSets;
  console.log(`Accuracy is not measured: there is no folder ${folder} with labelled records.`);
  return [];
}

export async function measureAccuracy(sets: readonly LabelledFile[]): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const set of sets) figures.push(await measureSet(set));
  return figures;
}

/** The truth is read beside the records, and looked at only when everything has been decided. */
async function measureSet(set: LabelledFile): Promise<Figures> {
  const records = await readLabelled(set.file, set.truth);
  const begun = performance.now();
  const schema = schemaFor(set, records);
  const table = buildMatchTable(schema, rowsOf(records, schema));
  const model = trainModel(table, defaultSpec(schema));
  const pairs = predict(table, model);
  const clusters = clusterPairs(table, model, pairs);
  const seconds = (performance.now() - begun) / 1000;
  const entities = Int32Array.from(table.ids, (id) => records.entities[Number(id)]!);
  const weighted = { a: pairs.left, b: pairs.right, weight: pairs.weight };
  const best = bestThreshold(weighted, entities);
  return {
    set: set.name,
    rows: records.rows,
    'true pairs': countTruePairs(entities),
    ...named('pairs', accuracyAt(weighted, entities, model.thresholds.link)),
    ...named('customers', clusterAccuracy(clusters, entities)),
    'best F1': round(best.f1, 4),
    'at bits': round(best.threshold, 1),
    published: set.published ?? null,
    seconds: round(seconds, 1),
  };
}

function named(what: string, { precision, recall, f1 }: Accuracy): Figures {
  return {
    [`${what}: precision`]: round(precision, 4),
    [`${what}: recall`]: round(recall, 4),
    [`${what}: F1`]: round(f1, 4),
  };
}

function schemaFor({ schemaOf = inferSchema, ignore = [] }: LabelledFile, { columns }: LabelledRecords): MatchSchema {
  return schemaOf([...columns.keys()].filter((name) => !ignore.includes(name)));
}

function* rowsOf({ rows, columns }: LabelledRecords, schema: MatchSchema): Generator<MatchRow> {
  const values = schema.map(({ name }) => columns.get(name)!);
  // Ids of equal length, so that their order is that of the file.
  const digits = String(rows).length;
  for (let row = 0; row < rows; row++) {
    yield { id: String(row).padStart(digits, '0'), values: values.map((column) => column[row]!) };
  }
}
