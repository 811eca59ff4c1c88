import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  type Attempt,
  ask as askAt,
  asEventStream as askStream,
  overWebsocket as askWebsocket,
  openTarget,
  send as sendTo,
  type Target,
} from './attack-fixture.ts';

/** Attacks on what the server tells, each as somebody would try it. Bytes that are no requests: `hostile.test.ts`. */

let target: Target;
let server: TestServer;
let partner: string;
beforeAll(async () => {
  target = await openTarget();
  ({ server, partner } = target);
});
afterAll(() => target.close());

const attempt = (part: Partial<Attempt> = {}): Attempt => ({ on: server, key: partner, ...part });
const ask = (query: string, variables?: object, part?: Partial<Attempt>) => askAt(query, variables, attempt(part));
const send = (body: string, part?: Partial<Attempt>) => sendTo(body, attempt(part));
const overWebsocket = (query: string, part?: Partial<Attempt>) => askWebsocket(query, attempt(part));
const asEventStream = (query: string, part?: Partial<Attempt>) => askStream(query, attempt(part));

/** Nobody may ask it for the schema. */
let closed: TestServer;
/** Administrators may. */
let guarded: TestServer;
beforeAll(async () => {
  const { database } = target;
  closed = await startTestServer({ database, config: { introspection: 'off' } });
  guarded = await startTestServer({ database, config: { introspection: 'admin' } });
});
afterAll(async () => {
  await guarded.close();
  await closed.close();
});

describe('introspection', () => {
  const questions = {
    schema: '{ __schema { types { name fields { name } } } }',
    type: '{ __type(name: "Customer") { fields { name } } }',
    'under another name': '{ viewer { name } typename: __schema { queryType { name } } }',
    'in a fragment': 'fragment F on Query { __schema { queryType { name } } } query { ...F }',
    'left in by a variable': 'query ($yes: Boolean = true) { __schema @include(if: $yes) { queryType { name } } }',
    'beside another operation': 'query A { viewer { name } } query B { __schema { queryType { name } } }',
  };

  test.each(Object.entries(questions))('%s: refused where it is off, over every way', async (name, query) => {
    const operationName = name.startsWith('beside') ? 'B' : undefined;
    for (const key of [partner, server.ownerKey]) {
      const attempt = { on: closed, key };
      const reply = await send(JSON.stringify({ query, operationName }), attempt);
      expect(reply).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
      for (const text of [reply.text, await overWebsocket(query, attempt), await asEventStream(query, attempt)]) {
        expect(text).toContain('INTROSPECTION');
        expect(text).not.toContain('queryType');
      }
    }
  });

  test('by GET: refused', async () => {
    const response = await fetch(`${closed.url}/graphql?query=${encodeURIComponent(questions.schema)}`, {
      headers: { authorization: `Bearer ${partner}`, 'apollo-require-preflight': '1' },
    });
    expect(response.status).toBe(403);
  });

  test('is for the scope that the server says, or for every key, and for nobody without one', async () => {
    const query = '{ __schema { queryType { name } } }';
    expect((await ask(query, undefined, { on: guarded })).status).toBe(403);
    expect((await ask(query, undefined, { on: guarded, key: server.ownerKey })).text).toContain('"name":"Query"');
    expect((await ask(query)).text).toContain('"name":"Query"');
    expect((await ask(query, undefined, { key: 'none' })).status).toBe(401);
  });

  test('__typename is none', async () => {
    const { status, text } = await ask('{ __typename viewer { __typename } }', undefined, { on: closed });
    expect([status, text]).toEqual([200, expect.stringContaining('"__typename":"Query"')]);
  });
});

describe('field suggestions', () => {
  const misspelt: Record<string, [string, object?]> = {
    'a field': ['{ custmers { nodes { id } } }'],
    'an argument': ['{ customers(frst: 1) { nodes { id } } }'],
    'a type': ['{ node(id: "x") { ... on Custmer { id } } }'],
    'a field of another type': ['{ node(id: "x") { traits { name } } }'],
    'an enum value': ['{ customers(orderBy: { field: LAST_SEE }) { nodes { id } } }'],
    'a member of an input': ['{ customers(filter: { identifer: { kind: "email", value: "a" } }) { nodes { id } } }'],
    'a member in a variable': [
      'query ($f: CustomerFilter) { customers(filter: $f) { nodes { id } } }',
      { f: { identifer: { kind: 'email', value: 'a' } } },
    ],
    'an enum value in a variable': [
      'query ($o: CustomerOrder) { customers(orderBy: $o) { nodes { id } } }',
      { o: { field: 'LAST_SEE' } },
    ],
  };

  test.each(Object.entries(misspelt))('%s: none where the schema is not shown', async (_what, [query, variables]) => {
    const open = await ask(query, variables);
    // The attempt is one: where the schema is shown anyway, the word comes.
    expect(open.text).toContain('Did you mean');
    for (const [on, key] of [
      [closed, server.ownerKey],
      [guarded, partner],
    ] as const) {
      const reply = await ask(query, variables, { on, key });
      expect(reply.codes.length).toBeGreaterThan(0);
      expect(reply.text).not.toContain('Did you mean');
    }
    if (variables) return;
    expect(await overWebsocket(query, { on: closed })).not.toContain('Did you mean');
    expect(await asEventStream(query, { on: closed })).not.toContain('Did you mean');
  });
});

describe('stack traces', () => {
  const traces = /\bat [\w.<>]+ \(|node_modules|\.ts:\d+|file:\/\/|relation "|PostgresError|select /;

  test('of a failure within: masked, over every way', async () => {
    const query = 'query Broken { auditLog(first: 1) { nodes { id } } }';
    await target.database.pool`alter table audit_entries rename to audit_entries_away`;
    try {
      const attempt = { key: server.ownerKey };
      for (const text of [
        (await ask(query, undefined, attempt)).text,
        await overWebsocket(query, attempt),
        await asEventStream(query, attempt),
      ]) {
        expect(text).toContain('INTERNAL_SERVER_ERROR');
        expect(text).toMatch(/errorId/);
        expect(text).not.toMatch(traces);
      }
      const download = await fetch(`${server.url}/exports/auditEntries`, {
        headers: { authorization: `Bearer ${server.ownerKey}` },
      });
      expect(await download.text()).not.toMatch(traces);
    } finally {
      await target.database.pool`alter table audit_entries_away rename to audit_entries`;
    }
  });

  test.each<[string, string]>([
    ['JSON that is none', '{"query": '],
    ['a document that is none', JSON.stringify({ query: '{ viewer {' })],
    ['a field that is not there', JSON.stringify({ query: '{ nothing }' })],
    [
      'variables of the wrong kind',
      JSON.stringify({ query: 'query ($n: Int!) { customers(first: $n) { nodes { id } } }', variables: { n: {} } }),
    ],
    ['an id of nothing', JSON.stringify({ query: '{ node(id: "x") { id } }' })],
    ['brackets without end', '['.repeat(100_000)],
  ])('of %s: none', async (_what, body) => {
    const reply = await send(body);
    expect(reply.codes.length).toBeGreaterThan(0);
    expect(reply.text).not.toMatch(traces);
    expect(reply.text).not.toContain('stacktrace');
  });
});
