import type { ActiveModel } from '../models/kpi-model.ts';
import type { KpiSettings } from './kpi-settings.ts';

export interface SettingsVersion {
  readonly version: number;
  readonly effectiveFrom: Date;
  readonly settings: KpiSettings;
  /** Key of the group of customers for whom they are so; left out: they are everybody's. */
  readonly group?: string;
}

const ofGroups = new WeakMap<SettingsVersion, Map<string, SettingsVersion>>();

/** A version as it is for the customers of a group. Of a group that it does not have, what is everybody's counts. */
export function settingsFor(version: SettingsVersion, group: string | null): SettingsVersion {
  if (group === null || version.settings.groups.length === 0) return version;
  const known = ofGroups.get(version) ?? new Map<string, SettingsVersion>();
  ofGroups.set(version, known);
  let found = known.get(group);
  if (!found) {
    found = withGroup(version, group);
    known.set(group, found);
  }
  return found;
}

function withGroup(version: SettingsVersion, key: string): SettingsVersion {
  const { settings } = version;
  const group = settings.groups.find((one) => one.key === key);
  if (!group) return version;
  const lifecycle = { ...settings.lifecycle, ...group.lifecycle };
  const churn = { ...settings.churn, ...group.churn };
  return { ...version, settings: { ...settings, lifecycle, churn }, group: key };
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
