import type {
  CustomerHistory,
  HistoryObservation,
  HistoryPurchase,
  HistorySignal,
} from '../customers/customer-history.ts';
import { rfmScores } from '../customers/rfm.ts';
import { type SettingsVersion, settingsFor } from '../settings/kpi-timeline.ts';
import { beginningOf, type Events, eventsOf, nextEvent } from './events.ts';
import { evidenceOf } from './evidence.ts';
import { type Move, nextStage, type Standing } from './next-stage.ts';
import { type Instant, Person } from './person.ts';
import type { LifecycleCause, LifecycleStage, RiskBand } from './stage.ts';
import type { ScoringRun, TimelineIndex } from './timeline-index.ts';
import type { LifecycleTransition } from './transition.ts';
import { isTransition } from './transition-table.ts';

const never = Number.POSITIVE_INFINITY;
const dayMs = 86_400_000;
const mostMoves = 8;

/**
 * Walks through a customer's life: from event to event, and in between to each instant at which time alone changes something.
 * At the same instant, settings and models come first, then what scorings found of them, then who they are, then what happened, and scorings last; time has its
 * effect before the order that ends it. What lies behind an instant plays no part in what the walk says of it: looking again
 * later only adds.
 */
export class Replay implements Standing {
  readonly transitions: LifecycleTransition[] = [];
  readonly person: Person;
  stage: LifecycleStage | null = null;
  identified = false;
  trigger: LifecycleCause | null = null;
  returnedSince = false;
  ordersAtEntry = 0;
  band: RiskBand | null = null;
  riskSince: number | null = null;
  /** When time alone may change something. */
  dueAt = never;
  /** Moves that the table of transitions does not have: none, but for a mistake. */
  refused = 0;
  readonly #index: TimelineIndex;
  readonly #events: Events;
  /** Everybody's; those that count for the person are those of their group. */
  #settings: SettingsVersion;
  #now: { at: number; day: number };
  #lastTouch: number;
  readonly #lastSeenAt: number;
  #edge = never;
  #hasMoved = true;

  constructor(history: CustomerHistory, index: TimelineIndex) {
    this.#index = index;
    this.#events = eventsOf(history, index);
    const at = beginningOf(history);
    this.#now = { at, day: index.clock.dayOf(at) };
    // Without them, touchpoints are known to lie closer together than a prospect may be silent.
    this.#lastSeenAt = history.lastSeenAt.getTime();
    this.#lastTouch = history.touches.length > 0 ? at : this.#lastSeenAt;
    this.#settings = this.#events.settings.skipTo(at) ?? index.settings[0]!;
    this.person = new Person(index.clock, this.#settings);
  }

  run(until: number): void {
    this.#begin();
    for (;;) {
      const next = nextEvent(this.#events);
      if (this.#hasMoved) this.#edge = this.#findEdge(next);
      this.#hasMoved = false;
      const step = Math.min(next, this.#edge);
      if (this.#score(Math.min(step, until + 1))) continue;
      if (step > until) {
        this.dueAt = Math.min(step, this.#events.runs.next);
        return;
      }
      this.#goTo(step);
      if (this.#edge <= next) this.#settle(null);
      else this.#happen();
    }
  }

  instantOf(at: Date): Instant {
    return { at: at.getTime(), day: this.#index.clock.dayOf(at.getTime()) };
  }

  get orders(): number {
    return this.person.orders.orders;
  }

  get silent(): boolean {
    return this.#now.at >= this.#silentAt();
  }

  get lost(): LifecycleCause | null {
    return this.person.lost(this.#now);
  }

  get longOverdue(): boolean {
    return this.person.isLongOverdue(this.#now);
  }

  get atRisk(): LifecycleCause | null {
    return this.person.atRisk(this.#now, this.band);
  }

  get loyalBy(): 'SCORES' | 'TIER' | null {
    return this.person.loyalty.by;
  }

  get advocates(): boolean {
    return this.person.advocates(this.#now.at);
  }

  #begin(): void {
    const { models, observations, identified, tiers, runs } = this.#events;
    const { at } = this.#now;
    this.person.model = models.skipTo(at) ?? null;
    this.#observe(observations.skipTo(at) ?? null);
    this.identified = identified.skipTo(at) !== undefined;
    this.person.loyalty.setRank(tiers.skipTo(at)?.rank ?? 0, this.#levers);
    // A scoring at the very first instant comes after the first order.
    runs.skipTo(at - 1);
    this.#settle(null);
  }

  get #levers() {
    return this.person.settings.settings.lifecycle;
  }

  #goTo(at: number): void {
    this.#now = { at, day: this.#index.clock.dayOf(at) };
  }

  /** What happens now: one event, the first by the order above. */
  #happen(): void {
    const { settings, models, observations, identified, touches, purchases, signals } = this.#events;
    const { at } = this.#now;
    if (settings.next <= at) this.#takeSettings();
    else if (models.next <= at) this.#takeModel();
    else if (observations.next <= at) this.#takeObservation();
    else if (identified.next <= at) this.#identify();
    else if (touches.next <= at) this.#touch();
    else if (purchases.next <= at) this.#purchase(purchases.take());
    else if (signals.next <= at) this.#signal(signals.take());
    else this.#takeTier();
  }

  #takeSettings(): void {
    this.#settings = this.#events.settings.take();
    this.#applySettings();
    this.#settle(null);
  }

  #takeObservation(): void {
    this.#observe(this.#events.observations.take());
    this.#settle(null);
  }

  #observe(observed: HistoryObservation | null): void {
    const before = this.person.observed?.group ?? null;
    this.person.observed = observed;
    if ((observed?.group ?? null) !== before) this.#applySettings();
  }

  #applySettings(): void {
    this.person.settings = settingsFor(this.#settings, this.person.observed?.group ?? null);
    this.person.measure();
    this.person.loyalty.applyRank(this.#levers);
  }

  #takeModel(): void {
    this.person.model = this.#events.models.take();
    this.#settle(null);
  }

  #takeTier(): void {
    this.person.loyalty.setRank(this.#events.tiers.take().rank, this.#levers);
    this.#settle(null);
  }

  #identify(): void {
    this.#events.identified.take();
    this.identified = true;
    this.#settle(null);
  }

  #touch(): void {
    this.#events.touches.take();
    this.#lastTouch = Math.max(this.#lastTouch, this.#now.at);
    this.#settle('TOUCH');
  }

  #purchase(purchase: HistoryPurchase): void {
    const { orders } = this.person;
    const before = orders.orders;
    orders.add(purchase);
    this.person.measure();
    // Touchpoints behind the first purchase are not in the history: nobody asks, unless everything comes back.
    this.#lastTouch = Math.max(this.#lastTouch, this.#lastSeenAt);
    if (orders.orders > before) this.#come('ORDER');
    else this.#settle(purchase.kind === 'RETURN' ? 'RETURN' : null);
  }

  #signal(signal: HistorySignal): void {
    const cause = this.person.signals.add(signal);
    this.#lastTouch = Math.max(this.#lastTouch, this.#now.at);
    if (cause === 'CONTRACT') this.#come('CONTRACT');
    else if (cause !== null) this.#settle(cause);
    // Nothing of it matters; but until when the edge was looked for is over.
    else this.#hasMoved = true;
  }

  #come(cause: LifecycleCause): void {
    this.returnedSince = true;
    this.#settle(cause);
  }

  /** Scorings that lie before; answers whether one of them made a difference. */
  #score(before: number): boolean {
    const { runs } = this.#events;
    while (runs.next < before) {
      const run = runs.take();
      if (!this.#evaluate(run)) continue;
      this.#goTo(run.at);
      this.#settle(null);
      return true;
    }
    return false;
  }

  #evaluate(run: ScoringRun): boolean {
    const { orders, loyalty } = this.person;
    if (orders.orders === 0) return false;
    const scale = run.scales.get(orders.currency);
    if (!scale) return false;
    const recencyDays = run.day - this.person.silence!.lastDay;
    return loyalty.evaluate(rfmScores({ recencyDays, netOrders: orders.orders, netMinor: 0 }, scale), this.#levers);
  }

  #settle(trigger: LifecycleCause | null): void {
    this.trigger = trigger;
    this.#weigh();
    for (let moves = 0; moves < mostMoves; moves += 1) {
      const move = nextStage(this);
      if (!move || !this.#move(move)) break;
    }
    this.#hasMoved = true;
  }

  #weigh(): void {
    const band = this.identified ? this.person.bandOf(this.person.risk(this.#now)) : null;
    if (band === this.band) return;
    this.band = band;
    this.riskSince = band === null ? null : this.#now.at;
  }

  #move({ to, cause }: Move): boolean {
    if (!isTransition(this.stage, to, cause)) {
      this.refused += 1;
      return false;
    }
    this.transitions.push({
      ...{ at: new Date(this.#now.at), from: this.stage, to, cause },
      evidence: evidenceOf(cause, this.person, this.#now),
      settingsVersion: this.person.settings.version,
    });
    this.stage = to;
    this.returnedSince = false;
    this.ordersAtEntry = this.orders;
    this.#weigh();
    return true;
  }

  #silentAt(): number {
    return this.#lastTouch + this.#levers.prospectDays * dayMs;
  }

  #findEdge(until: number): number {
    if (!this.identified || this.stage === null) return never;
    if (this.stage === 'PROSPECT') return this.silent ? never : this.#silentAt();
    return this.person.nextInstant(this.#now, { stage: this.stage, until });
  }
}
