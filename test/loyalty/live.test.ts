import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fromPublicId } from '../../src/kernel/ids.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { openView, type ViewApi } from '../support/view.ts';
import { earningRule, exampleProgram } from './example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from './fixture.ts';
import { expectAllocationTrue, expectEarningTrue, expectLedgerTrue } from './truth.ts';

let database: TestDatabase;
let node: LoyaltyFixture;
let view: ViewApi;

beforeAll(async () => {
  database = await openTestDatabase();
  // The API has the clock of the system.
  node = await openLoyalty(database.pool, { now: new Date().toISOString(), timeZone: 'UTC' });
  view = await openView(database.url);
  await publishAt(
    node,
    exampleProgram({ rules: [earningRule({ expiry: { count: 1, unit: 'YEAR', endOf: 'MONTH' } })] }),
  );
});

afterAll(async () => {
  await view.close();
  await database.close();
});

let people = 0;
let key = '';
beforeEach(() => {
  people += 1;
  key = `p${people}`;
});

const day = 86_400_000;
const ago = (days: number) => new Date(node.clock.now().getTime() - days * day).toISOString();

function order(days: number, francs: number, more: Partial<TouchpointDraft> = {}): TouchpointDraft {
  return touchpoint({
    source: 'web',
    key,
    identifiers: [{ kind: 'userId', value: key }],
    type: 'order.completed',
    occurredAt: ago(days),
    value: { amount: String(francs), currency: 'CHF' },
    ...more,
  });
}

async function submit(...drafts: TouchpointDraft[]): Promise<string> {
  const results = await node.ingest.submit(node.ctx, drafts);
  expect(results.map(({ status }) => status)).toEqual(drafts.map(() => 'STORED'));
  return results[0]!.customerId!;
}

interface Member {
  balances: { wallet: string; available: number; earned: number; expired: number; expiring: { points: number }[] }[];
  tier: { key: string } | null;
  tierProgress: { counted: number; nextTier: string | null; missing: number | null } | null;
  lots: { nodes: { granted: number; remaining: number; grants: { rule: string; points: number }[] }[] };
  entries: { nodes: { kind: string; postings: { from: string; to: string; points: number }[] }[] };
  memberships: { active: boolean }[];
  tierHistory: { from: string | null; to: string | null; cause: string }[];
}

const loyalty = `loyalty {
  program { name }
  balances { wallet name available pending reserved earned expired owed expiring { at points } }
  tier { key name since dueAt benefits }
  tierProgress { counted nextTier nextTierName missing until }
  lots { nodes { id granted remaining redeemed expiresAt grants { rule line points } } }
  entries { nodes { id kind at causeId postings { from to points } } }
  memberships { id active enrolledAt }
  tierHistory { from to cause }
}`;

async function memberOf(customerId: string): Promise<Member> {
  const scopes = ['customers:read', 'loyalty:read'];
  const { customer } = await view.ask<{ customer: { loyalty: Member[] } }>(
    `query ($id: ID!) { customer(id: $id) { ${loyalty} } }`,
    { id: customerId },
    scopes,
  );
  expect(customer.loyalty.length).toBe(1);
  return customer.loyalty[0]!;
}

describe('a purchase', () => {
  test('earns in the commit that records it: points, lot, tier and progress are in the view', async () => {
    const id = await submit(order(3, 320));
    const member = await memberOf(id);
    expect(member.balances[0]).toMatchObject({ wallet: 'points', available: 320, earned: 320, owed: 0 });
    expect(member.balances[0]!.expiring).toMatchObject([{ points: 320 }]);
    expect(member.tier).toMatchObject({ key: 'silver' });
    expect(member.tierProgress).toMatchObject({ counted: 320, nextTier: 'gold', missing: 180 });
    expect(member.lots.nodes).toMatchObject([{ granted: 320, grants: [{ rule: 'base', line: null, points: 320 }] }]);
    expect(member.entries.nodes).toMatchObject([
      { kind: 'EARNED', postings: [{ from: 'ISSUED', to: 'AVAILABLE', points: 320 }] },
    ]);
    expect(member.memberships).toMatchObject([{ active: true }]);
    expect(member.tierHistory).toMatchObject([{ from: null, to: 'silver', cause: 'EVENT' }]);
  });

  test('that is returned in parts leaves nothing, and the tier of a member who never bought', async () => {
    const lines = [{ sku: 'tea', quantity: 3, price: '100.10' }];
    const id = await submit(order(9, 300.3, { lines, properties: { orderId: `o-${key}` } }));
    expect((await memberOf(id)).tier?.key).toBe('silver');
    for (const quantity of [1, 2]) {
      await submit(
        order(8 - quantity, 100.1 * quantity, {
          type: 'order.returned',
          value: { amount: (100.1 * quantity).toFixed(2), currency: 'CHF' },
          lines: [{ sku: 'tea', quantity, price: '100.10' }],
          properties: { orderId: `o-${key}` },
        }),
      );
    }
    const member = await memberOf(id);
    expect(member.balances[0]).toMatchObject({ available: 0, earned: 0 });
    expect(member.tier?.key).toBe('bronze');
    expect(member.tierProgress).toMatchObject({ counted: 0 });
    expect(member.entries.nodes.map(({ kind }) => kind)).toEqual(['RETURNED', 'RETURNED', 'EARNED']);
  });

  test('that arrives after its return earns nothing', async () => {
    const properties = { orderId: `o-${key}` };
    await submit(order(2, 50, { type: 'order.returned', properties }));
    const id = await submit(order(3, 50, { properties }));
    expect((await memberOf(id)).balances[0]).toMatchObject({ available: 0, earned: 0 });
  });

  test('of long ago has expired when it arrives', async () => {
    const id = await submit(order(800, 70), order(5, 10));
    expect((await memberOf(id)).balances[0]).toMatchObject({ available: 10, earned: 80, expired: 70 });
  });
});

describe('customers who turn out to be one', () => {
  test('have the sum of both, and each their own again afterwards', async () => {
    const one = await submit(order(20, 150));
    const own = key;
    key = `${own}-other`;
    const other = await submit(order(10, 100));
    const [before, beforeOther] = [await memberOf(one), await memberOf(other)];
    const ledger = await node.pool`select * from loyalty_postings order by record_id, id`;
    const { decision } = await node.decisions.mergeCustomers(node.ctx, {
      customerIds: [one, other].map((id) => fromPublicId('cus', id)),
      reason: 'the same person',
    });
    const merged = await memberOf(one);
    expect(merged.balances[0]).toMatchObject({ available: 250 });
    expect(merged.tier?.key).toBe('silver');
    expect(await memberOf(other)).toEqual(merged);
    await node.decisions.revokeDecision(node.ctx, { decisionId: decision.id, reason: 'they were two' });
    const { tierHistory: _, tier: __, ...afterwards } = await memberOf(one);
    expect(afterwards).toEqual({ ...before, tierHistory: undefined, tier: undefined });
    expect((await memberOf(one)).tier?.key).toBe(before.tier?.key);
    expect((await memberOf(other)).balances).toEqual(beforeOther.balances);
    // Nothing depends on whose the records are here: nothing was entered.
    expect(await node.pool`select * from loyalty_postings order by record_id, id`).toEqual(ledger);
  });
});

test('offers that were shown are in the view, whichever record they were shown to', async () => {
  const id = await submit(order(4, 20));
  const manage = ['loyalty:read', 'loyalty:manage', 'loyalty:operate', 'customers:read'];
  const { createOffer } = await view.ask<{ createOffer: { offer: { id: string } } }>(
    'mutation ($input: CreateOfferInput!) { createOffer(input: $input) { offer { id } } }',
    { input: { name: `for ${key}`, definition: { value: { fixed: { amount: { amount: '5', currency: 'CHF' } } } } } },
    manage,
  );
  await view.ask(
    'mutation ($input: SetOfferStatusInput!) { setOfferStatus(input: $input) { offer { status } } }',
    { input: { offerId: createOffer.offer.id, status: 'LIVE' } },
    manage,
  );
  await view.ask(
    'mutation ($input: PresentOfferInput!) { presentOffer(input: $input) { presentation { id } } }',
    { input: { offerId: createOffer.offer.id, customerId: id, channel: 'POS', idempotencyKey: key } },
    manage,
  );
  const { customer } = await view.ask<{ customer: { offers: object[] } }>(
    'query ($id: ID!) { customer(id: $id) { offers { status channel offer { name } } } }',
    { id },
    manage,
  );
  expect(customer.offers).toEqual([{ status: 'PRESENTED', channel: 'POS', offer: { name: `for ${key}` } }]);
});

test('a list of customers asks the database as often for many as for one', async () => {
  for (let index = 0; index < 6; index += 1)
    await submit(order(5 + index, 50, { key: `${key}-${index}`, identifiers: [] }));
  const list = (first: number) =>
    view.ask(`query { customers(first: ${first}) { nodes { ${loyalty} offers { status } } } }`, {}, [
      'customers:read',
      'loyalty:read',
    ]);
  await list(1);
  view.countStatements();
  await list(1);
  const forOne = view.countStatements();
  await list(6);
  expect(view.countStatements()).toBe(forOne);
});

test('everything that these tests did adds up', async () => {
  await expectLedgerTrue(node.pool);
  await expectEarningTrue(node.pool, node.clock.now(), 'UTC');
  await expectAllocationTrue(node.pool, node.clock.now());
});
