import { parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSchema } from '../../src/server/schema.ts';
import { findBlocks } from '../docs/markdown.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { ErasureApi } from './erasure-world.ts';

let server: TestServer;
let api: ErasureApi;
let customerId: string;

beforeAll(async () => {
  server = await startTestServer();
  api = new ErasureApi(server);
  const identifiers = [{ kind: 'email', value: 'ann@example.com' }];
  const person = { source: 'web', key: 'ann', identifiers };
  customerId = await api.meet(
    { ...person, messageId: 'view', type: 'page.viewed', occurredAt: '2026-01-05T10:00:00Z', traits: { city: 'Bern' } },
    { ...person, messageId: 'visit', type: 'store.visited', occurredAt: '2026-01-06T10:00:00Z' },
  );
});
afterAll(() => server.close());

const deletion =
  'touchpoints customerId request { id kind status customerId detail receipt { table rows } } receipt { table effect rows what }';

describe('deleteTouchpoints', () => {
  const input = () => ({ customerId, types: ['page.*'], reason: 'a test', idempotencyKey: 'k' });

  test('tries, does, and does not do again', async () => {
    const tried = await api.mutate<Record<string, unknown>>(
      'deleteTouchpoints',
      { ...input(), dryRun: true },
      deletion,
    );
    expect(tried).toMatchObject({ touchpoints: 1, customerId, request: null });
    expect(await cityOf()).toBe('Bern');
    const done = await api.mutate<{ request: { id: string } }>('deleteTouchpoints', input(), deletion);
    expect(done).toMatchObject({
      request: { kind: 'PARTIAL_DELETION', status: 'DONE', customerId, detail: { types: ['page.*'], touchpoints: 1 } },
      receipt: tried.receipt,
    });
    expect(await cityOf()).toBeUndefined();
    expect(await api.mutate('deleteTouchpoints', input(), deletion)).toEqual(done);
    const { node } = await api.ask<{ node: unknown }>('query ($id: ID!) { node(id: $id) { id __typename } }', {
      id: done.request.id,
    });
    expect(node).toEqual({ id: done.request.id, __typename: 'DataSubjectRequest' });
  });

  test('tells live', async () => {
    const lines = await server.database.pool`select detail from changes where topic = 'data.deleted'`;
    expect(lines).toEqual([{ detail: { request: expect.stringMatching(/^dsr_/), touchpoints: 1 } }]);
  });
});

async function cityOf(): Promise<string | undefined> {
  const { customer } = await api.ask<{ customer: { traits: { name: string; value: string }[] } }>(
    'query ($id: ID!) { customer(id: $id) { traits { name value } } }',
    { id: customerId },
  );
  return customer.traits.find(({ name }) => name === 'city')?.value;
}

describe('retention policies', () => {
  const policy = 'policy { id types keepDays what reason actor endedAt deleted }';
  const set = (input: object) =>
    api.mutate<{ policy: { id: string } }>('setRetentionPolicy', { reason: 'privacy notice', ...input }, policy);

  test('are set, looked at, found by their ids and taken back', async () => {
    const { policy: made } = await set({ types: 'page.*', keepDays: 400 });
    expect(made).toMatchObject({ types: 'page.*', keepDays: 400, what: 'DELETE', endedAt: null, deleted: 0 });
    expect((await set({ types: 'page.*', keepDays: 500, what: 'ANONYMIZE' })).policy).toMatchObject({
      ...{ id: made.id, keepDays: 500, what: 'ANONYMIZE' },
    });
    const { retentionPolicies, previewRetention, node } = await api.ask<Record<string, unknown>>(
      `query ($id: ID!, $input: RetentionTermsInput!) {
         retentionPolicies { id keepDays }
         previewRetention(input: $input) { touchpoints isMore before types { type touchpoints records } }
         node(id: $id) { id ... on RetentionPolicy { types } }
       }`,
      { id: made.id, input: { types: 'store.*', keepDays: 30 } },
    );
    expect(retentionPolicies).toEqual([{ id: made.id, keepDays: 500 }]);
    expect(previewRetention).toMatchObject({ touchpoints: 1, isMore: false, types: [{ type: 'store.visited' }] });
    expect(node).toEqual({ id: made.id, types: 'page.*' });
    const { policy: ended } = await api.mutate<{ policy: { endedAt: string } }>(
      'removeRetentionPolicy',
      { id: made.id, reason: 'no longer' },
      policy,
    );
    expect(ended.endedAt).not.toBeNull();
    expect(await api.ask('{ retentionPolicies { id } }')).toEqual({ retentionPolicies: [] });
  });

  test.each([
    ['types', { types: 'page*', keepDays: 1 }, 'input.types'],
    ['days', { types: 'page.*', keepDays: 0 }, 'input.keepDays'],
    ['consents', { types: 'consent.*', keepDays: 1 }, 'input.types'],
    ['a reason', { types: 'page.*', keepDays: 1, reason: ' ' }, 'input.reason'],
  ])('are checked: %s', async (_what, input, field) => {
    const { errors } = await server.graphql(
      'mutation ($input: SetRetentionPolicyInput!) { setRetentionPolicy(input: $input) { policy { id } } }',
      { input: { reason: 'a test', ...input } },
    );
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });
});

test('everything needs privacy:manage', async () => {
  const { secret: key } = await api.mutate<{ secret: string }>(
    'createApiKey',
    { name: 'reader', scopes: ['CUSTOMERS_READ', 'PII_READ', 'IDENTITY_MANAGE'] },
    'secret',
  );
  const reason = 'a test';
  const calls: [string, Record<string, unknown>][] = [
    [
      'mutation ($i: DeleteTouchpointsInput!) { deleteTouchpoints(input: $i) { touchpoints } }',
      { i: { customerId, types: ['*'], reason } },
    ],
    [
      'mutation ($i: CreateAccessExportInput!) { createAccessExport(input: $i) { url } }',
      { i: { customerId, reason } },
    ],
    [
      'mutation ($i: SetRetentionPolicyInput!) { setRetentionPolicy(input: $i) { policy { id } } }',
      { i: { types: '*', keepDays: 1, reason } },
    ],
    [
      'mutation ($i: RemoveRetentionPolicyInput!) { removeRetentionPolicy(input: $i) { policy { id } } }',
      { i: { id: 'ret_00000000000000000000000000', reason } },
    ],
    [
      'query ($i: RetentionTermsInput!) { previewRetention(input: $i) { touchpoints } }',
      { i: { types: '*', keepDays: 1 } },
    ],
    ['{ retentionPolicies { id } }', {}],
  ];
  for (const [query, variables] of calls) {
    const { errors } = await server.graphql(query, variables, { key });
    expect(errors[0]?.extensions, query).toMatchObject({ code: 'FORBIDDEN', requiredScope: 'privacy:manage' });
  }
});

test('the operations in the documentation fit the schema', () => {
  const schema = createSchema(server.wiring.instances);
  const blocks = findBlocks('graphql').filter(({ place }) => place.includes('data-subjects'));
  expect(blocks.length).toBeGreaterThan(3);
  for (const { place, text } of blocks) expect(validate(schema, parse(text)), place).toEqual([]);
});
