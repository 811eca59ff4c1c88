import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertProgram, type LedgerFixture, openLedger, refusalOf } from '../ledger-fixture.ts';
import { expectLedgerTrue } from '../ledger-truth.ts';

let database: TestDatabase;
let desk: LedgerFixture;
let other: LedgerFixture;
let programId: string;

beforeAll(async () => {
  database = await openTestDatabase({ max: 20 });
  desk = await openLedger(database.pool);
  other = await openLedger(database.pool);
  programId = await insertProgram(database.pool, { enrolment: 'EXPLICIT' });
});
afterEach(async () => {
  for (const node of [desk, other]) node.clock.set(noon);
  await expectLedgerTrue(database.pool);
});
afterAll(() => database.close());

const noon = '2026-11-01T12:00:00Z';
const of = (customerId: string) => ({ programId, member: { customerId } });
const redeem = (customerId: string, points: number, node = desk) =>
  node.redeeming.redeemPoints(node.ctx, { ...of(customerId), points: BigInt(points) });
const reserve = (customerId: string, points: number, minutes = 15) =>
  desk.redeeming.reservePoints(desk.ctx, { ...of(customerId), points: BigInt(points), minutes });

describe('a reservation', () => {
  test('holds points, and is confirmed or released once', async () => {
    const ann = await desk.member(programId, 'hold-ann', 100);
    const { id, status, expiresAt } = await reserve(ann, 70);
    expect({ status, expiresAt }).toEqual({ status: 'RESERVED', expiresAt: new Date('2026-11-01T12:15:00Z') });
    expect(await desk.balance(programId, ann)).toBe(30);
    expect((await refusalOf(redeem(ann, 31))).code).toBe('INSUFFICIENT_POINTS');
    for (const status of ['DONE', 'DONE']) {
      expect(await desk.reversal.confirmReservation(desk.ctx, { decisionId: id })).toMatchObject({ status });
    }
    expect((await refusalOf(desk.reversal.releaseReservation(desk.ctx, { decisionId: id }))).code).toBe(
      'RESERVATION_ENDED',
    );
    const second = await reserve(ann, 30);
    for (const status of ['RELEASED', 'RELEASED']) {
      expect(await desk.reversal.releaseReservation(desk.ctx, { decisionId: second.id })).toMatchObject({ status });
    }
    expect(await refusalOf(desk.reversal.confirmReservation(desk.ctx, { decisionId: second.id }))).toMatchObject({
      code: 'RESERVATION_ENDED',
      details: { status: 'RELEASED' },
    });
    expect(await desk.balance(programId, ann)).toBe(30);
  });

  test('ends when its time is up, to the millisecond, whether or not the clock has seen to it', async () => {
    const ann = await desk.member(programId, 'lapse-ann', 100);
    const { id } = await reserve(ann, 70);
    desk.clock.set('2026-11-01T12:14:59.999Z');
    expect((await refusalOf(redeem(ann, 31))).code).toBe('INSUFFICIENT_POINTS');
    desk.clock.set('2026-11-01T12:15:00Z');
    expect(await desk.balance(programId, ann)).toBe(100);
    expect((await refusalOf(desk.reversal.confirmReservation(desk.ctx, { decisionId: id }))).code).toBe(
      'RESERVATION_ENDED',
    );
    await redeem(ann, 90);
    expect(await desk.balance(programId, ann)).toBe(10);
    expect(await desk.reversal.releaseExpired(desk.ctx)).toBeGreaterThan(0);
    expect(await desk.reversal.releaseExpired(desk.ctx)).toBe(0);
    expect(await desk.balance(programId, ann)).toBe(10);
    const [stored] = await database.pool`select status from loyalty_decisions where id = ${id}`;
    expect(stored).toEqual({ status: 'RELEASED' });
  });

  test('is released by the clock for many at once, on two nodes', async () => {
    const people = await Promise.all(
      Array.from({ length: 6 }, (_, index) => desk.member(programId, `many-${index}`, 100)),
    );
    for (const person of people) await reserve(person, 40);
    for (const person of people) await reserve(person, 50);
    for (const node of [desk, other]) node.clock.set('2026-11-01T13:00:00Z');
    const released = await Promise.all([
      desk.reversal.releaseExpired(desk.ctx),
      other.reversal.releaseExpired(other.ctx),
    ]);
    expect(released.reduce((sum, count) => sum + count)).toBe(12);
    for (const person of people) expect(await desk.balance(programId, person)).toBe(100);
  });

  test('is confirmed by one of two who confirm and release it at once', async () => {
    const ann = await desk.member(programId, 'both-ann', 100);
    const { id: decisionId } = await reserve(ann, 70);
    const outcomes = await Promise.allSettled([
      desk.reversal.confirmReservation(desk.ctx, { decisionId }),
      other.reversal.releaseReservation(other.ctx, { decisionId }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a decision that is reversed', () => {
  test('gives points back to the lots that they came from, once', async () => {
    const ann = await desk.member(programId, 'back-ann', 50);
    await desk.give(programId, ann, 50, '2026-11-10T00:00:00Z');
    const { id: decisionId } = await redeem(ann, 80);
    desk.clock.set('2026-11-10T00:00:00Z');
    const input = { decisionId, reason: 'returned' };
    const outcomes = await Promise.all([
      desk.reversal.reverseDecision(desk.ctx, input),
      other.reversal.reverseDecision(other.ctx, input),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['REVERSED', 'REVERSED']);
    // Of what had expired by then nothing comes back to life.
    expect(await desk.balance(programId, ann)).toBe(50);
  });

  test('takes back what it gave, unless it has been spent', async () => {
    const ann = await desk.member(programId, 'gift-ann');
    const give = { ...of(ann), points: 100n, reason: 'sorry' };
    const { id: decisionId } = await desk.adjustments.grantBonus(desk.ctx, give);
    const { id: spent } = await redeem(ann, 30);
    expect(
      await refusalOf(desk.reversal.reverseDecision(desk.ctx, { decisionId, reason: 'by mistake' })),
    ).toMatchObject({
      code: 'INSUFFICIENT_POINTS',
      details: { requested: 100, available: 70 },
    });
    await desk.reversal.reverseDecision(desk.ctx, { decisionId: spent, reason: 'returned' });
    await desk.reversal.reverseDecision(desk.ctx, { decisionId, reason: 'by mistake' });
    expect(await desk.balance(programId, ann)).toBe(0);
  });
});

describe('a correction by hand', () => {
  test('goes up and down, says why, and never below what is there', async () => {
    const ann = await desk.member(programId, 'hand-ann');
    const adjust = (points: bigint, reason = 'counted again') =>
      desk.adjustments.adjustPoints(desk.ctx, { ...of(ann), points, reason });
    await adjust(100n);
    await adjust(-40n);
    expect(await desk.balance(programId, ann)).toBe(60);
    expect((await refusalOf(adjust(-61n))).code).toBe('INSUFFICIENT_POINTS');
    expect((await refusalOf(adjust(1n, '  '))).details).toEqual({ field: 'input.reason' });
    expect((await refusalOf(adjust(0n))).details).toEqual({ field: 'input.points' });
  });

  test('of more than 10,000 points is for managers', async () => {
    const ann = await desk.member(programId, 'much-ann');
    const give = (points: bigint, ctx = desk.as('loyalty:operate')) =>
      desk.adjustments.adjustPoints(ctx, { ...of(ann), points, reason: 'much' });
    const { id: decisionId } = await give(10_000n);
    expect((await refusalOf(give(10_001n))).code).toBe('FORBIDDEN');
    const { id: large } = await give(10_001n, desk.as('loyalty:manage'));
    const operator = desk.as('loyalty:operate');
    expect((await refusalOf(desk.reversal.reverseDecision(operator, { decisionId: large, reason: 'no' }))).code).toBe(
      'FORBIDDEN',
    );
    await desk.reversal.reverseDecision(operator, { decisionId, reason: 'no' });
  });

  test('twenty bonuses at once under one key are one: 100 points do not become 2,000', async () => {
    const ann = await desk.member(programId, 'twenty-ann');
    const input = { ...of(ann), points: 100n, reason: 'gift', idempotencyKey: 'gift 1' };
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const node = index % 2 === 0 ? desk : other;
        return node.adjustments.grantBonus(node.ctx, input);
      }),
    );
    expect(await desk.balance(programId, ann)).toBe(100);
  });
});

describe('points that are given to others', () => {
  const transfer = (from: string, to: string, points: number, node = desk) =>
    node.transfers.transferPoints(node.ctx, {
      programId,
      from: { customerId: from },
      to: { customerId: to },
      points: BigInt(points),
    });

  test('go on expiring when they did, and are as old as they were', async () => {
    const [ann, bob] = [await desk.member(programId, 'give-ann', 50), await desk.member(programId, 'give-bob')];
    await desk.give(programId, ann, 30, '2026-12-01T00:00:00Z');
    await desk.give(programId, ann, 20, '2026-12-01T00:00:00Z');
    const { id } = await transfer(ann, bob, 60);
    const lots = await database.pool`
      select granted::int, expires_at from loyalty_lots where record_id = ${bob} and source_id = ${id} order by 1`;
    expect([...lots]).toEqual([
      { granted: 10, expires_at: null },
      { granted: 50, expires_at: new Date('2026-12-01T00:00:00Z') },
    ]);
    expect([await desk.balance(programId, ann), await desk.balance(programId, bob)]).toEqual([40, 60]);
    desk.clock.set('2026-12-01T00:00:00Z');
    expect(await desk.balance(programId, bob)).toBe(10);
  });

  test('of twenty gifts at once no more than there is: 100 points do not become 2,000', async () => {
    const ann = await desk.member(programId, 'gifts-ann', 100);
    const bob = await desk.member(programId, 'gifts-bob');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => transfer(ann, bob, 100, index % 2 === 0 ? desk : other)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect([await desk.balance(programId, ann), await desk.balance(programId, bob)]).toEqual([0, 100]);
  });

  test('both ways at once wait for each other in no circle', async () => {
    const [ann, bob] = [await desk.member(programId, 'ways-ann', 100), await desk.member(programId, 'ways-bob', 100)];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? transfer(ann, bob, 5) : transfer(bob, ann, 5, other),
      ),
    );
    expect([await desk.balance(programId, ann), await desk.balance(programId, bob)]).toEqual([100, 100]);
  });

  test('never go to oneself, by whichever id', async () => {
    const [ann, bob] = [await desk.member(programId, 'self-ann', 100), await desk.member(programId, 'self-bob')];
    expect((await refusalOf(transfer(ann, ann, 1))).details).toEqual({ field: 'input.to' });
    await desk.merge(ann, bob);
    expect((await refusalOf(transfer(ann, bob, 1))).details).toEqual({ field: 'input.to' });
  });

  test('come back while the other has not spent them', async () => {
    const [ann, bob] = [await desk.member(programId, 'undo-ann', 100), await desk.member(programId, 'undo-bob')];
    const [first, second] = [await transfer(ann, bob, 60), await transfer(ann, bob, 40)];
    await desk.reversal.reverseDecision(desk.ctx, { decisionId: first.id, reason: 'mistyped' });
    expect([await desk.balance(programId, ann), await desk.balance(programId, bob)]).toEqual([60, 40]);
    await redeem(bob, 10);
    const input = { decisionId: second.id, reason: 'mistyped' };
    expect((await refusalOf(desk.reversal.reverseDecision(desk.ctx, input))).code).toBe('INSUFFICIENT_POINTS');
  });

  test('stay where they are when both turn out to be one, and part again', async () => {
    const [ann, bob] = [await desk.member(programId, 'one-ann', 100), await desk.member(programId, 'one-bob', 10)];
    await transfer(ann, bob, 40);
    const takeBack = await desk.merge(ann, bob);
    await redeem(ann, 105);
    await takeBack();
    expect((await desk.balance(programId, ann)) + (await desk.balance(programId, bob))).toBe(5);
  });
});

test('points that expire are paired with what was spent of them: debits never expire twice', async () => {
  const ann = await desk.member(programId, 'pair-ann');
  await desk.give(programId, ann, 100, '2026-11-02T00:00:00Z');
  await desk.give(programId, ann, 100, '2026-11-03T00:00:00Z');
  await redeem(ann, 150);
  desk.clock.set('2026-11-02T00:00:00Z');
  expect(await desk.balance(programId, ann)).toBe(50);
  desk.clock.set('2026-11-03T00:00:00Z');
  expect(await desk.balance(programId, ann)).toBe(0);
  expect((await refusalOf(redeem(ann, 1))).details).toMatchObject({ available: 0 });
});
