import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkBoundary } from '../../src/access/boundary-request.ts';
import { isFieldClosed } from '../../src/access/field-limits.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let segmentId: string;
beforeAll(async () => {
  server = await startTestServer();
  const { data } = await server.graphql(
    'mutation { createSegment(input: { name: "All", text: "everyone" }) { segment { id } } }',
  );
  segmentId = (data as { createSegment: { segment: { id: string } } }).createSegment.segment.id;
});
afterAll(() => server.close());

const shown =
  'boundary { segments consents { purpose channel } touchpointTypes sources stores allowedFields deniedFields } writeOnly allowedOrigins';

const create = (input: object) =>
  server.graphql(
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id ${shown} } } }`,
    {
      input: { name: 'partner', scopes: ['CUSTOMERS_READ'], ...input },
    },
  );

const update = (input: object) =>
  server.graphql(`mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { ${shown} } } }`, {
    input,
  });

interface Made {
  readonly secret: string;
  readonly apiKey: { readonly id: string } & Record<string, unknown>;
}

async function made(input: object): Promise<Made> {
  const { data, errors } = await create(input);
  expect(errors).toEqual([]);
  return (data as { createApiKey: Made }).createApiKey;
}

const nothing = {
  segments: null,
  consents: null,
  touchpointTypes: null,
  sources: null,
  stores: null,
  allowedFields: null,
  deniedFields: null,
};

describe('a boundary', () => {
  test('is shown to its key, and to whoever looks after keys', async () => {
    const boundary = {
      segments: [segmentId],
      consents: [
        { purpose: 'marketing', channel: 'EMAIL' },
        { purpose: 'analytics', channel: null },
      ],
      touchpointTypes: ['order.*'],
      sources: ['pos'],
      stores: ['Basel'],
      deniedFields: ['Customer.identifiers', 'Trait.*'],
    };
    const { secret, apiKey } = await made({ boundary });
    expect(apiKey.boundary).toEqual({ ...nothing, ...boundary });
    const { data } = await server.graphql(`{ viewer { ${shown} } }`, {}, { key: secret });
    expect(data).toEqual({ viewer: { boundary: { ...nothing, ...boundary }, writeOnly: false, allowedOrigins: [] } });
  });

  test('that limits nothing is none', async () => {
    expect((await made({ boundary: {} })).apiKey.boundary).toBeNull();
  });

  test.each<[string, object, string]>([
    ['an empty list', { boundary: { sources: [] } }, 'input.boundary.sources'],
    [
      'a segment that is none',
      { boundary: { segments: ['seg_01h2xcejqtf2nbrexx3vqjhp41'] } },
      'input.boundary.segments[0]',
    ],
    [
      'an id of something else',
      { boundary: { segments: ['cus_01h2xcejqtf2nbrexx3vqjhp41'] } },
      'input.boundary.segments[0]',
    ],
    [
      'a type that is none',
      { boundary: { touchpointTypes: ['order.completed', 'Order*'] } },
      'input.boundary.touchpointTypes[1]',
    ],
    ['a field that is none', { boundary: { deniedFields: ['Customer.identifier'] } }, 'input.boundary.deniedFields[0]'],
    ['a type without fields', { boundary: { allowedFields: ['Nobody.*'] } }, 'input.boundary.allowedFields[0]'],
    ['a field without its type', { boundary: { allowedFields: ['customers'] } }, 'input.boundary.allowedFields[0]'],
    ['the scope admin beside it', { scopes: ['ADMIN'], boundary: { sources: ['pos'] } }, 'input.boundary'],
    ['reading with a write-only key', { scopes: ['INGEST', 'CUSTOMERS_READ'], writeOnly: true }, 'input.scopes'],
    [
      'customers with a write-only key',
      { scopes: ['INGEST'], writeOnly: true, boundary: { consents: [{ purpose: 'x' }] } },
      'input.boundary',
    ],
    ['an origin with a path', { allowedOrigins: ['https://shop.example/cart'] }, 'input.allowedOrigins[0]'],
    ['an origin for all pages', { allowedOrigins: ['*'] }, 'input.allowedOrigins[0]'],
    ['admin in a web page', { scopes: ['ADMIN'], allowedOrigins: ['https://shop.example'] }, 'input.allowedOrigins'],
  ])('cannot have %s', async (_what, input, field) => {
    const { errors } = await create(input);
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field } });
  });

  test('changes its entries, and never loses a limit', async () => {
    const { apiKey } = await made({ boundary: { sources: ['pos'], deniedFields: ['Customer.traits'] } });
    const changed = await update({
      id: apiKey.id,
      boundary: { sources: ['web', 'app'], stores: ['Bern'], deniedFields: ['Customer.kpis'] },
    });
    expect(changed.errors).toEqual([]);
    for (const boundary of [null, {}, { sources: ['web'] }, { deniedFields: ['Customer.kpis'], stores: ['Bern'] }]) {
      const { errors } = await update({ id: apiKey.id, boundary });
      expect(errors[0], JSON.stringify(boundary)).toMatchObject({
        extensions: { code: 'BAD_USER_INPUT', field: 'input.boundary' },
      });
    }
    const { data } = await update({ id: apiKey.id, name: 'partner' });
    expect(data).toMatchObject({
      updateApiKey: {
        apiKey: { boundary: { sources: ['web', 'app'], stores: ['Bern'], deniedFields: ['Customer.kpis'] } },
      },
    });
  });

  test('can be given to a key that had none', async () => {
    const { apiKey, secret } = await made({});
    await update({ id: apiKey.id, boundary: { segments: [segmentId] } });
    const { errors } = await server.graphql('{ households { nodes { id } } }', {}, { key: secret });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'BOUNDARY' });
  });

  test('stands in the audit log', async () => {
    const { apiKey } = await made({ boundary: { sources: ['pos'] }, allowedOrigins: ['https://shop.example'] });
    const { data } = await server.graphql(
      'query ($id: String) { auditLog(subject: $id) { nodes { action detail } } }',
      { id: apiKey.id },
    );
    expect(data).toMatchObject({
      auditLog: {
        nodes: [
          {
            action: 'key.created',
            detail: { boundary: { sources: ['pos'] }, allowedOrigins: ['https://shop.example'] },
          },
        ],
      },
    });
  });
});

test('a boundary is kept in one spelling', () => {
  expect(
    checkBoundary({ sources: ['pos', 'pos'], consents: [{ purpose: 'a' }, { purpose: 'a' }], fields: {} }),
  ).toEqual({
    sources: ['pos'],
    consents: [{ purpose: 'a' }],
  });
});

describe('fields', () => {
  test.each([
    [{ deny: ['Customer.traits'] }, 'Customer.traits', true],
    [{ deny: ['Customer.traits'] }, 'Customer.id', false],
    [{ deny: ['Customer.*'] }, 'Customer.id', true],
    [{ allow: ['Query.customer'] }, 'Query.customer', false],
    [{ allow: ['Query.customer'] }, 'Query.customers', true],
    [{ allow: ['Query.customer'] }, 'Mutation.ingest', true],
    [{ allow: ['Query.customer'] }, 'Customer.traits', false],
    [{ allow: ['Query.customer', 'Customer.id'] }, 'Customer.traits', true],
    [{ allow: ['Query.customer', 'Customer.*'], deny: ['Customer.traits'] }, 'Customer.traits', true],
  ])('with %j, %s closed: %s', (fields, coordinate, closed) => {
    const [type = '', field = ''] = coordinate.split('.');
    expect(isFieldClosed({ fields }, type, field)).toBe(closed);
  });

  test.each([
    [
      '{ customers(filter: { trait: { name: "x", operator: EXISTS } }) { nodes { id } } }',
      { deniedFields: ['Customer.traits'] },
    ],
    [
      '{ customers(filter: { not: { or: [{ orders: { gt: 1 } }] } }) { nodes { id } } }',
      { deniedFields: ['CustomerOrders.orders'] },
    ],
    [
      '{ customers(orderBy: { field: FIRST_SEEN, direction: ASC }) { nodes { id } } }',
      { deniedFields: ['Customer.firstSeenAt'] },
    ],
    ['{ touchpoints(filter: { types: ["x"] }) { nodes { id } } }', { deniedFields: ['Touchpoint.type'] }],
    [
      '{ metrics(query: { measures: [TOUCHPOINTS], dimensions: [COUNTRY] }) { rows } }',
      { deniedFields: ['Customer.traits'] },
    ],
    [
      '{ metrics(query: { measures: [TOUCHPOINTS], filter: [{ dimension: RFM_SEGMENT, values: ["x"] }] }) { rows } }',
      { deniedFields: ['Customer.kpis'] },
    ],
  ])('are not told by filters, orders and groups either: %s', async (query, boundary) => {
    const scopes = ['CUSTOMERS_READ', 'PII_READ', 'METRICS_READ'];
    const [limited, free] = [await made({ scopes, boundary }), await made({ scopes })];
    expect((await server.graphql(query, {}, { key: free.secret })).errors).toEqual([]);
    const { errors } = await server.graphql(query, {}, { key: limited.secret });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'BOUNDARY' });
  });

  test('a route that is not known to be cut is refused to keys with a boundary', async () => {
    const scopes = ['CUSTOMERS_READ', 'PII_READ', 'PRIVACY_MANAGE'];
    const [bounded, free] = [await made({ scopes, boundary: { sources: ['pos'] } }), await made({ scopes })];
    const get = (key: string) =>
      fetch(`${server.url}/privacy/exports/dsr_01h2xcejqtf2nbrexx3vqjhp41`, {
        headers: { authorization: `Bearer ${key}` },
      });
    expect((await get(free.secret)).status).toBe(404);
    expect((await get(bounded.secret)).status).toBe(403);
  });

  test('a key with a list of fields downloads nothing', async () => {
    const { secret } = await made({ boundary: { deniedFields: ['Customer.traits'] } });
    const { status } = await fetch(`${server.url}/exports/customers`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(status).toBe(403);
  });
});
