import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomIds } from '../../../src/kernel/ids.ts';
import { BenefitReports } from '../../../src/loyalty/reports/benefit.service.ts';
import { agree } from '../../../src/loyalty/reports/held-points.ts';
import { LiabilityReports } from '../../../src/loyalty/reports/liability.service.ts';
import { TierReports } from '../../../src/loyalty/reports/tier-reports.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { earningRule, exampleProgram } from '../example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from '../fixture.ts';
import { recordOf, take } from './decisions.ts';
import { bought, returned, submit } from './people.ts';

let database: TestDatabase;
let node: LoyaltyFixture;
let liability: LiabilityReports;
let benefit: BenefitReports;
let tiers: TierReports;
let programId: string;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openLoyalty(database.pool, { now: '2026-05-01T00:00:00Z' });
  liability = new LiabilityReports(node.book, 'Europe/Zurich');
  benefit = new BenefitReports(node.book, 'Europe/Zurich');
  tiers = new TierReports(node.book, 'Europe/Zurich');
  programId = await publishAt(
    node,
    exampleProgram({
      rules: [
        earningRule({
          expiry: { count: 2, unit: 'MONTH', endOf: 'MONTH' },
          match: { types: ['order.completed'], sources: ['pos'] },
        }),
        earningRule({
          key: 'roast',
          earns: { event: { points: '10' } },
          match: { types: ['coffee.tried'] },
          partner: 'Roastery',
        }),
      ],
    }),
  );
  const rewardId = randomIds.uuid();
  await database.pool`
    insert into loyalty_rewards (id, program_id, name, wallet, points, kind, cost_minor, cost_currency, active, created_at,
                                 updated_at, fingerprint)
    values (${rewardId}, ${programId}, 'Mug', 'points', 100, 'PRODUCT', 450, 'CHF', true, now(), now(), ${rewardId})`;
  await submit(node, 'ann', bought('2026-05-01T00:00:00Z', 300, { properties: { orderId: 'a' } }));
  node.clock.set('2026-05-20T12:00:00Z');
  await take(node, {
    programId,
    recordId: await recordOf(node, 'ann'),
    points: 100n,
    kind: 'REWARD',
    subjectId: rewardId,
  });
  await submit(node, 'bob', bought('2026-05-20T12:00:00Z', 80), {
    type: 'coffee.tried',
    occurredAt: '2026-05-20T12:00:00Z',
  });
  node.clock.set('2026-06-10T12:00:00Z');
  await submit(node, 'ann', returned('2026-06-10T12:00:00Z', 60, 'a'), bought('2026-06-10T12:00:00Z', 40));
  await take(node, { programId, recordId: await recordOf(node, 'bob'), points: 30n, bucket: 'RESERVED' });
  // A stranger's purchase.
  await submit(node, 'cyd', { ...bought('2026-06-11T12:00:00Z', 70), value: { amount: '70', currency: 'EUR' } });
  node.clock.set('2026-06-30T12:00:00Z');
  await node.ticker.catchUp();
});
afterAll(() => database.close());

const pointsOf = async (at?: string) => {
  const found = await liability.liability(node.ctx, { programId, at: at ? new Date(at) : null });
  const [points] = found.wallets;
  return { ...points!, total: found.total };
};

describe('liability', () => {
  test('is what members can still spend, in points and money', async () => {
    // Ann: 240 − 100 + 40, Bob: 80 + 10, of which 30 are held.
    const { held, outstanding, owed, accounts, total } = await pointsOf();
    expect({ outstanding, owed, accounts }).toEqual({ outstanding: 270n, owed: 0n, accounts: 2 });
    expect(held).toMatchObject({ available: 240n, reserved: 30n, redeemed: 100n, reversed: 60n, issued: 430n });
    expect(total).toEqual([{ minor: 270n, currency: 'CHF' }]);
  });

  test('of the past is what the ledger said then', async () => {
    expect((await pointsOf('2026-05-10T00:00:00Z')).outstanding).toBe(300n);
    expect((await pointsOf('2026-05-20T12:00:00Z')).outstanding).toBe(290n);
    expect((await pointsOf('2026-06-10T11:59:59.999Z')).outstanding).toBe(290n);
    expect((await pointsOf('2026-04-30T00:00:00Z')).outstanding).toBe(0n);
  });

  test('is exact at the instant at which points expire, whether the clock has followed or not', async () => {
    const now = node.clock.now();
    // 31 July ends in Zurich at 22:00 UTC.
    node.clock.set('2026-07-31T21:59:59.999Z');
    expect((await pointsOf()).outstanding).toBe(270n);
    node.clock.set('2026-07-31T22:00:00Z');
    const { outstanding, held } = await pointsOf();
    // Left are Ann's 40 of June, 10 that don't expire of the roastery, and what Bob has reserved.
    expect({ outstanding, expired: held.expired }).toEqual({ outstanding: 80n, expired: 190n });
    node.clock.set(now);
  });

  test('what returns took back of what was spent is owed, and apart', async () => {
    const wallets = [
      ...exampleProgram().wallets,
      { key: 'stars', name: 'Stars', debt: 'WRITTEN_OFF' as const, pointValue: null },
    ];
    const other = await publishAt(
      node,
      exampleProgram({ wallets, rules: [earningRule({ match: { types: ['order.completed'], sources: ['kiosk'] } })] }),
      { name: 'Owing' },
    );
    const kiosk = { source: 'kiosk' };
    await submit(node, 'dan', { ...bought('2026-06-20T00:00:00Z', 50, { properties: { orderId: 'd' } }), ...kiosk });
    await take(node, { programId: other, recordId: await recordOf(node, 'dan'), points: 50n });
    await submit(node, 'dan', { ...returned('2026-06-21T00:00:00Z', 50, 'd'), ...kiosk });
    const { wallets: found, total } = await liability.liability(node.ctx, { programId: other });
    expect(
      found.map(({ wallet, owed, outstanding, receivable }) => [wallet.key, owed, outstanding, receivable]),
    ).toEqual([
      ['points', 50n, 0n, { minor: 50n, currency: 'CHF' }],
      ['stars', 0n, 0n, null],
    ]);
    expect(total).toEqual([{ minor: 0n, currency: 'CHF' }]);
    const { reconciliation, vintages } = await liability.vintages(node.ctx, { programId: other });
    expect(reconciliation.every(({ agrees }) => agrees)).toBe(true);
    expect(vintages.map(({ month, held }) => [month, held.redeemed, held.reversed])).toEqual([['2026-06-01', 0n, 50n]]);
  });
});

describe('vintages', () => {
  test('are by the month of the organisation’s calendar in which points were earned', async () => {
    const { vintages, reconciliation } = await liability.vintages(node.ctx, { programId });
    expect(
      vintages.map(({ month, held, outstanding }) => [month, held.issued, held.redeemed, held.reversed, outstanding]),
    ).toEqual([
      ['2026-05-01', 390n, 100n, 60n, 230n],
      ['2026-06-01', 40n, 0n, 0n, 40n],
    ]);
    expect(reconciliation).toMatchObject([{ wallet: 'points', agrees: true }]);
  });

  test('say what has expired, and what of the younger ones is to be expected to', async () => {
    const now = node.clock.now();
    node.clock.set('2026-08-20T00:00:00Z');
    const { vintages, factors } = await liability.vintages(node.ctx, { programId });
    const [may, june] = vintages;
    expect(may!.held.expired).toBe(190n);
    expect(may!.breakageRate).toBeCloseTo(190 / 330, 12);
    // May: 390 issued, age 0: 100 redeemed, age 1: 60 reversed, age 2, at the end of July: 190 of 230 expire. June: 40.
    expect(factors[0]!.factors.map(({ stays }) => stays)).toEqual([330 / 430, 270 / 330, 40 / 230]);
    expect(june!.expectedBreakage).toBeCloseTo((40 * 190) / 230, 9);
    node.clock.set(now);
  });

  test('of the past are reconciled to the rows of the ledger up to then', async () => {
    const { vintages, reconciliation } = await liability.vintages(node.ctx, { programId, at: new Date('2026-05-19Z') });
    expect(vintages.map(({ held }) => held.issued)).toEqual([300n]);
    expect(reconciliation).toMatchObject([{ accounts: null, agrees: true }]);
  });
});

test('the redemption rate is by month of entry', async () => {
  const found = await benefit.redemptionRate(node.ctx, { programId, from: new Date('2026-05-01T00:00:00Z') });
  expect(
    found.months.map(({ month, issued, redeemed, reversed, rate }) => [month, issued, redeemed, reversed, rate]),
  ).toEqual([
    ['2026-05-01', 390n, 100n, 0n, 100 / 390],
    ['2026-06-01', 40n, 0n, 60n, 0],
  ]);
  expect(found.total).toMatchObject([{ issued: 430n, redeemed: 100n, rate: 100 / 430 }]);
});

test('cost and benefit: points, rewards, and revenue of members and others', async () => {
  const found = await benefit.costBenefit(node.ctx, {
    programId,
    from: new Date('2026-05-01T00:00:00Z'),
    to: new Date('2026-06-15T00:00:00Z'),
    marginRate: '0.25',
  });
  expect(found.wallets).toEqual([
    {
      ...{ wallet: 'points', granted: 370n, partnered: 10n, redeemed: 100n, expired: 0n },
      grantedCost: { minor: 360n, currency: 'CHF' },
      redeemedCost: { minor: 100n, currency: 'CHF' },
    },
  ]);
  expect(found.rewards).toEqual([{ currency: 'CHF', cost: 450n, rewards: 1, points: 100n }]);
  expect(found.revenue).toEqual([
    { currency: 'CHF', ofMembers: true, revenue: 36_000n, orders: 3, customers: 2, margin: 9_000n },
    { currency: 'EUR', ofMembers: false, revenue: 7_000n, orders: 1, customers: 1, margin: 1_750n },
  ]);
  const refused = benefit.costBenefit(node.ctx, { programId, from: new Date('2026-05-01'), marginRate: '1.2' });
  await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'marginRate' } });
});

test('partners pay for what their rules gave, net of returns', async () => {
  const found = await benefit.partnerSettlement(node.ctx, { programId, from: new Date('2026-05-01T00:00:00Z') });
  expect(found.lines).toEqual([
    {
      ...{ partner: 'Roastery', month: '2026-05-01', wallet: 'points', points: 10n, touchpoints: 1 },
      amount: { minor: 10n, currency: 'CHF' },
    },
  ]);
});

describe('tiers', () => {
  test('are spread as the table says, or the log for the past', async () => {
    const now = await tiers.distribution(node.ctx, { programId });
    expect(now.tiers.map(({ tier, members }) => [tier, members])).toEqual([
      ['bronze', 3],
      ['silver', 1],
      ['gold', 0],
    ]);
    expect(now.tiers[1]!.share).toBeCloseTo(1 / 4, 12);
    const then = await tiers.distribution(node.ctx, { programId, at: new Date('2026-05-10T00:00:00Z') });
    expect(then.tiers.map(({ members }) => members)).toEqual([0, 1, 0]);
    const instant = node.clock.now();
    node.clock.set(new Date(instant.getTime() + 60_000));
    expect((await tiers.distribution(node.ctx, { programId, at: instant })).tiers).toEqual(now.tiers);
    node.clock.set(instant);
  });

  test('move as the log says', async () => {
    const found = await tiers.migration(node.ctx, { programId, from: new Date('2026-05-10T00:00:00Z') });
    expect(found.moves).toEqual([
      { from: null, to: 'bronze', members: 3 },
      { from: 'silver', to: 'silver', members: 1 },
    ]);
  });

  test('that time has ended are those that follow, before the clock has entered them', async () => {
    const now = node.clock.now();
    node.clock.set('2027-05-02T12:00:00Z');
    const found = await tiers.distribution(node.ctx, { programId });
    expect(found.tiers.map(({ members }) => members)).toEqual([4, 0, 0]);
    node.clock.set(now);
  });
});

test('reports need loyalty:read, a published programme and an instant that has come', async () => {
  const viewer = { ...node.ctx.viewer, scopes: new Set(['loyalty:operate']) };
  await expect(liability.liability({ ...node.ctx, viewer }, { programId })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  const unknown = { programId: randomIds.uuid() };
  await expect(tiers.distribution(node.ctx, unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const future = { programId, at: new Date('2030-01-01') };
  await expect(liability.vintages(node.ctx, future)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  const reversed = { programId, from: new Date('2026-06-01'), to: new Date('2026-05-01') };
  await expect(benefit.redemptionRate(node.ctx, reversed)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('what members give each other is neither issued anew nor redeemed', async () => {
  const match = { types: ['order.completed'], sources: ['app'] };
  const own = await publishAt(node, exampleProgram({ rules: [earningRule({ match })] }), { name: 'Giving' });
  await submit(node, 'eve', { ...bought('2026-06-20T00:00:00Z', 50), source: 'app' });
  await submit(node, 'fay', { type: 'page.viewed', source: 'app', occurredAt: '2026-06-20T00:00:00Z' });
  const [from, to] = [await recordOf(node, 'eve'), await recordOf(node, 'fay')];
  await take(node, { programId: own, recordId: from, points: 30n, bucket: 'TRANSFERRED', to });
  const period = { programId: own, from: new Date('2026-06-01T00:00:00Z'), to: new Date('2026-07-15T00:00:00Z') };
  const rate = await benefit.redemptionRate(node.ctx, period);
  expect(rate.total).toMatchObject([{ issued: 50n, redeemed: 0n }]);
  const costs = await benefit.costBenefit(node.ctx, period);
  expect(costs.wallets).toMatchObject([{ granted: 50n, redeemed: 0n }]);
  const { vintages, reconciliation } = await liability.vintages(node.ctx, { programId: own });
  expect(vintages.reduce((sum, { outstanding }) => sum + outstanding, 0n)).toBe(50n);
  expect(vintages.map(({ held }) => [held.issued, held.transferred])).toEqual([[80n, 30n]]);
  expect(reconciliation.every(({ agrees }) => agrees)).toBe(true);
});

describe('of any ledger', () => {
  const deed = fc.record({
    day: fc.nat({ max: 5 }),
    person: fc.nat({ max: 3 }),
    what: fc.constantFrom('BUY' as const, 'BUY' as const, 'RETURN' as const, 'REDEEM' as const, 'RESERVE' as const),
    points: fc.integer({ min: 1, max: 90 }),
  });
  let world = 0;

  test('vintages, rows of the ledger and accounts agree, and the past stays what it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 14 }), async (deeds) => {
        world += 1;
        const start = node.clock.now();
        const own = await publishAt(
          node,
          exampleProgram({
            rules: [earningRule({ expiry: { count: 20, unit: 'DAY', endOf: 'DAY' }, pendingDays: 3 })],
          }),
          { name: `World ${world}`, at: start.toISOString() },
        );
        const seen: { at: Date; outstanding: bigint }[] = [];
        for (const [index, { day, person, what, points }] of deeds.entries()) {
          node.clock.set(new Date(node.clock.now().getTime() + day * 86_400_000 + 60_000));
          const key = `w${world}-${person}`;
          const at = node.clock.now().toISOString();
          if (what === 'BUY' || index === 0) await submit(node, key, bought(at, points));
          else if (what === 'RETURN') await submit(node, key, { ...bought(at, points), type: 'order.returned' });
          else {
            const [record] = await node.pool<{ id: string }[]>`select id from records where key = ${key}`;
            const bucket = what === 'REDEEM' ? 'REDEEMED' : 'RESERVED';
            if (record) await take(node, { programId: own, recordId: record.id, points: BigInt(points), bucket });
          }
          if (index % 3 === 0) await node.ticker.catchUp();
          const { wallets } = await liability.liability(node.ctx, { programId: own });
          const { vintages, reconciliation } = await liability.vintages(node.ctx, { programId: own });
          expect(reconciliation.every(({ agrees }) => agrees)).toBe(true);
          expect(vintages.reduce((sum, one) => sum + one.outstanding, 0n)).toBe(wallets[0]!.outstanding);
          seen.push({ at: node.clock.now(), outstanding: wallets[0]!.outstanding });
        }
        for (const { at, outstanding } of seen) {
          const { wallets } = await liability.liability(node.ctx, { programId: own, at });
          expect({ at, outstanding: wallets[0]!.outstanding }).toEqual({ at, outstanding });
        }
      }),
      {
        numRuns: propertyRuns(6),
        seed: Number(process.env.FC_SEED ?? 20261128),
        endOnFailure: true,
      },
    );
  }, 120_000);

  test('two sums that differ by more than time do not agree', () => {
    const held = {
      issued: 10n,
      pending: 2n,
      available: 3n,
      reserved: 0n,
      redeemed: 5n,
      expired: 0n,
      reversed: 0n,
      adjusted: 0n,
      transferred: 0n,
    };
    expect(agree(held, { ...held, pending: 0n, available: 0n, expired: 5n })).toBe(true);
    expect(agree(held, { ...held, redeemed: 4n, available: 4n })).toBe(false);
    expect(agree(held, { ...held, issued: 11n })).toBe(false);
  });
});
