import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Applied, MatchApplication } from './apply-matches.service.ts';
import { evaluate } from './evaluate.ts';
import { emptyIndex, insertMembers, upsertIndexed } from './match-blocks.queries.ts';
import type { FoundPair } from './match-candidate.ts';
import { findCandidatesBetween } from './match-candidates.queries.ts';
import { fingerprintOf } from './match-changes.service.ts';
import { findLabelled } from './match-decisions.queries.ts';
import { findFeedEnd, type MatchProgress, saveProgress } from './match-feed.queries.ts';
import type { MatchModel } from './match-model.ts';
import { activateModel, findActiveModel, insertModel, lockModels, type ModelRow } from './match-models.queries.ts';
import { estimateRecords, readRecords } from './match-records.queries.ts';
import type { Matched, RowPair } from './match-requests.ts';
import { insertRun, type RunProgress, type RunRow } from './match-runs.queries.ts';
import type { Matcher } from './matcher.ts';
import { defaultSources, type FieldSource, isComparable, schemaOf, storedNames, toMatchRow } from './record-fields.ts';

/** What the API's thread does in one go takes some milliseconds: others wait for it. */
const recordsAtOnce = 1_000;
const pairsAtOnce = 2_000;
const labelledPairs = 5_000;
/** With fewer, chance would be taken for knowledge. */
const leastRecords = 100;
/** The API has the rest of a machine; two on a small one. */
const threads = 2;

export interface RunTools {
  readonly matcher: Matcher;
  readonly application: MatchApplication;
  /** Tells how far it has come; throws when the work is to stop. */
  readonly advance: (progress: RunProgress) => Promise<void>;
}

export interface RunResult {
  readonly modelVersion: number | null;
  readonly result: JsonObject;
}

/** Does what a run asks for, from the beginning: whatever another node may have done of it is done again. */
export function performRun(ctx: Context, tools: RunTools, run: RunRow): Promise<RunResult> {
  return run.kind === 'TRAIN' ? train(ctx, tools, run) : matchAll(ctx, tools);
}

async function train(ctx: Context, tools: RunTools, run: RunRow): Promise<RunResult> {
  const sources = run.options.sources ?? defaultSources;
  const { ids } = await loadRecords(ctx, tools, sources);
  if (ids.length < leastRecords) {
    throw badInput(`A training needs ${leastRecords} records with names, dates or addresses; there are ${ids.length}.`);
  }
  await tools.advance({ phase: 'training', done: 0, total: null });
  const model = await tools.matcher.ask('train', { threads });
  const evaluation = evaluate(await judgeLabelled(ctx, tools, model, ids), model.thresholds);
  const fields = new Set(model.spec.schema.map(({ name }) => name));
  const version = await ctx.pool.begin(async (tx) => {
    await lockModels(tx);
    const now = ctx.clock.now();
    const used = sources.filter(({ name }) => fields.has(name));
    const added = await insertModel(tx, { sources: used, model, evaluation, createdBy: run.actor, createdAt: now });
    if (run.options.activate) await activateModel(tx, added, now);
    return added;
  });
  if (run.options.activate) await requestMatching(ctx, run.actor);
  return { modelVersion: version, result: { records: ids.length } };
}

/** A changed model, or an index that has missed changes, needs all records to be matched. */
export async function requestMatching(ctx: Context, actor: string): Promise<string> {
  const id = ctx.ids.uuid();
  await insertRun(ctx.pool, {
    id,
    kind: 'MATCH',
    options: {},
    fingerprint: id,
    actor,
    requestedAt: ctx.clock.now(),
  });
  return id;
}

async function judgeLabelled(ctx: Context, { matcher }: RunTools, model: MatchModel, ids: readonly string[]) {
  const labelled = await findLabelled(ctx.pool, labelledPairs);
  const wanted = new Set(labelled.flatMap(({ a, b }) => [a, b]));
  const rowOf = new Map<string, number>();
  for (const [row, id] of ids.entries()) if (wanted.has(id)) rowOf.set(id, row);
  const known = labelled.filter(({ a, b }) => rowOf.has(a) && rowOf.has(b));
  const pairs = known.map(({ a, b }): RowPair => [rowOf.get(a)!, rowOf.get(b)!]);
  const weights = pairs.length > 0 ? await matcher.ask('weigh', { model, pairs }) : [];
  return known.map(({ same }, at) => ({ same, weight: weights[at]! }));
}

/** The rows that the matcher's thread has loaded now. */
interface Loaded {
  readonly ids: readonly string[];
  readonly fingerprints: readonly string[];
}

async function loadRecords(
  ctx: Context,
  { matcher, advance }: RunTools,
  sources: readonly FieldSource[],
): Promise<Loaded> {
  const total = await estimateRecords(ctx.pool);
  const wanted = storedNames(sources);
  const ids: string[] = [];
  const fingerprints: string[] = [];
  await matcher.ask('begin', { schema: schemaOf(sources) });
  let seen = 0;
  for (let after: string | null = null; ; ) {
    const page = await readRecords(ctx.pool, wanted, { after, limit: recordsAtOnce });
    const rows = page.map((record) => toMatchRow(sources, record)).filter(isComparable);
    for (const row of rows) {
      ids.push(row.id);
      fingerprints.push(fingerprintOf(row));
    }
    await matcher.ask('load', { rows });
    seen += page.length;
    await advance({ phase: 'reading records', done: seen, total: Math.max(total, seen) });
    if (page.length < recordsAtOnce) return { ids, fingerprints };
    after = page.at(-1)!.id;
  }
}

async function matchAll(ctx: Context, tools: RunTools): Promise<RunResult> {
  const model = await findActiveModel(ctx.pool);
  if (!model) return { modelVersion: null, result: { records: 0 } };
  // Whatever commits from here on is looked at again afterwards.
  const end = await findFeedEnd(ctx.pool);
  const progress = { epoch: end.epoch, tx: end.tx, at: ctx.clock.now(), modelVersion: null, rules: [] };
  await saveProgress(ctx.pool, progress);
  const loaded = await loadRecords(ctx, tools, model.sources);
  await tools.advance({ phase: 'comparing', done: 0, total: null });
  const matched = await tools.matcher.ask('match', { model: model.model, threads }, (share) => {
    // Where the node stops, the thread is ended, which fails the request.
    tools.advance({ phase: 'comparing', done: Math.round(share * 100), total: 100 }).catch(() => undefined);
  });
  await writeIndex(ctx, tools, loaded, matched);
  const applied = await applyAll(ctx, tools, model, loaded.ids, matched);
  const rules = matched.kept.map(({ name }) => name);
  await saveProgress(ctx.pool, { ...progress, modelVersion: model.version, rules } satisfies MatchProgress);
  const result = { records: loaded.ids.length, pairs: matched.pairs.count, ...applied };
  return { modelVersion: model.version, result };
}

async function writeIndex(ctx: Context, { advance }: RunTools, loaded: Loaded, { kept }: Matched): Promise<void> {
  const { ids, fingerprints } = loaded;
  const total = ids.length * (1 + kept.length);
  await emptyIndex(ctx.pool);
  for (let from = 0; from < ids.length; from += recordsAtOnce) {
    const page = ids.slice(from, from + recordsAtOnce).map((recordId, at) => ({
      recordId,
      fingerprint: fingerprints[from + at]!,
      keys: kept.map(({ keys }) => keys[from + at]!).filter((key) => key !== 0),
    }));
    await ctx.pool.begin((tx) => upsertIndexed(tx, page));
    await advance({ phase: 'writing blocks', done: from, total });
  }
  for (const [rule, { keys, order }] of kept.entries()) {
    // In order of the keys: the index of the table grows at one end.
    for (let from = 0; from < order.length; from += recordsAtOnce) {
      const rows = order.subarray(from, from + recordsAtOnce);
      const members = Array.from(rows, (row) => ({ key: keys[row]!, recordId: ids[row]! }));
      await ctx.pool.begin((tx) => insertMembers(tx, members));
      await advance({ phase: 'writing blocks', done: (rule + 1) * ids.length + from, total });
    }
  }
}

/** In stretches of the first record's id, each with all candidates that it has, so that those not found again end. */
async function applyAll(
  ctx: Context,
  { application, advance }: RunTools,
  { version, model }: ModelRow,
  ids: readonly string[],
  matched: Matched,
): Promise<Applied> {
  const { pairs } = matched;
  const sums = { linked: 0, proposed: 0, withdrawn: 0 };
  let after = '00000000-0000-0000-0000-000000000000';
  for (let from = 0; ; ) {
    const to = endOfStretch(pairs.left, from);
    const isLast = to === pairs.count;
    const through = isLast ? 'ffffffff-ffff-ffff-ffff-ffffffffffff' : ids[pairs.left[to - 1]!]!;
    const found = foundIn(matched, ids, from, to);
    const known = await findCandidatesBetween(ctx.pool, after, through);
    const applied = await application.apply(ctx, { version, thresholds: model.thresholds }, found, known);
    sums.linked += applied.linked;
    sums.proposed += applied.proposed;
    sums.withdrawn += applied.withdrawn;
    await advance({ phase: 'deciding', done: to, total: pairs.count });
    if (isLast) return sums;
    after = through;
    from = to;
  }
}

function foundIn({ pairs, clusters }: Matched, ids: readonly string[], from: number, to: number): FoundPair[] {
  return Array.from({ length: to - from }, (_, at) => {
    const [left, right] = [pairs.left[from + at]!, pairs.right[from + at]!];
    return {
      recordA: ids[left]!,
      recordB: ids[right]!,
      weight: pairs.weight[from + at]!,
      together: clusters[left] === clusters[right],
    };
  });
}

/** Never between two pairs of the same first record. */
function endOfStretch(left: Int32Array, from: number): number {
  let to = Math.min(from + pairsAtOnce, left.length);
  while (to < left.length && left[to] === left[to - 1]) to += 1;
  return to;
}
