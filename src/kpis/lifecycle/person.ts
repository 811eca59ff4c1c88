import { logistic } from '../clv/special-functions.ts';
import type { HistoryObservation } from '../customers/customer-history.ts';
import type { ActiveModel } from '../models/kpi-model.ts';
import type { SettingsVersion } from '../settings/kpi-timeline.ts';
import { adjustment, bandOf, type ChurnFacts } from './churn-risk.ts';
import { LoyaltySoFar } from './loyalty-so-far.ts';
import { OrdersSoFar } from './orders-so-far.ts';
import { SignalsSoFar } from './signals-so-far.ts';
import { baseOn, dayAfter, isLostBy, lostDay, type Silence, silenceOf } from './silence.ts';
import type { LifecycleCause, LifecycleStage, RiskBand } from './stage.ts';
import type { ZoneClock } from './zone-clock.ts';

const never = Number.POSITIVE_INFINITY;
const sinceEver = Number.NEGATIVE_INFINITY;
const dayMs = 86_400_000;

/** An instant in milliseconds, and its day. */
export interface Instant {
  readonly at: number;
  readonly day: number;
}

interface KnownBase {
  day: number;
  base: number | null;
}

/** Somebody as they are known to be at one point of a replay, and the rules that are in force then. */
export class Person {
  readonly orders: OrdersSoFar;
  readonly signals = new SignalsSoFar();
  readonly loyalty = new LoyaltySoFar();
  readonly #clock: ZoneClock;
  settings: SettingsVersion;
  /** By the last scoring; null: it said nothing, or there was none. */
  observed: HistoryObservation | null = null;
  /** Null without orders. */
  silence: Silence | null = null;
  #model: ActiveModel | null = null;
  #overdueAt = never;
  #dormantAt = never;
  /** The model's log odds on the two days that were asked for last: those of an instant, and of the next event. */
  readonly #known: readonly [KnownBase, KnownBase] = [
    { day: Number.NaN, base: null },
    { day: Number.NaN, base: null },
  ];
  #oldest: 0 | 1 = 0;

  constructor(clock: ZoneClock, settings: SettingsVersion) {
    this.#clock = clock;
    this.orders = new OrdersSoFar(clock);
    this.settings = settings;
  }

  get model(): ActiveModel | null {
    return this.#model;
  }

  set model(model: ActiveModel | null) {
    this.#model = model;
    this.#forget();
  }

  /** After other orders, or other settings. */
  measure(): void {
    const { lifecycle } = this.settings.settings;
    this.silence = this.orders.orders > 0 ? silenceOf(this.orders, lifecycle) : null;
    this.#forget();
    if (!this.silence) return;
    const { lastDay, overdueDays, dormantDays } = this.silence;
    this.#overdueAt = this.#clock.startOf(dayAfter(lastDay, overdueDays));
    this.#dormantAt = this.#clock.startOf(dayAfter(lastDay, dormantDays));
  }

  /** The model's log odds of having left, on a day. */
  base(day: number): number | null {
    const [one, other] = this.#known;
    if (one.day === day) return one.base;
    if (other.day === day) return other.base;
    const kept = this.#known[this.#oldest];
    this.#oldest = this.#oldest === 0 ? 1 : 0;
    kept.day = day;
    kept.base = baseOn(day, this.silence!, this.#model);
    return kept.base;
  }

  #forget(): void {
    this.#known[0].day = Number.NaN;
    this.#known[1].day = Number.NaN;
  }

  churnFacts({ at, day }: Instant): ChurnFacts | null {
    if (!this.silence) return null;
    const { repeats, recencyDays, firstDay, lastDay, overdueDays } = this.silence;
    const end = this.signals.contractsEnd(at);
    return {
      ...{ repeats, recencyDays, overdueDays },
      ageDays: Math.max(day - firstDay, recencyDays),
      silentDays: day - lastDay,
      detractorScore: this.signals.detractorScore(at, this.settings.settings.churn.detractorDays),
      openComplaint: this.signals.openComplaint,
      contractEndsAt: Number.isFinite(end) ? new Date(end) : null,
      engagementFall: this.observed?.engagementFall ?? 0,
      tierDropAt: this.observed?.tierDropAt ?? null,
    };
  }

  /** As `churnRisk` has it, without saying why. */
  risk(instant: Instant): number | null {
    if (!this.silence || !this.#model) return null;
    const base = this.base(instant.day);
    if (base === null) return null;
    return logistic(base + adjustment(this.churnFacts(instant)!, this.settings.settings.churn, instant.at));
  }

  bandOf(risk: number | null): RiskBand | null {
    return risk === null ? null : bandOf(risk, this.settings.settings.churn);
  }

  /** A contract that runs says that they are customers, however long they are silent. */
  isCovered(at: number): boolean {
    return this.signals.contractsEnd(at) > sinceEver;
  }

  lost({ at, day }: Instant): LifecycleCause | null {
    const { signals, orders, silence } = this;
    const left = signals.leftAt(at);
    if (left > sinceEver && left >= orders.lastOrderAt && left > signals.contractAt) return signals.leftBecause(at);
    if (!silence || this.isCovered(at)) return null;
    const base = this.base(day);
    if (!isLostBy(base, day, silence, this.settings.settings.lifecycle)) return null;
    return base === null ? 'LONG_SILENT' : 'PROBABILITY_ALIVE';
  }

  isLongOverdue({ at, day }: Instant): boolean {
    return this.silence !== null && day - this.silence.lastDay > this.silence.dormantDays && !this.isCovered(at);
  }

  /** The risk of one-time buyers is what all of them have in common: it alone puts nobody at risk, being overdue does. */
  atRisk({ at, day }: Instant, band: RiskBand | null): LifecycleCause | null {
    if (!this.silence) return null;
    if (this.signals.openComplaint) return 'CASE';
    if (day - this.silence.lastDay > this.silence.overdueDays && !this.isCovered(at)) return 'OVERDUE';
    return band === 'HIGH' && this.silence.repeats > 0 ? 'RISK' : null;
  }

  advocates(at: number): boolean {
    return at < this.signals.advocateUntil(this.settings.settings.lifecycle.advocateDays);
  }

  /**
   * When something changes without an event, after this instant and before `until`: then it must be looked at, and not before.
   * ∞: never.
   */
  nextInstant(instant: Instant, { stage, until }: { stage: LifecycleStage; until: number }): number {
    if (!this.silence) return never;
    let next = this.#endAfter(instant.at);
    if (!this.isCovered(instant.at))
      next = Math.min(next, this.#silenceEdge(instant.at, { stage, until: Math.min(next, until) }));
    return Math.min(next, this.#bandEdge(instant, Math.min(next, until)));
  }

  #endAfter(at: number): number {
    const { signals, settings } = this;
    const { lifecycle, churn } = settings.settings;
    const end = signals.contractsEnd(at);
    const drop = this.observed?.tierDropAt?.getTime() ?? never;
    return Math.min(
      after(at, signals.advocateUntil(lifecycle.advocateDays)),
      after(at, signals.detractorUntil(churn.detractorDays)),
      after(at, end - churn.contractDays * dayMs),
      after(at, end),
      after(at, drop - churn.tierDropDays * dayMs),
      after(at, drop),
    );
  }

  #silenceEdge(at: number, { stage, until }: { stage: LifecycleStage; until: number }): number {
    const silence = this.silence!;
    if (stage === 'LOST') return never;
    const lost = after(at, this.#lostEdge(silence, until));
    if (stage === 'DORMANT') return lost;
    const dormant = Math.min(lost, after(at, this.#dormantAt));
    return stage === 'AT_RISK' ? dormant : Math.min(dormant, after(at, this.#overdueAt));
  }

  #lostEdge(silence: Silence, until: number): number {
    const terms = this.settings.settings.lifecycle;
    // Most intervals end long before: one comparison instead of finding out when.
    if (until < never) {
      const last = this.#clock.dayOf(until - 1);
      if (!isLostBy(this.base(last), last, silence, terms)) return never;
    }
    const day = lostDay(silence, this.#model, terms);
    return day < never ? this.#clock.startOf(day) : never;
  }

  /** Between events and the ends above, the risk only rises: whether it has risen shows at the end. */
  #bandEdge({ at, day: today }: Instant, until: number): number {
    const band = this.bandOf(this.risk({ at, day: today }));
    if (band === null || band === 'HIGH') return never;
    // Any instant of the interval does for what is no matter of days.
    const isHigher = (day: number) => this.bandOf(this.risk({ at, day })) !== band;
    let [same, higher] = [today, until < never ? this.#clock.dayOf(until - 1) : today + 1];
    if (until === never) for (let step = 1; !isHigher(higher) && step < furthest; step *= 2) higher = today + step;
    if (higher <= same || !isHigher(higher)) return never;
    while (higher - same > 1) {
      const middle = (same + higher) >>> 1;
      if (isHigher(middle)) higher = middle;
      else same = middle;
    }
    return this.#clock.startOf(higher);
  }
}

/** Some 180 years. */
const furthest = 131_072;

/** The instant if it lies after. */
function after(at: number, instant: number): number {
  return instant > at ? instant : never;
}
