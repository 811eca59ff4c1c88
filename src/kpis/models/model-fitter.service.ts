import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { checkReason } from '../../kernel/request-input.ts';
import { lockTimeline, turnTimeline } from '../settings/kpi-book.queries.ts';
import { ever, later } from '../settings/kpi-levers.ts';
import { type CutOff, readCutOff, textOfDay } from './cut-off.ts';
import type { Fitted, ModelKind } from './fit-models.ts';
import { detailOf } from './model-detail.ts';
import type { ModelThreads } from './model-threads.ts';
import { findModelInUse, insertModel, type KpiModelRow, lockModels, nextVersion } from './models.queries.ts';
import { readPastStatistics, readStatistics } from './purchase-statistics.queries.ts';
import { buffersOf } from './purchase-statistics.ts';

export interface FitModel {
  readonly kind: ModelKind;
  /** The last day whose purchases count, such as `2026-10-31`; today when left out. */
  readonly cutOff?: string | null;
  /** Whether a BG/NBD that converges is used from now on; it is, when left out. */
  readonly activate?: boolean | null;
  readonly reason?: string | null;
}

export interface ModelFitterParts {
  readonly threads: ModelThreads;
  readonly timeZone: string;
}

/** Fits models of what customers will buy, keeps every fit, and puts those to use that can be. */
export class ModelFitter {
  readonly #threads: ModelThreads;
  readonly #timeZone: string;

  constructor({ threads, timeZone }: ModelFitterParts) {
    this.#threads = threads;
    this.#timeZone = timeZone;
  }

  /** Answers what was stored: also a fit that did not converge, which has no numbers and is never used. */
  async fit(ctx: Context, { kind, cutOff: day, activate, reason }: FitModel): Promise<KpiModelRow> {
    requireScope(ctx, 'metrics:manage');
    const why = checkReason(reason);
    const cutOff = readCutOff(day, { now: ctx.clock.now(), timeZone: this.#timeZone, field: 'input.cutOff' });
    const statistics = await this.#read(ctx, cutOff);
    const fitted = await this.#threads.ask('fit', { kind, statistics }, buffersOf(statistics));
    const model = await ctx.pool.begin((tx) =>
      store(tx, ctx, { fitted, cutOff, activate: activate ?? true, reason: why }),
    );
    if (model.effectiveFrom) ctx.feed.wake();
    return model;
  }

  /** One after the other; each kind once. */
  async fitAll(ctx: Context, kinds: readonly ModelKind[], input: Omit<FitModel, 'kind'>): Promise<KpiModelRow[]> {
    requireScope(ctx, 'metrics:manage');
    const fitted: KpiModelRow[] = [];
    for (const kind of new Set(kinds)) fitted.push(await this.fit(ctx, { ...input, kind }));
    return fitted;
  }

  #read(ctx: Context, { day, isToday }: CutOff) {
    const upTo = { day, timeZone: this.#timeZone };
    return isToday ? readStatistics(ctx.pool, upTo) : readPastStatistics(ctx.pool, upTo);
  }
}

interface Stored {
  readonly fitted: Fitted;
  readonly cutOff: CutOff;
  readonly activate: boolean;
  readonly reason: string | null;
}

async function store(tx: Tx, ctx: Context, { fitted, cutOff, activate, reason }: Stored): Promise<KpiModelRow> {
  await lockModels(tx);
  const { status } = fitted.purchases;
  const isUsed = activate && fitted.kind === 'BG_NBD' && status === 'CONVERGED';
  const version = await nextVersion(tx);
  const id = ctx.ids.uuid();
  const { kind } = fitted;
  const act = { action: 'kpis.model_fitted', subject: toPublicId('mdl', id), reason };
  await audit(tx, ctx, { ...act, detail: { kind, version, status, cutOff: textOfDay(cutOff.day), used: isUsed } });
  // Nobody derives anything between the time from which on it counts and the end of this transaction.
  if (isUsed) await lockTimeline(tx);
  const now = ctx.clock.now();
  const model: KpiModelRow = {
    ...{ id, version, kind, status, fittedAt: now, cutOff: cutOff.at },
    effectiveFrom: isUsed ? later(now, (await findModelInUse(tx))?.effectiveFrom ?? ever) : null,
    detail: detailOf(fitted, textOfDay(cutOff.day)),
  };
  await insertModel(tx, model);
  if (!isUsed) return model;
  await appendChanges(tx, now, [
    { topic: 'kpis.changed', customerId: null, subjectId: id, detail: { what: 'MODEL', version } },
  ]);
  await turnTimeline(tx);
  return model;
}
