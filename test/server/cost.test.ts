import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestServer } from '../support/server.ts';
import {
  ask as askAt,
  type CostServers,
  createKey as createKeyOn,
  openCostServers,
  people,
  peopleAtWorst,
  peopleFound,
  withinAMinute,
} from './cost-fixture.ts';

let servers: CostServers;
let server: TestServer;
beforeAll(async () => {
  servers = await openCostServers();
  ({ server } = servers);
});
afterAll(() => servers.close());

const createKey = (input: object) => createKeyOn(server, input);
const ask = (key: string, query: string, given: { on?: TestServer; variables?: object; extensions?: object } = {}) =>
  askAt(key, query, { on: server, ...given });

describe('a budget', () => {
  test('is charged with the worst, and given back what was not used', async () => {
    await withinAMinute();
    const { secret } = await createKey({ costPerMinute: 1_000 });
    const { extensions, headers, status } = await ask(secret, people);
    expect(status).toBe(200);
    expect(extensions?.cost).toEqual({
      requested: peopleAtWorst,
      actual: peopleFound,
      limit: 1_000,
      remaining: 1_000 - peopleFound,
      resetsAt: expect.stringMatching(/:00\.000Z$/),
    });
    expect(headers.get('ratelimit-policy')).toBe('"cost";q=1000;w=60;rundum-unit="points"');
    expect(headers.get('ratelimit')).toMatch(new RegExp(`^"cost";r=${1_000 - peopleFound};t=\\d{1,2}$`));
  });

  test('that is used up: 429, what is left, when to come again, and nothing is run', async () => {
    await withinAMinute();
    const { secret } = await createKey({ costPerMinute: 310 });
    expect((await ask(secret, people)).status).toBe(200);
    const { status, headers, errors, data } = await ask(secret, people);
    expect({ status, data }).toEqual({ status: 429, data: undefined });
    expect(errors?.[0]?.extensions).toEqual({
      code: 'RATE_LIMITED',
      policy: 'cost',
      period: 'MINUTE',
      requested: peopleAtWorst,
      limit: 310,
      remaining: 310 - peopleFound,
      resetsAt: expect.stringMatching(/:00\.000Z$/),
      retryAfterMs: expect.any(Number),
    });
    // The one must not name an earlier moment than the other.
    const [, seconds] = /t=(\d+)/.exec(headers.get('ratelimit') ?? '') ?? [];
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(Number(seconds));
    // What it still pays for goes on.
    expect((await ask(secret, '{ viewer { name } }')).status).toBe(200);
  });

  test('smaller than an operation: waiting would not help, so it says that', async () => {
    const { secret } = await createKey({ costPerMinute: 100 });
    const { status, errors, headers } = await ask(secret, people);
    expect({ status, extensions: errors?.[0]?.extensions }).toEqual({
      status: 400,
      extensions: { code: 'OPERATION_TOO_EXPENSIVE', requested: peopleAtWorst, limit: 100 },
    });
    expect(headers.get('retry-after')).toBeNull();
  });

  test('holds for all nodes', async () => {
    await withinAMinute();
    const { secret } = await createKey({ costPerMinute: 310 });
    expect((await ask(secret, people)).status).toBe(200);
    expect((await ask(secret, people)).status).toBe(429);
    // Within two beats the other has heard of it.
    await expect
      .poll(async () => (await ask(secret, people, { on: servers.second })).status, { timeout: 5_000 })
      .toBe(429);
  });

  test('gives nothing back for an answer with errors', async () => {
    await withinAMinute();
    const { secret } = await createKey({ costPerMinute: 1_000 });
    const { extensions, errors } = await ask(
      secret,
      '{ customers(first: 50) { nodes { id } } auditHead { position } }',
    );
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(extensions?.cost).toMatchObject({ requested: 52, actual: 52 });
  });

  test('is charged a point for an operation whose variables are wrong', async () => {
    await withinAMinute();
    const { secret } = await createKey({ costPerMinute: 1_000 });
    const { extensions, errors } = await ask(secret, 'query ($n: Int) { customers(first: $n) { nodes { id } } }', {
      variables: { n: 'many' },
    });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(extensions?.cost).toMatchObject({ requested: 1, actual: 1 });
  });

  test('of the server is that of keys without one of their own, but of none that could lift it', async () => {
    const { secret } = await createKey({});
    expect((await ask(secret, '{ viewer { name } }')).headers.get('ratelimit-policy')).toContain('"cost";q=5000;');
    const owner = await ask(server.ownerKey, '{ viewer { name } }');
    expect([owner.headers.get('ratelimit'), owner.extensions]).toEqual([null, undefined]);
  });

  test('of an administrator holds, too, when it is given one', async () => {
    const { secret } = await createKey({ scopes: ['ADMIN'], costPerMinute: 100 });
    expect((await ask(secret, people)).errors?.[0]?.extensions.code).toBe('OPERATION_TOO_EXPENSIVE');
  });

  test('stands beside the quotas of requests, in the headers and for the viewer', async () => {
    await withinAMinute();
    const { secret } = await createKey({ requestsPerMinute: 60, requestsPerDay: 100, costPerMinute: 1_000 });
    const { data, headers } = await ask(secret, '{ viewer { limits { kind limit remaining resetsAt } } }');
    expect(headers.get('ratelimit-policy')).toBe(
      '"minute";q=60;w=60, "day";q=100;w=86400, "cost";q=1000;w=60;rundum-unit="points"',
    );
    expect(headers.get('ratelimit')).toMatch(/^"minute";r=59;t=\d+, "day";r=99;t=\d+, "cost";r=999;t=\d+$/);
    expect(data).toEqual({
      viewer: {
        limits: [
          { kind: 'REQUESTS_PER_MINUTE', limit: 60, remaining: 59, resetsAt: expect.any(String) },
          { kind: 'REQUESTS_PER_DAY', limit: 100, remaining: 99, resetsAt: expect.stringContaining('T00:00:00') },
          { kind: 'COST_PER_MINUTE', limit: 1_000, remaining: 999, resetsAt: expect.any(String) },
        ],
      },
    });
  });

  test('one request too many tells its limits, too', async () => {
    const { secret } = await createKey({ requestsPerDay: 1 });
    await ask(secret, '{ viewer { name } }');
    const { status, headers } = await ask(secret, '{ viewer { name } }');
    expect(status).toBe(429);
    const [, seconds] = /"day";r=0;t=(\d+)/.exec(headers.get('ratelimit') ?? '') ?? [];
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(Number(seconds));
  });

  test('is shown by day with the use of a key', async () => {
    await withinAMinute();
    const { secret, id } = await createKey({});
    await ask(secret, people);
    const [from, to] = [0, 86_400_000].map((more) => new Date(Date.now() + more).toISOString().slice(0, 10));
    await expect
      .poll(async () => {
        const { data } = await server.graphql(
          'query ($id: ID!, $from: Date!, $to: Date!) { node(id: $id) { ... on ApiKey { usage(from: $from, to: $to) { cost } } } }',
          { id, from, to },
        );
        return data;
      })
      .toEqual({ node: { usage: [{ cost: peopleFound }] } });
  });

  test('that is taken away or lowered holds within a second', async () => {
    await withinAMinute();
    const { secret, id } = await createKey({ costPerMinute: 100 });
    const update = (costPerMinute: number | null) =>
      server.graphql(
        'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { costPerMinute } } }',
        {
          input: { id, costPerMinute },
        },
      );
    expect((await ask(secret, people)).status).toBe(400);
    expect((await update(1_000)).data).toEqual({ updateApiKey: { apiKey: { costPerMinute: 1_000 } } });
    expect((await ask(secret, people)).status).toBe(200);
    await update(null);
    expect((await ask(secret, '{ viewer { name } }')).headers.get('ratelimit-policy')).toContain('q=5000');
  });
});

describe('the most that one operation may cost', () => {
  const huge = '{ customers(first: 200) { nodes { records(first: 50) { identifiers { value } } } } }';

  test('holds for every key, before anything is run', async () => {
    const { status, errors } = await ask(server.ownerKey, huge);
    expect({ status, extensions: errors?.[0]?.extensions }).toEqual({
      status: 400,
      extensions: {
        code: 'OPERATION_TOO_EXPENSIVE',
        requested: 1 + 200 * (1 + (1 + 50 * (1 + (1 + 10)))),
        limit: 3_000,
      },
    });
  });

  test('goes by the variables', async () => {
    const query = 'query ($n: Int!) { customers(first: $n) { nodes { records(first: 50) { key } } } }';
    expect((await ask(server.ownerKey, query, { variables: { n: 10 } })).status).toBe(200);
    expect((await ask(server.ownerKey, query, { variables: { n: 200 } })).status).toBe(400);
  });
});

test('whoever asks is told what it costs, budget or none', async () => {
  const { extensions } = await ask(server.ownerKey, people, { extensions: { cost: true } });
  expect(extensions?.cost).toEqual({
    requested: peopleAtWorst,
    actual: peopleFound,
    limit: null,
    remaining: null,
    resetsAt: null,
  });
});

test('a download costs as much as a metric query', async () => {
  await withinAMinute();
  const { secret } = await createKey({ scopes: ['CUSTOMERS_READ'], costPerMinute: 600 });
  const get = () => fetch(`${server.url}/exports/customers`, { headers: { authorization: `Bearer ${secret}` } });
  const first = await get();
  expect([first.status, first.headers.get('ratelimit')]).toEqual([200, expect.stringMatching(/^"cost";r=100;t=/)]);
  await first.text();
  const second = await get();
  expect(second.status).toBe(429);
  expect(await second.text()).toContain('"policy":"cost"');
});
