import type {
  CustomerHistory,
  HistoryObservation,
  HistoryPurchase,
  HistorySignal,
  HistoryTier,
} from '../customers/customer-history.ts';
import type { ActiveModel } from '../models/kpi-model.ts';
import type { SettingsVersion } from '../settings/kpi-timeline.ts';
import { Stream } from './stream.ts';
import type { ScoringRun, TimelineIndex } from './timeline-index.ts';

/** All that a replay walks through, each kind for itself. */
export interface Events {
  readonly settings: Stream<SettingsVersion>;
  readonly models: Stream<ActiveModel>;
  readonly observations: Stream<HistoryObservation>;
  readonly identified: Stream<Date>;
  readonly touches: Stream<Date>;
  readonly purchases: Stream<HistoryPurchase>;
  readonly signals: Stream<HistorySignal>;
  readonly tiers: Stream<HistoryTier>;
  readonly runs: Stream<ScoringRun>;
}

export function eventsOf(history: CustomerHistory, { settings, settingsAt, models, modelsAt, runs }: TimelineIndex) {
  return {
    settings: new Stream(settings, (_, index) => settingsAt[index]!),
    models: new Stream(models, (_, index) => modelsAt[index]!),
    observations: new Stream(history.observations, ({ at }) => at.getTime()),
    identified: new Stream(history.identifiedAt ? [history.identifiedAt] : [], timeOf),
    touches: new Stream(history.touches, timeOf),
    purchases: new Stream(history.purchases, ({ at }) => at.getTime()),
    signals: new Stream(history.signals, ({ at }) => at.getTime()),
    tiers: new Stream(history.tiers, ({ at }) => at.getTime()),
    runs: new Stream(runs, ({ at }) => at),
  } satisfies Events;
}

function timeOf(at: Date): number {
  return at.getTime();
}

/** When a customer's life begins. */
export function beginningOf({ firstSeenAt, purchases, signals }: CustomerHistory): number {
  const first = Math.min(purchases[0]?.at.getTime() ?? Infinity, signals[0]?.at.getTime() ?? Infinity);
  return Math.min(firstSeenAt.getTime(), first);
}

/** When the next of them happens that a stage can depend on, but for scorings; ∞: none. */
export function nextEvent({ settings, models, observations, identified, ...happened }: Events): number {
  const { touches, purchases, signals, tiers } = happened;
  const known = Math.min(settings.next, models.next, observations.next, identified.next);
  return Math.min(known, touches.next, purchases.next, signals.next, tiers.next);
}
