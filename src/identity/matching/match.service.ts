import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { countCandidates } from './match-candidates.queries.ts';
import { findOldestUnseen, findProgress } from './match-feed.queries.ts';
import {
  activateModel,
  findActiveModel,
  findActiveVersion,
  findModel,
  listModels,
  lockModels,
  type ModelRow,
} from './match-models.queries.ts';
import {
  findNextRun,
  findRun,
  insertRun,
  listRuns,
  type RunKind,
  type RunOptions,
  type RunRow,
} from './match-runs.queries.ts';
import { checkSources } from './record-fields.ts';

/** Requests are told apart by this key: the same key with the same input asks once. */
interface Repeatable {
  readonly idempotencyKey?: string | null;
}

const mostListed = 200;
const longestKey = 200;

export async function listMatchModels(ctx: Context, first: number): Promise<ModelRow[]> {
  requireScope(ctx, 'identity:read');
  return listModels(ctx.pool, checkFirst(first));
}

export async function listMatchRuns(ctx: Context, first: number): Promise<RunRow[]> {
  requireScope(ctx, 'identity:read');
  return listRuns(ctx.pool, checkFirst(first));
}

export async function findMatchRun(ctx: Context, id: string): Promise<RunRow | null> {
  requireScope(ctx, 'identity:read');
  return (await findRun(ctx.pool, id)) ?? null;
}

/** Asks for a training on all records. A background job of any node does it, and tells in the run how far it is. */
export async function requestTraining(ctx: Context, input: RunOptions & Repeatable): Promise<RunRow> {
  requireScope(ctx, 'identity:manage');
  const { sources, activate = false, idempotencyKey } = input;
  if (sources) checkSources(sources);
  return request(ctx, 'TRAIN', { ...(sources && { sources }), activate }, idempotencyKey);
}

/** Asks for all records to be matched by the model in use. */
export async function requestMatchRun(ctx: Context, { idempotencyKey }: Repeatable): Promise<RunRow> {
  requireScope(ctx, 'identity:manage');
  if ((await findActiveVersion(ctx.pool)) === undefined) {
    throw badInput('No model is in use: train one, and activate it.');
  }
  return request(ctx, 'MATCH', {}, idempotencyKey);
}

export interface Activated {
  readonly model: ModelRow;
  /** Matches all records by it. */
  readonly run: RunRow;
}

/** Makes a model the one that is used, and asks for all records to be matched by it. Doing it again does just that. */
export async function activateMatchModel(ctx: Context, input: { version: number } & Repeatable): Promise<Activated> {
  requireScope(ctx, 'identity:manage');
  await ctx.pool.begin(async (tx) => {
    await lockModels(tx);
    if (!(await findModel(tx, input.version))) throw notFound('match model', String(input.version));
    await activateModel(tx, input.version, ctx.clock.now());
    await audit(tx, ctx, { action: 'matching.model_activated', subject: `match model ${input.version}` });
  });
  const run = await request(ctx, 'MATCH', {}, input.idempotencyKey);
  return { model: (await findModel(ctx.pool, input.version))!, run };
}

async function request(
  ctx: Context,
  kind: RunKind,
  options: RunOptions,
  key: string | null | undefined,
): Promise<RunRow> {
  if (key != null && (key.trim() === '' || key.length > longestKey)) {
    throw badInput(`An idempotency key has 1 to ${longestKey} characters.`, 'input.idempotencyKey');
  }
  const id = key == null ? ctx.ids.uuid() : deriveUuid(ctx.viewer.keyId, 'match run', key);
  const fingerprint = fingerprintUuid(canonicalJson({ kind, options }));
  const requestedAt = ctx.clock.now();
  const isNew = await ctx.pool.begin(async (tx) => {
    const added = await insertRun(tx, { id, kind, options, fingerprint, actor: ctx.viewer.name, requestedAt });
    const action = kind === 'TRAIN' ? 'matching.training_requested' : 'matching.run_requested';
    if (added) await audit(tx, ctx, { action, subject: toPublicId('mr', id) });
    return added;
  });
  const run = (await findRun(ctx.pool, id))!;
  if (isNew || run.fingerprint === fingerprint) return run;
  throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used before with another input.', {
    field: 'input.idempotencyKey',
  });
}

export interface MatchingStatus {
  readonly activeModel: ModelRow | null;
  /** By how much the background job is behind the touchpoints; null without a model in use. */
  readonly lagSeconds: number | null;
  /** All records have been matched by the model in use. */
  readonly isComplete: boolean;
  readonly currentRun: RunRow | null;
  readonly pending: number;
}

export async function readMatchingStatus(ctx: Context): Promise<MatchingStatus> {
  requireScope(ctx, 'identity:read');
  const [activeModel, progress, lagSeconds, currentRun, pending] = await Promise.all([
    findActiveModel(ctx.pool),
    findProgress(ctx.pool),
    matchingLag(ctx.pool, ctx.clock.now()),
    findNextRun(ctx.pool),
    countCandidates(ctx.pool, 'PENDING'),
  ]);
  const isComplete = activeModel !== undefined && progress?.modelVersion === activeModel.version;
  return { activeModel: activeModel ?? null, lagSeconds, isComplete, currentRun: currentRun ?? null, pending };
}

/** Age of the oldest change that the background job has not looked at, in seconds; null without a model in use. */
export async function matchingLag(db: Database, now: Date): Promise<number | null> {
  if ((await findActiveVersion(db)) === undefined) return null;
  const oldest = await findOldestUnseen(db);
  return oldest === null ? 0 : Math.max(0, (now.getTime() - oldest.getTime()) / 1000);
}

function checkFirst(first: number): number {
  if (first >= 1 && first <= mostListed) return first;
  throw badInput(`Expected \`first\` from 1 to ${mostListed}, got ${first}.`, 'first');
}
