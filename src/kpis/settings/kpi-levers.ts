import type { KpiSettings } from './kpi-settings.ts';

/** Some of the settings: what is missing stays. Lists are replaced whole. */
export type SettingsPatch = {
  readonly [Group in keyof KpiSettings]?: KpiSettings[Group] extends object
    ? KpiSettings[Group] extends readonly unknown[]
      ? KpiSettings[Group]
      : Partial<KpiSettings[Group]>
    : KpiSettings[Group];
};

/** Before everything. */
export const ever = new Date(-8.64e15);

/** Also reads what an earlier release has stored: a lever that it did not know has its default. */
export function settingsWith(settings: KpiSettings, patch: SettingsPatch): KpiSettings {
  return {
    rfm: { ...settings.rfm, ...patch.rfm },
    abc: { ...settings.abc, ...patch.abc },
    clv: { ...settings.clv, ...patch.clv },
    lifecycle: { ...settings.lifecycle, ...patch.lifecycle },
    churn: { ...settings.churn, ...patch.churn },
    collaborativePurchases: patch.collaborativePurchases ?? settings.collaborativePurchases,
    groups: patch.groups ?? settings.groups,
  };
}

/** Another node's clock may be ahead: versions follow each other in time as well. */
export function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}
