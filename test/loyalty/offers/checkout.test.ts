import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EarningBasket } from '../../../src/loyalty/offers/earn-preview.ts';
import { openListeningPool, refusalOf } from '../../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { basket, chf, fiveOff, type OffersFixture, openOffers, writeProgram } from './fixture.ts';

let database: TestDatabase;
let listening: ReturnType<typeof openListeningPool>;
let node: OffersFixture;
let previewed: EarningBasket | undefined;
const programId = '01900000-0000-7000-8000-000000000003';
const now = new Date('2026-11-02T12:00:00Z');

beforeAll(async () => {
  database = await openTestDatabase();
  listening = openListeningPool(database.url);
  node = await openOffers(listening.pool, {
    preview: async (_ctx, { basket: asked }) => {
      previewed = asked;
      return [{ programId, wallet: 'points', points: asked.total / 100n, rules: ['base'] }];
    },
  });
  await writeProgram(database.pool, programId);
});

afterAll(async () => {
  await listening.pool.end();
  await database.close();
});

async function voucher(
  code: string,
  further: { worth?: object; recordId?: string; used?: number; status?: string } = {},
) {
  const { worth = { fixed: { amount: chf('10') } }, recordId = null, used = 0, status = 'ACTIVE' } = further;
  const id = node.ctx.ids.uuid();
  await database.pool`
    insert into loyalty_vouchers (id, program_id, code, record_id, worth, status, uses_allowed, used, created_at)
    values (${id}, ${programId}, ${code}, ${recordId}, ${worth as never}::jsonb, ${status}, 1, ${used}, ${now})`;
  await database.pool`insert into loyalty_voucher_codes (code, voucher_id) values (${code}, ${id})`;
}

async function lot(recordId: string, points: number, { availableAt = now, expiresAt = null as Date | null } = {}) {
  const bucket = availableAt > now ? 'pending' : 'available';
  await database.pool`
    insert into loyalty_lots (record_id, id, program_id, wallet, source, earned_at, available_at, expires_at, grants, granted,
                              issued, pending, available, reserved, redeemed, expired, reversed, adjusted, transferred)
    values (${recordId}, ${node.ctx.ids.uuid()}, ${programId}, 'points', 'TOUCHPOINT', ${now}, ${availableAt}, ${expiresAt}, '[]',
            ${points}, ${points}, ${bucket === 'pending' ? points : 0}, ${bucket === 'available' ? points : 0}, 0, 0, 0, 0, 0, 0)`;
}

test('one call tells everything about a basket, exactly', async () => {
  const customerId = await node.person('checkout-1', { traits: { city: 'Bern' } });
  await node.live('ten percent of tea', {
    value: { percent: { percent: '10', of: { categories: ['tea'] } } },
    eligibilityText: 'city is "Bern"',
  });
  await node.live('five off from fifty', fiveOff({ basket: { minimum: chf('50') }, stacking: { priority: 1 } }));
  await node.live('never here', fiveOff({ stores: ['elsewhere'] }));
  await node.live('double points', { value: { multiplier: { wallet: 'points', factor: '2' } } }, programId);
  await voucher('WELCOME10');
  await lot(customerId, 120);
  await lot(customerId, 30, { availableAt: new Date('2026-12-01T00:00:00Z') });
  await lot(customerId, 50, { expiresAt: now });
  await database.pool`
    insert into loyalty_members (customer_id, program_id, state, tier) values (${customerId}, ${programId}, '{}', 'gold')`;
  listening.statements.length = 0;
  const done = await node.checkout.checkout(node.ctx, {
    identifier: { kind: 'loyaltyCard', value: 'checkout-1' },
    channel: 'POS',
    store: 'bern',
    basket: basket({ sku: 'tea', category: 'tea', price: '12.35', quantity: 2 }, { sku: 'pot', price: '30.00' }),
    vouchers: ['welcome 10', 'nothing'],
  });
  expect(listening.statements.some((text) => /^\s*(insert|update|delete)/.test(text))).toBe(false);
  expect(listening.statements.length).toBeLessThanOrEqual(16);
  expect(done.customerId).toBe(customerId);
  expect(done.offers.map(({ terms, discount }) => [terms.offer.name, discount.amount])).toEqual([
    ['five off from fifty', 500n],
    ['ten percent of tea', 224n],
    ['double points', 0n],
  ]);
  expect(done.rejected.map(({ terms, reason }) => [terms.offer.name, reason])).toEqual([['never here', 'STORE']]);
  expect(done.vouchers.map(({ code, outcome, discount }) => [code, outcome, discount.amount])).toEqual([
    ['welcome 10', 'APPLIED', 1_000n],
    ['nothing', 'UNKNOWN', 0n],
  ]);
  expect([done.gross, done.discount, done.voucherAmount, done.total]).toEqual([5_470n, 724n, 1_000n, 3_746n]);
  expect(done.lines.reduce((sum, { total }) => sum + total, 0n)).toBe(done.total);
  expect(previewed?.total).toBe(3_746n);
  expect(done.earns).toEqual([{ programId, wallet: 'points', points: 37n, rules: ['base'] }]);
  expect(done.bonus).toMatchObject([{ programId, wallet: 'points', points: 37n }]);
  expect(done.balances).toEqual([{ programId, wallet: 'points', available: 120n, pending: 30n }]);
  expect(done.tiers).toEqual([{ programId, tier: 'gold' }]);
});

describe('vouchers', () => {
  test('are told apart without failing the call', async () => {
    const [mine, other] = [await node.person('owner-1'), await node.person('owner-2')];
    await voucher('MINE', { recordId: mine });
    await voucher('THEIRS', { recordId: other });
    await voucher('GONE', { used: 1, status: 'USED_UP' });
    await voucher('VOID', { status: 'CANCELLED' });
    await voucher('POINTS', { worth: { points: { wallet: 'points', points: 5 } } });
    const vouchers = ['MINE', 'MINE', 'THEIRS', 'GONE', 'VOID', 'POINTS', ''];
    const asked = { basket: basket({ sku: 'x', price: '100' }), vouchers, offers: [] };
    const outcomes = async (customerId: string | null) => {
      const done = await node.checkout.checkout(node.ctx, { ...asked, customerId });
      return done.vouchers.map(({ outcome }) => outcome);
    };
    const rest = ['USED_UP', 'CANCELLED', 'NOT_FOR_BASKETS', 'UNKNOWN'];
    expect(await outcomes(mine)).toEqual(['APPLIED', 'REPEATED', 'OTHER_CUSTOMER', ...rest]);
    expect(await outcomes(null)).toEqual(['OTHER_CUSTOMER', 'OTHER_CUSTOMER', 'OTHER_CUSTOMER', ...rest]);
  });

  test('take off what is left, and no more', async () => {
    await voucher('FIRST');
    await voucher('SECOND');
    await voucher('THIRD');
    const done = await node.checkout.checkout(node.ctx, {
      basket: basket({ sku: 'x', price: '15' }),
      vouchers: ['FIRST', 'SECOND', 'THIRD'],
      offers: [],
    });
    expect(done.vouchers.map(({ discount, outcome }) => [discount.amount, outcome])).toEqual([
      [1_000n, 'APPLIED'],
      [500n, 'APPLIED'],
      [0n, 'NOTHING_TO_TAKE_OFF'],
    ]);
    expect(done.total).toBe(0n);
  });
});

describe('an offer that was shown', () => {
  const asked = { basket: basket({ sku: 'x', price: '100' }) };

  test('is honoured while it is held, also when it was paused and its budget is all his', async () => {
    const offer = await node.live('honoured', fiveOff({ budget: { uses: 1 }, eligibility: { everyone: true } }));
    const customerId = await node.person('honour-1');
    const shown = await node.presenter.present(node.ctx, { offerId: offer.id, customerId, idempotencyKey: 'honour-1' });
    const asOffer = await node.checkout.checkout(node.ctx, { ...asked, customerId, offers: [{ offerId: offer.id }] });
    expect(asOffer.rejected.map(({ reason }) => reason)).toEqual(['BUDGET']);
    await node.offers.setStatus(node.ctx, { offerId: offer.id, status: 'PAUSED' });
    const named = { ...asked, customerId, offers: [{ presentationId: shown.id }] };
    expect((await node.checkout.checkout(node.ctx, named)).discount).toBe(500n);
    node.clock.set('2026-11-02T12:15:00Z');
    const late = await refusalOf(node.checkout.checkout(node.ctx, named));
    node.clock.set(now);
    expect(late).toMatchObject({ code: 'OFFER_REFUSED', details: { reason: 'EXPIRED' } });
  });

  test('has to exist', async () => {
    const unknown = node.ctx.ids.uuid();
    const attempt = (offers: object[]) =>
      refusalOf(node.checkout.checkout(node.ctx, { ...asked, offers: offers as [] }));
    expect((await attempt([{ offerId: unknown }])).code).toBe('NOT_FOUND');
    expect((await attempt([{ presentationId: unknown }])).code).toBe('BAD_USER_INPUT');
  });
});

test.each([
  ['a price below nothing', basket({ sku: 'x', price: '-1' }), 'lines[0].price'],
  ['half a cent', basket({ sku: 'x', price: '0.005' }), 'lines[0].price'],
  ['a quantity of nothing', basket({ sku: 'x', price: '1', quantity: 0 }), 'lines[0].quantity'],
  ['a ten-thousandth', basket({ sku: 'x', price: '1', quantity: 0.0001 }), 'lines[0].quantity'],
  ['no currency', { currency: 'XYZ', lines: [] }, 'currency'],
])('%s is refused', async (_, given, field) => {
  const refusal = await refusalOf(node.checkout.checkout(node.ctx, { basket: given }));
  expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.basket.${field}` } });
});
