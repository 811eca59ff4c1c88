import type { HistoryPurchase, HistorySignal } from '../../customers/customer-history.ts';
import { OrdersSoFar } from '../../lifecycle/orders-so-far.ts';
import { SignalsSoFar } from '../../lifecycle/signals-so-far.ts';
import { isLostOn, type Silence, silenceOf } from '../../lifecycle/silence.ts';
import { type ZoneClock, zoneClock } from '../../lifecycle/zone-clock.ts';
import type { ActiveModel } from '../../models/kpi-model.ts';
import type { KpiSettings } from '../../settings/kpi-settings.ts';
import { inForce, type KpiTimeline } from '../../settings/kpi-timeline.ts';
import { isTooSmall } from '../small-groups.ts';

export const churnDefinitions = ['SILENT', 'P_ALIVE', 'CONTRACT'] as const;
/**
 * When a customer is no longer one:
 *
 * - `SILENT`: they have bought nothing for longer than the 80 % quantile of their own gaps, or as long as they have too few of
 *   these, longer than the lever `overdueDays`.
 * - `P_ALIVE`: the model says that they are less likely to be customers than a threshold.
 * - `CONTRACT`: no contract of theirs runs.
 */
export type ChurnDefinition = (typeof churnDefinitions)[number];

/** What befell one customer, in order of time. */
export interface ChurnHistory {
  readonly purchases: readonly ChurnPurchase[];
  readonly signals: readonly HistorySignal[];
}

export type ChurnPurchase = Pick<HistoryPurchase, 'at' | 'kind' | 'orderId' | 'opensOrder' | 'currency' | 'valueMinor'>;

/** What was in force at the edge of a bucket. */
interface Edge {
  readonly at: Date;
  readonly day: number;
  readonly settings: KpiSettings;
  readonly settingsVersion: number;
  readonly model: ActiveModel | null;
}

export interface ChurnTerms {
  readonly definition: ChurnDefinition;
  /** Ascending. Those that are not over at `now` say nothing yet. */
  readonly edges: readonly Date[];
  readonly now: Date;
  readonly timeline: KpiTimeline;
  /** θ of P_ALIVE; null: the lever `lostProbability`, as it was then. */
  readonly threshold: number | null;
  /** Look at all of the past by the model that is in force now, not by that which was then. */
  readonly latestModel: boolean;
}

export interface ChurnCount {
  readonly from: Date;
  readonly to: Date;
  /** Customers when it began. Null: it is not over, there was no model, or too few to be told. */
  readonly active: number | null;
  /** Of them, those who were none any more when it ended. */
  readonly lost: number | null;
  readonly rate: number | null;
  readonly complete: boolean;
  readonly suppressed: boolean;
  /** In force at its end. */
  readonly settingsVersion: number;
  readonly modelVersion: number | null;
}

/** Takes customers one by one, and counts those who were one when a bucket began, and not any more when it ended. */
export class ChurnCounter {
  readonly #definition: ChurnDefinition;
  readonly #threshold: number | null;
  readonly #edges: readonly Edge[];
  readonly #clock: ZoneClock;
  /** How many of the edges are no later than now. */
  readonly #over: number;
  readonly #active: number[];
  readonly #lost: number[];
  #lostInAll = 0;

  constructor({ definition, edges, now, timeline, threshold, latestModel }: ChurnTerms) {
    this.#definition = definition;
    this.#threshold = threshold;
    this.#clock = zoneClock(timeline.timeZone);
    this.#edges = edges.map((at) => edgeOf(at, { timeline, latestModel }));
    this.#over = edges.filter((edge) => edge <= now).length;
    this.#active = edges.map(() => 0);
    this.#lost = edges.map(() => 0);
  }

  add(history: ChurnHistory): void {
    const active = this.#definition === 'CONTRACT' ? this.#underContract(history) : this.#buying(history);
    for (const [index, isActive] of active.entries()) {
      if (isActive) this.#active[index]! += 1;
      if (isActive && active[index + 1] === false) this.#lost[index]! += 1;
    }
    if (active[0] && active.at(-1) === false) this.#lostInAll += 1;
  }

  counts(sees: boolean): { buckets: ChurnCount[]; total: ChurnCount } {
    const buckets = this.#edges.slice(1).map((end, index) => {
      const numbers = { active: this.#active[index]!, lost: this.#lost[index]! };
      return this.#count(this.#edges[index]!, end, { ...numbers, complete: index + 1 < this.#over, sees });
    });
    const last = this.#edges[Math.max(this.#over, 2) - 1]!;
    const whole = { active: this.#active[0]!, lost: this.#lostInAll, complete: this.#over > 1, sees };
    return { buckets, total: this.#count(this.#edges[0]!, last, whole) };
  }

  #count(
    start: Edge,
    end: Edge,
    { active, lost, complete, sees }: { active: number; lost: number; complete: boolean; sees: boolean },
  ): ChurnCount {
    const known = complete && (this.#definition !== 'P_ALIVE' || (start.model !== null && end.model !== null));
    // Who has stayed is as much of a group as who was lost.
    const suppressed = known && [active, lost, active - lost].some((customers) => isTooSmall(customers, sees));
    const told = known && !suppressed;
    return {
      ...{ from: start.at, to: end.at, complete, suppressed, settingsVersion: end.settingsVersion },
      modelVersion: this.#definition === 'P_ALIVE' ? (end.model?.version ?? null) : null,
      active: told ? active : null,
      lost: told ? lost : null,
      rate: told && active > 0 ? lost / active : null,
    };
  }

  #buying({ purchases }: ChurnHistory): boolean[] {
    const orders = new OrdersSoFar(this.#clock);
    let next = 0;
    return this.#edges.slice(0, this.#over).map((edge) => {
      for (; next < purchases.length && purchases[next]!.at < edge.at; next += 1)
        orders.add(asPurchase(purchases[next]!));
      return orders.orders > 0 && !this.#isLost(silenceOf(orders, edge.settings.lifecycle), edge);
    });
  }

  #isLost(silence: Silence, { day, model, settings: { lifecycle } }: Edge): boolean {
    if (this.#definition === 'SILENT') return day - silence.lastDay > silence.overdueDays;
    return isLostOn(day, silence, model, {
      lostProbability: this.#threshold ?? lifecycle.lostProbability,
      lostDays: lifecycle.lostDays,
    });
  }

  #underContract({ signals }: ChurnHistory): boolean[] {
    const told = new SignalsSoFar();
    let next = 0;
    return this.#edges.slice(0, this.#over).map(({ at }) => {
      for (; next < signals.length && signals[next]!.at < at; next += 1) told.add(signals[next]!);
      return told.contractsEnd(at.getTime()) > Number.NEGATIVE_INFINITY;
    });
  }
}

function edgeOf(at: Date, { timeline, latestModel }: Pick<ChurnTerms, 'timeline' | 'latestModel'>): Edge {
  const { settings, version } = inForce(timeline.settings, at, ({ effectiveFrom }) => effectiveFrom)!;
  const model = latestModel
    ? timeline.models.at(-1)
    : inForce(timeline.models, at, ({ effectiveFrom }) => effectiveFrom);
  const day = zoneClock(timeline.timeZone).dayOf(at.getTime());
  return { at, day, settings, settingsVersion: version, model: model ?? null };
}

function asPurchase(purchase: ChurnPurchase): HistoryPurchase {
  return { ...purchase, id: '', recordId: '', costMinor: null, items: 0 };
}

/** A definition in words, for whoever reads the number. */
export function describeChurn({
  definition,
  threshold,
  latestModel,
}: Pick<ChurnTerms, 'definition' | 'threshold' | 'latestModel'>): string {
  const lost = 'Lost: customers when the bucket began who were none any more when it ended.';
  switch (definition) {
    case 'SILENT':
      return `${lost} A customer has bought something that they kept, and has not been silent for more days than the 80 % quantile of their own gaps between purchase days, or, with too few gaps, than the lever overdueDays in force at the time.`;
    case 'P_ALIVE': {
      const least = threshold === null ? 'the lever lostProbability in force at the time' : String(threshold);
      const model = latestModel ? 'by the latest model' : 'by the model in force at the time';
      return `${lost} A customer has bought something that they kept, and is still one with a probability of at least ${least}, ${model}.`;
    }
    case 'CONTRACT':
      return `${lost} A customer has a contract that has begun and neither reached its end nor been ended.`;
  }
}
