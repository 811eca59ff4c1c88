import type { ActiveModel } from '../models/kpi-model.ts';
import type { KpiTimeline, Scale, SettingsVersion } from '../settings/kpi-timeline.ts';
import { type ZoneClock, zoneClock } from './zone-clock.ts';

/** A timeline as replays read it: instants as milliseconds, and the scales of one run together. Made once for each. */
export interface TimelineIndex {
  readonly revision: number;
  readonly clock: ZoneClock;
  readonly settings: readonly SettingsVersion[];
  readonly settingsAt: readonly number[];
  readonly models: readonly ActiveModel[];
  readonly modelsAt: readonly number[];
  readonly runs: readonly ScoringRun[];
}

export interface ScoringRun {
  readonly at: number;
  readonly day: number;
  readonly scales: ReadonlyMap<string, Scale>;
}

const known = new WeakMap<KpiTimeline, TimelineIndex>();

export function indexTimeline(timeline: KpiTimeline): TimelineIndex {
  let index = known.get(timeline);
  if (!index) {
    const { revision, settings, models, scales, timeZone } = timeline;
    const clock = zoneClock(timeZone);
    index = {
      ...{ revision, clock, settings, models },
      settingsAt: settings.map(({ effectiveFrom }) => effectiveFrom.getTime()),
      modelsAt: models.map(({ effectiveFrom }) => effectiveFrom.getTime()),
      runs: runsOf(scales, clock),
    };
    known.set(timeline, index);
  }
  return index;
}

function runsOf(scales: readonly Scale[], clock: ZoneClock): ScoringRun[] {
  const runs = new Map<string, { at: number; day: number; scales: Map<string, Scale> }>();
  for (const scale of scales) {
    const at = scale.at.getTime();
    const run = runs.get(scale.id) ?? { at, day: clock.dayOf(at), scales: new Map() };
    run.scales.set(scale.currency, scale);
    runs.set(scale.id, run);
  }
  return [...runs.values()].sort((a, b) => a.at - b.at);
}
