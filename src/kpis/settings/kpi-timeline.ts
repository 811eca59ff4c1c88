import type { ActiveModel } from '../models/kpi-model.ts';
import type { KpiSettings } from './kpi-settings.ts';

export interface SettingsVersion {
  readonly version: number;
  readonly effectiveFrom: Date;
  readonly settings: KpiSettings;
}

/** The bins of one scoring run, for customers of one currency. See `kpi_scales`. */
export interface Scale {
  readonly id: string;
  readonly currency: string;
  readonly at: Date;
  readonly recencyCuts: readonly number[];
  readonly frequencyCuts: readonly number[];
  readonly monetaryCuts: readonly number[];
}

/**
 * What everybody's KPIs depend on beside their own history, and since when: at any instant of the past, what was in force
 * then. Ascending in time.
 */
export interface KpiTimeline {
  readonly revision: number;
  /** Never empty: the first is in force since ever. */
  readonly settings: readonly SettingsVersion[];
  readonly models: readonly ActiveModel[];
  readonly scales: readonly Scale[];
  /** Of the organisation: what a day is. */
  readonly timeZone: string;
}

/** The last one that has begun by then; `undefined`: none has. */
export function inForce<T>(versions: readonly T[], at: Date, since: (version: T) => Date): T | undefined {
  return versions.findLast((version) => since(version) <= at);
}
