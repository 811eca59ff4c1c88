import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { randomIds } from '../../../src/kernel/ids.ts';
import { Loaders } from '../../../src/kernel/loaders.ts';
import { LifecycleClock } from '../../../src/kpis/lifecycle/lifecycle-clock.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { exampleProgram } from '../../loyalty/example-program.ts';
import { publishAt } from '../../loyalty/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { emptyWorld } from '../../support/world.ts';
import { model } from '../lifecycle/lives.ts';
import { emptyKpis, type KpisFixture, openKpis, turnLevers, useModel } from './fixture.ts';

let database: TestDatabase;
let node: KpisFixture;

beforeAll(async () => {
  database = await openTestDatabase({ max: 4 });
});
afterAll(() => database.close());

beforeEach(async () => {
  await emptyKpis(database.pool);
  await emptyWorld(database.pool);
  node = await openKpis(database.pool, { timeZone: 'UTC', now: '2026-11-01T12:00:00Z' });
  const { bgNbd, spend, secondOrder } = model;
  await useModel(database.pool, { bgNbd, spend, secondOrder });
});

const ends = Date.UTC(2026, 10, 1);

/** An inbound touchpoint `days` before the beginning of today. */
function seen(name: string, days: number, more: Partial<TouchpointDraft> = {}): TouchpointDraft {
  const occurredAt = new Date(ends - days * 86_400_000).toISOString();
  const identifiers = [{ kind: 'email', value: `${name}@example.com` }];
  return touchpoint({ type: 'page.viewed', key: name, identifiers, occurredAt, ...more });
}

function order(name: string, days: number): TouchpointDraft {
  return seen(name, days, { type: 'order.completed', value: { amount: '10', currency: 'CHF' } });
}

async function ingest(...drafts: TouchpointDraft[]): Promise<void> {
  for (const result of await node.ingest.submit(node.ctx, drafts)) expect(result).toMatchObject({ status: 'STORED' });
}

async function idOf(name: string): Promise<string> {
  const [row] = await database.pool<{ id: string }[]>`select customer_id as id from records where key = ${name}`;
  return row!.id;
}

/** By name: what was found last. */
async function found(): Promise<Record<string, number>> {
  const rows = await database.pool<{ key: string; fall: number }[]>`
    select distinct on (r.key) r.key, o.engagement_fall as fall
    from customer_observations o join records r on r.customer_id = o.customer_id order by r.key, o.at desc`;
  return Object.fromEntries(rows.map(({ key, fall }) => [key, fall]));
}

async function contributionsOf(name: string) {
  const view = await node.kpis.kpisOf({ ...node.ctx, loaders: new Loaders() }, await idOf(name));
  return Object.fromEntries((view?.view.churn?.contributions ?? []).map(({ factor, logOdds }) => [factor, logOdds]));
}

const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

describe('falling engagement', () => {
  test('is by which part fewer days somebody was here, in quarters from a half on', async () => {
    const before = every(5, 35, 115);
    expect(before).toHaveLength(17);
    await ingest(
      // 17 days in 90: 5.67 in 30 are usual. 3 are 53 % of it, 2 are 35 %, 1 is 18 %.
      ...before.map((days) => order('half', days)),
      ...before.flatMap((days) => [order('less', days), order('much', days), order('gone', days)]),
      ...[seen('half', 3), seen('half', 9), seen('half', 20)],
      ...[seen('less', 3), seen('less', 20)],
      ...[seen('much', 1), seen('much', 1)],
      // Too few days to say what is usual, and more than usual.
      ...every(20, 35, 115).map((days) => order('rare', days)),
      ...every(10, 35, 115).map((days) => order('eager', days)),
      ...every(2, 1, 29).map((days) => seen('eager', days)),
      // Only buyers have a risk.
      ...before.map((days) => seen('looker', days)),
    );
    await node.scoring.scoreCustomers(node.ctx);
    expect(await found()).toEqual({ less: 0.5, much: 0.75, gone: 1 });
    const { engagementWeight } = (await node.book.current(database.pool)).settings[0]!.settings.churn;
    expect((await contributionsOf('gone')).ENGAGEMENT).toBeCloseTo(engagementWeight, 12);
    expect((await contributionsOf('less')).ENGAGEMENT).toBeCloseTo(engagementWeight / 2, 12);
    expect(await contributionsOf('half')).not.toHaveProperty('ENGAGEMENT');
    // What is stored with scores is the same.
    const [row] = await database.pool<{ risk: number }[]>`
      select churn_risk as risk from customer_scores where customer_id = ${await idOf('gone')}`;
    const shown = await node.kpis.kpisOf({ ...node.ctx, loaders: new Loaders() }, await idOf('gone'));
    expect(row!.risk).toBeCloseTo(shown!.view.churn!.risk, 12);
  });

  test('today counts from tomorrow on, what we send does not, and days are those of the zone', async () => {
    const before = every(5, 35, 115);
    await ingest(
      ...before.map((days) => order('ann', days)),
      ...every(0.05, -0.4, -0.1).map((days) => seen('ann', days)),
      ...every(2, 1, 29).map((days) => seen('ann', days, { direction: 'OUTBOUND', type: 'email.sent' })),
    );
    await node.scoring.scoreCustomers(node.ctx);
    expect(await found()).toEqual({ ann: 1 });
  });

  test('is written when it is something else, and told by stages and bands at once', async () => {
    const before = every(5, 35, 115);
    await turnLevers(database.pool, { churn: { engagementWeight: 8, overdueWeight: 0 } });
    const ticker = new LifecycleClock(node.ctx, { folder: node.folder });
    await ingest(...before.map((days) => (days === 35 || days === 115 ? order : seen)('ann', days)));
    await ticker.catchUp();
    const lifecycle = async () => {
      const [row] = await database.pool`select stage, risk_band as band from customer_lifecycles`;
      return row;
    };
    const stage = await lifecycle();
    expect(stage!.band).not.toBe('HIGH');
    await node.scoring.scoreCustomers(node.ctx);
    await ticker.catchUp();
    expect((await lifecycle())!.band).toBe('HIGH');
    await node.scoring.scoreCustomers(node.ctx);
    expect(await database.pool`select * from customer_observations`).toHaveLength(1);
    // Here again: the next scoring says so.
    await ingest(...every(3, 1, 29).map((days) => seen('ann', days)));
    node.clock.set('2026-11-01T13:00:00Z');
    await node.scoring.scoreCustomers(node.ctx);
    await ticker.catchUp();
    expect((await lifecycle())!.band).toBe(stage!.band);
    const rows = await database.pool<{ fall: number }[]>`
      select engagement_fall as fall from customer_observations order by at`;
    expect(rows.map(({ fall }) => fall)).toEqual([1, 0]);
  });

  test('what was found while somebody was merged counts no longer once they are parted', async () => {
    const before = every(5, 35, 115);
    await ingest(...before.map((days) => order('ann', days)), ...before.map((days) => order('ben', days + 0.5)));
    await ingest(...every(3, 1, 29).map((days) => seen('ben', days)));
    const ids = [await idOf('ann'), await idOf('ben')];
    await node.scoring.scoreCustomers(node.ctx);
    const observations = async (name: string) => {
      const timeline = await node.book.current(database.pool);
      const [history] = await node.reader.read(database.pool, [await idOf(name)], { timeline });
      return history!.observations.map(({ engagementFall }) => engagementFall);
    };
    const apart = [await observations('ann'), await observations('ben')];
    expect(apart).toEqual([[1], []]);
    node.clock.set('2026-11-01T13:00:00Z');
    await node.decisions.mergeCustomers(node.ctx, { customerIds: ids, reason: 'test' });
    node.clock.set('2026-11-01T14:00:00Z');
    await node.scoring.scoreCustomers(node.ctx);
    const [record] = await database.pool<{ id: string }[]>`select id from records where key = 'ann'`;
    const customerId = await idOf('ann');
    node.clock.set('2026-11-01T15:00:00Z');
    await node.decisions.unmergeCustomer(node.ctx, { customerId, recordIds: [record!.id], reason: 'test' });
    expect([await observations('ann'), await observations('ben')]).toEqual(apart);
    node.clock.set('2026-11-01T16:00:00Z');
    await node.scoring.scoreCustomers(node.ctx);
    expect([(await observations('ann')).at(-1), (await observations('ben')).at(-1) ?? 0]).toEqual([1, 0]);
  });
});

describe('a tier that is about to end', () => {
  const tiers = exampleProgram().tierScheme!.tiers.map(({ key }) => key);

  async function member(programId: string, name: string, { tier, due }: { tier: string; due: string | null }) {
    await database.pool`
      insert into loyalty_members (customer_id, program_id, state, tier, tier_since, due_at)
      values (${await idOf(name)}, ${programId}, '{}', ${tier}, '2026-01-01', ${due})
      on conflict (customer_id, program_id) do update set tier = excluded.tier, due_at = excluded.due_at`;
  }

  test('counts until it has ended, unless it is the lowest, or another one follows by hand', async () => {
    // Nobody is enrolled by what they do: members are put into the table below.
    const programId = await publishAt({ pool: database.pool }, exampleProgram({ enrolment: 'EXPLICIT', rules: [] }));
    const names = ['soon', 'later', 'lowest', 'given', 'over'];
    await ingest(...names.flatMap((name) => [order(name, 20), order(name, 40)]));
    const top = tiers.at(-1)!;
    await member(programId, 'soon', { tier: top, due: '2026-11-20T00:00:00Z' });
    await member(programId, 'later', { tier: top, due: '2026-12-20T00:00:00Z' });
    await member(programId, 'lowest', { tier: tiers[0]!, due: '2026-11-20T00:00:00Z' });
    await member(programId, 'given', { tier: top, due: '2026-11-20T00:00:00Z' });
    await member(programId, 'over', { tier: top, due: '2026-10-20T00:00:00Z' });
    await database.pool`
      insert into loyalty_tier_overrides (record_id, program_id, id, tier, valid_from, valid_to, actor, reason)
      select id, ${programId}, ${randomIds.uuid()}, ${top}, '2026-11-20', '2027-01-01', 'test', 'test' from records where key = 'given'`;
    await node.scoring.scoreCustomers(node.ctx);
    const { tierDropWeight } = (await node.book.current(database.pool)).settings[0]!.settings.churn;
    expect((await contributionsOf('soon')).TIER_DROP).toBe(tierDropWeight);
    for (const name of names.slice(1)) expect(await contributionsOf(name), name).not.toHaveProperty('TIER_DROP');
    node.clock.set('2026-11-20T00:00:00Z');
    expect(await contributionsOf('soon')).not.toHaveProperty('TIER_DROP');
    // Earned again meanwhile.
    node.clock.set('2026-11-02T00:00:00Z');
    expect(await contributionsOf('soon')).toHaveProperty('TIER_DROP');
    await member(programId, 'soon', { tier: top, due: null });
    await node.scoring.scoreCustomers(node.ctx);
    expect(await contributionsOf('soon')).not.toHaveProperty('TIER_DROP');
  });
});
