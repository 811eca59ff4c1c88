import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Entry {
  id: string;
  actor: string;
  keyId: string | null;
  action: string;
  subject: string;
  detail: unknown;
}

async function ask<T>(query: string, variables = {}, key?: string): Promise<T> {
  const { data, errors } = await server.graphql(query, variables, key === undefined ? {} : { key });
  expect(errors).toEqual([]);
  return data as T;
}

async function createKey(name: string, scopes: string[]): Promise<{ secret: string; apiKey: { id: string } }> {
  const { createApiKey } = await ask<{ createApiKey: { secret: string; apiKey: { id: string } } }>(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } } }',
    { input: { name, scopes } },
  );
  return createApiKey;
}

async function entries(subject: string): Promise<Entry[]> {
  const { auditLog } = await ask<{ auditLog: { nodes: Entry[] } }>(
    'query ($subject: String) { auditLog(subject: $subject) { nodes { id actor keyId action subject reason detail } } }',
    { subject },
  );
  return auditLog.nodes;
}

const revoke = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }';

describe('the audit log', () => {
  test('tells who made a key and who revoked it, once, and never its secret', async () => {
    const { secret, apiKey } = await createKey('till', ['INGEST']);
    await ask(revoke, { id: apiKey.id });
    await ask(revoke, { id: apiKey.id });
    const { viewer } = await ask<{ viewer: { keyId: string } }>('{ viewer { keyId } }');
    const by = { actor: 'owner', keyId: viewer.keyId, subject: apiKey.id };
    const log = await entries(apiKey.id);
    expect(log).toMatchObject([
      { ...by, action: 'key.revoked' },
      { ...by, action: 'key.created', detail: { name: 'till', scopes: ['ingest'], expiresAt: null } },
    ]);
    expect(JSON.stringify(log)).not.toContain(secret.slice(-20));
  });

  test('pages, the latest first, each once; node finds an entry', async () => {
    for (const name of ['a', 'b', 'c']) await createKey(name, ['INGEST']);
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { auditLog }: { auditLog: { nodes: Entry[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } =
        await ask(
          'query ($after: Cursor) { auditLog(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
          {
            after,
          },
        );
      seen.push(...auditLog.nodes.map(({ id }) => id));
      ({ hasNextPage: more, endCursor: after } = auditLog.pageInfo);
    }
    expect(seen).toEqual(seen.toSorted().reverse());
    expect(new Set(seen).size).toBe(seen.length);
    const { node } = await ask<{ node: object }>(
      'query ($id: ID!) { node(id: $id) { id ... on AuditEntry { action } } }',
      {
        id: seen[0],
      },
    );
    expect(node).toEqual({ id: seen[0], action: 'key.created' });
  });

  test('takes a part by what was done, by whom, to what and when', async () => {
    const { secret, apiKey } = await createKey('another admin', ['ADMIN']);
    const { apiKey: made } = await createKey('lost', ['INGEST']);
    await ask(revoke, { id: made.id }, secret);
    const subjects = async (filter: object) => {
      const { auditLog } = await ask<{ auditLog: { nodes: (Entry & { at: string })[] } }>(
        'query ($filter: AuditLogFilter) { auditLog(filter: $filter) { nodes { at action subject } } }',
        { filter },
      );
      return auditLog.nodes.map(({ at, action, subject }) => ({ at, what: `${action} ${subject}` }));
    };
    const [revocation] = await subjects({ keyId: apiKey.id });
    expect(revocation?.what).toBe(`key.revoked ${made.id}`);
    expect(await subjects({ actor: 'another admin' })).toEqual([revocation]);
    expect(await subjects({ action: 'key.revoked', subject: made.id })).toEqual([revocation]);
    expect(await subjects({ action: 'key', subject: made.id })).toHaveLength(2);
    expect(await subjects({ action: 'key.revo' })).toEqual([]);
    expect(await subjects({ action: 'k%' })).toEqual([]);
    expect(await subjects({ subject: made.id, to: revocation?.at })).toEqual([
      expect.objectContaining({ what: `key.created ${made.id}` }),
    ]);
    expect(await subjects({ subject: made.id, from: revocation?.at })).toEqual([revocation]);
  });

  test('has a head, which its end decides', async () => {
    const head = () =>
      ask<{ auditHead: { position: number; hash: string } }>('{ auditHead { position hash sealedAt } }');
    const before = (await head()).auditHead;
    expect((await head()).auditHead).toEqual(before);
    await createKey('one more', ['INGEST']);
    expect((await head()).auditHead).toMatchObject({ position: before.position + 1 });
  });

  test('is sealed by the server within a second or so', async () => {
    const { apiKey } = await createKey('sealed', ['INGEST']);
    await expect
      .poll(
        () => server.database.pool`
        select position from audit_seals join audit_entries on id = entry_id where subject = ${apiKey.id}`,
      )
      .toHaveLength(1);
  });

  test('needs the scope admin', async () => {
    const { secret } = await createKey('steward', ['IDENTITY_MANAGE', 'IDENTITY_READ']);
    const { errors } = await server.graphql('{ auditLog { nodes { id } } }', {}, { key: secret });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', requiredScope: 'admin' });
  });
});
