import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shippedBook } from '../../src/identity/rule-book.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const rulesFields = `
  version reason changedBy changedAt onePerSource shippedBlocked
  kinds { kind priority strength valuesPerCustomer valuesWindowDays recordsPerValue namesPerson normaliser }
  custom { kind priority strength }
  blocked { kind exact pattern }
  repair { phase checked total merges splits failures failedAt appliedAt }`;

interface Rules {
  version: number;
  reason: string | null;
  kinds: { kind: string; recordsPerValue: number | null }[];
  blocked: object[];
  repair: { phase: string } | null;
}

const email = { kind: 'email', priority: 1, recordsPerValue: 2, valuesPerCustomer: 5, namesPerson: true };

describe('identity rules in the API', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  async function ask<T>(query: string, variables: object = {}): Promise<T> {
    const { data, errors } = await server.graphql(query, { ...variables });
    expect(errors).toEqual([]);
    return data as T;
  }

  const current = async () =>
    (await ask<{ identityRules: Rules }>(`{ identityRules { ${rulesFields} } }`)).identityRules;

  const update = (input: object, key?: string) =>
    server.graphql(
      `mutation($input: UpdateIdentityRulesInput!) { updateIdentityRules(input: $input) { rules { ${rulesFields} } } }`,
      { input },
      key === undefined ? {} : { key },
    );

  async function updated(input: object): Promise<Rules> {
    const { data, errors } = await update(input);
    expect(errors).toEqual([]);
    return (data as { updateIdentityRules: { rules: Rules } }).updateIdentityRules.rules;
  }

  async function ingest(...events: object[]): Promise<(string | null)[]> {
    const { ingest: payload } = await ask<{ ingest: { results: { status: string; customerId: string | null }[] } }>(
      'mutation($events: [TouchpointInput!]!) { ingest(events: $events) { results { status customerId } } }',
      { events },
    );
    expect(payload.results.map(({ status }) => status)).toEqual(events.map(() => 'STORED'));
    return payload.results.map(({ customerId }) => customerId);
  }

  const customersNow = async () =>
    (await server.database.pool`select distinct customer_id from records where customer_id is not null`).length;

  test('are the shipped ones until somebody changes them', async () => {
    const rules = await current();
    expect(rules).toMatchObject({ version: 0, repair: null, reason: null, blocked: [] });
    expect(rules.kinds.map(({ kind }) => kind)).toEqual(shippedBook.kinds.map(({ kind }) => kind));
    expect(rules.kinds.find(({ kind }) => kind === 'phone')).toMatchObject({
      normaliser: expect.stringContaining('E.164'),
    });
  });

  test('are changed, applied to the past by the running server, and taken back', async () => {
    const { version } = await current();
    const event = (key: string) => ({
      messageId: key,
      source: 'web',
      type: 'page.viewed',
      occurredAt: '2026-10-01T10:00:00Z',
      key,
      identifiers: [{ kind: 'email', value: 'shared@example.com' }],
    });
    await ingest(event('a'), event('b'), event('c'));
    expect(await customersNow()).toBe(1);

    const preview = await ask<{ previewIdentityRules: { splits: number; complete: boolean } }>(
      'query($rules: IdentityRulesInput!) { previewIdentityRules(rules: $rules) { splits complete values { kind cut } samples { before { customerId records recordIds } after { records } } } }',
      { rules: { kinds: [email] } },
    );
    expect(preview.previewIdentityRules).toMatchObject({
      splits: 2,
      complete: true,
      values: [{ kind: 'email', cut: 1 }],
    });
    expect(await customersNow()).toBe(1);

    const rules = await updated({ rules: { kinds: [email] }, expectedVersion: version, reason: 'families' });
    expect(rules).toMatchObject({ version: version + 1, reason: 'families', custom: { kind: null, priority: 5 } });
    await expect.poll(async () => (await current()).repair!.phase, { timeout: 15_000 }).toBe('DONE');
    expect(await customersNow()).toBe(3);

    await ask(
      'mutation($input: RevertIdentityRulesInput!) { revertIdentityRules(input: $input) { rules { version } } }',
      {
        input: { version, expectedVersion: version + 1, reason: 'not so' },
      },
    );
    await expect.poll(async () => (await current()).repair!.phase, { timeout: 15_000 }).toBe('DONE');
    expect(await customersNow()).toBe(1);
    const { identityRulesHistory: history } = await ask<{ identityRulesHistory: Rules[] }>(
      `{ identityRulesHistory(first: 10) { ${rulesFields} } }`,
    );
    expect(history.slice(0, 2).map(({ reason }) => reason)).toEqual(['not so', 'families']);
    expect(history.at(-1)).toMatchObject({ version: 0, repair: null });
    const audited = await server.database.pool`
      select actor, reason, detail from audit_entries where action = 'identity.rules_changed' order by at, id`;
    expect(audited.slice(-2).map(({ reason }) => reason)).toEqual(['families', 'not so']);
  });

  test('are not changed over the head of somebody else', async () => {
    const { version } = await current();
    const { errors } = await update({ rules: { kinds: [] }, expectedVersion: version + 1, reason: 'x' });
    expect(errors[0]!.extensions).toMatchObject({ code: 'IDENTITY_CONFLICT', version });
    expect((await current()).version).toBe(version);
  });

  test('are changed once by a repeated call, and not by another under the same key', async () => {
    const { version } = await current();
    const input = { rules: { kinds: [email] }, expectedVersion: version, reason: 'x', idempotencyKey: 'once' };
    const [first, second] = [await updated(input), await updated(input)];
    expect([first.version, second.version]).toEqual([version + 1, version + 1]);
    const { errors } = await update({ ...input, rules: { kinds: [] } });
    expect(errors[0]!.extensions.code).toBe('IDEMPOTENCY_CONFLICT');
    expect((await current()).version).toBe(version + 1);
  });

  test.each([
    [{ kinds: [{ ...email, recordsPerValue: 0 }] }, 'input.rules.kinds[0].recordsPerValue'],
    [{ kinds: [email, email] }, 'input.rules.kinds[1].kind'],
    [{ kinds: [{ ...email, kind: 'e mail' }] }, 'input.rules.kinds[0].kind'],
    [{ kinds: [{ ...email, valuesPerCustomer: null, valuesWindowDays: 3 }] }, 'input.rules.kinds[0].valuesWindowDays'],
    [{ kinds: [], blocked: [{ pattern: '(?=x)' }] }, 'input.rules.blocked[0]'],
    [{ kinds: [], blocked: [{ kind: 'email' }] }, 'input.rules.blocked[0]'],
  ])('are refused where they make no sense: %j', async (rules, field) => {
    const { version } = await current();
    const { errors } = await update({ rules, expectedVersion: version, reason: 'x' });
    expect(errors[0]!.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });

  test('need a scope to be seen, and another to be changed or tried', async () => {
    const { createApiKey } = await ask<{ createApiKey: { secret: string } }>(
      'mutation { createApiKey(input: { name: "reader", scopes: [IDENTITY_READ] }) { secret } }',
    );
    const as = { key: createApiKey.secret };
    expect((await server.graphql('{ identityRules { version } }', {}, as)).errors).toEqual([]);
    const refused = [
      await update({ rules: { kinds: [] }, expectedVersion: 0, reason: 'x' }, createApiKey.secret),
      await server.graphql('{ previewIdentityRules(rules: { kinds: [] }) { merges } }', {}, as),
    ];
    for (const { errors } of refused) expect(errors[0]!.extensions.code).toBe('FORBIDDEN');
  });
});
