import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SettingsPatch } from '../../../src/kpis/settings/kpi-levers.ts';
import { defaultSettings } from '../../../src/kpis/settings/kpi-settings.ts';
import { leverBounds } from '../../../src/kpis/settings/lever-bounds.ts';
import {
  currentSettings,
  settingsHistory,
  settingsOf,
  updateSettings,
} from '../../../src/kpis/settings/settings.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type ModelsFixture, openModels } from '../models/fixture.ts';

let database: TestDatabase;
let fixture: ModelsFixture;

beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(async () => {
  await database.pool`truncate kpi_settings, changes`;
  fixture = await openModels(database.pool);
});
afterAll(() => database.close());

describe('Settings', () => {
  it('are the defaults until somebody turns a lever', async () => {
    const { ctx } = fixture;
    expect(await currentSettings(ctx)).toMatchObject({ version: 0, settings: defaultSettings, reason: null });
    expect((await settingsHistory(ctx, {})).map(({ version }) => version)).toEqual([0]);
  });

  it('change in what is given alone, from now on, with a trace', async () => {
    const { ctx, pool, clock, book } = fixture;
    const changed = await updateSettings(ctx, {
      clv: { marginRate: 0.35 },
      lifecycle: { lostDays: 500 },
      reason: 'As agreed',
    });
    expect(changed).toMatchObject({ version: 1, effectiveFrom: clock.now(), reason: 'As agreed', keyId: null });
    expect(changed.settings).toEqual({
      ...defaultSettings,
      clv: { ...defaultSettings.clv, marginRate: 0.35 },
      lifecycle: { ...defaultSettings.lifecycle, lostDays: 500 },
    });
    clock.set('2026-11-03T12:00:00Z');
    await updateSettings(ctx, { clv: { marginRate: null }, expectedVersion: 1 });
    const { settings } = await book.current(pool);
    expect(settings.map(({ version, settings: { clv } }) => [version, clv.marginRate])).toEqual([
      [0, null],
      [1, 0.35],
      [2, null],
    ]);
    expect((await settingsHistory(ctx, {})).map(({ version }) => version)).toEqual([2, 1, 0]);
    expect((await settingsHistory(ctx, { first: 1 })).map(({ version }) => version)).toEqual([2]);
    expect((await settingsHistory(ctx, { below: 2 })).map(({ version }) => version)).toEqual([1, 0]);
    expect((await settingsHistory(ctx, { below: 0 })).map(({ version }) => version)).toEqual([]);
    expect((await settingsOf(ctx, 1)).settings.clv.marginRate).toBe(0.35);
    await expect(settingsOf(ctx, 3)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const audited = await pool`
      select action, reason, detail from audit_entries where reason = 'As agreed' order by id desc`;
    expect(audited[0]).toEqual({
      action: 'kpis.settings_changed',
      reason: 'As agreed',
      detail: {
        version: 1,
        changed: { 'clv.marginRate': { from: null, to: 0.35 }, 'lifecycle.lostDays': { from: 730, to: 500 } },
      },
    });
    const changes = await pool`select topic, detail from changes order by tx, seq`;
    expect(changes.map(({ topic, detail }) => [topic, detail])).toEqual([
      ['kpis.changed', { what: 'SETTINGS', version: 1 }],
      ['kpis.changed', { what: 'SETTINGS', version: 2 }],
    ]);
  });

  it('that are the same again make no version', async () => {
    const { ctx, pool, book } = fixture;
    const { revision } = await book.current(pool);
    const same = await updateSettings(ctx, { abc: { a: 0.8 }, rfm: { segments: [...defaultSettings.rfm.segments] } });
    expect(same.version).toBe(0);
    expect((await book.current(pool)).revision).toBe(revision);
  });

  it('are refused to who knows another version', async () => {
    const { ctx } = fixture;
    await updateSettings(ctx, { abc: { a: 0.7 }, expectedVersion: 0 });
    await expect(updateSettings(ctx, { abc: { a: 0.6 }, expectedVersion: 0 })).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
      details: { currentVersion: 1 },
    });
  });

  it('of two at once are one after the other, and the second is told', async () => {
    const { ctx } = fixture;
    const results = await Promise.allSettled(
      [0.6, 0.7].map((a) => updateSettings(ctx, { abc: { a }, expectedVersion: 0 })),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const both = await Promise.all([
      updateSettings(ctx, { abc: { b: 0.9 } }),
      updateSettings(ctx, { clv: { months: 6 } }),
    ]);
    expect(both.map(({ version }) => version).sort()).toEqual([2, 3]);
    const { settings } = await currentSettings(ctx);
    expect([settings.abc.b, settings.clv.months]).toEqual([0.9, 6]);
  });

  it('never begin before those in front of them, whatever the clock says', async () => {
    const { ctx, clock } = fixture;
    await updateSettings(ctx, { abc: { a: 0.7 } });
    clock.set('2026-10-31T12:00:00Z');
    expect((await updateSettings(ctx, { abc: { a: 0.6 } })).effectiveFrom).toEqual(new Date('2026-11-01T12:00:00Z'));
  });

  const box = { recency: [1, 5], frequency: [1, 5], monetary: [1, 5] } as const;
  const segment = { key: 'ALL', name: 'All', ...box };
  const faulty: [string, SettingsPatch][] = [
    ['input.abc.a', { abc: { a: 0 } }],
    ['input.abc.b', { abc: { a: 0.9, b: 0.9 } }],
    ['input.abc.b', { abc: { b: 1.1 } }],
    ['input.clv.months', { clv: { months: 0 } }],
    ['input.clv.months', { clv: { months: 1.5 } }],
    ['input.clv.marginRate', { clv: { marginRate: 1.01 } }],
    ['input.clv.discountRate', { clv: { discountRate: Number.NaN } }],
    ['input.lifecycle.dormantDays', { lifecycle: { dormantDays: 90 } }],
    ['input.lifecycle.lostDays', { lifecycle: { lostDays: 180 } }],
    ['input.lifecycle.loyalRecency', { lifecycle: { loyalRecency: 6 } }],
    ['input.churn.high', { churn: { elevated: 0.6 } }],
    ['input.churn.overdueWeight', { churn: { overdueWeight: -1 } }],
    ['input.collaborativePurchases', { collaborativePurchases: 0 }],
    ['input.rfm.otherwise', { rfm: { otherwise: 'LOST' } }],
    ['input.rfm.otherwise', { rfm: { otherwise: 'everybody else' } }],
    ['input.rfm.segments[1].key', { rfm: { segments: [segment, segment] } }],
    ['input.rfm.segments[0].key', { rfm: { segments: [{ ...segment, key: 'best' }] } }],
    ['input.rfm.segments[0].name', { rfm: { segments: [{ ...segment, name: ' ' }] } }],
    ['input.rfm.segments[0].recency.least', { rfm: { segments: [{ ...segment, recency: [0, 5] }] } }],
    ['input.rfm.segments[0].frequency.most', { rfm: { segments: [{ ...segment, frequency: [3, 2] }] } }],
    ['input.rfm.segments', { rfm: { segments: Array.from({ length: 51 }, (_, i) => ({ ...segment, key: `K${i}` })) } }],
  ];

  it.each(faulty)('are refused with the path %s', async (field, patch) => {
    const { ctx } = fixture;
    await expect(updateSettings(ctx, patch)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    expect((await currentSettings(ctx)).version).toBe(0);
  });

  it('have bounds for every number that there is', () => {
    for (const [group, levers] of Object.entries(leverBounds)) {
      const { basis: _, ...numbers } = defaultSettings[group as keyof typeof leverBounds] as unknown as Record<
        string,
        unknown
      >;
      expect(Object.keys(levers).sort()).toEqual(Object.keys(numbers).sort());
    }
  });

  it('need the scopes', async () => {
    const { ctx } = fixture;
    const reader = { ...ctx, viewer: { ...ctx.viewer, scopes: new Set(['metrics:read']) } };
    await expect(updateSettings(reader, { abc: { a: 0.7 } })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect((await currentSettings(reader)).version).toBe(0);
    const nobody = { ...ctx, viewer: { ...ctx.viewer, scopes: new Set(['customers:read']) } };
    await expect(currentSettings(nobody)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
