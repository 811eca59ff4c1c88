import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import type { CustomerHistory } from '../customers/customer-history.ts';
import type { HistoryReader } from '../customers/history-reader.service.ts';
import type { ActiveModel } from '../models/kpi-model.ts';
import type { KpiBook } from '../settings/kpi-book.service.ts';
import { inForce, type KpiTimeline } from '../settings/kpi-timeline.ts';
import { sampleBuyers } from './churn-calibration.queries.ts';
import { type ChurnCalibration, type ChurnObservation, calibrateChurn } from './churn-calibration.ts';
import { churnRisk } from './churn-risk.ts';
import { churnFactsOf, settingsOf } from './lifecycle.ts';
import { OrdersSoFar } from './orders-so-far.ts';
import { zoneClock } from './zone-clock.ts';

export interface AskChurnCalibration {
  /** What lies behind it is what happened. */
  readonly cutOff: Date;
  /** Until when; now when left out. */
  readonly until?: Date | null;
  /** At most so many customers. 20,000 when left out. */
  readonly sample?: number | null;
}

export interface ChurnCalibrationReport extends ChurnCalibration {
  readonly cutOff: Date;
  readonly until: Date;
  /** That which said the risks; null: there is none. */
  readonly modelVersion: number | null;
  /** It was fitted on purchases behind the cut-off: it knew what it was to tell. */
  readonly knewBetter: boolean;
}

const usualSample = 20_000;
const largestSample = 100_000;
const atOnce = 1_000;

/** Holds churn risks against what customers did: said at a cut-off from what had happened by then, and judged by the time since. */
export class ChurnCalibrationService {
  readonly #parts: { readonly book: KpiBook; readonly reader: HistoryReader };

  constructor(parts: { readonly book: KpiBook; readonly reader: HistoryReader }) {
    this.#parts = parts;
  }

  async calibrate(ctx: Context, { cutOff, until, sample }: AskChurnCalibration): Promise<ChurnCalibrationReport> {
    requireScope(ctx, 'metrics:read');
    const now = ctx.clock.now();
    const end = until ?? now;
    if (end > now) throw badInput('Expected a time that is not in the future.', 'until');
    if (cutOff >= end) throw badInput('Expected a time before `until`.', 'cutOff');
    const timeline = await this.#parts.book.current(ctx.pool);
    const { model, knewBetter } = modelAt(timeline, cutOff);
    const ids = await sampleBuyers(ctx.pool, cutOff, checkSample(sample));
    const observations: ChurnObservation[] = [];
    for (let from = 0; from < ids.length && model; from += atOnce) {
      const chunk = ids.slice(from, from + atOnce);
      const histories = await this.#parts.reader.read(ctx.pool, chunk, { timeline });
      for (const history of histories) {
        const observed = observe(history, { timeline, model, cutOff, until: end });
        if (observed) observations.push(observed);
      }
    }
    const report = calibrateChurn(observations);
    return { ...report, cutOff, until: end, modelVersion: model?.version ?? null, knewBetter };
  }
}

/** That which was in use; if there was none yet, the first one. */
function modelAt({ models }: KpiTimeline, at: Date): { model: ActiveModel | null; knewBetter: boolean } {
  const model = inForce(models, at, ({ effectiveFrom }) => effectiveFrom) ?? models[0] ?? null;
  return { model, knewBetter: model !== null && model.cutOff > at };
}

interface Holdout {
  readonly timeline: KpiTimeline;
  readonly model: ActiveModel;
  readonly cutOff: Date;
  readonly until: Date;
}

/** Null for whom there was no risk to tell: they had kept nothing. */
function observe(history: CustomerHistory, { timeline, model, cutOff, until }: Holdout): ChurnObservation | null {
  const facts = churnFactsOf(history, timeline, cutOff);
  const { churn } = settingsOf(history, timeline, cutOff).settings;
  const told = facts && churnRisk(facts, model, churn, cutOff);
  if (!told) return null;
  const clock = zoneClock(timeline.timeZone);
  const orders = new OrdersSoFar(clock);
  for (const purchase of history.purchases) if (purchase.at <= until) orders.add(purchase);
  const lastDay = orders.days.at(-1) ?? Number.NEGATIVE_INFINITY;
  return { risk: told.risk, churned: lastDay <= clock.dayOf(cutOff.getTime()) };
}

function checkSample(sample: number | null | undefined): number {
  const asked = sample ?? usualSample;
  if (Number.isSafeInteger(asked) && asked >= 100 && asked <= largestSample) return asked;
  throw badInput(`Expected 100 to ${largestSample} customers, got ${asked}.`, 'sample');
}
