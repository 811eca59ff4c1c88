import type { Context } from '../../kernel/context.ts';
import type { CandidateRow } from './match-candidates.queries.ts';
import type { MatchRow, Waterfall } from './match-model.ts';
import { findModels, type ModelRow } from './match-models.queries.ts';
import { readRecordsByIds } from './match-records.queries.ts';
import { buildMatchTable } from './match-table.ts';
import { storedNames, toMatchRow } from './record-fields.ts';
import { scorePair } from './score-pair.ts';
import { Scorer } from './scorer.ts';

/** Why a model gives a pair its weight, by what is stored of the two records now. */
export interface Breakdown {
  readonly waterfall: Waterfall;
  /** Field → its value on the first record and on the second. */
  readonly values: ReadonlyMap<string, readonly [string | null, string | null]>;
}

/** Null where one of the records is gone, or the model. */
export async function loadBreakdowns(ctx: Context, candidates: readonly CandidateRow[]): Promise<(Breakdown | null)[]> {
  const versions = [...new Set(candidates.map(({ modelVersion }) => modelVersion))];
  const models = new Map((await findModels(ctx.pool, versions)).map((model) => [model.version, model]));
  const breakdowns = new Map<CandidateRow, Breakdown>();
  for (const [version, ofModel] of Map.groupBy(candidates, ({ modelVersion }) => modelVersion)) {
    const model = models.get(version);
    if (!model) continue;
    const rows = await readRows(ctx, model, ofModel);
    for (const [candidate, breakdown] of breakDown(model, rows, ofModel)) breakdowns.set(candidate, breakdown);
  }
  return candidates.map((candidate) => breakdowns.get(candidate) ?? null);
}

async function readRows(
  { pool }: Context,
  { sources }: ModelRow,
  candidates: readonly CandidateRow[],
): Promise<MatchRow[]> {
  const ids = [...new Set(candidates.flatMap(({ recordA, recordB }) => [recordA, recordB]))];
  const records = await readRecordsByIds(pool, storedNames(sources), ids);
  return records.map((record) => toMatchRow(sources, record));
}

function* breakDown(
  { model }: ModelRow,
  rows: readonly MatchRow[],
  candidates: readonly CandidateRow[],
): Generator<[CandidateRow, Breakdown]> {
  const { schema } = model.spec;
  const table = buildMatchTable(schema, rows);
  const scorer = new Scorer(table, model);
  const position = new Map(table.ids.map((id, at) => [id, at]));
  const valuesOf = new Map(rows.map(({ id, values }) => [id, values]));
  for (const candidate of candidates) {
    const { recordA, recordB } = candidate;
    const [a, b] = [position.get(recordA), position.get(recordB)];
    if (a === undefined || b === undefined) continue;
    const both = schema.map(({ name }, at) => {
      const [first, second] = [valuesOf.get(recordA)![at] ?? null, valuesOf.get(recordB)![at] ?? null];
      return [name, [first, second]] as const;
    });
    yield [candidate, { waterfall: scorePair(table, model, a, b, scorer), values: new Map(both) }];
  }
}
