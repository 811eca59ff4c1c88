import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { dataOf, feedHead, ingest, subscribe } from '../touchpoints/subscription-fixture.ts';
import { exampleDefinition } from './programs-support.ts';

let server: TestServer;
let programId: string;

beforeAll(async () => {
  server = await startTestServer();
  const { createLoyaltyProgram } = await ask<{ createLoyaltyProgram: { program: { id: string } } }>(
    'mutation ($input: CreateLoyaltyProgramInput!) { createLoyaltyProgram(input: $input) { program { id } } }',
    { input: { name: 'Club', definition: definition() } },
  );
  programId = createLoyaltyProgram.program.id;
  const effectiveAt = '2025-01-01T00:00:00Z';
  await ask(
    'mutation ($input: PublishLoyaltyProgramInput!) { publishLoyaltyProgram(input: $input) { program { id } } }',
    {
      input: { programId, effectiveAt },
    },
  );
  await ask(
    'mutation ($input: SetLoyaltyProgramPhaseInput!) { setLoyaltyProgramPhase(input: $input) { program { id } } }',
    {
      input: { programId, phase: 'LIVE', effectiveAt },
    },
  );
});
afterAll(() => server.close());

/** A point for each franc, and two tiers. */
function definition() {
  const { wallets } = exampleDefinition();
  return {
    wallets,
    rules: [
      {
        key: 'base',
        name: 'Base',
        wallet: 'points',
        match: { types: ['order.completed'] },
        earns: { spend: { points: { value: '1' }, per: '1', currency: 'CHF' } },
      },
    ],
    tierScheme: {
      basis: { points: { wallet: 'points' } },
      window: { rolling: { months: 12 } },
      tiers: [
        { key: 'bronze', name: 'Bronze', threshold: { value: '0' } },
        { key: 'silver', name: 'Silver', threshold: { value: '100' } },
      ],
    },
  };
}

interface LoyaltyEvent {
  readonly cursor: string;
  readonly kinds: readonly string[];
  readonly balances: readonly { wallet: string; available: number }[];
  readonly tier: { from: string | null; to: string | null; cause: string } | null;
  readonly customer: { id: string };
}

const subscription = `subscription ($programId: ID, $customerId: ID, $after: Cursor) {
  loyaltyChanged(programId: $programId, customerId: $customerId, after: $after) {
    cursor kinds balances { wallet available } tier { from to cause } customer { id } } }`;

const open = (variables: Record<string, unknown>) =>
  subscribe<LoyaltyEvent>(server, 'loyaltyChanged', subscription, { variables });

async function ask<T>(query: string, variables?: Record<string, unknown>): Promise<T> {
  return dataOf<T>(await server.graphql(query, variables));
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

const redeem = (person: string, points: number) =>
  ask('mutation ($input: RedeemPointsInput!) { redeemPoints(input: $input) { decision { id } } }', {
    input: {
      member: { identifier: { kind: 'loyaltyCard', value: person } },
      points,
      idempotencyKey: `${person} ${points}`,
    },
  });

describe('loyaltyChanged', () => {
  test('tells of points that are earned and spent, and of tiers, in commit order', async () => {
    const events = open({ programId, after: await feedHead(server) });
    const id = await buys('anna', '120');
    const told = await events.take(2);
    expect(told.find(({ tier }) => tier === null)).toMatchObject({
      kinds: ['EARNED'],
      balances: [{ wallet: 'points', available: 120 }],
      customer: { id },
    });
    expect(told.find(({ tier }) => tier !== null)?.tier).toEqual({ from: null, to: 'silver', cause: 'EVENT' });
    await redeem('anna', 50);
    expect((await events.take(1))[0]).toMatchObject({
      kinds: ['REDEEMED'],
      balances: [{ wallet: 'points', available: -50 }],
    });
    await events.end();
  });

  test('goes on behind a cursor without a gap, for one customer only', async () => {
    const start = await feedHead(server);
    const id = await buys('beat', '10');
    await buys('carla', '10');
    const first = open({ customerId: id, after: start });
    const told = await first.take(2);
    await first.end();
    await buys('carla', '10');
    await buys('beat', '20');
    const second = open({ customerId: id, after: told.at(-1)!.cursor });
    expect((await second.take(1))[0]).toMatchObject({
      kinds: ['EARNED'],
      balances: [{ available: 20 }],
      customer: { id },
    });
    await second.end();
  });
});
