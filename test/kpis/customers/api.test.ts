import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DomainError } from '../../../src/kernel/errors.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { openView, type ViewApi } from '../../support/view.ts';
import { type KpisFixture, openKpis, turnLevers, useModel } from './fixture.ts';

let database: TestDatabase;
let node: KpisFixture;
let view: ViewApi;

beforeAll(async () => {
  database = await openTestDatabase();
  // The API has the clock of the system.
  node = await openKpis(database.pool, { now: new Date().toISOString(), timeZone: 'UTC' });
  view = await openView(database.url);
});

afterAll(async () => {
  await view.close();
  await database.close();
});

const day = 86_400_000;
const ago = (days: number) => new Date(node.clock.now().getTime() - days * day).toISOString();

async function buyer(key: string, ...orders: { amount: string; days: number; cost?: string }[]): Promise<string> {
  const results = await node.ingest.submit(
    node.ctx,
    orders.map(({ amount, days, cost }) =>
      touchpoint({
        ...{ source: 'shop', key, type: 'order.completed', value: { amount, currency: 'CHF' } },
        identifiers: [{ kind: 'userId', value: key }],
        occurredAt: ago(days),
        properties: cost === undefined ? {} : { cost },
      }),
    ),
  );
  return results[0]!.customerId!;
}

const kpis = /* GraphQL */ `
  kpis {
    asOf currency orders netOrders returns items purchaseDays recencyDays frequency medianGapDays
    firstOrderAt lastOrderAt
    grossRevenue { amount currency } returnedRevenue { amount } netRevenue { amount } averageOrderValue { amount }
    margin { amount { amount } rate coverage }
    rfm { recency frequency monetary segment segmentName scoredAt }
    abc { class scoredAt }
    clvHistoric { amount { amount } margin { amount } casesCost { amount } incentivesCost { amount } incentivesComplete }
    clvPredicted { amount { amount currency } missing months modelId modelVersion cutOff }
    probabilityAlive expectedOrders
    churnRisk { risk band modelVersion contributions { factor effect } }
    relationship { type since }
  }`;

const readers = ['customers:read', 'metrics:read'];
const oneQuery = `query ($id: ID!) { customer(id: $id) { ${kpis} } }`;

interface Answer {
  readonly kpis: Record<string, unknown>;
}

async function ask(id: string): Promise<Record<string, unknown>> {
  const { customer } = await view.ask<{ customer: Answer }>(oneQuery, { id }, readers);
  return customer.kpis;
}

test('a customer shows what their orders come to, and null where nothing can be said', async () => {
  const id = await buyer('ada', { amount: '100', days: 100 }, { amount: '50', days: 40 });
  expect(await ask(id)).toMatchObject({
    ...{ currency: 'CHF', orders: 2, netOrders: 2, returns: 0, items: 0, purchaseDays: 2, recencyDays: 40 },
    ...{ medianGapDays: 60, firstOrderAt: new Date(ago(100)), lastOrderAt: new Date(ago(40)) },
    grossRevenue: { amount: '150.00', currency: 'CHF' },
    returnedRevenue: { amount: '0.00' },
    netRevenue: { amount: '150.00' },
    averageOrderValue: { amount: '75.00' },
    ...{ margin: null, rfm: null, abc: null, clvHistoric: null, clvPredicted: null },
    ...{ probabilityAlive: null, expectedOrders: null, churnRisk: null },
    relationship: { type: 'TRANSACTIONAL', since: new Date(ago(100)) },
  });
});

test('a customer without orders has zeros and nulls', async () => {
  const [result] = await node.ingest.submit(node.ctx, [touchpoint({ key: 'looks-only' })]);
  expect(await ask(result!.customerId!)).toMatchObject({
    ...{ currency: null, orders: 0, netOrders: 0, returns: 0, items: 0, purchaseDays: 0 },
    ...{ grossRevenue: null, netRevenue: null, averageOrderValue: null, frequency: null, relationship: null },
  });
});

test('scoring on demand gives scores, classes and forecasts, and is entered in the audit log', async () => {
  const id = await buyer('bob', { amount: '900', days: 200, cost: '300' }, { amount: '600', days: 20, cost: '200' });
  await turnLevers(database.pool, { clv: { months: 6, costPerCase: 5 } });
  await useModel(database.pool, {
    bgNbd: { r: 0.5, alpha: 40, a: 0.8, b: 2.5 },
    spend: { CHF: { p: 6, q: 4, gamma: 30_000 } },
    secondOrder: { days: [30], survival: [0.5] },
  });
  const { scoreCustomers } = await view.ask<{ scoreCustomers: Record<string, unknown> }>(
    'mutation { scoreCustomers { scoredAt customers moved forecast } }',
    {},
    ['metrics:manage'],
  );
  const [counted] = await database.pool<{ n: number }[]>`select count(*)::int as n from customer_kpis`;
  expect(scoreCustomers).toMatchObject({ customers: counted!.n, moved: counted!.n, forecast: counted!.n });
  expect(await ask(id)).toMatchObject({
    margin: { amount: { amount: '1000.00' }, coverage: 1 },
    rfm: {
      monetary: 4,
      segment: expect.any(String),
      segmentName: expect.any(String),
      scoredAt: scoreCustomers.scoredAt,
    },
    abc: { class: 'A', scoredAt: scoreCustomers.scoredAt },
    clvHistoric: { amount: { amount: '1000.00' }, casesCost: { amount: '0.00' }, incentivesComplete: true },
    clvPredicted: { amount: { currency: 'CHF' }, missing: null, months: 6, modelVersion: 1 },
    probabilityAlive: expect.any(Number),
    expectedOrders: expect.any(Number),
    churnRisk: { risk: expect.any(Number), modelVersion: 1 },
  });
  const audited = await database.pool`select detail from audit_entries where action = 'kpis.customers_scored'`;
  expect(audited).toEqual([{ detail: { customers: counted!.n, moved: counted!.n, forecast: counted!.n } }]);
});

test('needs the scopes for metrics, and that to score more', async () => {
  const refused = async (query: string, scopes: string[]) =>
    view
      .ask(query, { id: await buyer('eve', { amount: '1', days: 1 }) }, scopes)
      .catch((error: DomainError) => error.code);
  expect(await refused(oneQuery, ['customers:read'])).toBe('FORBIDDEN');
  expect(await refused('mutation { scoreCustomers { moved } }', readers)).toBe('FORBIDDEN');
});

test('a page of customers costs as many statements as a single one', async () => {
  for (let n = 0; n < 12; n += 1) await buyer(`many-${n}`, { amount: '10', days: n + 1 }, { amount: '20', days: 50 });
  const page = `query ($first: Int!) { customers(first: $first) { edges { node { id ${kpis} } } } }`;
  const count = async (first: number) => {
    view.countStatements();
    const { customers } = await view.ask<{ customers: { edges: unknown[] } }>(page, { first }, readers);
    expect(customers.edges).toHaveLength(first);
    return view.countStatements();
  };
  await count(1);
  const single = await count(1);
  expect(await count(10)).toBe(single);
  // The page itself, what there is of settings, models and bins, histories, scores, and redeemed points.
  expect(single).toBeLessThanOrEqual(6);
});
