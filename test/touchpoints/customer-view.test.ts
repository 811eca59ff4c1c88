import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { openView, type ViewApi } from '../support/view.ts';

let database: TestDatabase;
let fixture: IngestFixture;
let view: ViewApi;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openIngest(database.pool);
  view = await openView(database.url);
});

afterAll(async () => {
  await view.close();
  await database.close();
});

const order = (user: string, day: string, amount: string, more = {}) =>
  touchpoint({
    source: 'shop',
    key: user,
    type: 'order.completed',
    occurredAt: `${day}T10:00:00Z`,
    value: { amount, currency: 'EUR' },
    lines: [{ sku: 'A-1', name: 'Boot', category: 'Shoes', quantity: 2, price: '12.50' }],
    identifiers: [{ kind: 'userId', value: user }],
    ...more,
  });

async function ingest(...drafts: ReturnType<typeof touchpoint>[]): Promise<string> {
  const results = await fixture.ingest.submit(fixture.ctx, drafts);
  expect(results.map((result) => result.status)).toEqual(drafts.map(() => 'STORED'));
  return results.at(-1)!.customerId!;
}

describe('the single customer view', () => {
  it('joins records, identifiers, traits, touchpoints, orders and activity in one query', async () => {
    const id = await ingest(
      touchpoint({
        source: 'web',
        key: 'anon-1',
        occurredAt: '2026-03-01T09:00:00Z',
        identifiers: [
          { kind: 'anonymousId', value: 'anon-1' },
          { kind: 'userId', value: 'whole' },
        ],
        traits: { firstName: 'Jo', language: 'de' },
      }),
      order('whole', '2026-03-02', '25.00', { traits: { firstName: 'Johanna' } }),
      order('whole', '2026-03-04', '50.05'),
      order('whole', '2026-03-05', '10.00', { type: 'order.returned' }),
    );
    const { customer } = await view.ask<{ customer: Record<string, unknown> }>(
      `query ($id: ID!) { customer(id: $id) {
        id identified firstSeenAt lastSeenAt touchpointCount recordCount
        records { source key touchpointCount }
        identifiers { kind value recordCount shared }
        traits { name value personal masked provenance { setAt record { source } } otherValues { value record { source } } }
        touchpoints(first: 2) { nodes { type occurredAt value { amount currency } lines { sku quantity price { amount currency } } } pageInfo { hasNextPage } }
        orders { orders returns firstOrderAt lastOrderAt revenue { currency orders gross { amount } returned { amount } net { amount currency } averageOrderValue { amount } } }
        activity(from: "2026-03-01", to: "2026-03-05") { day touchpoints orders }
      } }`,
      { id },
    );
    expect(JSON.parse(JSON.stringify(customer))).toEqual({
      id,
      identified: true,
      firstSeenAt: '2026-03-01T09:00:00.000Z',
      lastSeenAt: '2026-03-05T10:00:00.000Z',
      touchpointCount: 4,
      recordCount: 2,
      records: [
        { source: 'web', key: 'anon-1', touchpointCount: 1 },
        { source: 'shop', key: 'whole', touchpointCount: 3 },
      ],
      identifiers: expect.arrayContaining([
        { kind: 'userId', value: 'whole', recordCount: 2, shared: false },
        { kind: 'anonymousId', value: 'anon-1', recordCount: 1, shared: false },
      ]),
      traits: [
        {
          name: 'firstName',
          value: 'Johanna',
          personal: true,
          masked: false,
          provenance: { setAt: '2026-03-02T10:00:00.000Z', record: { source: 'shop' } },
          otherValues: [{ value: 'Jo', record: { source: 'web' } }],
        },
        {
          name: 'language',
          value: 'de',
          personal: false,
          masked: false,
          provenance: { setAt: '2026-03-01T09:00:00.000Z', record: { source: 'web' } },
          otherValues: [],
        },
      ],
      touchpoints: {
        nodes: [
          {
            type: 'order.returned',
            occurredAt: '2026-03-05T10:00:00.000Z',
            value: { amount: '10.00', currency: 'EUR' },
            lines: [{ sku: 'A-1', quantity: 2, price: { amount: '12.50', currency: 'EUR' } }],
          },
          {
            type: 'order.completed',
            occurredAt: '2026-03-04T10:00:00.000Z',
            value: { amount: '50.05', currency: 'EUR' },
            lines: [{ sku: 'A-1', quantity: 2, price: { amount: '12.50', currency: 'EUR' } }],
          },
        ],
        pageInfo: { hasNextPage: true },
      },
      orders: {
        orders: 2,
        returns: 1,
        firstOrderAt: '2026-03-02T10:00:00.000Z',
        lastOrderAt: '2026-03-04T10:00:00.000Z',
        revenue: [
          {
            currency: 'EUR',
            orders: 2,
            gross: { amount: '75.05' },
            returned: { amount: '10.00' },
            net: { amount: '65.05', currency: 'EUR' },
            averageOrderValue: { amount: '37.53' },
          },
        ],
      },
      activity: [
        { day: '2026-03-01', touchpoints: 1, orders: 0 },
        { day: '2026-03-02', touchpoints: 1, orders: 1 },
        { day: '2026-03-03', touchpoints: 0, orders: 0 },
        { day: '2026-03-04', touchpoints: 1, orders: 1 },
      ],
    });
  });

  it('keeps answering to the id of a customer that was merged into another', async () => {
    const shop = await ingest(order('merge-me', '2026-04-02', '5.00'));
    const web = await ingest(
      touchpoint({
        source: 'web',
        key: 'anon-m',
        occurredAt: '2026-04-01T09:00:00Z',
        identifiers: [{ kind: 'anonymousId', value: 'anon-m' }],
      }),
    );
    expect(shop).not.toBe(web);
    const survivor = await ingest(
      touchpoint({
        source: 'web',
        key: 'anon-m',
        occurredAt: '2026-04-03T09:00:00Z',
        identifiers: [
          { kind: 'anonymousId', value: 'anon-m' },
          { kind: 'userId', value: 'merge-me' },
        ],
      }),
    );
    const absorbed = survivor === shop ? web : shop;
    const query = `query ($id: ID!) { customer(id: $id) { id touchpointCount } touchpoints(filter: { customerId: $id }) { nodes { type } } node(id: $id) { id __typename } }`;
    const answer = await view.ask<Record<string, unknown>>(query, { id: absorbed });
    expect(answer).toMatchObject({
      customer: { id: survivor, touchpointCount: 3 },
      touchpoints: { nodes: [{ type: 'page.viewed' }, { type: 'order.completed' }, { type: 'page.viewed' }] },
      node: { id: survivor, __typename: 'Customer' },
    });
  });

  it('cuts days where the time zone does, also on the night when the clock goes forward', async () => {
    const id = await ingest(
      order('night', '2026-03-28', '1.00', { occurredAt: '2026-03-28T23:30:00Z' }),
      order('night', '2026-03-29', '1.00', { occurredAt: '2026-03-29T21:59:00Z' }),
      order('night', '2026-03-29', '1.00', { occurredAt: '2026-03-29T22:00:00Z' }),
    );
    const query = `query ($id: ID!, $zone: String) { customer(id: $id) { activity(from: "2026-03-28", to: "2026-03-31", timeZone: $zone) { day orders } } }`;
    const days = async (zone: string | null) => {
      const answer = await view.ask<{ customer: { activity: { orders: number }[] } }>(query, { id, zone });
      return answer.customer.activity.map((day) => day.orders);
    };
    expect(await days(null)).toEqual([1, 2, 0]);
    expect(await days('Europe/Zurich')).toEqual([0, 2, 1]);
  });

  it('refuses both of id and identifier, neither, and an id of another kind', async () => {
    for (const query of [
      '{ customer { id } }',
      '{ customer(id: "cus_01h2xcejqtf2nbrexx3vqjhp41", identifier: { kind: "userId", value: "x" }) { id } }',
      '{ customer(id: "rec_01h2xcejqtf2nbrexx3vqjhp41") { id } }',
    ]) {
      await expect(view.ask(query)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });

  it('needs the scope customers:read', async () => {
    for (const query of [
      '{ customer(identifier: { kind: "userId", value: "x" }) { id } }',
      '{ customers { nodes { id } } }',
      '{ touchpoints { nodes { id } } }',
    ]) {
      await expect(view.ask(query, {}, ['ingest'])).rejects.toMatchObject({
        code: 'FORBIDDEN',
        details: { requiredScope: 'customers:read' },
      });
    }
  });
});

describe('the number of SQL statements', () => {
  const everything = `query ($first: Int!) { customers(first: $first, filter: { source: "many" }) { nodes {
    id records { source key identifiers { value } traits { name value } customer { id } }
    identifiers { kind value }
    traits { name provenance { record { source } } otherValues { value } }
    touchpoints(first: 3) { nodes { type record { source } customer { id } } }
    orders { revenue { net { amount } } }
    activity(from: "2026-01-01", to: "2026-02-01") { day touchpoints }
  } } }`;

  it('is the same for a page of 1, 10 and 100', async () => {
    const drafts = Array.from({ length: 100 }, (_, index) => [
      order(`many-${index}`, '2026-01-10', '3.00', { source: 'many', traits: { firstName: `N${index}` } }),
      touchpoint({
        source: 'many',
        key: `web-${index}`,
        occurredAt: '2026-01-09T10:00:00Z',
        traits: { firstName: 'Old' },
        identifiers: [{ kind: 'userId', value: `many-${index}` }],
      }),
    ]).flat();
    await ingest(...drafts);
    const counts = [];
    for (const first of [1, 10, 100]) {
      // Once before, so that what a new connection asks about types isn't counted.
      await view.ask(everything, { first });
      view.countStatements();
      const { customers } = await view.ask<{ customers: { nodes: { traits: unknown[] }[] } }>(everything, { first });
      expect(customers.nodes).toHaveLength(first);
      counts.push(view.countStatements());
    }
    expect(counts).toEqual([counts[0], counts[0], counts[0]]);
    expect(counts[0]).toBeLessThanOrEqual(12);
  });

  it('counts all customers only when totalCount is asked for', async () => {
    const statements = async (selection: string) => {
      await view.ask(`{ customers(first: 2) { ${selection} } }`);
      return view.countStatements();
    };
    await statements('nodes { id }');
    expect(await statements('nodes { id }')).toBe(1);
    expect(await statements('nodes { id } totalCount')).toBe(2);
  });
});
