import {
  type ExecutionResult,
  type GraphQLSchema,
  graphql,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiKeysResolver, findApiKeyNode } from '../../src/access/api-keys.resolver.ts';
import { Authenticator } from '../../src/access/authenticator.service.ts';
import { createKey } from '../../src/access/keys.service.ts';
import { operatorContext } from '../../src/access/operator.ts';
import type { Scope } from '../../src/access/scopes.ts';
import { scopes } from '../../src/access/scopes.ts';
import { ViewerResolver } from '../../src/access/viewer.resolver.ts';
import type { Context } from '../../src/kernel/context.ts';
import { toPublicId } from '../../src/kernel/ids.ts';
import { Loaders } from '../../src/kernel/loaders.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { MovableClock, refusalOf, type TestPlatform, testPlatform } from './fixture.ts';

let database: TestDatabase;
let platform: TestPlatform;
let authenticator: Authenticator;
let schema: GraphQLSchema;

beforeAll(async () => {
  database = await openTestDatabase();
  platform = testPlatform(database.pool, new MovableClock());
  authenticator = new Authenticator(platform);
  const resolver = new ApiKeysResolver(authenticator);
  schema = buildSchemaSync({
    resolvers: [ApiKeysResolver, ViewerResolver],
    container: { get: (type: new () => object) => (type === (ApiKeysResolver as unknown) ? resolver : new type()) },
    validate: false,
  });
});
afterAll(() => database.close());

/** A caller with these scopes, who came in through the front door. */
async function caller(...held: Scope[]): Promise<Context> {
  const { text } = await createKey(operatorContext(platform), { name: 'caller', scopes: held });
  return enter(text);
}

async function enter(secret: string): Promise<Context> {
  const viewer = await authenticator.authenticate(`Bearer ${secret}`);
  return { ...platform, viewer, requestId: 'test', loaders: new Loaders() };
}

async function run(contextValue: Context, source: string, variableValues = {}): Promise<ExecutionResult> {
  return graphql({ schema, source, variableValues, contextValue });
}

const create = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { secret apiKey { id name scopes owner createdAt expiresAt revokedAt lastUsedAt } }
}`;
const revoke = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } } }';
const list = `query ($first: Int, $after: Cursor) {
  apiKeys(first: $first, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } }
}`;

async function created(admin: Context, input: object): Promise<{ secret: string; apiKey: { id: string } }> {
  const { data, errors } = await run(admin, create, { input });
  expect(errors).toBeUndefined();
  return (data as { createApiKey: { secret: string; apiKey: { id: string } } }).createApiKey;
}

describe('making a key', () => {
  test('gives its secret, which then opens the door with these scopes', async () => {
    const admin = await caller('admin');
    const input = { name: 'web', scopes: ['CUSTOMERS_READ', 'INGEST'], expiresAt: '2026-04-01T00:00:00Z' };
    const { secret, apiKey } = await created(admin, input);
    expect(apiKey).toMatchObject({
      id: expect.stringMatching(/^key_/),
      name: 'web',
      scopes: ['INGEST', 'CUSTOMERS_READ'],
      owner: false,
      createdAt: new Date('2026-03-01T12:00:00Z'),
      expiresAt: new Date('2026-04-01T00:00:00Z'),
      revokedAt: null,
      lastUsedAt: null,
    });
    const { data } = await run(await enter(secret), '{ viewer { keyId name scopes expiresAt } }');
    expect(data?.viewer).toEqual({
      keyId: apiKey.id,
      name: 'web',
      scopes: ['INGEST', 'CUSTOMERS_READ'],
      expiresAt: new Date('2026-04-01T00:00:00Z'),
    });
  });

  test('with every scope that there is gives every scope that there is', async () => {
    const all = scopes.map((scope) => scope.toUpperCase().replace(':', '_'));
    const { apiKey } = await created(await caller('admin'), { name: 'all', scopes: all });
    expect(apiKey).toMatchObject({ scopes: all });
  });

  test.each([
    [{ name: '', scopes: ['INGEST'] }, 'input.name'],
    [{ name: 'x', scopes: [] }, 'input.scopes'],
    [{ name: 'x', scopes: ['INGEST'], expiresAt: '2020-01-01T00:00:00Z' }, 'input.expiresAt'],
  ])('%j is refused', async (input, field) => {
    const { data, errors } = await run(await caller('admin'), create, { input });
    expect(data).toBeNull();
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });
});

describe('listing keys', () => {
  test('goes page by page through all of them, newest first, each once', async () => {
    const admin = await caller('admin');
    const made: string[] = [];
    // Several of one millisecond, so that the id has to break the tie.
    for (let at = 0; at < 7; at++)
      made.unshift((await created(admin, { name: `k${at}`, scopes: ['INGEST'] })).apiKey.id);
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { data } = await run(admin, list, { first: 3, after });
      const page = data?.apiKeys as { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      expect(page.nodes.length).toBeLessThanOrEqual(3);
      seen.push(...page.nodes.map((node) => node.id));
      more = page.pageInfo.hasNextPage;
      after = page.pageInfo.endCursor;
    }
    expect(seen.slice(0, 7)).toEqual(made);
    expect(new Set(seen).size).toBe(seen.length);
    const [count] = await database.pool<{ count: number }[]>`select count(*)::int as count from api_keys`;
    expect(seen).toHaveLength(count?.count ?? 0);
  });

  test('survives a scope that only a newer release knows', async () => {
    const admin = await caller('admin');
    const { apiKey } = await created(admin, { name: 'future', scopes: ['INGEST'] });
    await database.pool`update api_keys set scopes = '{ingest,time:travel}' where name = 'future'`;
    const { data, errors } = await run(admin, '{ apiKeys(first: 1) { nodes { id scopes } } }');
    expect(errors).toBeUndefined();
    expect(data).toEqual({ apiKeys: { nodes: [{ id: apiKey.id, scopes: ['INGEST'] }] } });
  });
});

test('a key can be looked up by its id; where there is none, there is null', async () => {
  const admin = await caller('admin');
  expect(await findApiKeyNode(admin, admin.viewer.keyId)).toMatchObject({ name: 'caller', scopes: ['admin'] });
  expect(await findApiKeyNode(admin, platform.ids.uuid())).toBeNull();
});

describe('revoking a key', () => {
  test('works at once on this server, for new requests and open connections', async () => {
    const admin = await caller('admin');
    const { secret, apiKey } = await created(admin, { name: 'lost', scopes: ['INGEST'] });
    const { viewer } = await enter(secret);
    const ended = new Promise((resolve) => authenticator.onEnd(viewer, resolve));
    const { data } = await run(admin, revoke, { id: apiKey.id });
    expect(data?.revokeApiKey).toEqual({ apiKey: { id: apiKey.id, revokedAt: new Date('2026-03-01T12:00:00Z') } });
    expect(await ended).toMatchObject({ details: { reason: 'REVOKED' } });
    expect(await refusalOf(enter(secret))).toMatchObject({ details: { reason: 'REVOKED' } });
  });

  test('again changes nothing: the first time stays', async () => {
    const admin = await caller('admin');
    const { apiKey } = await created(admin, { name: 'lost', scopes: ['INGEST'] });
    const first = await run(admin, revoke, { id: apiKey.id });
    (platform.clock as MovableClock).move(60_000);
    expect(await run(admin, revoke, { id: apiKey.id })).toEqual(first);
  });

  test('that there is not is NOT_FOUND; something else’s id is BAD_USER_INPUT', async () => {
    const admin = await caller('admin');
    const nobody = await run(admin, revoke, { id: toPublicId('key', platform.ids.uuid()) });
    expect(nobody.errors?.[0]?.originalError).toMatchObject({ code: 'NOT_FOUND' });
    for (const id of [toPublicId('cus', platform.ids.uuid()), 'nonsense', '']) {
      const wrong = await run(admin, revoke, { id });
      expect(wrong.errors?.[0]?.originalError).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: 'input.id' },
      });
    }
  });
});

describe('without the scope admin', () => {
  const others = scopes.filter((scope) => scope !== 'admin');
  const someId = toPublicId('key', '01890a5d-ac96-774b-bcce-b302099a8057');

  test.each([
    ['list', list, {}],
    ['make', create, { input: { name: 'mine', scopes: ['ADMIN'] } }],
    ['revoke', revoke, { id: someId }],
    ['rotate', 'mutation ($id: ID!) { rotateApiKey(input: { id: $id }) { secret } }', { id: someId }],
    ['change', 'mutation ($id: ID!) { updateApiKey(input: { id: $id }) { apiKey { id } } }', { id: someId }],
  ])('nobody can %s keys, with all other scopes together', async (_what, source, variables) => {
    const { errors } = await run(await caller(...others), source, variables);
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'admin' } });
  });

  test('nobody can look at a key, not even their own', async () => {
    const ctx = await caller(...others);
    expect(await refusalOf(findApiKeyNode(ctx, ctx.viewer.keyId))).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('everybody can ask who they are', async () => {
    const { data } = await run(await caller('metrics:read'), '{ viewer { name scopes } }');
    expect(data?.viewer).toEqual({ name: 'caller', scopes: ['METRICS_READ'] });
  });
});

test('every type, field, argument and value of this module is described', () => {
  const names = Object.keys(schema.getTypeMap()).filter((name) =>
    /^(ApiKey|Viewer|Scope|CreateApiKey|RevokeApiKey|RotateApiKey|UpdateApiKey|Query|Mutation)/.test(name),
  );
  expect(names.length).toBeGreaterThan(8);
  const undescribed = names.flatMap((name) => {
    const type = schema.getType(name);
    const parts: [string, { description?: string | null } | undefined][] = [
      [name, /^(Query|Mutation)$/.test(name) ? { description: '-' } : type],
    ];
    if (isObjectType(type) || isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        parts.push([`${name}.${field.name}`, field]);
        if ('args' in field)
          for (const argument of field.args) parts.push([`${name}.${field.name}(${argument.name})`, argument]);
      }
    }
    if (isEnumType(type)) for (const value of type.getValues()) parts.push([`${name}.${value.name}`, value]);
    return parts.filter(([, part]) => !part?.description).map(([path]) => path);
  });
  expect(undescribed).toEqual([]);
});
