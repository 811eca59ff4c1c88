import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fromPublicId } from '../../../src/kernel/ids.ts';
import { loadIdSecret } from '../../../src/kernel/settings.queries.ts';
import { recountBy } from '../../../src/loyalty/members/enrolment-recount.service.ts';
import type { LoyaltyMoved } from '../../../src/loyalty/members/loyalty-clock.service.ts';
import { balancesOfCustomers } from '../../../src/loyalty/redeeming/balance.service.ts';
import {
  createDecisionServices,
  type DecisionServices,
} from '../../../src/loyalty/redeeming/decision-services.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { earningRule, exampleProgram } from '../example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from '../fixture.ts';
import { refusalOf } from '../ledger-fixture.ts';
import { expectLedgerTrue } from '../ledger-truth.ts';
import { expectEarningTrue } from '../truth.ts';

let database: TestDatabase;
let node: LoyaltyFixture;
let services: DecisionServices;
const moved: string[][] = [];

beforeAll(async () => {
  database = await openTestDatabase({ max: 20 });
  node = await openLoyalty(database.pool);
  const { book, ledger, folder } = node;
  const note: LoyaltyMoved = async (_tx, { customerIds }) => {
    moved.push([...customerIds]);
    return [];
  };
  services = createDecisionServices({
    ...{ book, ledger, idSecret: await loadIdSecret(database.pool), defaultRegion: 'CH' },
    calendar: folder.calendar,
    recount: recountBy(folder),
    reactions: [note],
  });
});
afterEach(async () => {
  await expectEarningTrue(database.pool, node.clock.now());
  await expectLedgerTrue(database.pool);
  node.clock.set(noon);
});
afterAll(() => database.close());

const noon = '2026-11-01T12:00:00Z';

async function happens(key: string, ...drafts: Partial<TouchpointDraft>[]): Promise<string> {
  const identifiers = [{ kind: 'userId', value: key }];
  const results = await node.ingest.submit(
    node.ctx,
    drafts.map((draft) => touchpoint({ source: 'pos', key, identifiers, ...draft })),
  );
  expect(results.map(({ status }) => status)).toEqual(drafts.map(() => 'STORED'));
  return fromPublicId('cus', results[0]!.customerId!);
}

const order = (orderId: string, amount: string, occurredAt: string, type = 'order.completed') => ({
  ...{ type, occurredAt, properties: { orderId }, value: { amount, currency: 'CHF' } },
  lines: [{ sku: orderId, quantity: 1, price: amount }],
});
const returned = (orderId: string, amount: string, occurredAt: string) =>
  order(orderId, amount, occurredAt, 'order.returned');

async function balance(programId: string, customerId: string): Promise<number> {
  const [found] = await balancesOfCustomers(database.pool, {
    programId,
    customerIds: [customerId],
    now: node.clock.now(),
  });
  return Number(found?.available ?? 0n);
}

describe('what was earned and what was decided', () => {
  let programId: string;
  beforeAll(async () => {
    programId = await publishAt(node, exampleProgram());
  });
  const redeem = (customerId: string, points: number, occurredAt?: string) =>
    services.redeeming.redeemPoints(node.ctx, {
      ...{ programId, member: { customerId }, points: BigInt(points) },
      occurredAt: occurredAt === undefined ? null : new Date(occurredAt),
    });

  test('meet in one balance: a return of what was spent is owed, and the next purchase pays it', async () => {
    const ann = await happens('owe-ann', order('o1', '100', '2026-11-01T09:00:00Z'));
    await redeem(ann, 80);
    await happens('owe-ann', returned('o1', '100', '2026-11-01T11:00:00Z'));
    expect(await balance(programId, ann)).toBe(-80);
    expect((await refusalOf(redeem(ann, 1))).details).toMatchObject({ available: 0 });
    await happens('owe-ann', order('o2', '100', '2026-11-01T11:30:00Z'));
    expect(await balance(programId, ann)).toBe(20);
  });

  test('give the same balances in any order of arrival, of everything that was valid', async () => {
    const steps = [
      (key: string) => happens(key, order(`${key}1`, '100', '2026-11-01T08:00:00Z')),
      (key: string) => happens(key, order(`${key}2`, '60', '2026-11-01T08:30:00Z')),
      (key: string) => happens(key, returned(`${key}2`, '60', '2026-11-01T10:00:00Z')),
    ];
    const sums: unknown[] = [];
    for (const sequence of [
      [0, 1, 2, 'redeem'],
      [0, 'redeem', 2, 1],
      [2, 1, 0, 'redeem'],
    ] as const) {
      const key = `any-${sums.length}`;
      let ann = await happens(key, { type: 'page.viewed', occurredAt: '2026-11-01T07:00:00Z' });
      for (const step of sequence) {
        if (step === 'redeem') await redeem(ann, 70, '2026-11-01T09:00:00Z');
        else ann = await steps[step]!(key);
      }
      const [sum] = await database.pool`
        select sum(available)::int as available, sum(redeemed)::int as redeemed, sum(issued - reversed)::int as earned
        from loyalty_lots where record_id in (select id from records where customer_id = ${ann})`;
      sums.push(sum);
    }
    expect(sums).toEqual(Array.from({ length: 3 }, () => ({ available: 30, redeemed: 70, earned: 100 })));
  });

  test('meet on both accounts of a merged customer; parted again, each has its own purchases', async () => {
    const ann = await happens('acc-ann', order('a1', '100', '2026-11-01T08:00:00Z'));
    const bob = await happens('acc-bob', order('b1', '50', '2026-11-01T09:00:00Z'));
    const { decision } = await node.decisions.mergeCustomers(node.ctx, { customerIds: [ann, bob], reason: 'one' });
    const { id } = await redeem(bob, 120);
    await node.decisions.revokeDecision(node.ctx, { decisionId: decision.id, reason: 'two' });
    expect([await balance(programId, ann), await balance(programId, bob)]).toEqual([0, 30]);
    await services.reversal.reverseDecision(node.ctx, { decisionId: id, reason: 'returned' });
    expect([await balance(programId, ann), await balance(programId, bob)]).toEqual([100, 50]);
  });

  test('race: purchases come in while points are redeemed and given away', async () => {
    const ann = await happens('race-ann', order('r0', '100', '2026-11-01T08:00:00Z'));
    const bob = await happens('race-bob', order('s0', '100', '2026-11-01T08:00:00Z'));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 24 }, (_, index) => {
        if (index % 3 === 0) return happens('race-ann', order(`r${index + 1}`, '10', '2026-11-01T08:00:01Z'));
        if (index % 3 === 1) return redeem(index % 2 === 0 ? ann : bob, 15);
        const [from, to] = index % 2 === 0 ? [ann, bob] : [bob, ann];
        const input = { programId, from: { customerId: from }, to: { customerId: to }, points: 20n };
        return services.transfers.transferPoints(node.ctx, input);
      }),
    );
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(new Set(errors).difference(new Set(['INSUFFICIENT_POINTS']))).toEqual(new Set());
    const redeemed = 15 * outcomes.filter((one, index) => index % 3 === 1 && one.status === 'fulfilled').length;
    expect((await balance(programId, ann)) + (await balance(programId, bob))).toBe(280 - redeemed);
  });
});

test('joining counts what was bought since, leaving ends it, and others are told', async () => {
  const programId = await publishAt(node, exampleProgram({ enrolment: 'EXPLICIT' }), { name: 'Explicit' });
  const ann = await happens(
    'join-ann',
    order('j1', '100', '2026-10-01T08:00:00Z'),
    order('j2', '40', '2026-10-20T08:00:00Z'),
  );
  expect(await balance(programId, ann)).toBe(0);
  moved.length = 0;
  const member = { programId, member: { customerId: ann } };
  await services.enrolment.enrollMember(node.ctx, { ...member, enrolledAt: new Date('2026-10-15T00:00:00Z') });
  expect(moved).toEqual([[ann]]);
  expect(await balance(programId, ann)).toBe(40);
  await services.enrolment.leaveProgram(node.ctx, member);
  node.clock.set('2026-11-02T12:00:00Z');
  await happens('join-ann', order('j3', '500', '2026-11-02T08:00:00Z'));
  expect(await balance(programId, ann)).toBe(40);
  expect((await refusalOf(services.redeeming.redeemPoints(node.ctx, { ...member, points: 1n }))).code).toBe(
    'NOT_A_MEMBER',
  );
});

test('a tier that is given counts for rewards at once, ends to the second, and is no floor', async () => {
  const programId = await publishAt(node, exampleProgram({ rules: [earningRule()] }), { name: 'Tiers' });
  const ann = await happens('floor-ann', order('f1', '150', '2026-10-31T08:00:00Z'));
  const { id: rewardId } = await services.rewards.create(node.ctx, {
    programId,
    name: 'Golden',
    points: 10n,
    tiers: ['gold'],
  });
  const redeem = () => services.rewardDesk.redeemReward(node.ctx, { member: { customerId: ann }, rewardId });
  expect((await refusalOf(redeem())).details.reason).toBe('TIER');
  const until = new Date('2026-12-01T00:00:00Z');
  await services.tiers.setTier(node.ctx, {
    programId,
    member: { customerId: ann },
    tier: 'gold',
    until,
    reason: 'press',
  });
  await redeem();
  const tier = async () => {
    const [row] = await database.pool`
      select tier from loyalty_members where customer_id = ${ann} and program_id = ${programId}`;
    return row!.tier;
  };
  expect(await tier()).toBe('gold');
  node.clock.set(until);
  // The clock has not run: it is asked anew.
  expect((await refusalOf(redeem())).details.reason).toBe('TIER');
  await node.ticker.catchUp();
  expect(await tier()).toBe('bronze');
});

describe('a member who leaves and comes back', () => {
  test('has earned nothing in between, whatever arrives late', async () => {
    const programId = await publishAt(node, exampleProgram({ enrolment: 'EXPLICIT' }), { name: 'By card' });
    const key = 'comes-back';
    const customerId = await happens(key, order('before', '10', '2026-11-01T10:00:00Z'));
    const enrol = (enrolledAt?: string) =>
      services.enrolment.enrollMember(node.ctx, {
        programId,
        member: { customerId },
        enrolledAt: enrolledAt ? new Date(enrolledAt) : null,
      });
    await enrol('2026-10-31T00:00:00Z');
    node.clock.set('2026-11-02T12:00:00Z');
    await services.enrolment.leaveProgram(node.ctx, { programId, member: { customerId } });
    node.clock.set('2026-11-04T12:00:00Z');
    await happens(key, order('away', '100', '2026-11-03T10:00:00Z'));
    await enrol();
    await happens(key, order('back', '1', '2026-11-04T12:00:00Z'));
    // Older than what has been folded: everything is folded anew.
    await happens(key, order('late', '1000', '2026-11-02T10:00:00Z'));
    expect(await balance(programId, customerId)).toBe(1_011);
    // The clock has gone on for everybody else too.
    await node.ticker.catchUp();
  });
});
