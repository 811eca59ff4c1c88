import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { IssueVoucher } from '../../../src/loyalty/rewards/voucher.service.ts';
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
const tenPercent = { percent: { percent: '10' } };
const issue = (more: Partial<IssueVoucher> = {}) =>
  shop.vouchers.issue(shop.ctx, { programId, worth: tenPercent, ...more });
const use = (code: string, more: object = {}, node = shop) =>
  node.voucherDesk.redeemVoucher(node.ctx, { code, ...more });

describe('a voucher', () => {
  test('is used as often as it says, however many try at once', async () => {
    const { code } = await issue({ uses: 3 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => use(code, {}, index % 2 === 0 ? shop : other)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['VOUCHER_USED_UP']));
  });

  test('is used once for a key, in any spelling, and again once that is taken back', async () => {
    const { code } = await issue({ code: 'spring 26' });
    expect(code).toBe('SPRING26');
    const input = { idempotencyKey: 'receipt 7', reference: '7' };
    const uses = await Promise.all([
      use('Spring26', input),
      use('SPRING 26', input, other),
      use('spring26', input, other),
    ]);
    expect(new Set(uses.map((one) => one.use.id)).size).toBe(1);
    expect(uses[0]!.voucher).toMatchObject({ used: 1, status: 'USED_UP' });
    expect((await refusalOf(use(code, { ...input, reference: '8' }))).code).toBe('IDEMPOTENCY_CONFLICT');
    const another = await issue();
    expect((await refusalOf(use(another.code, input))).code).toBe('IDEMPOTENCY_CONFLICT');
    const back = { useId: uses[0]!.use.id, reason: 'returned' };
    for (const node of [shop, other]) {
      const { voucher, use: reversed } = await node.voucherDesk.reverseVoucherUse(node.ctx, back);
      expect([voucher.used, voucher.status, reversed.status]).toEqual([0, 'ACTIVE', 'REVERSED']);
    }
    await use(code);
  });

  test('says why it is not taken', async () => {
    const [ann, bob] = [await shop.member(programId, 'why-ann'), await shop.member(programId, 'why-bob')];
    const codeOf = async (code: string, more: object = {}) => (await refusalOf(use(code, more))).code;
    const late = await issue({ validTo: new Date(noon) });
    const early = await issue({ validFrom: new Date('2026-11-01T12:00:01Z') });
    const anns = await issue({ member: { customerId: ann } });
    const gone = await issue();
    await shop.vouchers.cancel(shop.ctx, { voucherId: gone.id, reason: 'misprinted' });
    expect(await codeOf(late.code)).toBe('VOUCHER_EXPIRED');
    expect(await codeOf(early.code)).toBe('VOUCHER_NOT_YET_VALID');
    expect(await codeOf(gone.code)).toBe('VOUCHER_CANCELLED');
    expect(await codeOf(anns.code)).toBe('VOUCHER_OF_ANOTHER_MEMBER');
    expect(await codeOf(anns.code, { member: { customerId: bob } })).toBe('VOUCHER_OF_ANOTHER_MEMBER');
    expect(await codeOf('NOSUCHCODE')).toBe('NOT_FOUND');
    // Of a till that was offline when it was valid.
    await use(late.code, { occurredAt: new Date('2026-11-01T11:59:59Z') });
    expect(await codeOf(late.code, { occurredAt: new Date('2026-11-01T11:59:59Z') })).toBe('VOUCHER_USED_UP');
    await shop.merge(ann, bob);
    await use(anns.code, { member: { customerId: bob } });
  });

  test('can be worth points, which are taken back with its use', async () => {
    const ann = await shop.member(programId, 'points-ann');
    const { code } = await issue({ worth: { points: { wallet: 'points', points: 200n } }, uses: 2 });
    expect((await refusalOf(use(code))).details).toEqual({ field: 'input.member' });
    const input = { member: { customerId: ann }, idempotencyKey: 'points' };
    const [first] = await Promise.all([use(code, input), use(code, input, other)]);
    expect(await shop.balance(programId, ann)).toBe(200);
    const { voucher } = await shop.voucherDesk.reverseVoucherUse(shop.ctx, {
      useId: first.use.id,
      reason: 'by mistake',
    });
    expect([voucher.used, await shop.balance(programId, ann)]).toEqual([0, 0]);
  });
});

describe('a pool of codes', () => {
  test('has as many as were asked for, all different, the same ones for the same key', async () => {
    const input = { programId, pool: 'Flyer', count: 10_000, worth: tenPercent, idempotencyKey: 'flyer' };
    const pool = await shop.vouchers.createPool(shop.ctx, input);
    const codes = pool.vouchers.map(({ code }) => code);
    expect(new Set(codes).size).toBe(10_000);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{13}$/);
    const again = await other.vouchers.createPool(other.ctx, input);
    expect(again.vouchers.map(({ code }) => code)).toEqual(codes);
    for (const more of [{ count: 9_999 }, { pool: 'Poster' }, { uses: 2 }]) {
      expect((await refusalOf(shop.vouchers.createPool(shop.ctx, { ...input, ...more }))).code).toBe(
        'IDEMPOTENCY_CONFLICT',
      );
    }
    const [count] = await database.pool`select count(*)::int as n from loyalty_vouchers where pool = 'Flyer'`;
    expect(count).toEqual({ n: 10_000 });
    const page = await shop.vouchers.list(shop.ctx, { programId, pool: 'Flyer', first: 2 });
    expect([page.nodes.length, page.pageInfo.hasNextPage]).toEqual([2, true]);
  });

  test('can be given; no code is there twice', async () => {
    const create = (codes: string[]) =>
      shop.vouchers.createPool(shop.ctx, { programId, pool: 'Partner', codes, worth: tenPercent });
    await create(['aa-1', 'aa-2']);
    expect(await refusalOf(create(['aa-3', 'AA-2']))).toMatchObject({
      code: 'VOUCHER_CODE_TAKEN',
      details: { codes: ['AA-2'] },
    });
    expect((await refusalOf(create(['aa-4', 'AA-4']))).details).toEqual({ field: 'input.codes' });
    expect((await refusalOf(use('aa-3'))).code).toBe('NOT_FOUND');
    await use('aa-1');
  });

  test('is made once, by two who want the same codes at once', async () => {
    const codes = Array.from({ length: 500 }, (_, index) => `RACE-${index}`);
    const outcomes = await Promise.allSettled(
      [shop, other].map((node, index) =>
        node.vouchers.createPool(node.ctx, {
          programId,
          pool: 'Race',
          codes: index === 0 ? codes : codes.toReversed(),
          worth: tenPercent,
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test.each([
    [{ count: 0 }, 'input.count'],
    [{ count: 10_001 }, 'input.count'],
    [{}, 'input'],
    [{ count: 1, codes: ['abc'] }, 'input'],
    [{ codes: ['a'] }, 'input.codes[0]'],
    [{ count: 1, pool: ' ' }, 'input.pool'],
    [{ count: 1, uses: 0 }, 'input.uses'],
    [{ count: 1, worth: { percent: { percent: '101' } } }, 'input.worth.percent.percent'],
    [{ count: 1, worth: { amount: { amount: '0', currency: 'CHF' } } }, 'input.worth.amount.amount'],
    [{ count: 1, worth: { ...tenPercent, points: { wallet: 'points', points: 1n } } }, 'input.worth'],
  ])('refuses %o', async (more, field) => {
    const input = { programId, pool: 'Wrong', worth: tenPercent, ...more };
    const { code, details } = await refusalOf(shop.vouchers.createPool(shop.ctx, input));
    expect({ code, field: details.field }).toEqual({ code: 'BAD_USER_INPUT', field });
  });
});
