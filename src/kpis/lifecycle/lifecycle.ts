import type { CustomerHistory } from '../customers/customer-history.ts';
import { inForce, type KpiTimeline, type SettingsVersion, settingsFor } from '../settings/kpi-timeline.ts';
import type { ChurnFacts } from './churn-risk.ts';
import { Person } from './person.ts';
import { Replay } from './replay.ts';
import { indexTimeline } from './timeline-index.ts';
import type { Lifecycle } from './transition.ts';

/**
 * A customer's stages, replayed from all that befell them up to `now`, by the settings, models and scales that were in force at
 * each time. Depends on nothing else: not on the order in which things became known, nor on how often it was derived before. An
 * order that came back as a whole counts from the order to the return that completes it: what had been said in between was
 * right at the time, and stays.
 */
export function deriveLifecycle(history: CustomerHistory, timeline: KpiTimeline, now: Date): Lifecycle {
  const replay = new Replay(history, indexTimeline(timeline));
  replay.run(now.getTime());
  const last = replay.transitions.at(-1)!;
  const risk = replay.band === null ? null : replay.person.risk(replay.instantOf(now));
  return {
    customerId: history.customerId,
    stage: last.to,
    since: last.at,
    transitions: replay.transitions,
    band: replay.band,
    riskSince: replay.riskSince === null ? null : new Date(replay.riskSince),
    risk,
    homeStore: history.homeStore,
    dueAt: Number.isFinite(replay.dueAt) ? new Date(replay.dueAt) : null,
    revision: timeline.revision,
  };
}

/**
 * What the churn risk of a customer is made of, as of now; null: they have never bought, or returned everything. Does not
 * walk: whoever scores everybody asks a million times.
 */
export function churnFactsOf(
  { purchases, signals, observations }: Lived,
  timeline: KpiTimeline,
  now: Date,
): ChurnFacts | null {
  const person = new Person(indexTimeline(timeline).clock, settingsOf({ observations }, timeline, now));
  person.observed = observedBy(observations, now);
  for (const purchase of purchases) if (purchase.at <= now) person.orders.add(purchase);
  for (const signal of signals) if (signal.at <= now) person.signals.add(signal);
  person.measure();
  return person.churnFacts({ at: now.getTime(), day: indexTimeline(timeline).clock.dayOf(now.getTime()) });
}

type Lived = Pick<CustomerHistory, 'purchases' | 'signals' | 'observations'>;

/** The levers that count for a customer. */
export function settingsOf(
  { observations }: Pick<CustomerHistory, 'observations'>,
  { settings }: KpiTimeline,
  now: Date,
): SettingsVersion {
  const version = inForce(settings, now, ({ effectiveFrom }) => effectiveFrom) ?? settings[0]!;
  return settingsFor(version, observedBy(observations, now)?.group ?? null);
}

function observedBy(observations: CustomerHistory['observations'], now: Date) {
  return inForce(observations, now, ({ at }) => at) ?? null;
}
