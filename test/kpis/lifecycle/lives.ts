import type { CustomerHistory, HistoryPurchase, HistorySignal } from '../../../src/kpis/customers/customer-history.ts';
import type { ActiveModel } from '../../../src/kpis/models/kpi-model.ts';
import { ever } from '../../../src/kpis/settings/kpi-levers.ts';
import { defaultSettings, type KpiSettings } from '../../../src/kpis/settings/kpi-settings.ts';
import type { KpiTimeline, Scale } from '../../../src/kpis/settings/kpi-timeline.ts';

export const dayMs = 86_400_000;
const epoch = Date.UTC(2024, 0, 1, 12);

/** Noon of the n-th day of these tests, UTC; parts of days too. */
export function noon(day: number): Date {
  return new Date(epoch + day * dayMs);
}

/** When the n-th day begins. */
export function midnight(day: number): Date {
  return new Date(epoch - dayMs / 2 + day * dayMs);
}

let serial = 0;
function nextId(): string {
  serial += 1;
  return `00000000-0000-7000-8000-${String(serial).padStart(12, '0')}`;
}

export interface Bought {
  readonly orderId?: string | null;
  readonly value?: number;
  readonly currency?: string;
  readonly opensOrder?: boolean;
}

export function order(day: number, { orderId = null, value = 10, currency = 'EUR', opensOrder = true }: Bought = {}) {
  return purchase('ORDER', day, { orderId, value, currency, opensOrder });
}

export function returned(day: number, { orderId = null, value = 10, currency = 'EUR' }: Bought = {}) {
  return purchase('RETURN', day, { orderId, value, currency, opensOrder: false });
}

function purchase(kind: 'ORDER' | 'RETURN', day: number, bought: Required<Bought>): HistoryPurchase {
  const { orderId, value, currency, opensOrder } = bought;
  return {
    ...{ id: nextId(), recordId: 'r', at: noon(day), kind, orderId, opensOrder, currency, costMinor: null, items: 1 },
    valueMinor: BigInt(value * 100),
  };
}

export function signal(day: number, kind: string, rest: Partial<HistorySignal> = {}): HistorySignal {
  return { id: nextId(), at: noon(day), kind, subject: null, score: null, endsAt: null, ...rest };
}

type Given = Partial<Omit<CustomerHistory, 'firstSeenAt' | 'lastSeenAt' | 'identifiedAt'>> & {
  readonly firstSeen?: number;
  readonly lastSeen?: number;
  readonly identified?: number | null;
};

export function life({ firstSeen = 0, lastSeen, identified = 0, ...rest }: Given = {}): CustomerHistory {
  const purchases = [...(rest.purchases ?? [])].sort(byTime);
  const signals = [...(rest.signals ?? [])].sort(byTime);
  const last = Math.max(noon(firstSeen).getTime(), ...[...purchases, ...signals].map(({ at }) => at.getTime()));
  return {
    ...{ customerId: 'c', homeStore: null, tiers: [], observations: [], touches: [], ...rest, purchases, signals },
    firstSeenAt: noon(firstSeen),
    lastSeenAt: lastSeen === undefined ? new Date(last) : noon(lastSeen),
    identifiedAt: identified === null ? null : noon(identified),
  };
}

function byTime(a: { at: Date; id: string }, b: { at: Date; id: string }): number {
  return a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1);
}

export type Levers = { readonly [Group in 'lifecycle' | 'churn']?: Partial<KpiSettings[Group]> };

export function settingsOf(levers: Levers = {}): KpiSettings {
  return {
    ...defaultSettings,
    lifecycle: { ...defaultSettings.lifecycle, ...levers.lifecycle },
    churn: { ...defaultSettings.churn, ...levers.churn },
  };
}

/** In force since ever, but for what is given. */
export function timelineOf(given: Partial<KpiTimeline> & { readonly levers?: Levers } = {}): KpiTimeline {
  const { levers, ...rest } = given;
  return {
    ...{ revision: 1, models: [], scales: [], timeZone: 'UTC' },
    settings: [{ version: 0, effectiveFrom: ever, settings: settingsOf(levers) }],
    ...rest,
  };
}

/** Buyers of every ten days or so; four of ten who bought once come again within half a year. */
export const model: ActiveModel = {
  id: 'm',
  version: 3,
  effectiveFrom: new Date(epoch - 1000 * dayMs),
  cutOff: new Date(epoch - 1000 * dayMs),
  bgNbd: { r: 1, alpha: 10, a: 0.8, b: 2.4 },
  spend: {},
  secondOrder: { days: [10, 30, 60, 120, 180], survival: [0.9, 0.8, 0.7, 0.65, 0.6] },
};

export function modelFrom(day: number, rest: Partial<ActiveModel> = {}): ActiveModel {
  return { ...model, effectiveFrom: noon(day), ...rest };
}

/** Scores of 5 for at most `recency` days and more than `frequency` orders, else 1. */
export function scale(day: number, { recency = 1000, frequency = 0 } = {}): Scale {
  return {
    ...{ id: `s${day}`, currency: 'EUR', at: noon(day) },
    recencyCuts: [recency, recency, recency, recency],
    frequencyCuts: [frequency, frequency, frequency, frequency],
    monetaryCuts: [0, 0, 0, 0],
  };
}
