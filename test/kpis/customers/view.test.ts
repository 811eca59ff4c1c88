import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Loaders } from '../../../src/kernel/loaders.ts';
import { probabilityAlive } from '../../../src/kpis/clv/bg-nbd-forecast.ts';
import type { LoadedKpis } from '../../../src/kpis/customers/customer-kpis.loader.ts';
import { tierHistory } from '../../../src/kpis/customers/tier-history.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { exampleProgram } from '../../loyalty/example-program.ts';
import { publishAt } from '../../loyalty/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { emptyWorld } from '../../support/world.ts';
import { emptyKpis, type KpisFixture, openKpis, turnLevers, useModel } from './fixture.ts';

let database: TestDatabase;
let node: KpisFixture;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  await emptyKpis(database.pool);
  await emptyWorld(database.pool);
  node = await openKpis(database.pool);
});

const ada = [{ kind: 'email', value: 'ada@example.com' }];

async function give(...drafts: Partial<TouchpointDraft>[]): Promise<string> {
  const results = await node.ingest.submit(
    node.ctx,
    drafts.map((draft) => touchpoint({ identifiers: ada, ...draft })),
  );
  for (const result of results) expect(result).toMatchObject({ status: 'STORED' });
  const [row] = await database.pool<{ id: string }[]>`select id from customers order by first_seen_at limit 1`;
  return row!.id;
}

function order(
  amount: string,
  day: string,
  properties: Record<string, string | number> = {},
): Partial<TouchpointDraft> {
  return {
    ...{ type: 'order.completed', value: { amount, currency: 'CHF' }, occurredAt: `${day}T10:00:00Z`, properties },
  };
}

async function kpisOf(id: string): Promise<LoadedKpis> {
  const loaded = await node.kpis.kpisOf({ ...node.ctx, loaders: new Loaders() }, id);
  return loaded!;
}

const model = {
  bgNbd: { r: 0.5, alpha: 40, a: 0.8, b: 2.5 },
  spend: { CHF: { p: 6, q: 4, gamma: 3_000 } },
  secondOrder: { days: [30, 100], survival: [0.6, 0.4] },
};

describe('the KPIs of a customer', () => {
  test('say nothing where there is nothing', async () => {
    const { view, scores } = await kpisOf(await give({}));
    expect(view).toMatchObject({
      ...{ row: null, averageOrderMinor: null, frequency: null, recencyDays: null, margin: null, historic: null },
      ...{ predicted: null, probabilityAlive: null, churn: null, relationship: null },
    });
    expect(scores).toBeNull();
  });

  test('are the orders of today, too', async () => {
    const id = await give(order('100', '2025-11-01'), order('50', '2026-05-01'), order('30', '2026-10-02'));
    const { view } = await kpisOf(id);
    expect(view.averageOrderMinor).toBe(6_000n);
    expect(view.frequency).toBeCloseTo(3, 1);
    expect(view.recencyDays).toBe(30);
    await give(order('21', '2026-11-01'));
    // 201 by 4 is 50.25.
    expect((await kpisOf(id)).view).toMatchObject({ averageOrderMinor: 5_025n, recencyDays: 0 });
  });

  test('have no frequency in the first month: one order would be twelve a year', async () => {
    expect((await kpisOf(await give(order('1', '2026-10-20')))).view).toMatchObject({
      frequency: null,
      recencyDays: 12,
    });
  });

  test('have a margin where costs are known, and say of how much they are', async () => {
    const id = await give(order('100', '2026-01-01', { cost: '60' }), order('300', '2026-02-01'));
    expect((await kpisOf(id)).view).toMatchObject({
      margin: { minor: 4_000n, rate: 0.4, coverage: 0.25 },
      // 40 of what is known, 40 % of the other 300.
      historic: { minor: 16_000n, marginMinor: 16_000n, casesMinor: 0n, incentivesMinor: 0n },
    });
  });

  test('have a historic value only where some margin is known, less what cases cost', async () => {
    const id = await give(
      order('200', '2026-01-01'),
      { type: 'case.opened', properties: { caseId: 'a' } },
      { type: 'case.opened', properties: { caseId: 'b' } },
    );
    expect((await kpisOf(id)).view.historic).toBeNull();
    await turnLevers(database.pool, { clv: { marginRate: 0.25, costPerCase: 7.5 } });
    expect((await kpisOf(id)).view.historic).toMatchObject({ minor: 3_500n, marginMinor: 5_000n, casesMinor: 1_500n });
  });

  test('take off what redeemed points cost, at their price', async () => {
    const programId = await publishAt({ pool: database.pool }, exampleProgram());
    const id = await give(order('300', '2026-01-01', { cost: '100' }));
    await database.pool`
      update loyalty_accounts set redeemed = 120, available = available - 120 where program_id = ${programId}`;
    expect((await kpisOf(id)).view.historic).toMatchObject({
      ...{ minor: 19_880n, incentivesMinor: 120n, unpricedPoints: 0n },
    });
    await database.pool`delete from loyalty_programs`;
    await database.pool`update loyalty_book set revision = revision + 1`;
  });

  test('foresee by the model in use, as of today, and a run stores the same', async () => {
    const id = await give(
      order('100', '2026-01-01', { cost: '70' }),
      order('40', '2026-03-02', { cost: '30' }),
      order('60', '2026-05-01', { cost: '40' }),
    );
    await give({
      type: 'survey.answered',
      properties: { survey: 'NPS', score: 0 },
      occurredAt: '2026-10-20T10:00:00Z',
    });
    expect((await kpisOf(id)).view).toMatchObject({ predicted: null, probabilityAlive: null, churn: null });
    const modelId = await useModel(database.pool, model);
    const { view } = await kpisOf(id);
    const alive = probabilityAlive(model.bgNbd, { repeats: 2, recency: 120, age: 304 });
    expect(view.probabilityAlive).toBeCloseTo(alive, 12);
    expect(view.predicted).toMatchObject({ months: 12, withoutClv: null, model: { id: modelId, version: 1 } });
    expect(view.churn!.contributions.map(({ factor }) => factor)).toEqual(['BASE', 'OVERDUE', 'DETRACTOR']);
    expect(view.churn!.risk).toBeGreaterThan(1 - alive);

    expect(await node.scoring.run(node.ctx)).toMatchObject({ customers: 1, moved: 1, forecast: 1 });
    const { scores } = await kpisOf(id);
    expect(scores).toMatchObject({
      scoredAt: node.clock.now(),
      probabilityAlive: view.probabilityAlive,
      churnRisk: view.churn!.risk,
      expectedOrders: view.predicted!.expectedOrders,
      clvMinor: BigInt(Math.round(view.predicted!.clvMinor!)),
    });
    expect(await node.scoring.run(node.ctx)).toMatchObject({ moved: 0, forecast: 0 });
  });

  test('say of one-time buyers what others did after their first order', async () => {
    const id = await give(order('100', '2026-09-01'));
    await useModel(database.pool, model);
    // 0.4 of 0.6 never come back.
    expect((await kpisOf(id)).view.probabilityAlive).toBeCloseTo(1 - 0.4 / 0.6, 12);
  });
});

describe('a relationship', () => {
  test('is transactional from the first kept order, and collaborative from the third', async () => {
    const id = await give(order('10', '2026-01-01', { orderId: 'a' }), order('10', '2026-02-01', { orderId: 'b' }));
    expect((await kpisOf(id)).view.relationship).toEqual({
      type: 'TRANSACTIONAL',
      since: new Date('2026-01-01T10:00:00Z'),
    });
    await give(order('10', '2026-03-01', { orderId: 'c' }));
    expect((await kpisOf(id)).view.relationship).toEqual({
      type: 'COLLABORATIVE',
      since: new Date('2026-03-01T10:00:00Z'),
    });
    await give({ ...order('10', '2026-03-05', { orderId: 'b' }), type: 'order.returned' });
    expect((await kpisOf(id)).view.relationship).toMatchObject({ type: 'TRANSACTIONAL' });
  });

  test('begins when we learn who they are, and is none before', async () => {
    const id = await give({ ...order('10', '2026-01-01'), key: 'k', identifiers: [] });
    expect((await kpisOf(id)).view.relationship).toBeNull();
    await give({ key: 'k', occurredAt: '2026-02-01T10:00:00Z' });
    expect((await kpisOf(id)).view.relationship).toEqual({
      type: 'TRANSACTIONAL',
      since: new Date('2026-02-01T10:00:00Z'),
    });
  });
});

describe('tiers in a history', () => {
  const tiersOf = async (id: string) => {
    const timeline = await node.book.current(database.pool);
    const [history] = await node.reader.read(database.pool, [id], { timeline });
    return history!.tiers.map(({ at, rank }) => [at.toISOString().slice(0, 10), rank]);
  };
  const bob = [{ kind: 'email', value: 'bob@example.com' }];

  test('are as they came to have them, and an unmerge leaves no trace', async () => {
    await publishAt({ pool: database.pool }, exampleProgram());
    node.clock.set('2026-06-01T12:00:00Z');
    const id = await give(order('150', '2026-06-01'));
    node.clock.set('2026-07-01T12:00:00Z');
    await give(order('100', '2026-07-01'));
    await give({ ...order('400', '2026-07-01'), identifiers: bob, occurredAt: '2026-07-01T11:00:00Z' });
    const alone = [
      ['2026-06-01', 1],
      ['2026-07-01', 2],
    ];
    expect(await tiersOf(id)).toEqual(alone);

    node.clock.set('2026-08-01T12:00:00Z');
    const records = await database.pool<{ id: string }[]>`select id from records order by id`;
    const recordIds = records.map((record) => record.id);
    const linked = await node.decisions.linkRecords(node.ctx, { recordIds, reason: 'one', idempotencyKey: 'one' });
    expect(await tiersOf(id)).toEqual([...alone, ['2026-08-01', 3]]);

    node.clock.set('2026-09-01T12:00:00Z');
    await node.decisions.revokeDecision(node.ctx, { decisionId: linked.decision.id, reason: 'two' });
    expect(await tiersOf(id)).toEqual(alone);
    const [other] = await database.pool<{ id: string }[]>`select id from customers where id <> ${id}`;
    expect(await tiersOf(other!.id)).toEqual([['2026-07-01', 2]]);
    await database.pool`delete from loyalty_programs`;
    await database.pool`update loyalty_book set revision = revision + 1`;
  });

  test('count those of whom somebody has absorbed, until then', () => {
    const day = (number: number) => new Date(Date.UTC(2026, 0, number));
    const versions = [{ version: 1, effectiveAt: day(1), definition: exampleProgram() }];
    const program = { id: 'p', name: 'Club', versions, leverValues: [], phases: [] };
    const log = {
      tiers: [
        { customerId: 'b', programId: 'p', at: day(2), tier: 'gold' },
        { customerId: 'a', programId: 'p', at: day(3), tier: 'bronze' },
        { customerId: 'a', programId: 'p', at: day(9), tier: 'silver' },
      ],
      regroupings: [{ kind: 'MERGED', customerId: 'b', otherId: 'a', at: day(5) }],
    };
    expect(tierHistory('a', log, [program])).toEqual([
      { at: day(2), rank: 3 },
      { at: day(5), rank: 1 },
      { at: day(9), rank: 2 },
    ]);
  });
});
