import { isDeepStrictEqual } from 'node:util';
import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { badInput, DomainError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { readSize } from '../../kernel/paging.ts';
import { checkReason } from '../../kernel/request-input.ts';
import { checkSettings } from './check-settings.ts';
import { lockTimeline, turnTimeline } from './kpi-book.queries.ts';
import { ever, later, type SettingsPatch, settingsWith } from './kpi-levers.ts';
import { defaultSettings, type KpiSettings } from './kpi-settings.ts';
import { findSettings, insertSettings, lockSettings, type SettingsView } from './settings.queries.ts';

export interface UpdateSettings extends SettingsPatch {
  /** The version as the caller knows it: another one is refused. */
  readonly expectedVersion?: number | null;
  readonly reason?: string | null;
}

const subject = 'kpi-settings';
/** Settings are no row that could be named: theirs is the id of nothing. */
const noId = '00000000-0000-0000-0000-000000000000';

const beforeAnyChange: SettingsView = {
  version: 0,
  effectiveFrom: ever,
  settings: defaultSettings,
  reason: null,
  keyId: null,
};

/** Those in force. Each change counts from its own time on, so the latest always is. */
export async function currentSettings(ctx: Context): Promise<SettingsView> {
  requireScope(ctx, 'metrics:read');
  return latest(ctx.pool);
}

/** By number; `NOT_FOUND` where there has been no such version. */
export async function settingsOf(ctx: Context, version: number): Promise<SettingsView> {
  requireScope(ctx, 'metrics:read');
  if (version === 0) return beforeAnyChange;
  const [found] = await findSettings(ctx.pool, { below: version + 1, size: 1 });
  if (found?.version === version) return found;
  throw new DomainError('NOT_FOUND', `There are no settings of version ${version}.`, { field: 'version' });
}

/** The latest first; the last one is what counted before anything was changed. */
export async function settingsHistory(
  ctx: Context,
  { first, below = null }: { readonly first?: number | null; readonly below?: number | null },
): Promise<SettingsView[]> {
  requireScope(ctx, 'metrics:read');
  const size = readSize(first, 'first');
  if (below !== null && !(below >= 0)) throw badInput(`Expected a version, got ${below}.`, 'below');
  const changes = await findSettings(ctx.pool, { below, size });
  const isEnd = changes.length < size && (below === null || below > 0);
  return isEnd ? [...changes, beforeAnyChange] : changes;
}

/** In force from now on. What is in the past stays as it was derived; the same settings again change nothing. */
export async function updateSettings(
  ctx: Context,
  { expectedVersion, reason, ...patch }: UpdateSettings,
): Promise<SettingsView> {
  requireScope(ctx, 'metrics:manage');
  const why = checkReason(reason);
  const changed = await ctx.pool.begin(async (tx) => {
    await lockSettings(tx);
    const before = await latest(tx);
    checkVersion(before.version, expectedVersion);
    const settings = settingsWith(before.settings, patch);
    checkSettings(settings);
    return isDeepStrictEqual(settings, before.settings) ? null : change(tx, ctx, { before, settings, reason: why });
  });
  if (!changed) return latest(ctx.pool);
  ctx.feed.wake();
  return changed;
}

interface Changed {
  readonly before: SettingsView;
  readonly settings: KpiSettings;
  readonly reason: string | null;
}

async function change(tx: Tx, ctx: Context, { before, settings, reason }: Changed): Promise<SettingsView> {
  const version = before.version + 1;
  const detail = { version, changed: differences(before.settings, settings) };
  await audit(tx, ctx, { action: 'kpis.settings_changed', subject, reason, detail });
  // Nobody derives anything between the time from which on they count and the end of this transaction.
  await lockTimeline(tx);
  const now = ctx.clock.now();
  const keyId = ctx.viewer.keyId === noId ? null : ctx.viewer.keyId;
  const view = { version, effectiveFrom: later(now, before.effectiveFrom), settings, reason, keyId };
  await insertSettings(tx, view);
  await appendChanges(tx, now, [
    { topic: 'kpis.changed', customerId: null, subjectId: noId, detail: { what: 'SETTINGS', version } },
  ]);
  await turnTimeline(tx);
  return view;
}

async function latest(db: Database): Promise<SettingsView> {
  const [found] = await findSettings(db, { below: null, size: 1 });
  return found ?? beforeAnyChange;
}

function checkVersion(version: number, expected: number | null | undefined): void {
  if (expected == null || expected === version) return;
  throw new DomainError('VERSION_CONFLICT', `The settings are of version ${version}, not ${expected}.`, {
    currentVersion: version,
  });
}

/** By path: what it was and what it is. Lists whole. */
function differences(before: KpiSettings, after: KpiSettings): JsonObject {
  const [old, given] = [leversOf(before), leversOf(after)];
  const changed = Object.keys(given).filter((path) => !isDeepStrictEqual(old[path], given[path]));
  return JSON.parse(
    JSON.stringify(
      Object.fromEntries(changed.map((path) => [path, { from: old[path] ?? null, to: given[path] ?? null }])),
    ),
  ) as JsonObject;
}

function leversOf(settings: KpiSettings): Record<string, unknown> {
  // Who is in a group may be told by values of people: not here.
  const shown = { ...settings, groups: settings.groups.map(({ condition: _, ...group }) => group) };
  const groups = Object.entries(shown).flatMap(([group, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([lever, set]) => [`${group}.${lever}`, set] as const)
      : [[group, value] as const],
  );
  return Object.fromEntries(groups);
}
