import { type ChurnRisk, churnRisk, probabilityAliveOf } from '../lifecycle/churn-risk.ts';
import { churnFactsOf, settingsOf } from '../lifecycle/lifecycle.ts';
import { type Forecast, forecastOf } from '../models/forecast.ts';
import type { ActiveModel } from '../models/kpi-model.ts';
import type { KpiSettings } from '../settings/kpi-settings.ts';
import { inForce, type KpiTimeline } from '../settings/kpi-timeline.ts';
import type { CustomerHistory } from './customer-history.ts';
import { forecastInputOf, marginRateOf } from './forecast-view.ts';
import { type HistoricValue, historicValue, type Incentives, type Margin, marginOf } from './historic-value.ts';
import { foldPurchases, type PurchaseKpis } from './purchase-fold.ts';
import { type Relationship, relationshipOf } from './relationship.ts';
import { dayNumber } from './zone-days.ts';

/** A forecast with what it was made by. */
export interface PredictedValue extends Forecast {
  readonly months: number;
  readonly model: Pick<ActiveModel, 'id' | 'version' | 'cutOff'>;
}

/** Everything about one customer that follows from their own history, as of an instant. */
export interface KpiView {
  readonly customerId: string;
  readonly asOf: Date;
  /** Null: no order and no return yet. */
  readonly row: PurchaseKpis | null;
  /** Net revenue of an average order, in minor units. */
  readonly averageOrderMinor: bigint | null;
  /** Orders a year. */
  readonly frequency: number | null;
  /** Whole days of the organisation's zone since the last order. */
  readonly recencyDays: number | null;
  readonly margin: Margin | null;
  readonly historic: HistoricValue | null;
  /** Null without a model, or with nothing bought and kept. */
  readonly predicted: PredictedValue | null;
  readonly probabilityAlive: number | null;
  readonly churn: ChurnRisk | null;
  readonly relationship: Relationship | null;
}

export interface ViewQuestion {
  readonly timeline: KpiTimeline;
  readonly incentives: Incentives;
  readonly now: Date;
}

export function kpiViewOf(history: CustomerHistory, { timeline, incentives, now }: ViewQuestion): KpiView {
  const { settings } = settingsOf(history, timeline, now);
  const model = inForce(timeline.models, now, ({ effectiveFrom }) => effectiveFrom) ?? null;
  const row = foldPurchases(history, timeline.timeZone);
  const today = dayNumber(now, timeline.timeZone);
  const facts = row && churnFactsOf(history, timeline, now);
  return {
    ...{ customerId: history.customerId, asOf: now, row },
    averageOrderMinor: row && averageOrder(row),
    frequency: row && yearlyOrders(row, now),
    recencyDays: row?.lastOrderAt ? Math.max(today - dayNumber(row.lastOrderAt, timeline.timeZone), 0) : null,
    margin: row && marginOf(row, history),
    historic: row && historicValue(row, history, { clv: settings.clv, incentives }),
    predicted: row && predict(row, { model, settings, today }),
    probabilityAlive: facts && probabilityAliveOf(facts, model),
    churn: facts && churnRisk(facts, model, settings.churn, now),
    relationship: relationshipOf(history, settings.collaborativePurchases),
  };
}

function predict(
  row: PurchaseKpis,
  { model, settings: { clv }, today }: { model: ActiveModel | null; settings: KpiSettings; today: number },
): PredictedValue | null {
  const input = forecastInputOf(row, today);
  if (model === null || input === null) return null;
  const { id, version, cutOff } = model;
  const forecast = forecastOf(input, model, { ...clv, marginRate: marginRateOf(row, clv) });
  return { ...forecast, months: clv.months, model: { id, version, cutOff } };
}

/** Rounded half away from zero. */
function averageOrder({ grossMinor, returnedMinor, orders }: PurchaseKpis): bigint | null {
  if (orders === 0) return null;
  const [net, count] = [grossMinor - returnedMinor, BigInt(orders)];
  const size = net < 0n ? -net : net;
  const rounded = (2n * size + count) / (2n * count);
  return net < 0n ? -rounded : rounded;
}

const millisecondsPerDay = 86_400_000;
const daysPerYear = 365.25;
const shortestDays = 30;

/** Within the first month a single order would make twelve a year and more: it says nothing yet. */
function yearlyOrders({ orders, firstOrderAt }: PurchaseKpis, now: Date): number | null {
  if (firstOrderAt === null) return null;
  const days = (now.getTime() - firstOrderAt.getTime()) / millisecondsPerDay;
  return days < shortestDays ? null : (orders / days) * daysPerYear;
}
