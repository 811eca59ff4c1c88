import type { Database, Tx } from '../../kernel/database.ts';
import { type SettingsPatch, settingsWith } from './kpi-levers.ts';
import { defaultSettings, type KpiSettings } from './kpi-settings.ts';
import type { SettingsVersion } from './kpi-timeline.ts';

export interface SettingsView extends SettingsVersion {
  readonly reason: string | null;
  /** UUID of the API key; null: the command line. */
  readonly keyId: string | null;
}

/** Settings are changed one after the other. Before the lock on the timeline, which is held for as short as can be. */
const settingsLock = 0x4b_70_69_63;

export async function lockSettings(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(${settingsLock})`;
}

/** The latest first, below a version if one is given. The defaults, version 0, are in no table. */
export async function findSettings(
  db: Database,
  { below, size }: { readonly below: number | null; readonly size: number },
): Promise<SettingsView[]> {
  const rows = await db<(Omit<SettingsView, 'settings'> & { settings: SettingsPatch })[]>`
    select version, effective_from as "effectiveFrom", settings, reason, key_id as "keyId" from kpi_settings
    where ${below === null ? db`true` : db`version < ${below}`}
    order by version desc limit ${size}`;
  return rows.map((row) => ({ ...row, settings: settingsWith(defaultSettings, row.settings) }));
}

export async function insertSettings(
  tx: Tx,
  {
    version,
    effectiveFrom,
    settings,
    reason,
    keyId,
  }: Omit<SettingsView, 'settings'> & { readonly settings: KpiSettings },
): Promise<void> {
  await tx`
    insert into kpi_settings (version, effective_from, settings, reason, key_id)
    values (${version}, ${effectiveFrom}, ${JSON.stringify(settings)}::text::jsonb, ${reason}, ${keyId})`;
}
