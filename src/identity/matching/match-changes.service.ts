import type { Context } from '../../kernel/context.ts';
import { fingerprintUuid } from '../../kernel/ids.ts';
import type { MatchApplication } from './apply-matches.service.ts';
import {
  type BlockMember,
  deleteIndexed,
  deleteMembers,
  findIndexed,
  findMembers,
  type IndexedRecord,
  insertMembers,
  upsertIndexed,
} from './match-blocks.queries.ts';
import { pairKey, type ScoredPair } from './match-candidate.ts';
import { findChangedRecords, type MatchProgress, saveProgress } from './match-feed.queries.ts';
import type { MatchRow } from './match-model.ts';
import type { ModelRow } from './match-models.queries.ts';
import { readRecordsByIds } from './match-records.queries.ts';
import type { RowPair } from './match-requests.ts';
import { reconsider } from './match-together.service.ts';
import type { Matcher } from './matcher.ts';
import { blockLimit } from './matching-desk.ts';
import { isComparable, storedNames, toMatchRow } from './record-fields.ts';

/** Lines of the change feed looked at in one go, and records compared in one go. */
const linesAtOnce = 5_000;
const recordsAtOnce = 200;

export interface ChangesTools {
  readonly matcher: Matcher;
  readonly application: MatchApplication;
}

/** Compares what has changed since the last time with the records in its blocks. Answers whether there was anything. */
export async function matchChanges(
  ctx: Context,
  tools: ChangesTools,
  model: ModelRow,
  progress: MatchProgress,
): Promise<boolean> {
  const changed = await findChangedRecords(ctx.pool, progress.tx, linesAtOnce);
  const parted = new Set(changed.partedIds);
  const ids = [...new Set([...changed.recordIds, ...changed.partedIds])];
  for (let at = 0; at < ids.length; at += recordsAtOnce) {
    await matchRecords(ctx, tools, { model, rules: progress.rules, parted }, ids.slice(at, at + recordsAtOnce));
  }
  if (changed.at === null && changed.tx === progress.tx) return false;
  await saveProgress(ctx.pool, { ...progress, tx: changed.tx, at: changed.at ?? progress.at });
  return changed.at !== null;
}

interface Task {
  readonly model: ModelRow;
  readonly rules: readonly string[];
  /** Records to compare even if nothing about them has changed. */
  readonly parted: ReadonlySet<string>;
}

interface ChangedRow extends IndexedRecord {
  readonly row: MatchRow;
  readonly keysBefore: readonly number[];
}

/**
 * The fingerprint is written last: until everything that follows from a change is written, the change counts as not
 * looked at, and would be looked at again.
 */
async function matchRecords(ctx: Context, tools: ChangesTools, task: Task, ids: readonly string[]): Promise<void> {
  const { rows, gone } = await readChanged(ctx, task, ids);
  if (rows.length === 0 && gone.length === 0) return;
  const changed = await withKeys(tools, task, rows);
  await ctx.pool.begin(async (tx) => {
    const left = [...changed.flatMap(membersLeft), ...gone.flatMap(membersOf)];
    const joined = changed.flatMap(membersJoined);
    if (left.length > 0) await deleteMembers(tx, left);
    if (joined.length > 0) await insertMembers(tx, joined);
  });
  const recordIds = [...changed, ...gone].map(({ recordId }) => recordId);
  const matches = await findMatches(ctx, tools, task, changed);
  const { found, known } = await reconsider(ctx, tools.matcher, task.model, { recordIds, ...matches });
  await tools.application.apply(ctx, inUse(task.model), found, known);
  await ctx.pool.begin(async (tx) => {
    if (changed.length > 0) await upsertIndexed(tx, changed);
    if (gone.length > 0) await deleteIndexed(tx, gone);
  });
}

function inUse({ version, model }: ModelRow) {
  return { version, thresholds: model.thresholds };
}

interface Read {
  readonly rows: readonly {
    readonly row: MatchRow;
    readonly fingerprint: string;
    readonly keysBefore: readonly number[];
  }[];
  /** Records that were compared before and are nobody's now, or have no values any more. */
  readonly gone: readonly IndexedRecord[];
}

async function readChanged(ctx: Context, { model, parted }: Task, ids: readonly string[]): Promise<Read> {
  const [stored, indexed] = await Promise.all([
    readRecordsByIds(ctx.pool, storedNames(model.sources), ids),
    findIndexed(ctx.pool, ids),
  ]);
  const before = new Map(indexed.map((record) => [record.recordId, record]));
  const rows = stored.map((record) => toMatchRow(model.sources, record)).filter(isComparable);
  const there = new Set(rows.map(({ id }) => id));
  return {
    rows: rows
      .map((row) => ({ row, fingerprint: fingerprintOf(row), keysBefore: before.get(row.id)?.keys ?? [] }))
      .filter(({ row, fingerprint }) => parted.has(row.id) || before.get(row.id)?.fingerprint !== fingerprint),
    gone: indexed.filter(({ recordId }) => !there.has(recordId)),
  };
}

/** Of the values that are compared: what leaves it as it is needs no comparing. */
export function fingerprintOf({ values }: MatchRow): string {
  return fingerprintUuid(JSON.stringify(values));
}

async function withKeys({ matcher }: ChangesTools, { model, rules }: Task, rows: Read['rows']): Promise<ChangedRow[]> {
  if (rows.length === 0) return [];
  const keys = await matcher.ask('keys', { model: model.model, rules, rows: rows.map(({ row }) => row) });
  return rows.map((changed, at) => ({ ...changed, recordId: changed.row.id, keys: keys[at]! }));
}

function membersOf({ recordId, keys }: IndexedRecord): BlockMember[] {
  return keys.map((key) => ({ key, recordId }));
}

function membersLeft({ recordId, keys, keysBefore }: ChangedRow): BlockMember[] {
  return keysBefore.filter((key) => !keys.includes(key)).map((key) => ({ key, recordId }));
}

function membersJoined({ recordId, keys, keysBefore }: ChangedRow): BlockMember[] {
  return keys.filter((key) => !keysBefore.includes(key)).map((key) => ({ key, recordId }));
}

interface Matches {
  readonly found: readonly ScoredPair[];
  readonly rowOf: ReadonlyMap<string, MatchRow>;
}

/** The pairs of changed records, with each other and with the rest, that reach the threshold for review. */
async function findMatches(
  ctx: Context,
  { matcher }: ChangesTools,
  { model }: Task,
  changed: readonly ChangedRow[],
): Promise<Matches> {
  const pairs = await findNeighbours(ctx, changed);
  const rowOf = new Map(changed.map(({ recordId, row }) => [recordId, row]));
  if (pairs.length === 0) return { found: [], rowOf };
  const others = [...new Set(pairs.flat())].filter((id) => !rowOf.has(id));
  for (const record of await readRecordsByIds(ctx.pool, storedNames(model.sources), others)) {
    rowOf.set(record.id, toMatchRow(model.sources, record));
  }
  const known = pairs.filter(([a, b]) => rowOf.has(a) && rowOf.has(b));
  const rows = [...rowOf.values()];
  const positions = new Map(rows.map(({ id }, at) => [id, at]));
  const positioned = known.map(([a, b]): RowPair => [positions.get(a)!, positions.get(b)!]);
  const weights = await matcher.ask('score', { model: model.model, rows, pairs: positioned });
  const scored = known.map(([recordA, recordB], at) => ({ recordA, recordB, weight: weights[at]! }));
  return { found: scored.filter(({ weight }) => weight >= model.model.thresholds.review), rowOf };
}

/** Pairs of records that share a block, each once and the smaller id first. */
async function findNeighbours({ pool }: Context, changed: readonly ChangedRow[]): Promise<[string, string][]> {
  const keys = [...new Set(changed.flatMap((record) => record.keys))];
  if (keys.length === 0) return [];
  const members = await findMembers(pool, keys, blockLimit);
  const block = new Map(members.map(({ key, recordIds }) => [key, recordIds ?? []]));
  const pairs = new Map<string, [string, string]>();
  for (const { recordId, keys } of changed) {
    for (const other of keys.flatMap((key) => block.get(key) ?? [])) {
      if (other === recordId) continue;
      pairs.set(pairKey(recordId, other), recordId < other ? [recordId, other] : [other, recordId]);
    }
  }
  return [...pairs.values()];
}
