import type { CustomerHistory } from '../../customers/customer-history.ts';
import { foldPurchases, type PurchaseKpis } from '../../customers/purchase-fold.ts';
import { rfmScores, rfmSegmentOf } from '../../customers/rfm.ts';
import { dayNumber } from '../../customers/zone-days.ts';
import type { LifecycleStage } from '../../lifecycle/stage.ts';
import type { AbcSettings, KpiSettings } from '../../settings/kpi-settings.ts';
import { inForce, type KpiTimeline, type Scale } from '../../settings/kpi-timeline.ts';
import type { AbcClass, PortfolioGroup } from './portfolio.ts';

interface Held extends Omit<PortfolioGroup, 'abc' | 'customers'> {
  /** By what classes are made; null: they never ordered. */
  readonly worth: bigint | null;
  /** Whether the answer tells of them. */
  readonly asked: boolean;
}

export interface PastCustomerHistory extends Pick<CustomerHistory, 'customerId' | 'purchases'> {
  readonly stage: LifecycleStage | null;
  readonly asked: boolean;
}

/** The portfolio of an instant of the past: settings and bins that were in force then, purchases and stages up to then. */
export class PastPortfolio {
  readonly #at: Date;
  readonly #today: number;
  readonly #settings: KpiSettings;
  readonly #scales = new Map<string, Scale>();
  readonly #timeZone: string;
  readonly #held: Held[] = [];

  constructor(at: Date, timeline: KpiTimeline) {
    this.#at = at;
    this.#timeZone = timeline.timeZone;
    this.#today = dayNumber(at, timeline.timeZone);
    this.#settings = inForce(timeline.settings, at, ({ effectiveFrom }) => effectiveFrom)!.settings;
    for (const scale of timeline.scales) if (scale.at <= at) this.#scales.set(scale.currency, scale);
  }

  /** Of the latest run by then. */
  get scoredAt(): Date | null {
    return [...this.#scales.values()].reduce<Date | null>(
      (last, { at }) => (last === null || at > last ? at : last),
      null,
    );
  }

  add({ customerId, purchases, stage, asked }: PastCustomerHistory): void {
    const before = purchases.filter(({ at }) => at < this.#at);
    const kpis = foldPurchases({ customerId, purchases: before }, this.#timeZone);
    this.#held.push({
      asked,
      stage: stage ?? 'ANONYMOUS',
      rfm: kpis && this.#segmentOf(kpis),
      currency: kpis?.currency ?? null,
      revenueMinor: kpis ? kpis.grossMinor - kpis.returnedMinor : 0n,
      costedMinor: kpis?.costedMinor ?? 0n,
      costMinor: kpis?.costMinor ?? 0n,
      worth: kpis && this.#worthOf(kpis),
    });
  }

  groups(): PortfolioGroup[] {
    const classes = this.#classes();
    return this.#held.flatMap(({ worth: _, asked, ...held }, index) =>
      asked ? [{ ...held, abc: classes[index]!, customers: 1 }] : [],
    );
  }

  #segmentOf(kpis: PurchaseKpis): string | null {
    const scale = this.#scales.get(kpis.currency);
    if (!scale || !kpis.lastOrderAt) return null;
    const lastDay = kpis.lastPurchaseDay ?? dayNumber(kpis.lastOrderAt, this.#timeZone);
    const values = { recencyDays: this.#today - lastDay, netOrders: kpis.netOrders, netMinor: Number(netOf(kpis)) };
    return rfmSegmentOf(rfmScores(values, scale), this.#settings.rfm);
  }

  /** As scoring runs have it. */
  #worthOf(kpis: PurchaseKpis): bigint | null {
    if (!kpis.lastOrderAt) return null;
    const { abc, clv } = this.#settings;
    if (abc.basis === 'REVENUE') return netOf(kpis);
    const estimated = Math.round((clv.marginRate ?? 0) * Number(netOf(kpis) - kpis.costedMinor));
    return kpis.costedMinor - kpis.costMinor + BigInt(estimated);
  }

  /** Within each currency. */
  #classes(): (AbcClass | null)[] {
    const classes: (AbcClass | null)[] = this.#held.map(() => null);
    const scored = this.#held.flatMap(({ worth, currency }, index) =>
      worth === null || currency === null ? [] : [{ index, worth, currency }],
    );
    for (const [, some] of Map.groupBy(scored, ({ currency }) => currency)) {
      const sums = abcClasses(
        some.map(({ worth }) => worth),
        this.#settings.abc,
      );
      for (const [place, { index }] of some.entries()) classes[index] = sums[place]!;
    }
    return classes;
  }
}

function netOf({ grossMinor, returnedMinor }: PurchaseKpis): bigint {
  return grossMinor - returnedMinor;
}

/** Shares are levers with few places. */
const places = 100_000_000;

/**
 * Everybody's class by the share of the whole that those have who are worth more: A below the first share, B below the second. Ties
 * share a class, as nobody of them stands before another; who is worth nothing, or less, is C, and no part of the whole.
 */
export function abcClasses(worths: readonly bigint[], { a, b }: Pick<AbcSettings, 'a' | 'b'>): AbcClass[] {
  const whole = worths.reduce((sum, worth) => (worth > 0n ? sum + worth : sum), 0n);
  const isBelow = (before: bigint, share: number) =>
    before * BigInt(places) < BigInt(Math.round(share * places)) * whole;
  const classes: AbcClass[] = worths.map(() => 'C');
  const descending = worths
    .map((worth, index) => ({ worth, index }))
    .filter(({ worth }) => worth > 0n)
    .sort((one, other) => (one.worth === other.worth ? 0 : one.worth > other.worth ? -1 : 1));
  let [before, sum] = [0n, 0n];
  for (const [place, { worth, index }] of descending.entries()) {
    if (place > 0 && worth !== descending[place - 1]!.worth) before = sum;
    classes[index] = isBelow(before, a) ? 'A' : isBelow(before, b) ? 'B' : 'C';
    sum += worth;
  }
  return classes;
}
