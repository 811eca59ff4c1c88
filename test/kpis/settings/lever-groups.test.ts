import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CurrentRules } from '../../../src/identity/current-rules.service.ts';
import type { Context } from '../../../src/kernel/context.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import { Observer } from '../../../src/kpis/customers/observer.service.ts';
import { Scoring } from '../../../src/kpis/customers/scoring.service.ts';
import { LifecycleClock } from '../../../src/kpis/lifecycle/lifecycle-clock.service.ts';
import { defaultSettings, type LeverGroup } from '../../../src/kpis/settings/kpi-settings.ts';
import { settingsFor } from '../../../src/kpis/settings/kpi-timeline.ts';
import type { UpdateKpiSettingsInput } from '../../../src/kpis/settings/settings.input.ts';
import { KpiSettingsResolver } from '../../../src/kpis/settings/settings.resolver.ts';
import { settingsHistory } from '../../../src/kpis/settings/settings.service.ts';
import { ruleConditions } from '../../../src/segments/rule-conditions.service.ts';
import { onKpisMoved } from '../../../src/segments/segment-reactions.service.ts';
import { createEngines, recordingReactions } from '../../../src/server/engines.ts';
import type { IngestService } from '../../../src/touchpoints/ingest.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { TestClock } from '../../segments/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';
import { emptyWorld } from '../../support/world.ts';
import { emptyKpis } from '../customers/fixture.ts';

let database: TestDatabase;
let ctx: Context;
let clock: TestClock;
let ingest: IngestService;
let resolver: KpiSettingsResolver;
let scoring: Scoring;
let ticker: LifecycleClock;

beforeAll(async () => {
  database = await openTestDatabase({ max: 4 });
});
afterAll(() => database.close());

beforeEach(async () => {
  await emptyKpis(database.pool);
  await emptyWorld(database.pool);
  clock = new TestClock('2026-11-01T12:00:00Z');
  const engines = createEngines({ timeZone: 'UTC' }, { ids: randomIds, rules: new CurrentRules() });
  const { evaluator, book: programs, kpis } = engines;
  ({ ingest, ctx } = await openIngest(database.pool, { clock, reactions: [...recordingReactions(engines)] }));
  const reactions = [onKpisMoved(evaluator)];
  const observer = new Observer({ book: kpis.book, programs, compilers: evaluator.compilers });
  scoring = new Scoring({ book: kpis.book, reader: kpis.reader, observer, reactions });
  ticker = new LifecycleClock(ctx, { folder: kpis.folder, reactions });
  resolver = new KpiSettingsResolver(ruleConditions(evaluator.language));
  await ticker.catchUp();
});

function update(input: UpdateKpiSettingsInput, as: Context = ctx) {
  return resolver.updateKpiSettings(as, input).then(({ settings }) => settings);
}

const wholesale = {
  ...{ key: 'WHOLESALE', name: 'Wholesale', conditionText: 'business is true' },
  lifecycle: { overdueDays: 20, dormantDays: 40 },
};

function order(name: string, day: string, more: Partial<TouchpointDraft> = {}): TouchpointDraft {
  return touchpoint({
    ...{ type: 'order.completed', value: { amount: '10', currency: 'CHF' }, occurredAt: `2026-${day}T12:00:00Z` },
    ...{ key: name, identifiers: [{ kind: 'email', value: `${name}@example.com` }], ...more },
  });
}

async function told(...drafts: TouchpointDraft[]): Promise<void> {
  for (const result of await ingest.submit(ctx, drafts)) expect(result).toMatchObject({ status: 'STORED' });
}

async function stages(): Promise<Record<string, string>> {
  const rows = await database.pool<{ key: string; stage: string }[]>`
    select r.key, l.stage from records r join customer_lifecycles l on l.customer_id = r.customer_id order by r.key`;
  return Object.fromEntries(rows.map(({ key, stage }) => [key, stage]));
}

async function score(): Promise<void> {
  await scoring.scoreCustomers(ctx);
  await ticker.catchUp();
}

describe('thresholds of a group', () => {
  test('count for its customers from the next scoring on, until they are in it no more', async () => {
    await told(order('shop', '10-01', { traits: { business: true } }), order('ann', '10-01'));
    await update({ groups: [wholesale] });
    await ticker.catchUp();
    expect(await stages()).toEqual({ ann: 'NEW', shop: 'NEW' });
    await score();
    expect(await stages()).toEqual({ ann: 'NEW', shop: 'AT_RISK' });
    const evidence = await database.pool<{ evidence: unknown; at: Date }[]>`
      select evidence, at from lifecycle_transitions where to_stage = 'AT_RISK'`;
    expect(evidence).toEqual([
      { at: clock.now(), evidence: { silentDays: 31, limitDays: 20, ownGaps: false, levers: 'WHOLESALE' } },
    ]);
    // Time does its part by their levers.
    clock.set('2026-11-11T00:00:00Z');
    await ticker.catchUp();
    expect(await stages()).toEqual({ ann: 'NEW', shop: 'DORMANT' });

    clock.set('2026-11-12T00:00:00Z');
    await told(order('shop', '11-11', { traits: { business: false } }));
    expect(await stages()).toEqual({ ann: 'NEW', shop: 'REACTIVATED' });
    await score();
    clock.set('2026-12-25T00:00:00Z');
    await ticker.catchUp();
    expect((await stages()).shop).toBe('REACTIVATED');
    clock.set('2027-02-10T00:00:00Z');
    await ticker.catchUp();
    expect((await stages()).shop).toBe('AT_RISK');
  });

  test('are those of the first group whose condition holds; without groups everybody is as everybody', async () => {
    const vip = { ...wholesale, key: 'VIP', name: 'VIP', conditionText: 'vip is true', lifecycle: { overdueDays: 60 } };
    await told(
      order('both', '10-01', { traits: { business: true, vip: true } }),
      order('shop', '10-01', { traits: { business: true } }),
    );
    await update({ groups: [vip, wholesale] });
    await score();
    expect(await stages()).toEqual({ both: 'NEW', shop: 'AT_RISK' });
    clock.set('2026-11-02T12:00:00Z');
    await update({ groups: [] });
    await score();
    const rows = await database.pool<{ grouped: string | null }[]>`
      select distinct on (customer_id) lever_group as grouped from customer_observations order by customer_id, at desc`;
    expect(rows.map(({ grouped }) => grouped)).toEqual([null, null]);
    // It was so then, and nobody comes back because a lever is another one.
    expect(await stages()).toEqual({ both: 'NEW', shop: 'AT_RISK' });
    await score();
    expect(await database.pool`select * from customer_observations`).toHaveLength(4);
  });

  test('count for prospects, too, where nobody has ordered yet', async () => {
    await told(
      touchpoint({
        key: 'new',
        occurredAt: '2026-10-01T00:00:00Z',
        traits: { business: true },
        identifiers: [{ kind: 'email', value: 'n@example.com' }],
      }),
    );
    await update({ groups: [{ ...wholesale, lifecycle: { prospectDays: 10 } }] });
    await score();
    expect(await stages()).toEqual({ new: 'ARCHIVED' });
  });
});

describe('groups as settings', () => {
  test('are shown as they were given, in words too, with what is other for them', async () => {
    const { groups, version } = await update({ groups: [{ ...wholesale, churn: { high: 0.5 } }], reason: 'agreed' });
    expect(version).toBe(1);
    expect(groups).toEqual([
      {
        ...{ key: 'WHOLESALE', name: 'Wholesale', conditionText: 'business is true' },
        condition: { trait: { trait: 'business', operator: 'EQUALS', value: true } },
        levers: [
          { lever: 'lifecycle.overdueDays', value: 20 },
          { lever: 'lifecycle.dormantDays', value: 40 },
          { lever: 'churn.high', value: 0.5 },
        ],
      },
    ]);
    expect((await resolver.kpiSettings(ctx, 0)).groups).toEqual([]);
    // Left out, they stay.
    expect((await update({ abc: { a: 0.7 } })).groups).toEqual(groups);
    const [first] = await database.pool<{ detail: { changed: Record<string, unknown> } }[]>`
      select detail from audit_entries where action = 'kpis.settings_changed' order by at, id`;
    expect(JSON.stringify(first!.detail)).toContain('WHOLESALE');
    expect(JSON.stringify(first!.detail)).not.toContain('business');
  });

  test('by values that are masked for a key are hidden from it, and can not be made by it', async () => {
    await update({ groups: [{ ...wholesale, conditionText: 'email is "ada@example.com"' }] });
    const viewer = {
      ...ctx.viewer,
      scopes: new Set(['metrics:read', 'metrics:manage', 'customers:read', 'segments:read']),
    };
    const [group] = (await resolver.kpiSettings({ ...ctx, viewer }, null)).groups;
    expect(group).toMatchObject({ key: 'WHOLESALE', condition: null, conditionText: null });
    const again = { groups: [{ ...wholesale, conditionText: 'email is "ben@example.com"' }] };
    await expect(update(again, { ...ctx, viewer })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const reader = { ...ctx.viewer, scopes: new Set(['metrics:read']) };
    await expect(update({ groups: [] }, { ...ctx, viewer: reader })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test.each([
    ['a stage', { conditionText: 'lifecycle stage is at_risk' }, 'input.groups[0].condition'],
    ['a churn risk', { conditionText: 'not (kpi churn risk is at least 0.6)' }, 'input.groups[0].condition'],
    [
      'a risk band',
      { condition: { any: [{ lifecycle: { riskBands: ['HIGH'] } }] } as never, conditionText: null },
      'input.groups[0].condition',
    ],
    ['nobody', { conditionText: null }, 'input.groups[0].condition'],
    ['no words', { conditionText: 'country isn' }, 'input.groups[0].conditionText'],
    [
      'levers that do not fit everybody’s',
      { lifecycle: { overdueDays: 200 } },
      'input.groups[0].lifecycle.dormantDays',
    ],
    ['levers out of bounds', { churn: { high: 2 } }, 'input.groups[0].churn.high'],
    ['a key that is none', { key: 'big' }, 'input.groups[0].key'],
    ['no name', { name: ' ' }, 'input.groups[0].name'],
  ])('%s is refused', async (_, part, field) => {
    await expect(update({ groups: [{ ...wholesale, ...part }] })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field },
    });
    expect(await settingsHistory(ctx, {})).toHaveLength(1);
  });

  test('may go by scores, and no two have one key', async () => {
    const condition = { lifecycle: { abcClasses: ['A'] } } as never;
    await update({ groups: [{ ...wholesale, condition, conditionText: null }] });
    await expect(update({ groups: [wholesale, wholesale] })).rejects.toMatchObject({
      details: { field: 'input.groups[1].key' },
    });
  });
});

test('a group that settings do not have, or that turns nothing, is as everybody', () => {
  const condition = { given: { everyone: true }, resolved: { everyone: true } } as const;
  const group: LeverGroup = { key: 'A', name: 'A', condition, lifecycle: { lostDays: 800 }, churn: {} };
  const version = { version: 1, effectiveFrom: new Date(0), settings: { ...defaultSettings, groups: [group] } };
  expect(settingsFor(version, null)).toBe(version);
  expect(settingsFor(version, 'B')).toBe(version);
  expect(settingsFor(version, 'A')).toBe(settingsFor(version, 'A'));
  expect(settingsFor(version, 'A').settings.lifecycle).toEqual({ ...defaultSettings.lifecycle, lostDays: 800 });
});
