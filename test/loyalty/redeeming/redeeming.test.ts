import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CurrentRules } from '../../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../../src/identity/decisions.service.ts';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { loadIdSecret } from '../../../src/kernel/settings.queries.ts';
import { regroupRevenue } from '../../../src/touchpoints/regrouped-revenue.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openGate, untilWaiting } from '../../support/locks.ts';
import { insertProgram, type LedgerFixture, openLedger, refusalOf } from '../ledger-fixture.ts';
import { expectLedgerTrue } from '../ledger-truth.ts';

let database: TestDatabase;
let till: LedgerFixture;
let other: LedgerFixture;
let programId: string;

beforeAll(async () => {
  database = await openTestDatabase({ max: 20 });
  till = await openLedger(database.pool);
  other = await openLedger(database.pool);
  programId = await insertProgram(database.pool, { enrolment: 'EXPLICIT' });
});
afterEach(() => expectLedgerTrue(database.pool));
afterAll(() => database.close());

const noon = '2026-11-01T12:00:00Z';

function redeem(customerId: string, points: number, more: object = {}, node = till) {
  return node.redeeming.redeemPoints(node.ctx, { programId, member: { customerId }, points: BigInt(points), ...more });
}

describe('points are redeemed', () => {
  test('once of what is there; what is not there is said, and nothing is written', async () => {
    const ann = await till.member(programId, 'redeem-ann', 100);
    expect(await redeem(ann, 60)).toMatchObject({ kind: 'REDEMPTION', status: 'DONE', points: 60n, wallet: 'points' });
    expect(await till.balance(programId, ann)).toBe(40);
    expect(await refusalOf(redeem(ann, 41))).toEqual({
      code: 'INSUFFICIENT_POINTS',
      details: { wallet: 'points', available: 40, requested: 41 },
    });
    const [count] =
      await database.pool`select count(*)::int as n from loyalty_decisions where record_id = ${ann} and kind = 'REDEMPTION'`;
    expect(count).toEqual({ n: 1 });
  });

  test('by one of fifty who want the same balance at the same time, over several connections', async () => {
    const ann = await till.member(programId, 'fifty-ann', 100);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => redeem(ann, 100, {}, index % 2 === 0 ? till : other)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['INSUFFICIENT_POINTS']));
    expect(await till.balance(programId, ann)).toBe(0);
  });

  test('once for a key, however often and wherever it is sent at once: offline retries double nothing', async () => {
    const ann = await till.member(programId, 'key-ann', 100);
    for (const node of [till, other]) node.clock.set('2026-11-01T12:10:00Z');
    const input = { idempotencyKey: 'receipt 1', occurredAt: new Date('2026-11-01T12:05:00Z') };
    const decisions = await Promise.all(
      Array.from({ length: 10 }, (_, index) => redeem(ann, 30, input, index % 2 === 0 ? till : other)),
    );
    expect(new Set(decisions.map(({ id }) => id)).size).toBe(1);
    // Nobody answered, and the till says later when it was.
    expect((await redeem(ann, 30, { idempotencyKey: 'receipt 1' })).id).toBe(decisions[0]!.id);
    expect(await till.balance(programId, ann)).toBe(70);
    const entries = await database.pool`
      select distinct entry_id from loyalty_postings where cause_id = ${decisions[0]!.id}`;
    expect(entries).toHaveLength(1);
    expect((await refusalOf(redeem(ann, 31, input))).code).toBe('IDEMPOTENCY_CONFLICT');
    const bob = await till.member(programId, 'key-bob', 100);
    expect((await refusalOf(redeem(bob, 30, input))).code).toBe('IDEMPOTENCY_CONFLICT');
    expect(await till.balance(programId, bob)).toBe(100);
    for (const node of [till, other]) node.clock.set(noon);
  });

  test('with one key for two people at once: one of them, and the other is told', async () => {
    const [ann, bob] = [await till.member(programId, 'two-ann', 50), await till.member(programId, 'two-bob', 50)];
    const outcomes = await Promise.allSettled([
      redeem(ann, 50, { idempotencyKey: 'one for two' }),
      redeem(bob, 50, { idempotencyKey: 'one for two' }, other),
    ]);
    const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(failed).toEqual(['IDEMPOTENCY_CONFLICT']);
    expect((await till.balance(programId, ann)) + (await till.balance(programId, bob))).toBe(50);
  });

  test('what expires first goes first, and only what is left of it expires', async () => {
    const ann = await till.member(programId, 'expiry-ann', 100);
    await till.give(programId, ann, 50, '2026-11-02T00:00:00Z');
    await redeem(ann, 30);
    till.clock.set('2026-11-02T00:00:00Z');
    expect(await till.balance(programId, ann)).toBe(100);
    expect((await refusalOf(redeem(ann, 101))).details).toMatchObject({ available: 100 });
    await redeem(ann, 100);
    const [lots] = await database.pool`
      select sum(expired)::int as expired, sum(redeemed)::int as redeemed from loyalty_lots where record_id = ${ann}`;
    expect(lots).toEqual({ expired: 20, redeemed: 130 });
    till.clock.set(noon);
  });

  test('by membership, by customer and by identifier; after a merge by either card, after leaving by none', async () => {
    const ann = await till.member(programId, 'card-ann', 100);
    const bob = await till.member(programId, 'card-bob', 100);
    const cards = await database.pool<{ id: string }[]>`
      select id from loyalty_memberships where record_id = any(${[ann, bob]}::uuid[]) order by record_id`;
    await till.merge(ann, bob);
    for (const { id } of cards)
      await till.redeeming.redeemPoints(till.ctx, { member: { membershipId: id }, points: 10n });
    const identifier = { kind: 'userId', value: 'card-bob' };
    await till.redeeming.redeemPoints(till.ctx, { programId, member: { identifier }, points: 10n });
    await redeem(bob, 10);
    const [merged] = await database.pool<{ id: string }[]>`select customer_id as id from records where id = ${ann}`;
    expect(await till.balance(programId, merged!.id)).toBe(160);
    await till.enrolment.leaveProgram(till.ctx, { programId, member: { identifier } });
    expect((await refusalOf(redeem(ann, 1))).code).toBe('NOT_A_MEMBER');
  });
});

describe('a till that was offline', () => {
  test('gets what was there then and has not been spent since, even if it has expired meanwhile', async () => {
    const ann = await till.member(programId, 'offline-ann');
    till.clock.set('2026-11-01T10:00:00Z');
    await till.give(programId, ann, 100, '2026-11-02T00:00:00Z');
    till.clock.set('2026-11-03T10:00:00Z');
    await till.give(programId, ann, 40);
    expect(await till.balance(programId, ann)).toBe(40);
    await redeem(ann, 70, { occurredAt: new Date('2026-11-01T11:00:00Z') });
    expect(await till.balance(programId, ann)).toBe(40);
    expect(await refusalOf(redeem(ann, 40, { occurredAt: new Date('2026-11-01T11:30:00Z') }))).toMatchObject({
      code: 'INSUFFICIENT_POINTS',
      details: { available: 30 },
    });
    expect((await refusalOf(redeem(ann, 1, { occurredAt: new Date('2026-11-01T09:00:00Z') }))).code).toBe(
      'INSUFFICIENT_POINTS',
    );
    till.clock.set(noon);
  });

  test('does not get what was spent after its sale', async () => {
    const ann = await till.member(programId, 'spent-ann', 100);
    till.clock.set('2026-11-01T14:00:00Z');
    await redeem(ann, 80);
    expect((await refusalOf(redeem(ann, 30, { occurredAt: new Date('2026-11-01T13:00:00Z') }))).details).toMatchObject({
      available: 20,
    });
    await redeem(ann, 20, { occurredAt: new Date('2026-11-01T13:00:00Z') });
    expect(await till.balance(programId, ann)).toBe(0);
    till.clock.set(noon);
  });

  test('gives the same balances in whichever order its sales arrive', async () => {
    const sums: unknown[] = [];
    for (const [name, order] of [
      ['forth', [0, 1, 2]],
      ['back', [2, 1, 0]],
      ['mixed', [1, 2, 0]],
    ] as const) {
      till.clock.set('2026-11-01T10:00:00Z');
      const ann = await till.member(programId, `order-${name}`, 100);
      await till.give(programId, ann, 100, '2026-11-02T00:00:00Z');
      till.clock.set('2026-11-05T10:00:00Z');
      const sales = [
        [60, '2026-11-01T11:00:00Z'],
        [70, '2026-11-01T12:00:00Z'],
        [30, '2026-11-03T12:00:00Z'],
      ] as const;
      for (const index of order) await redeem(ann, sales[index]![0], { occurredAt: new Date(sales[index]![1]) });
      const [sum] = await database.pool`
        select sum(available)::int as available, sum(redeemed)::int as redeemed, sum(expired)::int as expired
        from loyalty_lots where record_id = ${ann}`;
      sums.push(sum);
    }
    expect(sums).toEqual(Array.from({ length: 3 }, () => ({ available: 40, redeemed: 160, expired: 0 })));
    till.clock.set(noon);
  });

  test('is not believed about the future, nor after 30 days', async () => {
    const ann = await till.member(programId, 'late-ann', 100);
    for (const occurredAt of ['2026-11-01T12:00:01Z', '2026-10-02T11:59:59Z']) {
      const { code, details } = await refusalOf(redeem(ann, 1, { occurredAt: new Date(occurredAt) }));
      expect({ code, field: details.field }).toEqual({ code: 'BAD_USER_INPUT', field: 'input.occurredAt' });
    }
  });
});

describe('merged and unmerged', () => {
  test('a customer spends from both accounts; afterwards both ledgers are their own again', async () => {
    const ann = await till.member(programId, 'merge-ann', 100);
    till.clock.set('2026-11-01T12:30:00Z');
    const bob = await till.member(programId, 'merge-bob', 50);
    const takeBack = await till.merge(ann, bob);
    const decision = await redeem(ann, 120);
    const taken = await database.pool`
      select record_id, points::int from loyalty_consumptions where decision_id = ${decision.id} order by points`;
    expect(taken.map(({ points }) => points)).toEqual([20, 100]);
    await takeBack();
    expect((await till.balance(programId, ann)) + (await till.balance(programId, bob))).toBe(30);
    await expectLedgerTrue(database.pool);
    // The one who spent more than was theirs does not owe: the other account paid, and gets it back.
    await till.reversal.reverseDecision(till.ctx, { decisionId: decision.id, reason: 'returned' });
    expect([await till.balance(programId, ann), await till.balance(programId, bob)]).toEqual([100, 50]);
    till.clock.set(noon);
  });

  test('while a redemption waits: it finds the customer as they are then, with both accounts', async () => {
    const ann = await till.member(programId, 'gate-ann', 60);
    const bob = await till.member(programId, 'gate-bob', 60);
    const gate = openGate();
    const identity = new DecisionService({
      idSecret: await loadIdSecret(database.pool),
      defaultRegion: 'CH',
      rules: new CurrentRules(),
      reactions: [regroupRevenue, (tx) => gate.reaction(tx, undefined as never)],
    });
    const merging = identity.mergeCustomers(till.ctx, { customerIds: [ann, bob], reason: 'the same person' });
    await gate.reached;
    const redeeming = Promise.all([redeem(ann, 50), redeem(bob, 70, {}, other)]);
    await untilWaiting(database.pool, 2);
    gate.open();
    await merging;
    await redeeming;
    const [left] = await database.pool`
      select sum(available)::int as points from loyalty_accounts where record_id = any(${[ann, bob]}::uuid[])`;
    expect(left).toEqual({ points: 0 });
  });

  test('while it is redeemed: nothing is lost and nothing doubled', async () => {
    const [ann, bob] = [await till.member(programId, 'race-ann', 60), await till.member(programId, 'race-bob', 60)];
    const outcomes = await Promise.allSettled([
      till.merge(ann, bob),
      ...Array.from({ length: 6 }, (_, index) => redeem(index % 2 === 0 ? ann : bob, 30, {}, index < 3 ? till : other)),
    ]);
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    const redeemed = outcomes.length - 1 - failed.length;
    const [left] = await database.pool`
      select sum(available)::int as points from loyalty_accounts where record_id = any(${[ann, bob]}::uuid[])`;
    expect(left!.points).toBe(120 - 30 * redeemed);
  });
});

describe('what points may not do', () => {
  test('move before a programme begins, or after it has closed', async () => {
    for (const phase of ['PREPARATION', 'CLOSED'] as const) {
      const closed = await insertProgram(database.pool, {}, phase);
      const ann = await till.person('closed-ann');
      const input = { programId: closed, member: { customerId: ann }, points: 1n };
      expect((await refusalOf(till.redeeming.redeemPoints(till.ctx, input))).code).toBe('PROGRAM_NOT_OPEN');
    }
  });

  test('be moved by a key without the scope, by nobody, or to the amount of nothing', async () => {
    const ann = await till.member(programId, 'scope-ann', 10);
    const input = { programId, member: { customerId: ann }, points: 1n };
    expect((await refusalOf(till.redeeming.redeemPoints(till.as('loyalty:read'), input))).code).toBe('FORBIDDEN');
    expect((await refusalOf(redeem(till.ctx.ids.uuid(), 1))).code).toBe('NOT_FOUND');
    expect((await refusalOf(redeem(ann, 0))).details).toEqual({ field: 'input.points' });
    const nobody = { programId, member: { identifier: { kind: 'email', value: 'no address' } }, points: 1n };
    expect((await refusalOf(till.redeeming.redeemPoints(till.ctx, nobody))).code).toBe('NOT_FOUND');
    const stranger = await till.person('scope-stranger');
    expect((await refusalOf(redeem(stranger, 1))).code).toBe('NOT_A_MEMBER');
  });
});

test('every decision is in the audit log and tells the change feed', async () => {
  const ann = await till.member(programId, 'audit-ann', 10);
  const { id } = await redeem(ann, 10, { reason: 'a coffee' });
  const [entry] = await database.pool`
    select action, reason, detail from audit_entries where subject = ${toPublicId('ldc', id)}`;
  expect(entry).toMatchObject({ action: 'loyalty.points_redeemed', reason: 'a coffee' });
  const changes = await database.pool`
    select detail from changes where topic = 'loyalty.changed' and customer_id = ${ann} order by tx desc, seq desc limit 1`;
  expect(changes[0]!.detail).toEqual({
    accounts: [{ wallet: 'points', available: -10, pending: 0 }],
    kinds: ['REDEEMED'],
  });
});
