import '../../support/seed.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { abcClasses } from '../../../src/kpis/analyses/portfolio/past-portfolio.ts';
import { PortfolioReports } from '../../../src/kpis/analyses/portfolio/portfolio.service.ts';
import {
  type Portfolio,
  type PortfolioGroup,
  type PortfolioPart,
  portfolioOf,
} from '../../../src/kpis/analyses/portfolio/portfolio.ts';
import { lifecycleStages } from '../../../src/kpis/lifecycle/stage.ts';
import type { SegmentScope } from '../../../src/kpis/segment-scope.queries.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { type KpisFixture, openKpis } from '../customers/fixture.ts';

/** Money as a map, and customers: what parts must add up to. */
function sumOf(parts: readonly PortfolioPart[]) {
  const revenue = new Map<string, bigint>();
  let customers = 0;
  for (const part of parts) {
    customers += part.customers ?? 0;
    for (const { currency, revenueMinor } of part.money)
      revenue.set(currency, (revenue.get(currency) ?? 0n) + revenueMinor);
  }
  return { customers, revenue };
}

function expectPartition(portfolio: Portfolio): void {
  const whole = sumOf([portfolio.total]);
  for (const parts of [portfolio.cells, portfolio.abc, portfolio.rfm, portfolio.lifecycle])
    expect(sumOf(parts)).toEqual(whole);
  for (const classes of [portfolio.abc, portfolio.rfm, portfolio.lifecycle])
    expect(new Set(classes.map(({ key }) => key)).size).toBe(classes.length);
  const names = portfolio.cells.map(({ abc, rfm, stage }) => JSON.stringify([abc, rfm, stage]));
  expect(new Set(names).size).toBe(names.length);
}

describe('a portfolio', () => {
  const group: fc.Arbitrary<PortfolioGroup> = fc.record({
    abc: fc.constantFrom('A', 'B', 'C', null),
    rfm: fc.constantFrom('CHAMPIONS', 'LOST', null),
    stage: fc.constantFrom(...lifecycleStages),
    currency: fc.constantFrom('EUR', 'CHF'),
    customers: fc.integer({ min: 1, max: 9 }),
    revenueMinor: fc.bigInt(-1_000n, 100_000n),
    costedMinor: fc.bigInt(0n, 1_000n),
    costMinor: fc.bigInt(0n, 1_000n),
  });

  test('parts the base: classes and cells add up to it', () => {
    fc.assert(
      fc.property(fc.array(group, { maxLength: 30 }), (groups) => {
        const portfolio = portfolioOf(groups, true);
        expectPartition(portfolio);
        expect(portfolio.total.customers).toBe(groups.reduce((sum, { customers }) => sum + customers, 0));
        if (groups.length === 0) return;
        for (const parts of [portfolio.cells, portfolio.abc])
          expect(parts.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns: 100 },
    );
  });

  test('withholds parts of fewer than five, and says so', () => {
    const one: PortfolioGroup = {
      ...{ abc: 'A', rfm: 'LOST', stage: 'LOST', currency: 'EUR', customers: 4 },
      ...{ revenueMinor: 100n, costedMinor: 0n, costMinor: 0n },
    };
    const portfolio = portfolioOf([one, { ...one, abc: 'B', customers: 5 }], false);
    expect(
      portfolio.abc.map(({ key, customers, money, suppressed }) => [key, customers, money.length, suppressed]),
    ).toEqual([
      ['A', null, 0, true],
      ['B', 5, 1, false],
    ]);
    expect(portfolio.total).toMatchObject({
      customers: 9,
      money: [{ currency: 'EUR', marginMinor: null, revenueShare: 1 }],
    });
  });
});

describe('ABC classes', () => {
  const shares = { a: 0.8, b: 0.95 };

  test.each<[string, number[], string]>([
    ['by the share of those before', [100, 500, 300, 50, 50], 'BAABB'],
    // 800 of 1,000 stand before the third: not below 80 %.
    ['at the edge', [500, 300, 200], 'AAB'],
    ['ties share a class', [50, 50, 400, 50, 450], 'BBABA'],
    ['what is worth nothing is C', [0, -10, 7], 'CCA'],
    ['of nobody', [], ''],
    ['of nothing at all', [0, 0], 'CC'],
  ])('%s', (_name, worths, expected) => {
    expect(abcClasses(worths.map(BigInt), shares).join('')).toBe(expected);
  });
});

describe('the portfolio of customers', () => {
  let database: TestDatabase;
  let node: KpisFixture;
  let reports: PortfolioReports;
  const ids = new Map<string, string>();
  const scope: SegmentScope = {
    check: async () => undefined,
    members: (db, id) => db`select customer_id from segment_states where segment_id = ${id} and member`,
  };

  async function tell(who: string, occurredAt: string, amount: number, more: object = {}): Promise<void> {
    const [result] = await node.ingest.submit(node.ctx, [
      touchpoint({
        ...{ source: 'crm', key: who, identifiers: [{ kind: 'userId', value: who }], occurredAt },
        ...(amount > 0 && { type: 'order.completed', value: { amount: String(amount), currency: 'EUR' } }),
        ...more,
      }),
    ]);
    expect(result!.status).toBe('STORED');
  }

  beforeAll(async () => {
    database = await openTestDatabase();
    node = await openKpis(database.pool, { now: '2026-10-01T12:00:00Z' });
    reports = new PortfolioReports({ timeZone: 'Europe/Zurich', scope }, node.book);
    for (let person = 0; person < 12; person += 1) {
      const day = String(1 + ((person * 7) % 28)).padStart(2, '0');
      for (let orders = 0; orders <= person % 4; orders += 1)
        await tell(`p${person}`, `2026-0${4 + orders}-${day}T10:00:00Z`, 10 + person * person, {
          properties: { orderId: `${person}-${orders}`, ...(person % 3 === 0 && { cost: '5.00' }) },
        });
    }
    await tell('p3', '2026-09-20T10:00:00Z', 19, { type: 'order.returned', properties: { orderId: '3-0' } });
    await tell('prospect', '2026-09-20T10:00:00Z', 0);
    const rows = await database.pool<{ id: string; key: string }[]>`select customer_id as id, key from records`;
    for (const { id, key } of rows) ids.set(key, id);
    // As the clock of the life cycle does: time alone has moved some of them.
    const customerIds = [...new Set(ids.values())].sort();
    await database.pool.begin((tx) => node.folder.fold(tx, { at: node.clock.now(), customerIds }));
  });
  afterAll(() => database.close());

  test('before any run is of customers without a class', async () => {
    const portfolio = await reports.portfolio(node.ctx, {});
    expectPartition(portfolio);
    expect(portfolio.scoredAt).toBeNull();
    expect(portfolio.abc.map(({ key, customers }) => [key, customers])).toEqual([[null, 13]]);
    expect(portfolio.total.customers).toBe(13);
  });

  test('at the instant of a run is, recomputed, what the run has stored', async () => {
    await node.scoring.run(node.ctx);
    const now = await reports.portfolio(node.ctx, {});
    const recomputed = await reports.portfolio(node.ctx, { asOf: node.clock.now() });
    expectPartition(now);
    expect(recomputed).toEqual(now);
    expect(now.abc.map(({ key }) => key)).toEqual(['A', 'B', 'C', null]);
    expect(now.rfm.length).toBeGreaterThan(3);
    const [{ revenue } = { revenue: '' }] = await database.pool<{ revenue: string }[]>`
      select sum(case kind when 'ORDER' then value_minor else -value_minor end)::text as revenue from purchases`;
    expect(now.total.money.map(({ revenueMinor }) => String(revenueMinor))).toEqual([revenue]);
    expect(now.total.money[0]!.marginMinor).toBeGreaterThan(0n);
  });

  test('of the past does not know what came later', async () => {
    const before = await reports.portfolio(node.ctx, { asOf: new Date('2026-10-01T12:00:00Z') });
    node.clock.set('2026-10-20T12:00:00Z');
    await tell('p1', '2026-10-10T10:00:00Z', 5_000);
    expect(await reports.portfolio(node.ctx, { asOf: new Date('2026-10-01T12:00:00Z') })).toEqual(before);
    const after = await reports.portfolio(node.ctx, { asOf: new Date('2026-10-15T12:00:00Z') });
    expectPartition(after);
    expect(after.scoredAt).toEqual(new Date('2026-10-01T12:00:00Z'));
    expect(after.total.money[0]!.revenueMinor - before.total.money[0]!.revenueMinor).toBe(500_000n);
    // p1 alone is worth 75 % by now, and one more makes 80.
    const [few, many] = [after, before].map(({ abc }) => abc.find(({ key }) => key === 'A')!.customers!);
    expect(few).toBe(2);
    expect(many).toBeGreaterThan(2);
    const future = reports.portfolio(node.ctx, { asOf: new Date('2026-10-21T12:00:00Z') });
    await expect(future).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'asOf' } });
  });

  test('of a segment has the classes that its members have among all', async () => {
    const segmentId = '00000000-0000-7000-8000-00000000b001';
    for (const who of ['p4', 'prospect'])
      await database.pool`
        insert into segment_states (segment_id, customer_id, version, member, since)
        values (${segmentId}, ${ids.get(who)!}, 1, true, '2026-09-01T00:00:00Z')`;
    node.clock.set('2026-10-01T12:00:00Z');
    const now = await reports.portfolio(node.ctx, { segmentIds: [segmentId] });
    const past = await reports.portfolio(node.ctx, { segmentIds: [segmentId], asOf: node.clock.now() });
    expectPartition(now);
    expect(now.total.customers).toBe(2);
    expect(past.cells.map(({ abc, customers }) => [abc, customers])).toEqual(
      now.cells.map(({ abc, customers }) => [abc, customers]),
    );
    // Alone, p4 would be A.
    expect(now.abc.map(({ key }) => key)).toEqual([expect.stringMatching(/B|C/), null]);
  });
});
