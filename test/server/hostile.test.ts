import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

type Body = string | Uint8Array<ArrayBuffer>;

interface Reply {
  readonly status: number;
  readonly codes: readonly string[];
  readonly text: string;
}

const refusals = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'NOT_FOUND',
  'CURSOR_INVALID',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** Sends bytes as they are. */
async function send(body: Body, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ownerKey}`, ...headers },
    body,
  });
  const text = await response.text();
  const { errors = [] } = JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] };
  return { status: response.status, codes: errors.map((error) => error.extensions?.code ?? 'none'), text };
}

const ask = (query: string, variables?: unknown) => send(JSON.stringify({ query, variables }));

/** A coded refusal: 4xx, or 200 with errors where GraphQL over HTTP says so. */
function expectRefusal({ status, codes }: Reply): void {
  expect(status === 200 || (status >= 400 && status < 500)).toBe(true);
  expect(codes.length).toBeGreaterThan(0);
  for (const code of codes) expect(refusals).toContain(code);
}

async function expectAlive(): Promise<void> {
  const { status, codes } = await ask('{ viewer { name } }');
  expect({ status, codes }).toEqual({ status: 200, codes: [] });
}

const nest = (levels: number, open: string, inner: string, close: string) =>
  open.repeat(levels) + inner + close.repeat(levels);

/** 2^40 fields, should anybody write them out. */
const doubling = () => {
  const fragments = Array.from({ length: 40 }, (_, i) => `fragment F${i} on Viewer { ...F${i + 1} ...F${i + 1} }`);
  return `{ viewer { ...F0 } } ${fragments.join(' ')} fragment F40 on Viewer { name }`;
};

/** Each level differs by an alias, so nothing merges. */
const widening = () => {
  const fragments = Array.from(
    { length: 30 },
    (_, i) =>
      `fragment F${i} on Customer { a: records { customer { ...F${i + 1} } } b: records { customer { ...F${i + 1} } } }`,
  );
  return `{ customer(id: "x") { ...F0 } } ${fragments.join(' ')} fragment F30 on Customer { id }`;
};

const bombs: Record<string, string> = {
  'deep selections': nest(400, '{ customers { nodes ', '{ id }', '} }'),
  'deep, but valid, selections': `{ customers { nodes ${nest(12, '{ records { customer ', '{ id }', '} }')} } }`,
  'deep inline fragments': `{ ${nest(600, '... { ', '__typename', ' }')} }`,
  'deep lists': `{ customers(filter: ${nest(2_000, '[', '1', ']')}) { nodes { id } } }`,
  'deep objects': `{ customers(filter: ${nest(1_200, '{ not: ', '1', '}')}) { nodes { id } } }`,
  'deep types': `query ($a: ${nest(2_400, '[', 'Int', ']')}) { viewer { name } }`,
  'brackets that never close': '{ a'.repeat(2_000),
  'many fields': `{ viewer { ${'name '.repeat(4_000)} } }`,
  'many aliases': `{ viewer { ${Array.from({ length: 1_500 }, (_, i) => `a${i}: name`).join(' ')} } }`,
  'many root fields': `{ ${Array.from({ length: 400 }, (_, i) => `a${i}: viewer { name }`).join(' ')} }`,
  'many directives': `{ viewer { name ${'@include(if: true) '.repeat(600)} } }`,
  'unknown directives': `{ viewer { name ${'@x '.repeat(2_000)} } }`,
  'many operations': Array.from({ length: 600 }, (_, i) => `query Q${i} { viewer { name } }`).join(' '),
  'many fragments': `{ viewer { name } } ${Array.from({ length: 600 }, (_, i) => `fragment F${i} on Viewer { name }`).join(' ')}`,
  'many variables': `query (${Array.from({ length: 1_000 }, (_, i) => `$v${i}: Int`).join(' ')}) { viewer { name } }`,
  'a fragment that spreads itself': '{ viewer { ...F } } fragment F on Viewer { name ...F }',
  'fragments in a circle':
    '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...C } fragment C on Viewer { ...A }',
  'fragments that double': doubling(),
  'fragments that widen': widening(),
  'more tokens than are read': `{ viewer { name } } ${'#\n'.repeat(10)} ${'query { viewer { name } } '.repeat(2_000)}`,
  'a name of a million letters': `{ ${'a'.repeat(1_000_000)} }`,
  'a string of a million letters': `{ customer(id: "${'a'.repeat(1_000_000)}") { id } }`,
  'a number of a hundred thousand digits': `{ customers(first: ${'9'.repeat(100_000)}) { nodes { id } } }`,
  'a string that never ends': '{ customer(id: "abc',
  'a bad escape': '{ customer(id: "\\uD800\\u") { id } }',
  'control characters': '{ viewer\u0000 { name } }',
  'an introspection that goes in circles': `{ __schema { types { ${nest(8, 'fields { type { ', 'name', '} }')} } } }`,
  'an empty document': ' ',
  'only a comment': '# nothing',
  'no selection': '{ }',
  'a schema definition': 'type Query { a: Int }',
  'an unknown field': '{ nothing }',
  'an unknown argument': '{ viewer(a: 1) { name } }',
  'a subscription over HTTP': 'subscription { changes { cursor } }',
};

describe('bombs', () => {
  test.each(Object.entries(bombs))('%s: refused, and quickly', async (_name, query) => {
    const begin = performance.now();
    expectRefusal(await ask(query));
    // Half of this is the machine's: what explodes takes minutes.
    expect(performance.now() - begin).toBeLessThan(1_500);
  });

  test('ordinary documents stay below every limit: the introspection of every tool, and a view with everything', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const query = getIntrospectionQuery({
      inputValueDeprecation: true,
      oneOf: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
    });
    const { status, codes } = await ask(query);
    expect({ status, codes }).toEqual({ status: 200, codes: [] });
  });
});

describe('wrong variables', () => {
  const query =
    'query ($id: ID, $first: Int, $identifier: IdentifierInput, $after: Cursor) { customer(id: $id, identifier: $identifier) { id } customers(first: $first, after: $after) { nodes { id } } }';

  test.each<[string, unknown]>([
    ['an object for a number', { first: {} }],
    ['text for a number', { first: 'ten' }],
    ['a number that is too large', { first: 1e300 }],
    ['a negative page', { first: -1 }],
    ['a page that is too long', { first: 1_000_000 }],
    ['a list for text', { id: ['a', 'b'] }],
    ['a boolean for an object', { identifier: true }],
    ['members that are not there', { identifier: { kind: 'email', value: 'a@b.example', more: 1 } }],
    ['members that are missing', { identifier: { kind: 'email' } }],
    ['a lone surrogate', { id: '\ud800' }],
    ['an id of another kind', { id: 'key_01h2xcejqtf2nbrexx3vqjhp41' }],
    ['a cursor that nobody gave', { after: 'zzz' }],
    ['nested lists', { identifier: JSON.parse(nest(200, '[', '', ']')) as unknown }],
    ['a list', []],
    ['text', 'id'],
    ['a number', 5],
  ])('%s', async (_name, variables) => {
    expectRefusal(await ask(query, variables));
  });

  test('brackets beyond any stack', async () => {
    expectRefusal(await send(`{"query": "{ viewer { name } }", "variables": {"a": ${nest(100_000, '[', '', ']')}}}`));
  });

  test('U+0000 and lone surrogates are text like any other, or refused', async () => {
    for (const text of ['a\u0000b', '\ud800', '\udfff\u0000']) {
      const { codes } = await ask(
        'query ($v: String!) { customer(identifier: { kind: "custom", value: $v }) { id } customers(filter: { identifier: { kind: "custom", value: $v } }) { nodes { id } } }',
        { v: text },
      );
      for (const code of codes) expect(refusals).toContain(code);
    }
  });

  test('a member __proto__', async () => {
    expectRefusal(await send(`{"query": "{ viewer { name } }", "variables": {"__proto__": {"a": 1}}}`));
  });
});

describe('wrong requests', () => {
  const valid = JSON.stringify({ query: '{ viewer { name } }' });

  test.each<[string, Body]>([
    ['nothing', ''],
    ['no JSON', '{"query": '],
    ['JSON that is no object', '17'],
    ['null', 'null'],
    ['text', '"{ viewer { name } }"'],
    ['a batch', `[${valid}, ${valid}]`],
    ['an empty batch', '[]'],
    ['no query', '{"variables": {}}'],
    ['a query that is no text', '{"query": {"kind": "Document"}}'],
    ['a name of an operation that is no text', '{"query": "{ viewer { name } }", "operationName": 5}'],
    ['an operation that is not there', '{"query": "{ viewer { name } }", "operationName": "Other"}'],
    ['a persisted query', `{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "abc"}}}`],
    [
      'bytes that are no UTF-8',
      Buffer.concat([
        Buffer.from('{"query": "{ viewer { name } } # '),
        Buffer.from([0xff, 0xc0, 0x80]),
        Buffer.from('"}'),
      ]),
    ],
    ['UTF-16', Buffer.from(valid, 'utf16le')],
    ['brackets without end', '['.repeat(200_000)],
  ])('%s', async (_name, body) => {
    const reply = await send(body);
    expectRefusal(reply);
    // Apollo's clients expect 200 here, and send the whole query then; and as JSON 200 answers every request that can be read.
    const answered = ['PERSISTED_QUERY_NOT_SUPPORTED', 'OPERATION_RESOLUTION_FAILURE'];
    expect(reply.status).toBeGreaterThanOrEqual(reply.codes.some((code) => answered.includes(code)) ? 200 : 400);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
    'x',
    '',
  ])('the content type "%s"', async (type) => {
    const reply = await send(valid, { 'content-type': type });
    expectRefusal(reply);
    expect(reply.status).toBeGreaterThanOrEqual(400);
  });

  test('a body that is too large is refused by its announced length', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ownerKey}` },
      body: Buffer.alloc(34 * 1024 * 1024, 32),
    });
    expect(response.status).toBe(413);
  });
});

describe('fuzzing', () => {
  const seeds = [
    '{ viewer { name scopes expiresAt } }',
    'query Q($id: ID!, $n: Int = 3) { customer(id: $id) { id records(first: $n) { source key } traits(names: ["email"]) { name value } } }',
    '{ customers(first: 2, filter: { and: [{ not: {} }] }, orderBy: { field: LAST_SEEN, direction: DESC }) { nodes { ...C } pageInfo { endCursor } } } fragment C on Customer { id identifiers { kind value } }',
    'mutation M($e: [TouchpointInput!]!) { ingest(events: $e) { stored results { status code } } }',
    'query ($yes: Boolean!) { a: viewer @include(if: $yes) { name } node(id: "cus_01h2xcejqtf2nbrexx3vqjhp41") { id ... on Customer { id } } }',
  ];
  const pieces = [
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '$',
    '!',
    ':',
    '=',
    '@',
    '...',
    '|',
    '&',
    '"',
    '"""',
    '\\',
    '\u0000',
    '\ud800',
    '\u{1f600}',
    'null',
    'true',
    '-0',
    '1e999',
    'on',
    'fragment',
    'subscription',
    '__typename',
    '__proto__',
    'constructor',
    '\n',
    '#',
    ',',
    '\ufeff',
  ];

  const words = [
    'id',
    'name',
    'key',
    'nodes',
    'viewer',
    'customer',
    'customers',
    'records',
    'first',
    'after',
    'filter',
    'value',
    'Customer',
    'Int',
    'String',
    'ID',
    'query',
    'null',
    'true',
    '5',
    '"x"',
    '$id',
    '$n',
  ];

  /** A valid document in which other words stand: much of it passes the grammar, and some of it validation. */
  const reworded = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(), fc.constantFrom(...words)), { maxLength: 3 }))
    .map(([seed, edits]) => {
      const tokens = seed.split(/\b/);
      for (const [at, word] of edits) tokens[at % tokens.length] = word;
      return tokens.join('');
    });
  /** A valid document, with a few pieces put in, taken out or doubled. */
  const mutated = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...pieces, '')), { minLength: 1, maxLength: 4 }),
    )
    .map(([seed, edits]) =>
      edits.reduce((text, [at, length, piece]) => splice(text, at % (text.length + 1), length, piece), seed),
    );
  const anyText = fc.string({ unit: 'binary', maxLength: 200 });
  const document = fc.oneof(
    { weight: 4, arbitrary: reworded },
    { weight: 4, arbitrary: mutated },
    { weight: 1, arbitrary: anyText },
  );
  const value = fc.anything({ maxDepth: 3, withNullPrototype: false });
  const variables = fc.oneof(
    fc.constant(undefined),
    fc.record({ id: fc.string(), n: fc.integer(), yes: fc.boolean(), e: fc.array(value) }, { requiredKeys: [] }),
    fc.dictionary(fc.constantFrom('id', 'n', 'e', 'yes', 'x'), value),
    value,
  );
  const asJson = fc
    .tuple(document, variables, fc.constantFrom(undefined, undefined, undefined, 'Q', 'M', 'Z'))
    .map(([query, given, operationName]) =>
      JSON.stringify({ query, variables: given, operationName }, (_key, member: unknown) =>
        typeof member === 'bigint' ? String(member) : member,
      ),
    );
  const asBytes = fc.uint8Array({ maxLength: 300 });
  const spoiledJson = fc.tuple(asJson, fc.nat(), fc.uint8Array({ maxLength: 3 })).map(([json, at, bytes]) => {
    const body = Buffer.from(json);
    const cut = at % (body.length + 1);
    return new Uint8Array(Buffer.concat([body.subarray(0, cut), bytes, body.subarray(cut)]));
  });
  const body: fc.Arbitrary<Body> = fc.oneof(
    { weight: 8, arbitrary: asJson },
    { weight: 1, arbitrary: asBytes },
    { weight: 2, arbitrary: spoiledJson },
  );

  const inputs = 10_000;
  const together = 50;

  test(`${inputs} spoiled requests: none breaks anything`, { timeout: 300_000 }, async () => {
    const samples = fc.sample(body, { numRuns: inputs, seed: 20_260_329 });
    const statuses = new Map<number, number>();
    for (let from = 0; from < samples.length; from += together) {
      const replies = await Promise.all(samples.slice(from, from + together).map((sample) => send(sample)));
      for (const [index, reply] of replies.entries()) {
        statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
        const what = String(samples[from + index]).slice(0, 2_000);
        expect(reply.status, what).toBeLessThan(500);
        expect(reply.text, what).not.toContain('INTERNAL_SERVER_ERROR');
        if (reply.status !== 200) expectRefusal(reply);
      }
    }
    // Else the fuzzer would only ever knock at the outer door.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(inputs / 100);
    expect(statuses.get(400) ?? 0).toBeGreaterThan(inputs / 4);
    await expectAlive();
  });
});

function splice(text: string, at: number, length: number, piece: string): string {
  return text.slice(0, at) + piece + text.slice(at + length);
}

test('after all of it the server answers', expectAlive);
