import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CreateReward } from '../../../src/loyalty/rewards/reward.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertProgram, type LedgerFixture, openLedger, refusalOf } from '../ledger-fixture.ts';
import { expectLedgerTrue } from '../ledger-truth.ts';

let database: TestDatabase;
let shop: LedgerFixture;
let other: LedgerFixture;
let programId: string;

beforeAll(async () => {
  database = await openTestDatabase({ max: 20 });
  shop = await openLedger(database.pool);
  other = await openLedger(database.pool);
  programId = await insertProgram(database.pool, { enrolment: 'EXPLICIT' });
});
afterEach(async () => {
  for (const node of [shop, other]) node.clock.set(noon);
  await expectLedgerTrue(database.pool);
});
afterAll(() => database.close());

const noon = '2026-11-01T12:00:00Z';
const reward = (name: string, more: Partial<CreateReward> = {}) =>
  shop.rewards.create(shop.ctx, { programId, name, points: 100n, ...more });
const redeem = (customerId: string, rewardId: string, more: object = {}, node = shop) =>
  node.rewardDesk.redeemReward(node.ctx, { member: { customerId }, rewardId, ...more });

async function stockOf(id: string): Promise<number | null> {
  const [row] = await database.pool<{ stock: number | null }[]>`select stock from loyalty_rewards where id = ${id}`;
  return row!.stock;
}

describe('a reward', () => {
  test('costs its points and one of its stock, and comes back with both', async () => {
    const ann = await shop.member(programId, 'mug-ann', 150);
    const { id } = await reward('Mug', { stock: 2 });
    const { decision, voucher } = await redeem(ann, id, { idempotencyKey: 'mug' });
    expect(decision).toMatchObject({ kind: 'REWARD', points: 100n, subjectId: id });
    expect(voucher).toBeNull();
    expect((await redeem(ann, id, { idempotencyKey: 'mug' })).decision.id).toBe(decision.id);
    expect([await shop.balance(programId, ann), await stockOf(id)]).toEqual([50, 1]);
    expect((await refusalOf(redeem(ann, id))).code).toBe('INSUFFICIENT_POINTS');
    expect(await stockOf(id)).toBe(1);
    await shop.reversal.reverseDecision(shop.ctx, { decisionId: decision.id, reason: 'broken' });
    expect([await shop.balance(programId, ann), await stockOf(id)]).toEqual([150, 2]);
  });

  test('whose last ones many want at once goes to as many as there are', async () => {
    const { id } = await reward('Ticket', { stock: 3 });
    const people: string[] = [];
    for (let index = 0; index < 12; index += 1) people.push(await shop.member(programId, `ticket-${index}`, 100));
    const outcomes = await Promise.allSettled(
      people.map((person, index) => redeem(person, id, {}, index % 2 === 0 ? shop : other)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['OUT_OF_STOCK']));
    expect(await stockOf(id)).toBe(0);
  });

  test('is for some tiers, some times, so often a member, and as long as it is offered', async () => {
    const ann = await shop.member(programId, 'limits-ann', 10_000);
    const why = async (more: Partial<CreateReward>) => {
      const { id } = await reward('Limited', more);
      return (await refusalOf(redeem(ann, id))).details.reason;
    };
    expect(await why({ tiers: ['gold'] })).toBe('TIER');
    expect(await why({ validFrom: new Date('2026-11-01T12:00:01Z') })).toBe('NOT_YET_VALID');
    expect(await why({ validTo: new Date(noon) })).toBe('ENDED');
    expect(await why({ active: false })).toBe('INACTIVE');
    await database.pool`
      insert into loyalty_members (customer_id, program_id, state, tier) values (${ann}, ${programId}, '{}', 'gold')`;
    const { id } = await reward('Golden', { tiers: ['gold'], perMember: 2 });
    const [first] = [await redeem(ann, id), await redeem(ann, id)];
    expect((await refusalOf(redeem(ann, id))).details.reason).toBe('PER_MEMBER');
    await shop.reversal.reverseDecision(shop.ctx, { decisionId: first.decision.id, reason: 'broken' });
    await redeem(ann, id);
  });

  test('asks for the tier anew where time has changed it and nobody has noticed', async () => {
    const ann = await shop.member(programId, 'tier-ann', 100);
    await database.pool`
      insert into loyalty_members (customer_id, program_id, state, tier, due_at)
      values (${ann}, ${programId}, '{}', 'gold', ${'2026-11-01T11:59:59Z'})`;
    const { id } = await reward('Golden', { tiers: ['gold'] });
    shop.recounted.length = 0;
    await redeem(ann, id);
    expect(shop.recounted).toEqual([[ann]]);
  });

  test('can be a voucher of the member, which is cancelled when it comes back unused', async () => {
    const ann = await shop.member(programId, 'voucher-ann', 300);
    const terms = { worth: { amount: { amount: '5.00', currency: 'CHF' } }, validDays: 30 };
    const { id } = await reward('5 francs', { voucher: terms });
    const { decision, voucher } = await redeem(ann, id);
    expect(voucher).toMatchObject({
      recordId: ann,
      worth: { fixed: { amount: { amount: '5.00', currency: 'CHF' } } },
      validTo: new Date('2026-12-01T12:00:00Z'),
    });
    await shop.reversal.reverseDecision(shop.ctx, { decisionId: decision.id, reason: 'returned' });
    const use = { code: voucher!.code, member: { customerId: ann } };
    expect((await refusalOf(shop.voucherDesk.redeemVoucher(shop.ctx, use))).code).toBe('VOUCHER_CANCELLED');
    const second = await redeem(ann, id);
    await shop.voucherDesk.redeemVoucher(shop.ctx, { ...use, code: second.voucher!.code });
    const input = { decisionId: second.decision.id, reason: 'returned' };
    expect((await refusalOf(shop.reversal.reverseDecision(shop.ctx, input))).code).toBe('VOUCHER_USED_UP');
    expect(await shop.balance(programId, ann)).toBe(200);
  });
});

describe('the catalogue', () => {
  test('is created once for a key, changed, and listed', async () => {
    const club = await insertProgram(database.pool);
    const input = { programId: club, name: 'Cup', points: 50n, stock: 3, idempotencyKey: 'cup' };
    const cup = await shop.rewards.create(shop.ctx, input);
    expect((await shop.rewards.create(shop.ctx, input)).id).toBe(cup.id);
    expect((await refusalOf(shop.rewards.create(shop.ctx, { ...input, points: 51n }))).code).toBe(
      'IDEMPOTENCY_CONFLICT',
    );
    const changed = await shop.rewards.update(shop.ctx, { rewardId: cup.id, points: 60n, stock: null });
    expect(changed).toMatchObject({ name: 'Cup', points: 60n, stock: null, wallet: 'points' });
    await shop.rewards.update(shop.ctx, { rewardId: cup.id, active: false });
    const names = async (activeOnly: boolean) =>
      (await shop.rewards.list(shop.ctx, { programId: club, activeOnly })).nodes.map(({ name }) => name);
    expect([await names(true), await names(false)]).toEqual([[], ['Cup']]);
  });

  test.each([
    [{ name: ' ' }, 'input.name'],
    [{ points: -1n }, 'input.points'],
    [{ wallet: 'stars' }, 'input.wallet'],
    [{ tiers: ['platinum'] }, 'input.tiers'],
    [{ stock: -1 }, 'input.stock'],
    [{ perMember: 0 }, 'input.perMember'],
    [{ kind: 'VOUCHER' as const }, 'input.voucher'],
    [{ voucher: { worth: {} } }, 'input.voucher.worth'],
    [{ cost: { amount: '1.001', currency: 'CHF' } }, 'input.cost.amount'],
    [{ validFrom: new Date(noon), validTo: new Date(noon) }, 'input.validTo'],
  ])('refuses %o', async (more, field) => {
    const { code, details } = await refusalOf(reward('Wrong', more));
    expect({ code, field: details.field }).toEqual({ code: 'BAD_USER_INPUT', field });
  });
});
