import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { dataOf, ingest } from '../touchpoints/subscription-fixture.ts';

/** What only holds if the server has put the parts of loyalty together, and runs its clock. */
let server: TestServer;
let programId: string;

beforeAll(async () => {
  server = await startTestServer();
  // Bought before there is any programme.
  await buys('early', '300');
  programId = await openClub();
});
afterAll(() => server.close());

async function ask<T>(query: string, variables?: Record<string, unknown>): Promise<T> {
  return dataOf<T>(await server.graphql(query, variables));
}

function mutate<T>(name: string, input: object, fields: string): Promise<T> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  return ask<T>(`mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { input });
}

async function openClub(): Promise<string> {
  const earns = { spend: { points: { value: '1' }, per: '1', currency: 'CHF' } };
  const match = { types: ['order.completed'] };
  const definition = {
    wallets: [{ key: 'points', name: 'Points' }],
    rules: [{ key: 'base', name: 'Base', wallet: 'points', match, earns }],
  };
  const { createLoyaltyProgram } = await mutate<{ createLoyaltyProgram: { program: { id: string } } }>(
    'createLoyaltyProgram',
    { name: 'Club', definition },
    'program { id }',
  );
  const { id } = createLoyaltyProgram.program;
  const effectiveAt = '2025-01-01T00:00:00Z';
  await mutate('publishLoyaltyProgram', { programId: id, effectiveAt }, 'program { id }');
  await mutate('setLoyaltyProgramPhase', { programId: id, phase: 'LIVE', effectiveAt }, 'program { id }');
  return id;
}

let orders = 0;

async function buys(person: string, francs: string): Promise<string> {
  orders += 1;
  const [result] = await ingest(server, {
    source: 'pos',
    key: person,
    type: 'order.completed',
    occurredAt: new Date(Date.UTC(2026, 5, 1, 0, 0, orders)).toISOString(),
    identifiers: [{ kind: 'loyaltyCard', value: person }],
    value: { amount: francs, currency: 'CHF' },
  });
  return result!.customerId!;
}

interface Shown {
  readonly customer: {
    readonly loyalty: readonly { readonly balances: readonly { readonly available: number }[] }[];
    readonly segments: readonly { readonly segment: { readonly name: string } }[];
  };
}

const shown = (person: string) =>
  ask<Shown>(
    `query ($value: String!) { customer(identifier: { kind: "loyaltyCard", value: $value }) {
       loyalty { balances { available } } segments { segment { name } } } }`,
    { value: person },
  );

const pointsOf = async (person: string) => (await shown(person)).customer.loyalty[0]?.balances[0]?.available ?? 0;
const segmentsOf = async (person: string) => (await shown(person)).customer.segments.map(({ segment }) => segment.name);

test('the clock runs: a programme that began in the past counts what was bought before it was there', async () => {
  await expect.poll(() => pointsOf('early'), { interval: 50, timeout: 20_000 }).toBe(300);
});

test('a redemption moves segments in its own commit', async () => {
  const text = `loyalty balance of points in ${programId} is at least 100`;
  await mutate('createSegment', { name: 'Rich', text }, 'segment { id }');
  await buys('anna', '150');
  await expect.poll(() => segmentsOf('anna'), { interval: 50, timeout: 20_000 }).toEqual(['Rich']);
  const member = { identifier: { kind: 'loyaltyCard', value: 'anna' } };
  await mutate('redeemPoints', { member, points: 60 }, 'decision { id }');
  expect(await segmentsOf('anna')).toEqual([]);
});

test('an offer of points puts them on the account when it is redeemed, once', async () => {
  const customerId = await buys('beat', '10');
  const definition = { value: { points: { wallet: 'points', points: 200 } } };
  const { createOffer } = await mutate<{ createOffer: { offer: { id: string } } }>(
    'createOffer',
    { name: 'Two hundred', programId, definition },
    'offer { id }',
  );
  const offerId = createOffer.offer.id;
  await mutate('setOfferStatus', { offerId, status: 'LIVE' }, 'offer { id }');
  const { presentOffer } = await mutate<{ presentOffer: { presentation: { id: string } } }>(
    'presentOffer',
    { offerId, customerId, channel: 'POS', idempotencyKey: 'till 1' },
    'presentation { id }',
  );
  const presentationId = presentOffer.presentation.id;
  await ask('mutation ($input: DecideOfferInput!) { acceptOffer(input: $input) { presentation { status } } }', {
    input: { presentationId },
  });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await mutate('redeemOffer', { presentationId }, 'presentation { status }');
    expect(await pointsOf('beat')).toBe(210);
  }
});
