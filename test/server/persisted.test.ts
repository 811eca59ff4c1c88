import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { StartupError } from '../../src/kernel/startup-error.ts';
import { readTrustedDocuments } from '../../src/server/persisted-manifest.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const whoAmI = 'query WhoAmI { viewer { name } }';
const people = 'query People($n: Int!) { customers(first: $n) { nodes { id } } }';
const live = 'subscription Live { touchpointRecorded { cursor } }';
const untrusted = '{ viewer { keyId } }';

let folder: string;
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rundum-documents-'));
  const operations = [
    { id: sha256(whoAmI), name: 'WhoAmI', type: 'query', body: whoAmI },
    { id: sha256(live), name: 'Live', type: 'subscription', body: live },
  ];
  await writeFile(
    join(folder, 'shop.json'),
    JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }),
  );
  await writeFile(join(folder, 'till.json'), JSON.stringify({ 'people-1': people }));
  await writeFile(join(folder, 'who.graphql'), whoAmI);
  server = await startTestServer({ config: { trustedDocuments: folder } });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function createKey(input: object = {}, on = server): Promise<string> {
  const { data, errors } = await on.graphql(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { trustedDocumentsOnly } } }',
    { input: { name: 'frontend', scopes: ['CUSTOMERS_READ'], ...input } },
  );
  expect(errors).toEqual([]);
  return (data as { createApiKey: { secret: string } }).createApiKey.secret;
}

interface Answer {
  readonly status: number;
  readonly data?: unknown;
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
}

async function post(key: string, body: object, on = server): Promise<Answer> {
  const response = await fetch(`${on.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

async function get(key: string, parameters: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql?${new URLSearchParams(parameters)}`, {
    headers: { authorization: `Bearer ${key}`, 'apollo-require-preflight': '1' },
  });
  return { status: response.status, ...((await response.json()) as object) };
}

const persisted = (hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } });
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code;

describe('a trusted document is run', () => {
  test.each<[string, object]>([
    ['by its hash, as Apollo’s clients send it', persisted(sha256(whoAmI))],
    ['by documentId, as GraphQL over HTTP drafts it', { documentId: `sha256:${sha256(whoAmI)}` }],
    ['by documentId, without a prefix', { documentId: sha256(whoAmI) }],
    ['with its text beside the hash', { query: whoAmI, ...persisted(sha256(whoAmI)) }],
    ['by its text', { query: whoAmI }],
  ])('%s', async (_way, body) => {
    for (const key of [server.ownerKey, await createKey(), await createKey({ trustedDocumentsOnly: true })]) {
      const { status, data, errors } = await post(key, body);
      expect({ status, errors }).toEqual({ status: 200, errors: undefined });
      expect(data).toEqual({ viewer: { name: expect.any(String) } });
    }
  });

  test('by an id of the frontend’s own, with variables', async () => {
    const { data } = await post(server.ownerKey, { documentId: 'people-1', variables: { n: 2 } });
    expect(data).toEqual({ customers: { nodes: [] } });
  });

  test('by GET', async () => {
    const key = await createKey({ trustedDocumentsOnly: true });
    const answers = [
      await get(key, { documentId: sha256(whoAmI) }),
      await get(key, { extensions: JSON.stringify(persisted(sha256(whoAmI)).extensions) }),
      await get(key, { documentId: 'people-1', variables: '{"n": 1}' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.at(-1)?.data).toEqual({ customers: { nodes: [] } });
  });
});

describe('what is no trusted document', () => {
  test('is not found by its id', async () => {
    for (const key of [server.ownerKey, await createKey({ trustedDocumentsOnly: true })]) {
      for (const body of [persisted(sha256(untrusted)), { documentId: 'nothing' }, { documentId: '__proto__' }])
        expect(codeOf(await post(key, body))).toBe('PERSISTED_QUERY_NOT_FOUND');
      expect(codeOf(await get(key, { documentId: sha256(untrusted) }))).toBe('PERSISTED_QUERY_NOT_FOUND');
    }
  });

  test('runs by its text for a key that is not kept to them, and is not remembered', async () => {
    const body = { query: untrusted, ...persisted(sha256(untrusted)) };
    expect(await post(server.ownerKey, body)).toMatchObject({ status: 200, data: { viewer: {} } });
    expect(codeOf(await post(server.ownerKey, persisted(sha256(untrusted))))).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  test.each<[string, object]>([
    ['by its text', { query: untrusted }],
    ['with its hash', { query: untrusted, ...persisted(sha256(untrusted)) }],
    ['with the hash of another', { query: untrusted, ...persisted(sha256(whoAmI)) }],
    ['with the id of another', { query: untrusted, documentId: sha256(whoAmI) }],
    ['another in one blank', { query: `${whoAmI} ` }],
    ['an introspection', { query: '{ __schema { queryType { name } } }' }],
    ['nothing that is valid', { query: '{ viewer { nam } }' }],
  ])('is refused to a key that is: %s', async (_way, body) => {
    const answer = await post(await createKey({ trustedDocumentsOnly: true }), body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.data).toBeUndefined();
    // Not a word about what would have been valid.
    if (codeOf(answer) === 'BAD_REQUEST')
      expect(answer.errors?.[0]?.message).toContain('is not the SHA-256 of the query');
    else expect(answer.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', reason: 'UNTRUSTED_DOCUMENT' });
  });

  test('does not become one because its key is looked at again', async () => {
    const key = await createKey({ trustedDocumentsOnly: true });
    const { data } = await post(server.ownerKey, { query: '{ apiKeys { nodes { id trustedDocumentsOnly } } }' });
    const { nodes } = (data as { apiKeys: { nodes: { id: string; trustedDocumentsOnly: boolean }[] } }).apiKeys;
    const update = (trustedDocumentsOnly: boolean) =>
      server.graphql('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
        input: { id: nodes[0]!.id, trustedDocumentsOnly },
      });
    expect(nodes[0]?.trustedDocumentsOnly).toBe(true);
    expect((await post(key, { query: untrusted })).status).toBe(403);
    await update(false);
    expect((await post(key, { query: untrusted })).status).toBe(200);
    await update(true);
    expect((await post(key, { query: untrusted })).status).toBe(403);
  });
});

async function overWebsocket(key: string, payload: object): Promise<{ type: string; payload: unknown }> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
  const [data] = await once(socket, 'message');
  socket.close();
  return JSON.parse(String(data));
}

test('over a websocket the same goes', async () => {
  const key = await createKey({ trustedDocumentsOnly: true });
  for (const payload of [
    { query: '', ...persisted(sha256(whoAmI)) },
    { query: '', extensions: { documentId: sha256(whoAmI) } },
    { query: whoAmI },
  ])
    expect(await overWebsocket(key, payload)).toMatchObject({
      type: 'next',
      payload: { data: { viewer: { name: 'frontend' } } },
    });
  expect(await overWebsocket(key, { query: untrusted })).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'FORBIDDEN' } }],
  });
  expect(await overWebsocket(key, { query: '', ...persisted('nothing') })).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
  });
});

test('what runs under a key ends when the key is kept to them, within a second', async () => {
  const key = await createKey();
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  await once(socket, 'message');
  const closed = once(socket, 'close');
  const { data } = await post(key, { query: '{ viewer { keyId } }' });
  const { viewer } = data as { viewer: { keyId: string } };
  const begin = performance.now();
  await server.graphql('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
    input: { id: viewer.keyId, trustedDocumentsOnly: true },
  });
  const [code] = await closed;
  // Clients come back, and find the key as it is now.
  expect(code).toBe(1012);
  expect(performance.now() - begin).toBeLessThan(1_500);
});

test('as an event stream the same goes', async () => {
  const key = await createKey({ trustedDocumentsOnly: true });
  const stream = (body: object) =>
    fetch(`${server.url}/graphql/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
  expect(await (await stream({ query: untrusted })).text()).toContain('UNTRUSTED_DOCUMENT');
  expect(await (await stream({ query: whoAmI })).text()).toContain('"name":"frontend"');
});

test('a server that is kept to them runs nothing else, for no key', async () => {
  const kept = await startTestServer({
    database: server.database,
    config: { trustedDocuments: join(folder, 'shop.json'), trustedDocumentsOnly: true },
  });
  try {
    expect(await post(server.ownerKey, { query: untrusted }, kept)).toMatchObject({ status: 403 });
    expect(await post(server.ownerKey, persisted(sha256(whoAmI)), kept)).toMatchObject({ status: 200 });
    expect(codeOf(await post(server.ownerKey, { documentId: 'people-1' }, kept))).toBe('PERSISTED_QUERY_NOT_FOUND');
  } finally {
    await kept.close();
  }
});

test.each<[string, object]>([
  ['a hash that is none', { extensions: { persistedQuery: { version: 1, sha256Hash: 5 } } }],
  ['another version', { extensions: { persistedQuery: { version: 2, sha256Hash: sha256(whoAmI) } } }],
  ['text', { extensions: { persistedQuery: 'people-1' } }],
  ['a list', { extensions: { persistedQuery: ['people-1'] } }],
  ['the hash of another', { query: untrusted, ...persisted(sha256(whoAmI)) }],
])('a persisted query that is wrong is refused with a code, by POST and by GET: %s', async (_what, body) => {
  const { query, extensions } = body as { query?: string; extensions: object };
  const parameters = { ...(query ? { query } : {}), extensions: JSON.stringify(extensions) };
  for (const answer of [await post(server.ownerKey, body), await get(server.ownerKey, parameters)])
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_REQUEST']);
});

test('a server without any says that it knows no ids', async () => {
  const plain = await startTestServer({ database: server.database });
  try {
    expect(codeOf(await post(server.ownerKey, persisted(sha256(whoAmI)), plain))).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
    expect(codeOf(await post(server.ownerKey, { documentId: sha256(whoAmI) }, plain))).toBe(
      'PERSISTED_QUERY_NOT_SUPPORTED',
    );
  } finally {
    await plain.close();
  }
});

describe('manifests', () => {
  test('of a folder are read together', async () => {
    const documents = await readTrustedDocuments(folder);
    expect(documents).toEqual(
      new Map([
        [sha256(whoAmI), whoAmI],
        [sha256(live), live],
        ['people-1', people],
      ]),
    );
  });

  test.each<[string, string, RegExp]>([
    ['no JSON', 'operations', /is no manifest/],
    [
      'a manifest of another version',
      '{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}',
      /is no manifest/,
    ],
    ['a list', '[]', /is no manifest/],
    ['text that is no operation', '{"a": "{ viewer"}', /the operation a can't be read/],
    [
      'two operations under one id',
      '{"sha256:a": "{ viewer { name } }", "a": "{ viewer { keyId } }"}',
      /stands for another/,
    ],
  ])('with %s keep the server from starting', async (_what, text, message) => {
    const file = join(folder, 'wrong.txt');
    await writeFile(file, text);
    const error = await readTrustedDocuments(file).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toMatch(message);
    await rm(file);
  });

  test('that are not there, and a policy without any', async () => {
    await expect(readTrustedDocuments(join(folder, 'nowhere.json'))).rejects.toThrow(
      /RUNDUM_TRUSTED_DOCUMENTS: .* can't be read/,
    );
    const wrong = startTestServer({ database: server.database, config: { trustedDocumentsOnly: true } });
    await expect(wrong).rejects.toThrow('RUNDUM_TRUSTED_DOCUMENTS_ONLY needs RUNDUM_TRUSTED_DOCUMENTS');
  });
});
