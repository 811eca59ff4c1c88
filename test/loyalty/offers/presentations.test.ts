import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBudgets } from '../../../src/loyalty/offers/budgets.queries.ts';
import { releaseExpired } from '../../../src/loyalty/offers/reservation.service.ts';
import { contextWith, refusalOf } from '../../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { basket, chf, fiveOff, type OffersFixture, openOffers, writeProgram } from './fixture.ts';

let database: TestDatabase;
let one: OffersFixture;
let other: OffersFixture;
const start = new Date('2026-11-02T12:00:00Z');
const programId = '01900000-0000-7000-8000-000000000002';
const granted: { points: bigint; customerId: string }[] = [];

beforeAll(async () => {
  database = await openTestDatabase({ max: 30 });
  one = await openOffers(database.pool, {
    grant: async (_tx, _ctx, grant) => {
      granted.push(grant);
      return [];
    },
  });
  other = await openOffers(database.pool);
  await writeProgram(database.pool, programId);
});

afterAll(() => database.close());

function at(minutes: number): Date {
  return new Date(start.getTime() + minutes * 60_000);
}

function wait(minutes: number): void {
  for (const node of [one, other]) node.clock.set(at(minutes));
}

let keys = 0;
function key(): string {
  keys += 1;
  return `key-${keys}`;
}

async function budgetOf(offerId: string) {
  const [row] = await database.pool`
    select reserved::int, spent::int, uses_reserved as "usesReserved", uses from loyalty_offer_budgets
    where offer_id = ${offerId}`;
  return row;
}

/** What the presentations say that the budget should hold. */
async function expectBalanced(offerId: string): Promise<void> {
  const [row] = await database.pool`
    select coalesce(sum(reserved) filter (where held), 0)::int as reserved, coalesce(sum(spent), 0)::int as spent,
           (count(*) filter (where held))::int as "usesReserved", (count(*) filter (where status = 'REDEEMED'))::int as uses
    from loyalty_presentations where offer_id = ${offerId}`;
  expect(await budgetOf(offerId)).toEqual(row);
}

async function reasonOf(attempt: Promise<unknown>): Promise<unknown> {
  const { code, details } = await refusalOf(attempt);
  expect(code).toBe('OFFER_REFUSED');
  return details.reason;
}

describe('the way of an offer', () => {
  test('presented, accepted, redeemed: reserved first, then spent', async () => {
    wait(0);
    const offer = await one.live('way', fiveOff({ budget: { money: chf('20') } }));
    const customerId = await one.person('way-1');
    const shown = await one.presenter.present(one.ctx, { offerId: offer.id, customerId, idempotencyKey: key() });
    expect(shown).toMatchObject({ status: 'PRESENTED', reserved: 500n, expiresAt: at(15), version: 2 });
    expect(await budgetOf(offer.id)).toEqual({ reserved: 500, spent: 0, usesReserved: 1, uses: 0 });
    wait(10);
    const accepted = await one.decider.accept(one.ctx, { presentationId: shown.id });
    expect(accepted).toMatchObject({ status: 'ACCEPTED', decidedAt: at(10), expiresAt: at(10 + 1_440) });
    wait(20);
    const redeemed = await one.decider.redeem(one.ctx, { presentationId: shown.id, amount: chf('4.20') });
    expect(redeemed).toMatchObject({ status: 'REDEEMED', spent: 420n });
    expect(await budgetOf(offer.id)).toEqual({ reserved: 0, spent: 420, usesReserved: 0, uses: 1 });
    await expectBalanced(offer.id);
  });

  test('declined: what was reserved is free again, and it can not be accepted any more', async () => {
    wait(0);
    const offer = await one.live('declined', fiveOff({ budget: { uses: 1 } }));
    const presentation = { offerId: offer.id, customerId: await one.person('dec-1') };
    const shown = await one.presenter.present(one.ctx, { ...presentation, idempotencyKey: key() });
    expect(await reasonOf(one.presenter.present(one.ctx, { ...presentation, idempotencyKey: key() }))).toBe('BUDGET');
    await one.decider.decline(one.ctx, { presentationId: shown.id });
    expect(await reasonOf(one.decider.accept(one.ctx, { presentationId: shown.id }))).toBe('DECLINED');
    await one.presenter.present(one.ctx, { ...presentation, idempotencyKey: key() });
    await expectBalanced(offer.id);
  });

  test('nobody known: an offer without a condition on the customer can be shown and used', async () => {
    wait(0);
    const offer = await one.live('anonymous', fiveOff({ budget: { uses: 3 } }));
    const shown = await one.presenter.present(one.ctx, { offerId: offer.id, idempotencyKey: key() });
    await one.decider.redeem(one.ctx, { presentationId: shown.id });
    expect(await budgetOf(offer.id)).toMatchObject({ uses: 1, spent: 500 });
    const personal = await one.live('personal', fiveOff({ limits: [{ per: 'DAY', uses: 1 }] }));
    const attempt = one.presenter.present(one.ctx, { offerId: personal.id, idempotencyKey: key() });
    expect(await reasonOf(attempt)).toBe('UNKNOWN_PERSON');
  });

  test('points are granted to the customer once, when they are redeemed', async () => {
    wait(0);
    const definition = { value: { points: { wallet: 'points', points: 50 } }, expected: { worth: chf('2') } };
    const offer = await one.live('points', definition, programId);
    const customerId = await one.person('points-1');
    const presentationKey = key();
    await one.presenter.present(one.ctx, { offerId: offer.id, customerId, idempotencyKey: presentationKey });
    expect(granted).toEqual([]);
    await one.decider.redeem(one.ctx, { presentationKey });
    await one.decider.redeem(one.ctx, { presentationKey });
    expect(granted).toMatchObject([{ points: 50n, customerId, wallet: 'points', programId }]);
  });

  test('an amount above what was reserved is refused', async () => {
    wait(0);
    const offer = await one.live('too much', fiveOff({ budget: { money: chf('20') } }));
    const shown = await one.presenter.present(one.ctx, { offerId: offer.id, idempotencyKey: key() });
    const refusal = await refusalOf(one.decider.redeem(one.ctx, { presentationId: shown.id, amount: chf('5.01') }));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.amount' } });
    await expectBalanced(offer.id);
  });
});

describe('sending it again', () => {
  test('answers what it made the first time, whatever has become of the offer', async () => {
    wait(0);
    const offer = await one.live('again', fiveOff({ budget: { uses: 1 } }));
    const input = { offerId: offer.id, customerId: await one.person('again-1'), idempotencyKey: key() };
    const first = await one.presenter.present(one.ctx, input);
    await one.offers.setStatus(one.ctx, { offerId: offer.id, status: 'ENDED' });
    const second = await one.presenter.present(one.ctx, { ...input });
    expect(second).toEqual({ ...first, recordedAt: second.recordedAt });
    for (const step of ['accept', 'accept', 'redeem', 'redeem'] as const) {
      await one.decider[step](one.ctx, { presentationId: first.id });
    }
    expect(await budgetOf(offer.id)).toEqual({ reserved: 0, spent: 500, usesReserved: 0, uses: 1 });
  });

  test('with something else is a conflict; another API key has other keys', async () => {
    wait(0);
    const offer = await one.live('conflict', fiveOff());
    const idempotencyKey = key();
    await one.presenter.present(one.ctx, { offerId: offer.id, idempotencyKey });
    const changed = one.presenter.present(one.ctx, { offerId: offer.id, store: 'bern', idempotencyKey });
    expect((await refusalOf(changed)).code).toBe('IDEMPOTENCY_CONFLICT');
    const till = contextWith(one.ctx, 'loyalty:operate');
    const elsewhere = await one.presenter.present(till, { offerId: offer.id, store: 'bern', idempotencyKey });
    expect(elsewhere.store).toBe('bern');
  });

  test('fifty times at once by two nodes makes one', async () => {
    wait(0);
    const offer = await one.live('fifty', fiveOff({ budget: { uses: 10 } }));
    const input = { offerId: offer.id, customerId: await one.person('fifty-1'), idempotencyKey: key() };
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? one : other).presenter.present(one.ctx, input)),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    await Promise.all(all.map(({ id }) => other.decider.redeem(one.ctx, { presentationId: id })));
    expect(await budgetOf(offer.id)).toEqual({ reserved: 0, spent: 500, usesReserved: 0, uses: 1 });
  });

  test('redeemed for one amount, then for another is refused', async () => {
    wait(0);
    const offer = await one.live('amounts', fiveOff());
    const { id: presentationId } = await one.presenter.present(one.ctx, { offerId: offer.id, idempotencyKey: key() });
    await one.decider.redeem(one.ctx, { presentationId, amount: chf('3') });
    await one.decider.redeem(one.ctx, { presentationId, amount: chf('3.00') });
    expect(await reasonOf(one.decider.redeem(one.ctx, { presentationId, amount: chf('4') }))).toBe('OTHER_AMOUNT');
    expect(await reasonOf(one.decider.decline(one.ctx, { presentationId }))).toBe('ALREADY_REDEEMED');
  });
});

describe('a budget', () => {
  test.each([
    ['uses', { uses: 10 }],
    ['money', { money: chf('50') }],
  ])('of %s for ten is presented to exactly ten of fifty who come at once', async (name, budget) => {
    wait(0);
    const offer = await one.live(`race of ${name}`, fiveOff({ budget }));
    const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => one.person(`race-${name}-${index}`)));
    const settled = await Promise.allSettled(
      ids.map((customerId, index) => {
        const node = index % 2 === 0 ? one : other;
        return node.presenter.present(node.ctx, { offerId: offer.id, customerId, idempotencyKey: key() });
      }),
    );
    const shown = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const reasons = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason.details?.reason] : []));
    expect(shown).toHaveLength(10);
    expect(reasons).toEqual(Array.from({ length: 40 }, () => 'BUDGET'));
    await Promise.all(
      shown.flatMap(({ id: presentationId }) => [
        one.decider.redeem(one.ctx, { presentationId }),
        other.decider.redeem(other.ctx, { presentationId }),
      ]),
    );
    expect(await budgetOf(offer.id)).toEqual({ reserved: 0, spent: 5_000, usesReserved: 0, uses: 10 });
    await expectBalanced(offer.id);
  });

  test('is free again when time runs out, before anybody has swept; and nothing is released twice', async () => {
    wait(0);
    const offer = await one.live('expiry', fiveOff({ budget: { uses: 2 }, holdMinutes: 10 }));
    const present = () => one.presenter.present(one.ctx, { offerId: offer.id, idempotencyKey: key() });
    const [first] = [await present(), await present()];
    wait(9);
    expect(await reasonOf(present())).toBe('BUDGET');
    expect((await one.best.find(one.ctx, { first: 50, includeRejected: true })).rejected).toContainEqual(
      expect.objectContaining({ reason: 'BUDGET' }),
    );
    wait(10);
    const [budget] = await findBudgets(database.pool, { offerIds: [offer.id], now: at(10) });
    expect(budget).toMatchObject({ usesTaken: 0, taken: 0n });
    expect(await reasonOf(one.decider.accept(one.ctx, { presentationId: first!.id }))).toBe('EXPIRED');
    await Promise.all([present(), present()]);
    await expectBalanced(offer.id);
    expect(await reasonOf(present())).toBe('BUDGET');
    wait(20);
    const swept = await Promise.all([releaseExpired(one.ctx), releaseExpired(other.ctx)]);
    expect(swept[0]! + swept[1]!).toBeGreaterThanOrEqual(2);
    expect(await releaseExpired(one.ctx)).toBe(0);
    expect(await budgetOf(offer.id)).toEqual({ reserved: 0, spent: 0, usesReserved: 0, uses: 0 });
  });

  test('survives presenting, deciding and sweeping at the same time', async () => {
    const offer = await one.live('storm', fiveOff({ budget: { uses: 25 }, holdMinutes: 1, redeemMinutes: 1 }));
    const ids = await Promise.all(Array.from({ length: 8 }, (_, index) => one.person(`storm-${index}`)));
    for (let round = 0; round < 12; round += 1) {
      wait(100 + round);
      const work = ids.flatMap((customerId, index) => {
        const node = index % 2 === 0 ? one : other;
        const step = (['accept', 'decline', 'redeem'] as const)[(index + round) % 3]!;
        const presentationKey = key();
        const input = { offerId: offer.id, customerId, idempotencyKey: presentationKey };
        return [
          node.presenter.present(node.ctx, input).then(() => node.decider[step](node.ctx, { presentationKey })),
          node.presenter.present(node.ctx, { ...input, idempotencyKey: key() }),
          releaseExpired(node.ctx),
        ];
      });
      const settled = await Promise.allSettled(work);
      const failures = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(failures.filter((error) => error.details?.reason !== 'BUDGET')).toEqual([]);
      await expectBalanced(offer.id);
    }
    expect((await budgetOf(offer.id))!.uses).toBeGreaterThan(10);
  });

  test('that comes later counts from then on', async () => {
    wait(0);
    const offer = await one.live('late budget', fiveOff());
    const before = await one.presenter.present(one.ctx, { offerId: offer.id, idempotencyKey: key() });
    await one.offers.update(one.ctx, { offerId: offer.id, definition: fiveOff({ budget: { uses: 1 } }) });
    await one.decider.redeem(one.ctx, { presentationId: before.id });
    expect(await budgetOf(offer.id)).toMatchObject({ uses: 1, usesReserved: 0 });
    expect(await reasonOf(one.presenter.present(one.ctx, { offerId: offer.id, idempotencyKey: key() }))).toBe('BUDGET');
  });
});

describe('a limit for each customer', () => {
  test('holds when two tills let somebody accept two presentations at once', async () => {
    wait(0);
    const offer = await one.live('limit', fiveOff({ limits: [{ per: 'DAY', uses: 1 }] }));
    const customerId = await one.person('limit-1');
    const present = () => one.presenter.present(one.ctx, { offerId: offer.id, customerId, idempotencyKey: key() });
    const shown = await Promise.all([present(), present(), present()]);
    const settled = await Promise.allSettled(
      shown.map(({ id: presentationId }, index) =>
        (index === 0 ? one : other).decider.accept(one.ctx, { presentationId }),
      ),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await reasonOf(present())).toBe('LIMIT');
  });

  test('begins anew at midnight of the organisation', async () => {
    const offer = await one.live('midnight', fiveOff({ limits: [{ per: 'DAY', uses: 1 }], redeemMinutes: 5_000 }));
    const customerId = await one.person('midnight-1');
    // 2026-11-02T12:00Z is 13:00 in Zurich.
    wait(10 * 60);
    const first = await one.presenter.present(one.ctx, { offerId: offer.id, customerId, idempotencyKey: key() });
    await one.decider.redeem(one.ctx, { presentationId: first.id });
    wait(11 * 60 - 1);
    expect(
      await reasonOf(one.presenter.present(one.ctx, { offerId: offer.id, customerId, idempotencyKey: key() })),
    ).toBe('LIMIT');
    wait(11 * 60);
    await one.presenter.present(one.ctx, { offerId: offer.id, customerId, idempotencyKey: key() });
  });
});

describe('a till that was offline', () => {
  const day = 24 * 60;

  test('is believed: an offer that ended meanwhile was shown and used in time', async () => {
    wait(0);
    const offer = await one.live(
      'offline',
      fiveOff({ budget: { uses: 5 }, validTo: at(day), tiers: ['gold'] }),
      programId,
    );
    const presentationKey = key();
    const customerId = await one.person('offline-1');
    wait(20 * day);
    await one.offers.setStatus(one.ctx, { offerId: offer.id, status: 'ENDED' });
    const queue = async () => {
      const input = { offerId: offer.id, customerId, occurredAt: at(60), idempotencyKey: presentationKey };
      const shown = await one.presenter.present(one.ctx, input);
      await one.decider.accept(one.ctx, { presentationKey, occurredAt: at(62) });
      const used = await one.decider.redeem(one.ctx, { presentationKey, occurredAt: at(70) });
      return [shown.presentedAt, used.decidedAt, used.recordedAt];
    };
    expect(await queue()).toEqual([at(60), at(70), at(20 * day)]);
    expect(await queue()).toEqual([at(60), at(70), at(20 * day)]);
    expect(await budgetOf(offer.id)).toEqual({ reserved: 0, spent: 500, usesReserved: 0, uses: 1 });
    await expectBalanced(offer.id);
  });

  test('never overspends a budget that others have used up meanwhile', async () => {
    wait(0);
    const offer = await one.live('offline budget', fiveOff({ budget: { uses: 1 } }));
    wait(day);
    const taken = await one.presenter.present(one.ctx, { offerId: offer.id, idempotencyKey: key() });
    await one.decider.redeem(one.ctx, { presentationId: taken.id });
    const presentationKey = key();
    await one.presenter.present(one.ctx, { offerId: offer.id, occurredAt: at(1), idempotencyKey: presentationKey });
    const attempt = one.decider.redeem(one.ctx, { presentationKey, occurredAt: at(2) });
    expect(await reasonOf(attempt)).toBe('BUDGET');
    await expectBalanced(offer.id);
  });

  test('accepts in time what was swept before it came back', async () => {
    wait(0);
    const offer = await one.live('swept', fiveOff({ budget: { uses: 1 } }));
    const shown = await one.presenter.present(one.ctx, { offerId: offer.id, idempotencyKey: key() });
    wait(16);
    expect(await releaseExpired(one.ctx)).toBeGreaterThan(0);
    await one.decider.accept(one.ctx, { presentationId: shown.id, occurredAt: at(14) });
    expect(await budgetOf(offer.id)).toMatchObject({ usesReserved: 1 });
    await expectBalanced(offer.id);
  });

  test('is heard for thirty days, and not about the future', async () => {
    wait(40 * day);
    const offer = await one.live('bounds', fiveOff());
    const present = (occurredAt: Date) =>
      one.presenter.present(one.ctx, { offerId: offer.id, occurredAt, idempotencyKey: key() });
    await present(at(10 * day));
    expect((await refusalOf(present(at(10 * day - 1)))).code).toBe('BAD_USER_INPUT');
    expect((await refusalOf(present(at(40 * day + 6)))).code).toBe('BAD_USER_INPUT');
    await present(at(40 * day + 4));
  });
});

test('what came of offers teaches how likely they are accepted', async () => {
  wait(0);
  const node = await openOffers(database.pool);
  const offer = await node.live('learning', fiveOff({ expected: { worth: chf('10'), acceptance: '0.5', weight: 10 } }));
  const expected = async () => {
    const fresh = await openOffers(database.pool);
    const { chosen } = await fresh.best.find(fresh.ctx, { first: 50 });
    return chosen.find(({ terms }) => terms.offer.id === offer.id)?.acceptancePpm;
  };
  expect(await expected()).toBe(500_000n);
  for (let index = 0; index < 10; index += 1) {
    const { id } = await node.presenter.present(node.ctx, { offerId: offer.id, idempotencyKey: key() });
    if (index < 9) await node.decider[index < 7 ? 'decline' : 'accept'](node.ctx, { presentationId: id });
  }
  // Two of nine said yes, one has not answered: (2 + 5) / (9 + 10).
  expect(await expected()).toBe(368_421n);
});

test('a presentation stays with its record: uses follow whose the record is', async () => {
  wait(0);
  const offer = await one.live('merge', fiveOff({ limits: [{ per: 'EVER', uses: 1 }] }));
  const [anna, ben] = [await one.person('merge-a'), await one.person('merge-b')];
  const shown = await one.presenter.present(one.ctx, { offerId: offer.id, customerId: anna, idempotencyKey: key() });
  await one.decider.redeem(one.ctx, { presentationId: shown.id });
  const why = async (customerId: string) => {
    const { rejected } = await one.best.find(one.ctx, { customerId, first: 50, includeRejected: true });
    return rejected.find(({ terms }) => terms.offer.id === offer.id)?.reason;
  };
  expect([await why(anna), await why(ben)]).toEqual(['LIMIT', undefined]);
  await database.pool`update records set customer_id = ${anna} where id = ${ben}`;
  expect(await why(ben)).toBe('LIMIT');
  await database.pool`update records set customer_id = ${ben} where id = ${ben}`;
  expect(await why(ben)).toBeUndefined();
});

test('a basket decides at the till as well', async () => {
  wait(0);
  const offer = await one.live('basket', fiveOff({ basket: { minimum: chf('30') } }));
  const present = (price: string) =>
    one.presenter.present(one.ctx, { offerId: offer.id, basket: basket({ sku: 'a', price }), idempotencyKey: key() });
  expect(await reasonOf(present('29.99'))).toBe('BASKET');
  expect((await present('30')).status).toBe('PRESENTED');
});
