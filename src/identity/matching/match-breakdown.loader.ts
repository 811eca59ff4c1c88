import type { Context } from '../../kernel/context.ts';
import type { CandidateRow } from './match-candidates.queries.ts';
import type { MatchRow, Waterfall } from './match-model.ts';
import { findModels, type ModelRow } from './match-models.queries.ts';
import { readRecordsByIds } from './match-records.queries.ts';
import { buildMatchTable } from './match-table.ts';
import { storedNames, toMatchRow } from './record-fields.ts';
import { scorePair } from './score-pair.ts';

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
  const breakdowns = new Map<CandidateRow, Breakdown | null>();
  for (const [version, ofModel] of Map.groupBy(candidates, ({ modelVersion }) => modelVersion)) {
    const model = models.get(version);
    if (!model) continue;
    const rowOf = await readRows(ctx, model, ofModel);
    for (const candidate of ofModel) breakdowns.set(candidate, breakDown(model, candidate, rowOf));
  }
  return candidates.map((candidate) => breakdowns.get(candidate) ?? null);
}

async function readRows(
  { pool }: Context,
  { sources }: ModelRow,
  candidates: readonly CandidateRow[],
): Promise<Map<string, MatchRow>> {
  const ids = [...new Set(candidates.flatMap(({ recordA, recordB }) => [recordA, recordB]))];
  const records = await readRecordsByIds(pool, storedNames(sources), ids);
  return new Map(records.map((record) => [record.id, toMatchRow(sources, record)]));
}

function breakDown(
  { model }: ModelRow,
  { recordA, recordB }: CandidateRow,
  rowOf: ReadonlyMap<string, MatchRow>,
): Breakdown | null {
  const [a, b] = [rowOf.get(recordA), rowOf.get(recordB)];
  if (!a || !b) return null;
  const { schema } = model.spec;
  const values = schema.map(({ name }, at) => [name, [a.values[at] ?? null, b.values[at] ?? null]] as const);
  return { waterfall: scorePair(buildMatchTable(schema, [a, b]), model, 0, 1), values: new Map(values) };
}
