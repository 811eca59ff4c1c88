import { afterAll, beforeAll, expect, it } from 'vitest';
import { Loaders } from '../../src/kernel/loaders.ts';
import { findTouchpoint } from '../../src/touchpoints/touchpoint.service.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { openView, type ViewApi } from '../support/view.ts';

let database: TestDatabase;
let fixture: IngestFixture;
let view: ViewApi;
let jo: string;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openIngest(database.pool);
  view = await openView(database.url);
  const person = { source: 'web', key: 'jo', identifiers: [{ kind: 'userId', value: 'jo' }] };
  const results = await fixture.ingest.submit(fixture.ctx, [
    touchpoint({
      ...person,
      messageId: 'a',
      occurredAt: '2026-01-05T10:00:00Z',
      campaign: 'winter',
      channel: 'EMAIL',
      direction: 'OUTBOUND',
      type: 'email.opened',
    }),
    touchpoint({
      ...person,
      messageId: 'b',
      occurredAt: '2026-03-05T10:00:00Z',
      properties: { email: 'jo@example.com', path: '/boots' },
      context: { ip: '10.1.2.3', locale: 'de' },
      traits: { firstName: 'Jo', language: 'de' },
    }),
    touchpoint({ ...person, messageId: 'c', occurredAt: '2026-03-05T10:00:00Z' }),
    touchpoint({
      messageId: 'd',
      source: 'pos',
      occurredAt: '2026-02-05T10:00:00Z',
      type: 'order.completed',
      value: { amount: '9.90', currency: 'EUR' },
    }),
    touchpoint({
      messageId: 'e',
      source: 'app',
      key: 'jo',
      identifiers: [{ kind: 'userId', value: 'jo' }],
      occurredAt: '2026-02-20T10:00:00Z',
    }),
  ]);
  jo = results[0]!.customerId!;
});

afterAll(async () => {
  await view.close();
  await database.close();
});

interface Listed {
  touchpoints: {
    nodes: { id: string; messageId: string; record: { id: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

async function list(variables: Record<string, unknown>): Promise<Listed['touchpoints'] & { names: string }> {
  const query = `query ($filter: TouchpointFilter, $first: Int, $after: Cursor) {
    touchpoints(filter: $filter, first: $first, after: $after) { nodes { id messageId record { id } } pageInfo { hasNextPage endCursor } }
  }`;
  const { touchpoints } = await view.ask<Listed>(query, variables);
  return { ...touchpoints, names: touchpoints.nodes.map((node) => node.messageId).join('') };
}

it('lists everybody, nobody known included, the newest first', async () => {
  expect((await list({})).names).toMatch(/^(bc|cb)eda$/);
});

it.each<[object, string]>([
  [{ types: ['order.completed', 'email.opened'] }, 'da'],
  [{ sources: ['pos', 'app'] }, 'ed'],
  [{ channels: ['EMAIL'] }, 'a'],
  [{ directions: ['OUTBOUND'] }, 'a'],
  [{ campaigns: ['winter', 'summer'] }, 'a'],
  [{ occurred: { from: '2026-01-05T10:00:00Z', to: '2026-02-20T10:00:00Z' } }, 'da'],
  [{ types: [] }, ''],
  [{ sources: ['pos'], channels: ['EMAIL'] }, ''],
])('filters by %j', async (filter, expected) => {
  expect((await list({ filter })).names).toBe(expected);
});

it('lists one customer across records, and one record alone', async () => {
  expect((await list({ filter: { customerId: jo, occurred: { to: '2026-03-01T00:00:00Z' } } })).names).toBe('ea');
  const { nodes } = await list({ filter: { sources: ['web'], customerId: jo } });
  const recordId = nodes[0]!.record.id;
  expect((await list({ filter: { recordId, occurred: { to: '2026-03-01T00:00:00Z' } } })).names).toBe('a');
  const query = `query ($id: ID!, $recordId: ID!) { customer(id: $id) { touchpoints(filter: { recordId: $recordId }) { nodes { messageId } } } }`;
  const { customer } = await view.ask<{ customer: { touchpoints: { nodes: unknown[] } } }>(query, { id: jo, recordId });
  expect(customer.touchpoints.nodes).toHaveLength(3);
});

it.each([null, 'customer', 'record'])('pages through touchpoints of the same millisecond (%s)', async (whose) => {
  const all = await list({});
  const recordId = all.nodes[0]!.record.id;
  const filter = whose === 'customer' ? { customerId: jo } : whose === 'record' ? { recordId } : null;
  const expected = (await list({ filter })).names;
  let seen = '';
  let after: string | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof list>> = await list({ filter, first: 1, after });
    seen += page.names;
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage) break;
  }
  expect(seen).toBe(expected);
});

it('refuses a customer and a record at once, and ids of another kind', async () => {
  const { nodes } = await list({});
  for (const filter of [
    { customerId: jo, recordId: nodes[0]!.record.id },
    { customerId: nodes[0]!.id },
    { recordId: jo },
  ]) {
    await expect(list({ filter })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  }
});

it('finds a touchpoint by its id, with whom it belongs to', async () => {
  const { nodes } = await list({});
  const ids = Object.fromEntries(nodes.map((node) => [node.messageId, node.id]));
  const query =
    'query ($id: ID!) { node(id: $id) { id __typename ... on Touchpoint { messageId customer { id } record { source } } } }';
  expect(await view.ask(query, { id: ids.a })).toEqual({
    node: { id: ids.a, __typename: 'Touchpoint', messageId: 'a', customer: { id: jo }, record: { source: 'web' } },
  });
  expect(await view.ask(query, { id: ids.d })).toMatchObject({ node: { customer: null, record: { source: 'pos' } } });
  expect(await view.ask(query, { id: 'tp_01h2xcejqtf2nbrexx3vqjhp41' })).toEqual({ node: null });
  for (const id of ['', 'tp_', 'zz_01h2xcejqtf2nbrexx3vqjhp41', 'x'.repeat(9000)]) {
    await expect(view.ask(query, { id })).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'id' } });
  }
});

it('masks personal values in properties, traits and context without pii:read', async () => {
  const query =
    '{ touchpoints(filter: { sources: ["web"] }) { nodes { messageId properties traits context record { key } } } }';
  const { touchpoints } = await view.ask<{ touchpoints: { nodes: { messageId: string }[] } }>(query, {}, [
    'customers:read',
  ]);
  expect(touchpoints.nodes.find((node) => node.messageId === 'b')).toEqual({
    messageId: 'b',
    properties: { email: 'j•••@e•••.com', path: '/boots' },
    context: { ip: '•••', locale: 'de' },
    traits: { firstName: '•••', language: 'de' },
    record: { key: '•••' },
  });
});

it('reads a page of touchpoints with their records and customers in three statements', async () => {
  const query = 'query ($first: Int) { touchpoints(first: $first) { nodes { record { source } customer { id } } } }';
  for (const first of [1, 5]) {
    await view.ask(query, { first });
    view.countStatements();
    await view.ask(query, { first });
    expect(view.countStatements()).toBe(3);
  }
});

it('finds touchpoints by the keys that the change feed carries, several in one statement', async () => {
  const rows = await database.pool<{ id: string; recordId: string; occurredAt: Date }[]>`
    select id, record_id as "recordId", occurred_at as "occurredAt" from touchpoints order by message_id`;
  view.countStatements();
  const ctx = { ...fixture.ctx, pool: view.pool, loaders: new Loaders() };
  const found = await Promise.all(rows.map((key) => findTouchpoint(ctx, key)));
  expect(found.map((touchpoint) => touchpoint?.messageId)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(view.countStatements()).toBe(1);
  expect(await findTouchpoint(ctx, { ...rows[0]!, id: rows[0]!.recordId })).toBeNull();
});
