import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, people, touchpointsOf, type World } from './boundary-world.ts';

/** Types, sources and stores: what a partner may see of everybody. */
const boundary = { touchpointTypes: ['order.*', 'page.viewed'], sources: ['web', 'pos'], stores: ['Basel', '12'] };
const everything = people(14, 20_260_302).flatMap(touchpointsOf);
const inside = everything.filter(({ type, source, properties }) => {
  const { store } = (properties ?? {}) as { store?: string };
  return (
    /^(order\.\w+|page\.viewed)$/.test(type as string) &&
    /web|pos/.test(source as string) &&
    /^(Basel|12)$/.test(store ?? '')
  );
});

let whole: World;
let small: World;
let keys: { bounded: string; free: string };
beforeAll(async () => {
  whole = await openWorld(everything);
  const [row] = await whole.database.pool<
    { secret: string }[]
  >`select value #>> '{}' as secret from settings where name = 'id_secret'`;
  small = await openWorld(inside, { idSecret: row!.secret });
  keys = { bounded: await whole.key({ boundary }), free: await small.key({}) };
}, 120_000);
afterAll(async () => {
  await small?.close();
  await whole?.close();
});

describe('a key kept to types, sources and stores sees a platform to which only those were sent', () => {
  test('there are some, and not all', () => {
    expect(inside.length).toBeGreaterThan(3);
    expect(inside.length).toBeLessThan(everything.length / 2);
  });

  const touchpoint = 'id messageId type source properties value { amount } record { id source key }';
  test.each([
    `{ touchpoints(first: 200) { nodes { ${touchpoint} } pageInfo { hasNextPage endCursor } } }`,
    '{ touchpoints(first: 2) { nodes { id } pageInfo { hasNextPage } } }',
    '{ touchpoints(filter: { sources: ["crm"] }) { nodes { id } } }',
    '{ touchpoints(filter: { types: ["order_note.added", "order.returned"] }) { nodes { id } } }',
  ])('%s', async (query) => {
    const free = await small.ask(keys.free, query);
    expect(free.errors).toEqual([]);
    expect(await whole.ask(keys.bounded, query)).toEqual(free);
  });

  test('everything by its id', async () => {
    const { data } = await whole.server.graphql('{ touchpoints(first: 200) { nodes { id record { id source } } } }');
    const { nodes } = (data as { touchpoints: { nodes: { id: string; record: { id: string; source: string } }[] } })
      .touchpoints;
    const query = 'query ($id: ID!) { node(id: $id) { id ... on Touchpoint { type record { id } } } }';
    for (const { id } of nodes) {
      expect(await whole.ask(keys.bounded, query, { id })).toEqual(await small.ask(keys.free, query, { id }));
    }
    const hidden = nodes.find(({ record }) => record.source === 'crm')!;
    expect((await whole.ask(keys.bounded, query, { id: hidden.record.id })).data).toEqual({ node: null });
  });

  const time = { from: '2026-06-01', to: '2026-09-15' };
  test.each<Record<string, unknown>>([
    { measures: ['TOUCHPOINTS', 'GROSS_REVENUE', 'RETURNED_REVENUE', 'NET_REVENUE', 'RETURNS', 'ITEMS'], totals: true },
    { measures: ['TOUCHPOINTS'], dimensions: ['TOUCHPOINT_TYPE', 'SOURCE'] },
    { measures: ['GROSS_REVENUE'], dimensions: ['STORE'], time: { ...time, grain: 'MONTH', timezone: 'UTC' } },
    { measures: ['GROSS_REVENUE'], dimensions: ['CATEGORY'] },
    {
      measures: ['TOUCHPOINTS'],
      time: { ...time, grain: 'WEEK', timezone: 'UTC' },
      filter: [{ dimension: 'SOURCE', values: ['crm', 'web'] }],
    },
  ])('metrics: %j', async (query) => {
    const ask = 'query ($query: MetricQueryInput!) { metrics(query: $query) { objects totals } }';
    const free = await small.ask(keys.free, ask, { query });
    expect(free.errors).toEqual([]);
    expect(await whole.ask(keys.bounded, ask, { query })).toEqual(free);
  });

  test.each([
    '/exports/touchpoints?columns=touchpoint_id,record_id,occurred_at,type,source,amount,properties',
    '/exports/purchases?columns=touchpoint_id,record_id,kind,order_id,source,store,amount',
  ])('%s', async (path) => {
    const free = await small.download(keys.free, path);
    expect(free.status).toBe(200);
    expect(free.body.split('\n').length).toBeGreaterThan(2);
    expect(await whole.download(keys.bounded, path)).toEqual(free);
  });
});

describe('what follows from all touchpoints is refused', () => {
  const refusal = async (query: string, variables?: Record<string, unknown>) => {
    const { data, errors } = await whole.ask(keys.bounded, query, variables);
    expect(data ?? null).toBeNull();
    return errors[0]?.extensions;
  };

  test.each([
    ['{ customers { nodes { orders { orders } } } }', 'Customer.orders'],
    ['{ customers { nodes { id lastSeenAt } } }', 'Customer.lastSeenAt'],
    ['{ segments { nodes { memberCount } } }', 'Segment.memberCount'],
    ['{ loyaltyDecisions(customerId: "x") { nodes { id } } }', 'Query.loyaltyDecisions'],
    ['{ customers(filter: { source: "crm" }) { nodes { id } } }', 'filter'],
    ['{ customers(orderBy: { field: LAST_SEEN, direction: DESC }) { nodes { id } } }', 'orderBy'],
  ])('%s', async (query, field) => {
    expect(await refusal(query)).toMatchObject({ code: 'FORBIDDEN', reason: 'BOUNDARY', field });
  });

  test.each([
    [{ measures: ['NEW_BUYERS'] }, 'measures'],
    [{ measures: ['CUSTOMERS'] }, 'measures'],
    [{ measures: ['TOUCHPOINTS'], dimensions: ['COUNTRY'] }, 'dimensions'],
    [{ measures: ['GROSS_REVENUE'], filter: [{ dimension: 'LIFECYCLE_STAGE', values: ['NEW'] }] }, 'dimensions'],
    [{ measures: ['NET_REVENUE'], returns: 'ORDER_DATE' }, 'returns'],
  ])('metrics %j', async (query, field) => {
    const ask = 'query ($query: MetricQueryInput!) { metrics(query: $query) { objects } }';
    expect(await refusal(ask, { query })).toMatchObject({ code: 'FORBIDDEN', reason: 'BOUNDARY', field });
  });

  test.each(['customers', 'signals', 'customer-kpis', 'touchpoints-hourly', 'segment-members'])(
    '/exports/%s',
    async (list) => {
      expect(await whole.download(keys.bounded, `/exports/${list}`)).toMatchObject({ status: 403 });
    },
  );

  test('the list of downloads names what is left', async () => {
    const { body } = await whole.download(keys.bounded, '/exports');
    expect((JSON.parse(body) as { lists: { name: string }[] }).lists.map(({ name }) => name)).toEqual([
      'purchases',
      'touchpoints',
    ]);
  });

  test('customers come in an order that tells nothing, page by page', async () => {
    const ids: string[] = [];
    for (let after: string | null = null; ; ) {
      const { data, errors } = await whole.ask(
        keys.bounded,
        'query ($after: Cursor) { customers(first: 3, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      expect(errors).toEqual([]);
      const { customers } = data as {
        customers: {
          totalCount: number;
          nodes: { id: string }[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      };
      ids.push(...customers.nodes.map(({ id }) => id));
      if (!customers.pageInfo.hasNextPage) {
        expect(ids.length).toBe(customers.totalCount);
        break;
      }
      after = customers.pageInfo.endCursor;
    }
    expect(ids).toEqual([...ids].sort());
    expect(ids.length).toBeGreaterThan(2);
  });

  test('a customer whom only other sources know is nobody', async () => {
    const known = new Set(
      everything.filter(({ source }) => source !== 'crm').map(({ identifiers }) => JSON.stringify(identifiers)),
    );
    const unknown = everything.find(({ identifiers }) => !known.has(JSON.stringify(identifiers)));
    const email = ((unknown?.identifiers ?? []) as { value: string }[])[0]?.value ?? '';
    expect(email).toContain('@');
    const query = 'query ($email: String!) { customer(identifier: { kind: "email", value: $email }) { id } }';
    expect((await whole.ask(keys.bounded, query, { email })).data).toEqual({ customer: null });
  });
});
