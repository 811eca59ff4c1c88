import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NewChange } from '../../../src/kernel/changes.queries.ts';
import type { Pool } from '../../../src/kernel/database.ts';
import { findLifecycles } from '../../../src/kpis/lifecycle/lifecycle.queries.ts';
import { deriveLifecycle } from '../../../src/kpis/lifecycle/lifecycle.ts';
import { LifecycleClock } from '../../../src/kpis/lifecycle/lifecycle-clock.service.ts';
import { lifecycleLag, lifecycleSweepsUnderWay } from '../../../src/kpis/lifecycle/lifecycle-progress.service.ts';
import { lifecycleOf, lifecycleStagesOf, transitionsOf } from '../../../src/kpis/lifecycle/lifecycle-reader.service.ts';
import {
  subscribeToChurnRisk,
  subscribeToLifecycle,
} from '../../../src/kpis/lifecycle/lifecycle-subscription.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { emptyWorld } from '../../support/world.ts';
import { emptyKpis, type KpisFixture, openKpis, turnLevers, useModel } from '../customers/fixture.ts';
import { model } from './lives.ts';

const { bgNbd, spend, secondOrder } = model;
const parameters = { bgNbd, spend, secondOrder };

let database: TestDatabase;
let node: KpisFixture;
let ticker: LifecycleClock;
let moved: string[][];

beforeAll(async () => {
  database = await openTestDatabase({ max: 8 });
});

afterAll(() => database.close());

beforeEach(async () => {
  await emptyKpis(database.pool);
  await emptyWorld(database.pool);
  node = await openKpis(database.pool, { timeZone: 'UTC' });
  moved = [];
  ticker = newTicker();
  await ticker.catchUp();
});

function newTicker(atOnce?: number): LifecycleClock {
  const reaction = async (_: unknown, { customerIds }: { customerIds: readonly string[] }): Promise<NewChange[]> => {
    moved.push([...customerIds]);
    return [];
  };
  return new LifecycleClock(node.ctx, { folder: node.folder, reactions: [reaction], atOnce });
}

async function ingest(...drafts: readonly TouchpointDraft[]): Promise<void> {
  const results = await node.ingest.submit(node.ctx, drafts);
  for (const result of results) expect(result).toMatchObject({ status: 'STORED' });
}

function person(name: string) {
  return [{ kind: 'email', value: `${name}@example.com` }];
}

function order(name: string, at: string, draft: Partial<TouchpointDraft> = {}): TouchpointDraft {
  const value = { amount: '10', currency: 'CHF' };
  return touchpoint({ type: 'order.completed', value, identifiers: person(name), occurredAt: at, ...draft });
}

async function changes(topic: string) {
  return database.pool<{ customerId: string; detail: Record<string, unknown> }[]>`
    select customer_id as "customerId", detail from changes where topic = ${topic} order by tx, seq`;
}

async function onlyCustomer(): Promise<string> {
  const rows = await database.pool<{ id: string }[]>`select id from customers`;
  expect(rows).toHaveLength(1);
  return rows[0]!.id;
}

async function stages(): Promise<string[]> {
  const rows = await database.pool<{ stage: string }[]>`select stage from customer_lifecycles order by customer_id`;
  return rows.map(({ stage }) => stage);
}

/** What is stored is what follows from everything that happened. */
async function expectDerived(): Promise<void> {
  const { pool } = database;
  const ids = (await pool<{ id: string }[]>`select id from customers order by id`).map(({ id }) => id);
  const now = node.clock.now();
  const timeline = await node.book.current(pool);
  const histories = await node.reader.read(pool, ids, { timeline });
  const stored = new Map((await findLifecycles(pool, ids)).map((one) => [one.customerId, one]));
  for (const history of histories) {
    const { risk: _, homeStore: ___, dueAt, revision: __, ...expected } = deriveLifecycle(history, timeline, now);
    if (expected.stage === 'ANONYMOUS') expect(stored.get(history.customerId)).toBeUndefined();
    else expect(stored.get(history.customerId)).toMatchObject(expected);
    if (dueAt && expected.stage !== 'ANONYMOUS')
      expect(stored.get(history.customerId)!.dueAt!.getTime()).toBeLessThanOrEqual(dueAt.getTime());
  }
}

describe('time alone', () => {
  test('moves customers at the instant, not before, tells of it once, and has others react', async () => {
    await ingest(order('ada', '2026-10-31T10:00:00Z'));
    const id = await onlyCustomer();
    expect(await changes('lifecycle.changed')).toMatchObject([
      { customerId: id, detail: { from: 'PROSPECT', to: 'NEW' } },
    ]);

    // The first day on which more than 90 have passed.
    node.clock.set('2027-01-29T23:59:59.999Z');
    expect(await ticker.step()).toBe('NOTHING_DUE');
    node.clock.set('2027-01-30T00:00:00Z');
    expect(await ticker.step()).toBe('WORKED');
    expect(await ticker.step()).toBe('NOTHING_DUE');

    expect(await stages()).toEqual(['AT_RISK']);
    expect((await changes('lifecycle.changed')).slice(1)).toEqual([
      { customerId: id, detail: { from: 'NEW', to: 'AT_RISK', at: '2027-01-30T00:00:00.000Z', cause: 'OVERDUE' } },
    ]);
    expect(moved).toEqual([[id]]);
  });

  test('is made up for after a pause: every stage with its own instant', async () => {
    await ingest(order('ada', '2026-10-31T10:00:00Z'));
    node.clock.set('2029-06-01T00:00:00Z');
    expect(await lifecycleLag(database.pool, node.clock)).toBeGreaterThan(86_400);
    await newTicker().catchUp();
    expect(await lifecycleLag(database.pool, node.clock)).toBe(0);
    const [stored] = await findLifecycles(database.pool, [await onlyCustomer()]);
    expect(stored!.transitions.map(({ at, to }) => `${at.toISOString().slice(0, 10)} ${to}`)).toEqual([
      '2026-10-31 PROSPECT',
      '2026-10-31 NEW',
      '2027-01-30 AT_RISK',
      '2027-04-30 DORMANT',
      '2028-10-31 LOST',
    ]);
    expect(await changes('lifecycle.changed')).toHaveLength(4);
  });

  test('archives a prospect; a touch brings them back in the same call', async () => {
    await ingest(touchpoint({ occurredAt: '2026-10-01T10:00:00Z', identifiers: person('ada') }));
    await ingest(touchpoint({ occurredAt: '2026-10-20T10:00:00Z', identifiers: person('ada') }));
    node.clock.set('2027-10-20T09:59:59Z');
    await ticker.catchUp();
    expect(await stages()).toEqual(['PROSPECT']);
    node.clock.set('2027-10-20T10:00:00Z');
    await ticker.catchUp();
    expect(await stages()).toEqual(['ARCHIVED']);
    node.clock.set('2027-11-01T10:00:00Z');
    await ingest(touchpoint({ occurredAt: '2027-11-01T09:00:00Z', identifiers: person('ada') }));
    expect(await stages()).toEqual(['PROSPECT']);
    await expectDerived();
  });
});

test('runs beside everything else, on several nodes, until it is stopped', async () => {
  await ingest(order('ada', '2026-10-31T10:00:00Z'), order('ben', '2026-10-31T11:00:00Z'));
  const nodes = [newTicker(), newTicker()];
  for (const one of nodes) one.start();
  node.clock.set('2027-01-30T00:00:00Z');
  await expect.poll(stages).toEqual(['AT_RISK', 'AT_RISK']);
  await Promise.all(nodes.map((one) => one.stop()));
  expect(moved.flat()).toHaveLength(2);
  node.clock.set('2027-06-30T00:00:00Z');
  expect(await stages()).toEqual(['AT_RISK', 'AT_RISK']);
});

describe('what comes late', () => {
  test('rewrites the past, and says so', async () => {
    await ingest(order('ada', '2026-06-01T10:00:00Z'));
    await ticker.catchUp();
    expect(await stages()).toEqual(['AT_RISK']);
    await ingest(order('ada', '2026-08-20T10:00:00Z'));
    expect(await stages()).toEqual(['ACTIVE']);
    const told = await changes('lifecycle.changed');
    expect(told.at(-1)!.detail).toEqual({
      ...{ from: 'NEW', to: 'ACTIVE', at: '2026-08-20T10:00:00.000Z', cause: 'ORDER', corrected: true },
    });
    expect(told.slice(0, -1).every(({ detail }) => !('corrected' in detail))).toBe(true);
    await expectDerived();
  });

  test('in time is no correction', async () => {
    await ingest(order('ada', '2026-10-01T10:00:00Z'));
    await ingest(order('ada', '2026-10-05T10:00:00Z'));
    expect((await changes('lifecycle.changed')).map(({ detail }) => detail.corrected)).toEqual([undefined, undefined]);
  });
});

describe('the churn risk', () => {
  test('is told of once for each band that it rises into, by whoever finds it', async () => {
    await useModel(database.pool, parameters);
    node.clock.set('2026-09-26T00:00:00Z');
    await ingest(order('ada', '2026-09-01T10:00:00Z'), order('ada', '2026-09-25T10:00:00Z'));
    await ticker.catchUp();
    expect(await changes('churn_risk.raised')).toEqual([]);
    for (const day of ['2026-10-01', '2026-10-15', '2026-10-30', '2027-02-21', '2027-06-01']) {
      node.clock.set(`${day}T00:00:00Z`);
      await Promise.all([ticker.catchUp(), newTicker().catchUp()]);
    }
    const [low, high, ...more] = await changes('churn_risk.raised');
    expect([low!.detail, high!.detail]).toMatchObject([
      { from: 'LOW', to: 'ELEVATED' },
      { from: 'ELEVATED', to: 'HIGH' },
    ]);
    expect(high!.detail.risk as number).toBeGreaterThanOrEqual(0.6);
    expect(more).toEqual([]);
    await expectDerived();

    // An order ends it, and it can rise again.
    node.clock.set('2027-06-02T12:00:00Z');
    await ingest(order('ada', '2027-06-02T10:00:00Z'));
    node.clock.set('2028-06-02T12:00:00Z');
    await ticker.catchUp();
    expect(await changes('churn_risk.raised')).toHaveLength(3);
  });

  test('of a new customer, or by a first model, is no rise', async () => {
    await ingest(order('ada', '2026-09-01T10:00:00Z'), order('ada', '2026-09-25T10:00:00Z'));
    node.clock.set('2028-09-01T00:00:00Z');
    await ticker.catchUp();
    await useModel(database.pool, parameters);
    await ticker.catchUp();
    const [stored] = await findLifecycles(database.pool, [await onlyCustomer()]);
    expect(stored!.band).toBe('HIGH');
    expect(await changes('churn_risk.raised')).toEqual([]);
  });
});

describe('when settings change', () => {
  async function many(count: number): Promise<void> {
    await ingest(...Array.from({ length: count }, (_, index) => order(`p${index}`, '2026-10-01T10:00:00Z')));
  }

  test('everybody is brought after, in parts, by several nodes', async () => {
    await many(25);
    expect(await stages()).toEqual(Array(25).fill('NEW'));
    await turnLevers(database.pool, { lifecycle: { overdueDays: 10 } });
    expect(await lifecycleSweepsUnderWay(database.pool)).toBe(1);
    await Promise.all([newTicker(4).catchUp(), newTicker(4).catchUp()]);
    // One that found the other at work does not wait for it.
    await newTicker(4).catchUp();
    expect(await lifecycleSweepsUnderWay(database.pool)).toBe(0);
    expect(await stages()).toEqual(Array(25).fill('AT_RISK'));
    expect(await changes('lifecycle.changed')).toHaveLength(50);
    expect(moved.flat().sort()).toEqual([...new Set(moved.flat())].sort());
    await expectDerived();
  });

  test('a customer whom somebody holds is waited for, not passed by', async () => {
    await many(6);
    const [first, second] = await database.pool<{ id: string }[]>`select id from customers order by id limit 2`;
    await turnLevers(database.pool, { lifecycle: { overdueDays: 10 } });
    const held = await database.pool.reserve();
    await held`begin`;
    await held`select id from customers where id = ${second!.id} for no key update`;
    expect(await ticker.step()).toBe('SWEPT');
    const early = await database.pool`select customer_id as id from customer_lifecycles where stage = 'AT_RISK'`;
    expect(early.map(({ id }) => id)).toEqual([first!.id]);
    expect(await ticker.step()).toBe('HELD');
    await held`rollback`;
    held.release();
    await ticker.catchUp();
    expect(await stages()).toEqual(Array(6).fill('AT_RISK'));
  });

  test('whoever has no row gets one', async () => {
    await many(3);
    await ingest(touchpoint({ key: 'nobody' }));
    await database.pool`delete from customer_lifecycles`;
    await database.pool`delete from lifecycle_transitions`;
    await database.pool`update kpi_sweeps set finished_at = null, cursor = null`;
    await ticker.catchUp();
    expect(await stages()).toEqual(['NEW', 'NEW', 'NEW']);
    await expectDerived();
  });

  test('whoever adds to the timeline and the sweep do not wait for each other in a ring', async () => {
    await many(10);
    for (let version = 1; version <= 5; version += 1)
      await Promise.all([
        turnLevers(database.pool, { lifecycle: { overdueDays: 10 + version } }, version),
        newTicker(2).catchUp(),
      ]);
    await ticker.catchUp();
    await expectDerived();
  });
});

describe('the clock and ingestion', () => {
  test('whoever holds a due customer is not waited for; nothing is lost', async () => {
    await ingest(order('ada', '2026-10-31T10:00:00Z'));
    node.clock.set('2027-01-30T00:00:00Z');
    const held = await database.pool.reserve();
    await held`begin`;
    await held`select id from customers for no key update`;
    expect(await ticker.step()).toBe('HELD');
    await held`rollback`;
    held.release();
    expect(await ticker.step()).toBe('WORKED');
    expect(await stages()).toEqual(['AT_RISK']);
  });

  test('at the same time leave what follows from all that happened', async () => {
    const names = ['ada', 'ben', 'cleo', 'dan'];
    await ingest(...names.map((name) => order(name, '2026-10-31T10:00:00Z')));
    for (let round = 0; round < 6; round += 1) {
      node.clock.set(new Date(Date.UTC(2027, round, 30)));
      const at = new Date(Date.UTC(2027, round, 29, 12)).toISOString();
      await Promise.all([
        ticker.catchUp(),
        newTicker(2).catchUp(),
        ...names.slice(round % 3).map((name) => ingest(order(name, at))),
      ]);
      await ticker.catchUp();
      await expectDerived();
    }
    // Told once each: what was told is what is stored, but for what was rewritten.
    const told = (await changes('lifecycle.changed')).filter(({ detail }) => !('corrected' in detail));
    const keys = told.map(({ customerId, detail }) => `${customerId} ${detail.at} ${detail.to}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('statements do not grow with customers', async () => {
    let statements = 0;
    const debug = () => {
      statements += 1;
    };
    const counted: Pool = postgres(database.url, { max: 2, types: { bigint: postgres.BigInt }, debug });
    try {
      const one = await openKpis(counted, { timeZone: 'UTC' });
      const clock = new LifecycleClock(one.ctx, { folder: one.folder });
      const cost = async (count: number, year: number) => {
        const drafts = Array.from({ length: count }, (_, index) =>
          order(`q${year}-${index}`, `${year}-03-01T10:00:00Z`),
        );
        one.clock.set(`${year}-03-02T00:00:00Z`);
        await one.ingest.submit(one.ctx, drafts);
        await clock.catchUp();
        one.clock.set(`${year}-06-01T00:00:00Z`);
        statements = 0;
        expect(await clock.step()).toBe('WORKED');
        return statements;
      };
      const few = await cost(2, 2027);
      expect(few).toBeGreaterThan(0);
      expect(await cost(40, 2028)).toBeLessThanOrEqual(few + 2);
    } finally {
      await counted.end();
    }
  });
});

describe('merged customers', () => {
  test('keep no row of whom they absorbed, and are told of as corrected', async () => {
    await ingest(order('ada', '2026-10-01T10:00:00Z', { source: 'shop', key: '1' }));
    await ingest(order('eva', '2026-10-02T10:00:00Z', { source: 'shop', key: '2' }));
    expect(await stages()).toEqual(['NEW', 'NEW']);
    await ingest(
      touchpoint({ source: 'shop', key: '2', occurredAt: '2026-10-03T10:00:00Z', identifiers: person('ada') }),
    );
    expect(await stages()).toEqual(['ACTIVE']);
    const rows = await database.pool<{ id: string }[]>`select distinct customer_id as id from lifecycle_transitions`;
    expect(rows.map(({ id }) => id)).toEqual([await onlyCustomer()]);
    await expectDerived();
  });
});

describe('reading', () => {
  test('a page of transitions goes on where the one before ended, also within one instant', async () => {
    await ingest(order('ada', '2026-06-01T10:00:00Z'));
    await ticker.catchUp();
    const row = { id: await onlyCustomer(), identified: true, firstSeenAt: new Date() };
    const view = (await lifecycleOf(node.ctx, row))!;
    expect(view.stage).toBe('AT_RISK');
    const to = (transition: { to: string }) => transition.to;
    const first = transitionsOf(view, { first: 2 }, to);
    expect(first.nodes).toEqual(['AT_RISK', 'NEW']);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = transitionsOf(view, { first: 2, after: first.pageInfo.endCursor }, to);
    expect(second.nodes).toEqual(['PROSPECT']);
    expect(second.pageInfo.hasNextPage).toBe(false);
    await expect(
      lifecycleOf({ ...node.ctx, viewer: { ...node.ctx.viewer, scopes: new Set() } }, row),
    ).rejects.toThrow();
  });

  test('counts customers by stage, now and then', async () => {
    await ingest(order('ada', '2026-06-01T10:00:00Z'), order('ben', '2026-10-01T10:00:00Z'));
    await ingest(touchpoint({ key: 'nobody', occurredAt: '2026-09-01T10:00:00Z' }));
    await ticker.catchUp();
    const count = async (asOf?: Date) =>
      Object.fromEntries(
        (await lifecycleStagesOf(node.ctx, asOf)).stages
          .filter(({ customers }) => customers !== 0)
          .map(({ stage, customers }) => [stage, customers]),
      );
    expect(await count()).toEqual({ ANONYMOUS: 1, AT_RISK: 1, NEW: 1 });
    expect(await count(new Date('2026-07-01T00:00:00Z'))).toEqual({ NEW: 1 });
    const blind = { ...node.ctx, viewer: { ...node.ctx.viewer, scopes: new Set(['metrics:read'] as const) } };
    const { stages: told } = await lifecycleStagesOf(blind);
    expect(told.find(({ stage }) => stage === 'NEW')).toEqual({ stage: 'NEW', customers: null });
    expect(told.find(({ stage }) => stage === 'LOST')).toEqual({ stage: 'LOST', customers: 0 });
  });

  test('subscriptions tell of what they were asked for, from a cursor on', async () => {
    await node.ctx.feed.start();
    await useModel(database.pool, parameters);
    const risks = await subscribeToChurnRisk(node.ctx, { band: 'HIGH' });
    const lost = await subscribeToLifecycle(node.ctx, { stages: ['DORMANT', 'LOST'] });
    await ingest(order('ada', '2026-09-01T10:00:00Z'), order('ada', '2026-09-25T10:00:00Z'));
    for (const day of ['2026-11-20', '2026-12-20', '2027-02-20', '2028-02-21']) {
      node.clock.set(`${day}T00:00:00Z`);
      await ticker.catchUp();
    }
    node.ctx.feed.wake();
    const risk = (await risks.next()).value!;
    expect(risk.detail).toMatchObject({ from: 'ELEVATED', to: 'HIGH' });
    const stage = (await lost.next()).value!;
    expect(['DORMANT', 'LOST']).toContain(stage.detail!.to);
    await risks.return?.();
    await lost.return?.();
    await node.ctx.feed.stop();
  });
});

test('whom it looks at for the first time it stores, and tells nothing of: nothing has happened to them', async () => {
  await ingest(order('ann', '2026-03-01T10:00:00Z'), order('ann', '2026-03-20T10:00:00Z'));
  await ticker.catchUp();
  const { pool } = database;
  const before = await pool`select customer_id, stage, since from customer_lifecycles`;
  await pool`delete from customer_lifecycles`;
  await pool`delete from lifecycle_transitions`;
  await pool`delete from changes`;
  await pool`update kpi_sweeps set revision = revision + 1, cursor = null, finished_at = null`;
  await ticker.catchUp();
  expect(await pool`select customer_id, stage, since from customer_lifecycles`).toEqual(before);
  expect(before).toHaveLength(1);
  expect(await changes('lifecycle.changed')).toEqual([]);
});
