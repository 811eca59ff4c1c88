import { churnRisk, probabilityAliveOf } from '../lifecycle/churn-risk.ts';
import { churnFactsOf, settingsOf } from '../lifecycle/lifecycle.ts';
import { Forecaster } from '../models/forecast.ts';
import type { ActiveModel } from '../models/kpi-model.ts';
import type { ChurnSettings, KpiSettings } from '../settings/kpi-settings.ts';
import { inForce, type KpiTimeline } from '../settings/kpi-timeline.ts';
import type { CustomerHistory } from './customer-history.ts';
import { forecastInputOf, marginRateOf } from './forecast-view.ts';
import { foldPurchases } from './purchase-fold.ts';
import { dayNumber } from './zone-days.ts';

/** A row's columns of `customer_scores` that a model fills. */
export interface ModelScored {
  readonly customerId: string;
  readonly modelId: string | null;
  readonly probabilityAlive: number | null;
  readonly churnRisk: number | null;
  readonly expectedOrders: number | null;
  readonly clvMinor: bigint | null;
}

/** Scores of customers by the model and the settings that are in force at an instant. */
export class ModelScoring {
  readonly #timeline: KpiTimeline;
  readonly #now: Date;
  readonly #settings: KpiSettings;
  readonly #model: ActiveModel | undefined;
  readonly #forecaster: Forecaster | undefined;
  readonly #today: number;

  constructor(timeline: KpiTimeline, now: Date) {
    this.#timeline = timeline;
    this.#now = now;
    this.#today = dayNumber(now, timeline.timeZone);
    const settings = inForce(timeline.settings, now, ({ effectiveFrom }) => effectiveFrom) ?? timeline.settings[0]!;
    this.#settings = settings.settings;
    this.#model = inForce(timeline.models, now, ({ effectiveFrom }) => effectiveFrom);
    this.#forecaster = this.#model && new Forecaster(this.#model, this.#settings.clv);
  }

  /** Whether it would be the same if it were made now. */
  holds(timeline: KpiTimeline, now: Date): boolean {
    return timeline === this.#timeline && dayNumber(now, timeline.timeZone) === this.#today;
  }

  score(history: CustomerHistory): ModelScored {
    const { customerId } = history;
    const row = foldPurchases(history, this.#timeline.timeZone);
    const input = row && forecastInputOf(row, this.#today);
    const model = this.#model;
    if (!model || !this.#forecaster || !row || !input) return { ...nothing, customerId };
    const { expectedOrders, clvMinor } = this.#forecaster.forecast(input, marginRateOf(row, this.#settings.clv));
    const facts = churnFactsOf(history, this.#timeline, this.#now);
    return {
      ...{ customerId, modelId: model.id, expectedOrders },
      probabilityAlive: facts && probabilityAliveOf(facts, model),
      churnRisk: (facts && churnRisk(facts, model, this.#churnOf(history), this.#now)?.risk) ?? null,
      clvMinor: clvMinor === null ? null : BigInt(Math.round(clvMinor)),
    };
  }

  #churnOf(history: CustomerHistory): ChurnSettings {
    return settingsOf(history, this.#timeline, this.#now).settings.churn;
  }
}

const nothing = { modelId: null, probabilityAlive: null, churnRisk: null, expectedOrders: null, clvMinor: null };
