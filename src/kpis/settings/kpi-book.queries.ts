import type { Database, Tx } from '../../kernel/database.ts';
import { hold, lockAlone, readState, type SharedBook } from '../../kernel/shared-books.queries.ts';
import type { ActiveModel } from '../models/kpi-model.ts';
import { ever, type SettingsPatch, settingsWith } from './kpi-levers.ts';
import { defaultSettings } from './kpi-settings.ts';
import type { KpiTimeline, Scale, SettingsVersion } from './kpi-timeline.ts';

export interface TimelineRevision {
  readonly revision: number;
  /** This transaction has turned it itself, and may yet be rolled back. */
  readonly unsure: boolean;
}

/** Shared by all transactions in which KPIs are derived, exclusive to the one that adds to the timeline. */
export const timelineBook: SharedBook<TimelineRevision> = {
  lock: 0x4b_70_69_73,
  state: (db) => db`(
    select jsonb_build_object(
      'revision', revision, 'unsure', coalesce(xmin = pg_current_xact_id_if_assigned()::xid, false))
    from kpi_sweeps where name = 'timeline')`,
};

/** Keeps the timeline as it is until the transaction ends. */
export function holdTimeline(tx: Tx): Promise<TimelineRevision> {
  return hold(tx, timelineBook);
}

export function findTimelineRevision(db: Database): Promise<TimelineRevision> {
  return readState(db, timelineBook);
}

/** Waits for every transaction that holds the timeline, and keeps new ones waiting until this one ends. */
export function lockTimeline(tx: Tx): Promise<void> {
  return lockAlone(tx, timelineBook);
}

/**
 * After a version of the settings, a model or a scale was added: whoever holds the timeline next reads it anew, and everybody's
 * stages are swept from the first customer. Takes its lock; near the end of a transaction, as all who record purchases wait.
 */
export async function turnTimeline(tx: Tx): Promise<void> {
  await lockTimeline(tx);
  await tx`update kpi_sweeps set revision = revision + 1, cursor = null, finished_at = null where name = 'timeline'`;
}

export async function loadTimeline(db: Database): Promise<Omit<KpiTimeline, 'revision' | 'timeZone'>> {
  const [settings, models, scales] = await Promise.all([loadSettings(db), loadModels(db), loadScales(db)]);
  return { settings, models, scales };
}

async function loadSettings(db: Database): Promise<SettingsVersion[]> {
  const rows = await db<{ version: number; effectiveFrom: Date; settings: SettingsPatch }[]>`
    select version, effective_from as "effectiveFrom", settings from kpi_settings order by version`;
  const later = rows.map((row) => ({ ...row, settings: settingsWith(defaultSettings, row.settings) }));
  return [{ version: 0, effectiveFrom: ever, settings: defaultSettings }, ...later];
}

type StoredModel = Omit<ActiveModel, 'id' | 'version' | 'effectiveFrom' | 'cutOff'>;

/** What replays need of models; not sizes and likelihoods. */
async function loadModels(db: Database): Promise<ActiveModel[]> {
  const rows = await db<(Pick<ActiveModel, 'id' | 'version' | 'effectiveFrom' | 'cutOff'> & { model: StoredModel })[]>`
    select id, version, effective_from as "effectiveFrom", cut_off as "cutOff", detail -> 'model' as model
    from kpi_models where effective_from is not null order by effective_from, version`;
  return rows.map(({ model, ...row }) => ({ ...row, ...model }));
}

async function loadScales(db: Database): Promise<Scale[]> {
  return db`
    select id, currency, at, recency_cuts as "recencyCuts", frequency_cuts as "frequencyCuts",
           monetary_cuts as "monetaryCuts"
    from kpi_scales order by at, id, currency`;
}
