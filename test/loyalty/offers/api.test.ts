import {
  type ExecutionResult,
  type GraphQLSchema,
  graphql,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { DateTime } from '../../../src/kernel/scalars.ts';
import { OfferResolver } from '../../../src/loyalty/offers/offer.resolver.ts';
import { OfferPresentationResolver, TillResolver } from '../../../src/loyalty/offers/till.resolver.ts';
import { applyOneOf } from '../../../src/server/one-of.ts';
import { contextWith } from '../../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type OffersFixture, openOffers } from './fixture.ts';

let database: TestDatabase;
let node: OffersFixture;
let schema: GraphQLSchema;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openOffers(database.pool);
  const conditions = { isHidden: () => false };
  const instances = new Map<unknown, object>([
    [OfferResolver, new OfferResolver(node.offers, conditions)],
    [TillResolver, new TillResolver(node.best, node.checkout)],
    [OfferPresentationResolver, new OfferPresentationResolver(node.presenter, node.decider)],
  ]);
  schema = buildSchemaSync({
    resolvers: [OfferResolver, TillResolver, OfferPresentationResolver],
    container: { get: (resolver) => instances.get(resolver) },
    validate: false,
    scalarsMap: [{ type: Date, scalar: DateTime }],
  });
  applyOneOf(schema);
});

afterAll(() => database.close());

async function ask<T>(source: string, variableValues: object = {}): Promise<T> {
  const scopes = ['loyalty:read', 'loyalty:operate', 'loyalty:manage'] as const;
  const contextValue = contextWith(node.ctx, ...scopes);
  // All tills of a test are one API key.
  const viewer = { ...contextValue.viewer, keyId: node.ctx.viewer.keyId };
  const answer: ExecutionResult = await graphql({
    schema,
    source,
    contextValue: { ...contextValue, viewer },
    variableValues: variableValues as Record<string, unknown>,
  });
  if (answer.errors) throw answer.errors[0]!.originalError ?? answer.errors[0]!;
  return answer.data as T;
}

test('everything is described', () => {
  const missing: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (!type.description && !['Query', 'Mutation'].includes(type.name)) missing.push(type.name);
    if (!isObjectType(type) && !isInputObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!field.description) missing.push(`${type.name}.${field.name}`);
      if (!('args' in field)) continue;
      for (const arg of field.args) if (!arg.description) missing.push(`${type.name}.${field.name}(${arg.name})`);
    }
  }
  expect(missing.filter((name) => !/^(Boolean|Float|Int|ID|String)$/.test(name))).toEqual([]);
});

test('a till makes an offer, and takes it off', async () => {
  const { createOffer } = await ask<{ createOffer: { offer: { id: string; eligibility: string } } }>(
    `mutation ($input: CreateOfferInput!) { createOffer(input: $input) { offer { id eligibility } } }`,
    {
      input: {
        name: 'Tea week',
        definition: {
          eligibilityText: 'country is "CH"',
          value: {
            percent: { percent: '10', maximum: { amount: '20', currency: 'CHF' }, of: { categories: ['tea'] } },
          },
          channels: ['POS'],
          budget: { money: { amount: '100', currency: 'CHF' } },
          limits: [{ per: 'DAY', uses: 1 }],
          expected: { worth: { amount: '8', currency: 'CHF' }, acceptance: '0.25' },
          validTo: '2027-01-01T00:00:00Z',
        },
        idempotencyKey: 'tea-week',
      },
    },
  );
  const { id: offerId, eligibility } = createOffer.offer;
  expect(eligibility).toBe('country is "CH"');
  await ask('mutation ($id: ID!) { setOfferStatus(input: { offerId: $id, status: LIVE }) { offer { status } } }', {
    id: offerId,
  });
  const customerId = toPublicId('cus', await node.person('api-1', { traits: { country: 'CH' } }));
  const basket = { currency: 'CHF', lines: [{ sku: 't', category: 'tea', price: '25.00', quantity: 2 }] };
  const asked = { customerId, channel: 'POS', basket };
  const { nextBestOffers } = await ask<{ nextBestOffers: unknown[] }>(
    `query ($input: NextBestOffersInput!) { nextBestOffers(input: $input) {
      offer { id name value { percent maximum { amount } of { categories } } validTo } rank rejection reasons acceptance
      expectedValue { amount currency } discount { amount }
    } }`,
    { input: { ...asked, includeRejected: true } },
  );
  const offer = {
    id: offerId,
    name: 'Tea week',
    value: { percent: '10', maximum: { amount: '20.00' }, of: { categories: ['tea'] } },
    validTo: new Date('2027-01-01T00:00:00Z'),
  };
  expect(nextBestOffers).toMatchObject([
    {
      offer,
      rank: 1,
      rejection: null,
      reasons: ['ELIGIBLE', 'CHANNEL', 'LIMITED_TIME'],
      acceptance: 0.25,
      expectedValue: { amount: '0.75', currency: 'CHF' },
      discount: { amount: '5.00' },
    },
  ]);
  const { presentOffer } = await ask<{ presentOffer: { presentation: { id: string } } }>(
    `mutation ($input: PresentOfferInput!) { presentOffer(input: $input) { presentation { id status offer { name } } } }`,
    { input: { ...asked, offerId, store: 'bern', idempotencyKey: 'shown-1' } },
  );
  const presentationId = presentOffer.presentation.id;
  await ask('mutation { acceptOffer(input: { presentationKey: "shown-1" }) { presentation { status } } }');
  const { checkout } = await ask<{ checkout: unknown }>(
    `query ($input: CheckoutInput!) { checkout(input: $input) {
      customerId gross { amount } discount { amount } total { amount } lines { sku total { amount } }
      offers { offer { name } discount { amount } } vouchers { code outcome amount { amount } } rejected { rejection }
      earns { points } bonus { points } balances { available } tiers { tier }
    } }`,
    { input: { ...asked, offers: [{ presentationId }], vouchers: ['none'] } },
  );
  expect(checkout).toMatchObject({
    customerId,
    gross: { amount: '50.00' },
    discount: { amount: '5.00' },
    total: { amount: '45.00' },
    offers: [{ offer: { name: 'Tea week' }, discount: { amount: '5.00' } }],
    vouchers: [{ code: 'none', outcome: 'UNKNOWN', amount: { amount: '0.00' } }],
    rejected: [],
  });
  const { redeemOffer } = await ask<{ redeemOffer: unknown }>(
    `mutation ($input: RedeemOfferInput!) { redeemOffer(input: $input) { presentation { status } } }`,
    { input: { presentationId, amount: { amount: '5.00', currency: 'CHF' } } },
  );
  expect(redeemOffer).toEqual({ presentation: { status: 'REDEEMED' } });
  const after = await ask<{ offer: unknown; nextBestOffers: unknown }>(
    `query ($id: ID!, $input: NextBestOffersInput!) {
      offer(id: $id) { budget { allowed { amount } spent { amount } uses } answers { presented accepted } version }
      nextBestOffers(input: $input) { rejection rank }
    }`,
    { id: offerId, input: { ...asked, includeRejected: true } },
  );
  expect(after).toEqual({
    offer: {
      budget: { allowed: { amount: '100.00' }, spent: { amount: '5.00' }, uses: 1 },
      answers: { presented: 1, accepted: 1 },
      version: 2,
    },
    nextBestOffers: [{ rejection: 'LIMIT', rank: null }],
  });
});

test('refusals have a code and a reason', async () => {
  const attempt = ask('mutation { acceptOffer(input: { presentationKey: "never" }) { presentation { id } } }');
  await expect(attempt).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const again = ask('mutation { declineOffer(input: { presentationKey: "shown-1" }) { presentation { id } } }');
  await expect(again).rejects.toMatchObject({ code: 'OFFER_REFUSED', details: { reason: 'ALREADY_REDEEMED' } });
  const both = ask(
    'mutation { acceptOffer(input: { presentationKey: "a", presentationId: "b" }) { presentation { id } } }',
  );
  await expect(both).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});
