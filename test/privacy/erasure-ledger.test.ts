import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DomainError, type ErrorCode } from '../../src/kernel/errors.ts';
import { recountBy } from '../../src/loyalty/members/enrolment-recount.service.ts';
import {
  createDecisionServices,
  type DecisionServices,
} from '../../src/loyalty/redeeming/decision-services.service.ts';
import { verifyLedger } from '../../src/loyalty/reports/ledger-verifier.service.ts';
import { earningRule } from '../loyalty/example-program.ts';
import { insertProgram } from '../loyalty/ledger-fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type ErasureNode, openErasureNode } from './erasure-fixture.ts';

const timeZone = 'Europe/Zurich';
let database: TestDatabase;
let node: ErasureNode;
let loyalty: DecisionServices;
let programId: string;
/** Debts of its only wallet are written off. */
let lenientId: string;
let people = 0;
let orders = 0;

const rules = [
  earningRule(),
  earningRule({
    key: 'later',
    match: { types: ['review.written'] },
    earns: { event: { points: '7' } },
    pendingDays: 30,
  }),
];

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openErasureNode(database.pool);
  const { book, ledger, folder } = node.engines;
  const settings = { idSecret: node.idSecret, defaultRegion: 'CH', book, ledger, calendar: folder.calendar };
  loyalty = createDecisionServices({ ...settings, recount: recountBy(folder) });
  programId = await insertProgram(database.pool, { rules });
  const wallets = [
    { key: 'points', name: 'Points', debt: 'WRITTEN_OFF', pointValue: { amount: '0.01', currency: 'CHF' } },
  ];
  lenientId = await insertProgram(database.pool, { rules, wallets: wallets as never });
});
afterAll(() => database.close());

interface Person {
  readonly key: string;
  readonly customerId: string;
}

async function person(): Promise<Person> {
  people += 1;
  const key = `member-${people}`;
  const customerId = await node.meet({ source: 'crm', key, identifiers: [{ kind: 'userId', value: key }] });
  return { key, customerId };
}

const buy = ({ key }: Person, francs: number, orderId = newOrder()) =>
  node.meet({
    ...{ source: 'crm', key, type: 'order.completed', occurredAt: at() },
    ...{ value: { amount: francs, currency: 'CHF' }, properties: { orderId } },
  });

function newOrder(): string {
  orders += 1;
  return `order-${orders}`;
}

const bringBack = ({ key }: Person, francs: number, orderId: string) =>
  node.meet({
    ...{ source: 'crm', key, type: 'order.returned', occurredAt: at() },
    ...{ value: { amount: francs, currency: 'CHF' }, properties: { orderId } },
  });

const at = () => node.clock.now().toISOString();
const erase = ({ customerId }: Person) => node.erasure.eraseCustomer(node.ctx, { customerId, reason: 'Request' });

async function differences() {
  return (await verifyLedger(node.ctx, { timeZone })).differences;
}

interface Held {
  readonly issued: number;
  readonly pending: number;
  readonly available: number;
  readonly reserved: number;
  readonly redeemed: number;
  readonly owed: number;
}

/** What lies in the accounts that are nobody's. */
async function nobodys(program = programId): Promise<Held> {
  const [row] = await database.pool<Held[]>`
    select coalesce(sum(a.issued), 0)::int as issued, coalesce(sum(a.pending), 0)::int as pending,
           coalesce(sum(a.available), 0)::int as available, coalesce(sum(a.reserved), 0)::int as reserved,
           coalesce(sum(a.redeemed), 0)::int as redeemed, coalesce(sum(a.owed), 0)::int as owed
    from loyalty_accounts a join records r on r.id = a.record_id
    where r.erased_at is not null and a.program_id = ${program}`;
  return row!;
}

const nothingLeft = { pending: 0, available: 0, reserved: 0, owed: 0 };

describe('the account of somebody who is erased', () => {
  test('who owes something is owed nothing: the programme bears it', async () => {
    for (const program of [programId, lenientId]) {
      const debtor = await person();
      const member = { customerId: debtor.customerId };
      const before = await nobodys(program);
      await buy(debtor, 100, `debt-${program}`);
      await loyalty.redeeming.redeemPoints(node.ctx, { programId: program, member, points: 80n });
      await bringBack(debtor, 100, `debt-${program}`);
      await erase(debtor);
      const after = await nobodys(program);
      expect(after).toMatchObject(nothingLeft);
      expect(after.redeemed - before.redeemed).toBe(80);
    }
    expect(await differences()).toEqual([]);
  });

  test('keeps what was spent, and loses what waits and what could be spent', async () => {
    const saver = await person();
    const member = { customerId: saver.customerId };
    const before = await nobodys();
    await buy(saver, 50);
    await node.meet({ source: 'crm', key: saver.key, type: 'review.written', occurredAt: at() });
    await loyalty.redeeming.redeemPoints(node.ctx, { programId, member, points: 20n });
    await erase(saver);
    const after = await nobodys();
    expect(after).toMatchObject(nothingLeft);
    expect([after.issued - before.issued, after.redeemed - before.redeemed]).toEqual([57, 20]);
    // Time moves nothing in it any more.
    node.clock.set('2027-03-01T12:00:00Z');
    expect(await differences()).toEqual([]);
  });

  test('gives back to others what they had reserved together with them', async () => {
    const [gone, mate] = [await person(), await person()];
    await buy(gone, 100);
    await buy(mate, 100);
    const pool = await loyalty.pools.createPool(node.ctx, { programId, member: { customerId: mate.customerId } });
    await loyalty.pools.joinPool(node.ctx, { poolId: pool.id, member: { customerId: gone.customerId } });
    const spent = { programId, member: { customerId: mate.customerId } };
    await loyalty.redeeming.redeemPoints(node.ctx, { ...spent, points: 30n });
    await loyalty.redeeming.reservePoints(node.ctx, { ...spent, points: 150n });
    // Nobody has 150: some of it is the erased's.
    const before = await nobodys();
    const { request } = await erase(gone);
    expect(request).not.toBeNull();
    const after = await nobodys();
    expect(after).toMatchObject(nothingLeft);
    const [account] = await database.pool`
      select available::int, reserved::int from loyalty_accounts where record_id = ${mate.customerId} and program_id = ${programId}`;
    expect(account!.reserved).toBe(0);
    // 30 of 200 were spent, so much of it the erased's: the mate keeps what is left of their own.
    expect(account!.available).toBe(100 - (30 - (after.redeemed - before.redeemed)));
    expect(await differences()).toEqual([]);
  });
});

type Step = { readonly kind: string; readonly who: number; readonly points: number };

const expected: readonly ErrorCode[] = ['INSUFFICIENT_POINTS', 'NOT_FOUND', 'NOT_A_MEMBER', 'BAD_USER_INPUT'];

/** Whatever the ledger refuses, such as points that are not there, is left out. */
async function orRefused(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof DomainError) || !expected.includes(error.code)) throw error;
  });
}

async function take(step: Step, [one, other]: readonly [Person, Person]): Promise<void> {
  const { ctx } = node;
  const [member, to] = [{ customerId: one.customerId }, { customerId: other.customerId }];
  const points = BigInt(step.points);
  const base = { programId, member };
  switch (step.kind) {
    case 'buy':
      return void (await buy(one, step.points, `${one.key}-${step.points % 3}`));
    case 'return':
      return void (await bringBack(one, Math.ceil(step.points / 2), `${one.key}-${step.points % 3}`));
    case 'review':
      return void (await node.meet({ source: 'crm', key: one.key, type: 'review.written', occurredAt: at() }));
    case 'redeem':
      return orRefused(loyalty.redeeming.redeemPoints(ctx, { ...base, points }));
    case 'reserve':
      return orRefused(loyalty.redeeming.reservePoints(ctx, { ...base, points }));
    case 'adjust':
      return orRefused(loyalty.adjustments.adjustPoints(ctx, { ...base, points: -points, reason: 'x' }));
    case 'bonus':
      return orRefused(loyalty.adjustments.grantBonus(ctx, { ...base, points, reason: 'x' }));
    default:
      return orRefused(loyalty.transfers.transferPoints(ctx, { programId, from: member, to, points }));
  }
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('buy', 'buy', 'return', 'review', 'redeem', 'reserve', 'adjust', 'bonus', 'transfer'),
    who: fc.nat({ max: 1 }),
    points: fc.integer({ min: 1, max: 90 }),
  }),
  { minLength: 4, maxLength: 14 },
);

test('whatever two people have done, erasing one leaves a sound ledger, and the other as they were', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const both = [await person(), await person()] as const;
      for (const step of script) {
        const pair: readonly [Person, Person] = step.who === 0 ? both : [both[1], both[0]];
        await take(step, pair);
      }
      const [gone, stays] = both;
      const standing = () => database.pool`
        select issued, pending, available, reserved, redeemed, adjusted, transferred, owed from loyalty_accounts
        where record_id = ${stays.customerId} order by program_id, wallet`;
      const [before, then] = [await nobodys(), await standing()];
      const [own] = await database.pool<{ redeemed: number; issued: number }[]>`
        select coalesce(sum(redeemed), 0)::int as redeemed, coalesce(sum(issued), 0)::int as issued from loyalty_accounts
        where record_id = ${gone.customerId} and program_id = ${programId}`;
      await erase(gone);
      const after = await nobodys();
      expect(after).toMatchObject(nothingLeft);
      expect(after.redeemed - before.redeemed).toBe(own!.redeemed);
      expect(after.issued - before.issued).toBeGreaterThanOrEqual(own!.issued);
      expect(await standing()).toEqual(then);
    }),
    { numRuns: 15 },
  );
  expect(await differences()).toEqual([]);
}, 120_000);
