import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AskForOffers } from '../../../src/loyalty/offers/next-best-offers.service.ts';
import type { Rejection } from '../../../src/loyalty/offers/offer.ts';
import { contextWith, openListeningPool, refusalOf } from '../../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { basket, chf, fiveOff, type OffersFixture, openOffers, writeProgram } from './fixture.ts';

let database: TestDatabase;
let listening: ReturnType<typeof openListeningPool>;
let node: OffersFixture;
const programId = '01900000-0000-7000-8000-000000000001';

beforeAll(async () => {
  database = await openTestDatabase();
  listening = openListeningPool(database.url);
  node = await openOffers(listening.pool);
  await writeProgram(database.pool, programId);
});

afterAll(async () => {
  await listening.pool.end();
  await database.close();
});

beforeEach(async () => {
  await database.pool`update loyalty_offers set status = 'ENDED'`;
  await database.pool`update loyalty_offer_book set revision = revision + 1`;
});

const bern = { trait: { trait: 'city', operator: 'EQUALS', value: 'Bern' } } as const;
const buyer = {
  event: {
    match: { types: ['order.completed'] },
    count: { comparison: 'AT_LEAST', value: '1' },
    window: { last: { count: 30, unit: 'DAY' } },
  },
} as const;

async function chosen(input: AskForOffers = {}): Promise<string[]> {
  const { chosen: found } = await node.best.find(node.ctx, { first: 50, ...input });
  return found.map(({ terms }) => terms.offer.name);
}

async function why(name: string, input: AskForOffers = {}): Promise<Rejection | undefined> {
  const { rejected } = await node.best.find(node.ctx, { first: 50, includeRejected: true, ...input });
  return rejected.find(({ terms }) => terms.offer.name === name)?.reason;
}

describe('offers to somebody', () => {
  test('are those whose condition holds now, by trait and by what they did a moment ago', async () => {
    await node.live('bern', fiveOff({ eligibility: bern }));
    await node.live('buyer', fiveOff({ eligibility: buyer }));
    const id = await node.person('cond-1', { traits: { city: 'Bern' } });
    expect(await chosen({ customerId: id })).toEqual(['bern']);
    expect(await why('buyer', { customerId: id })).toBe('NOT_ELIGIBLE');
    await node.person('cond-1', { type: 'order.completed', value: chf('20'), occurredAt: '2026-11-02T11:59:00Z' });
    expect((await chosen({ customerId: id })).sort()).toEqual(['bern', 'buyer']);
    expect((await chosen({ identifier: { kind: 'loyaltyCard', value: 'cond-1' } })).sort()).toEqual(['bern', 'buyer']);
  });

  test('are in words, too', async () => {
    const offer = await node.live('words', fiveOff({ eligibilityText: 'city is "Thun"' }));
    const thun = { trait: { trait: 'city', operator: 'EQUALS', value: 'Thun' } };
    expect(offer.definition.eligibility).toEqual({ given: thun, resolved: thun });
    const id = await node.person('words-1', { traits: { city: 'Thun' } });
    expect(await chosen({ customerId: id })).toEqual(['words']);
  });

  test('who is not known are those without a condition on the customer', async () => {
    await node.live('for all', fiveOff());
    await node.live('for members', fiveOff({ eligibility: { everyone: true } }));
    await node.live('once each', fiveOff({ limits: [{ per: 'EVER', uses: 1 }] }));
    expect(await chosen({})).toEqual(['for all']);
    expect(await chosen({ identifier: { kind: 'loyaltyCard', value: 'never seen' } })).toEqual(['for all']);
    expect(await why('for members')).toBe('UNKNOWN_PERSON');
    expect(await why('once each')).toBe('UNKNOWN_PERSON');
  });

  test('of a tier are for that tier', async () => {
    await node.live('gold only', fiveOff({ tiers: ['gold'] }), programId);
    const id = await node.person('tier-1');
    expect(await why('gold only', { customerId: id })).toBe('TIER');
    await database.pool`
      insert into loyalty_members (customer_id, program_id, state, tier) values (${id}, ${programId}, '{}', 'gold')`;
    expect(await chosen({ customerId: id })).toEqual(['gold only']);
  });

  test.each<[Rejection, Parameters<typeof fiveOff>[0], AskForOffers]>([
    ['VALIDITY', { validTo: new Date('2026-11-02T12:00:00Z') }, {}],
    ['VALIDITY', { validFrom: new Date('2026-11-02T12:00:00.001Z') }, {}],
    ['CHANNEL', { channels: ['APP'] }, { channel: 'POS' }],
    ['CHANNEL', { channels: ['APP'] }, {}],
    ['STORE', { stores: ['bern'] }, { store: 'thun' }],
    ['CURRENCY', {}, { currency: 'EUR' }],
    ['BASKET', { basket: { minimum: chf('50') } }, { basket: basket({ sku: 'a', price: '49.99' }) }],
    ['BASKET', { basket: { items: [{ skus: ['a'], quantity: 2 }] } }, { basket: basket({ sku: 'a', price: '1' }) }],
    ['BASKET', { basket: { items: [{ categories: ['tea'], quantity: 1 }] } }, {}],
    ['MARGIN', { margin: { minimumPercent: '20' } }, { basket: basket({ sku: 'a', price: '20', cost: '12.01' }) }],
    ['MARGIN', { margin: { minimumPercent: '20' } }, { basket: basket({ sku: 'a', price: '20' }) }],
    ['NO_VALUE', { expected: { worth: chf('4.99') } }, {}],
    ['HOLDOUT', { holdoutPercent: '100' }, {}],
  ])('are not made: %s', async (reason, definition, input) => {
    await node.live('tested', fiveOff(definition));
    const customerId = await node.person('reasons-1');
    expect(await why('tested', { customerId, ...input })).toBe(reason);
    expect(await chosen({ customerId, ...input })).toEqual([]);
  });

  test.each<[string, Parameters<typeof fiveOff>[0], AskForOffers]>([
    ['the last moment', { validTo: new Date('2026-11-02T12:00:00.001Z') }, {}],
    ['the first moment', { validFrom: new Date('2026-11-02T12:00:00Z') }, {}],
    ['the channel', { channels: ['APP', 'POS'] }, { channel: 'POS' }],
    [
      'the least basket',
      { basket: { minimum: chf('50') } },
      { basket: basket({ sku: 'a', price: '25', quantity: 2 }) },
    ],
    [
      'items of a category',
      { basket: { items: [{ categories: ['tea'], quantity: 2 }] } },
      { basket: basket({ sku: 'a', category: 'tea', price: '9' }, { sku: 'b', category: 'tea', price: '9' }) },
    ],
    [
      'just the margin',
      { margin: { minimumPercent: '20' } },
      { basket: basket({ sku: 'a', price: '20', cost: '12' }) },
    ],
    ['costs that nobody knows, where that is allowed', { margin: { minimumPercent: '20', ifUnknown: 'ALLOW' } }, {}],
  ])('are made at %s', async (_, definition, input) => {
    await node.live('tested', fiveOff(definition));
    expect(await chosen({ customerId: await node.person('reasons-2'), ...input })).toEqual(['tested']);
  });

  test('come the most valuable first, and no more than asked for', async () => {
    await node.live('small', fiveOff({ expected: { worth: chf('6'), acceptance: '0.5' } }));
    await node.live('great', fiveOff({ expected: { worth: chf('9'), acceptance: '0.5' } }));
    await node.live('pushed', fiveOff({ expected: { worth: chf('6'), acceptance: '0.5', lever: '5' } }));
    const { chosen: found, rejected } = await node.best.find(node.ctx, { first: 2, includeRejected: true });
    expect(found.map(({ terms, expected }) => [terms.offer.name, expected])).toEqual([
      ['pushed', 250n],
      ['great', 200n],
    ]);
    expect(rejected.map(({ terms, reason }) => [terms.offer.name, reason])).toEqual([['small', 'BEYOND_FIRST']]);
  });

  test('can all be used together', async () => {
    await node.live('a', fiveOff({ stacking: { group: 'g', priority: 1 } }));
    await node.live('b', fiveOff({ stacking: { group: 'g', priority: 2 } }));
    await node.live('c', fiveOff());
    await node.live('alone', fiveOff({ stacking: { exclusive: true, priority: -1 } }));
    expect((await chosen()).sort()).toEqual(['b', 'c']);
    expect(await why('a')).toBe('STACKED_OUT');
    expect(await why('alone')).toBe('STACKED_OUT');
  });

  test('are never made while they are drafts, paused or ended; a change counts at once', async () => {
    const { id } = await node.offers.create(node.ctx, { name: 'young', definition: fiveOff() });
    expect(await chosen()).toEqual([]);
    const steps = ['LIVE', 'PAUSED', 'LIVE', 'ENDED'] as const;
    for (const status of steps) {
      await node.offers.setStatus(node.ctx, { offerId: id, status });
      expect(await chosen()).toEqual(status === 'LIVE' ? ['young'] : []);
    }
  });
});

test('a holdout is sticky: the same people for ever, about as many as asked for', async () => {
  await node.live('measured', fiveOff({ holdoutPercent: '30' }));
  const ids = await Promise.all(Array.from({ length: 200 }, (_, index) => node.person(`held-${index}`)));
  const draw = () => Promise.all(ids.map((customerId) => why('measured', { customerId })));
  const first = await draw();
  node.clock.set('2027-06-01T12:00:00Z');
  const other = await openOffers(database.pool, { now: '2027-06-01T12:00:00Z' });
  const again = await Promise.all(
    ids.map(
      async (customerId) =>
        (await other.best.find(other.ctx, { customerId, includeRejected: true })).rejected[0]?.reason,
    ),
  );
  node.clock.set('2026-11-02T12:00:00Z');
  expect(again).toEqual(first);
  const held = first.filter((reason) => reason === 'HOLDOUT').length;
  expect(held).toBeGreaterThan(35);
  expect(held).toBeLessThan(85);
});

test('reading takes as many statements for one offer as for two hundred, and writes nothing', async () => {
  const customerId = await node.person('statements', { traits: { city: 'Bern' } });
  const definition = (index: number) =>
    fiveOff({
      eligibility:
        index % 2 === 0 ? bern : { all: [buyer, { trait: { trait: 'age', operator: 'GREATER', value: index } }] },
      limits: [{ per: 'MONTH', uses: 2 }],
      budget: { uses: 1_000 },
    });
  const count = async () => {
    await chosen({ customerId });
    listening.statements.length = 0;
    await chosen({ customerId });
    return listening.statements.length;
  };
  await node.live('first', definition(0));
  await node.live('second', definition(1));
  const few = await count();
  for (let index = 2; index < 200; index += 1) await node.live(`offer ${index}`, definition(index));
  expect(await count()).toBe(few);
  expect(few).toBeLessThanOrEqual(14);
  expect(listening.statements.some((text) => /^\s*(insert|update|delete)/.test(text))).toBe(false);
  expect(await chosen({ customerId })).toHaveLength(50);
});

test('it needs the scope of a till, and a person who can be meant', async () => {
  const { ctx } = node;
  const refusal = await refusalOf(node.best.find(contextWith(ctx, 'loyalty:read'), {}));
  expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'loyalty:operate' } });
  const nobody = await refusalOf(node.best.find(ctx, { customerId: ctx.ids.uuid() }));
  expect(nobody.code).toBe('NOT_FOUND');
  const both = { customerId: ctx.ids.uuid(), identifier: { kind: 'email', value: 'a@b.ch' } };
  expect((await refusalOf(node.best.find(ctx, both))).code).toBe('BAD_USER_INPUT');
});
