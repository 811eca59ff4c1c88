import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeTopics } from '../../../src/kernel/changes.queries.ts';
import { ChangeTopicEnum } from '../../../src/touchpoints/changes.type.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { dataOf, feedHead, ingest, subscribe } from '../../touchpoints/subscription-fixture.ts';
import { day, email } from './fixture.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Event {
  cursor: string;
  kind: string;
  customerId: string | null;
  otherCustomerId: string | null;
  customer: { id: string } | null;
  decision: { id: string; kind: string; inForce: boolean } | null;
}

const all = `subscription ($after: Cursor) { identityChanged(after: $after) {
  cursor kind customerId otherCustomerId customer { id } decision { id kind inForce } } }`;
const ofOne = `subscription ($id: ID!, $after: Cursor) { identityChanged(customerId: $id, after: $after) {
  cursor kind customerId otherCustomerId customer { id } decision { id kind inForce } } }`;

async function mutate<T>(mutation: string, input: object, select = 'decision { id }'): Promise<T> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${select} } }`;
  const answer = await server.graphql(document, { input: { reason: 'test', ...input } });
  return dataOf<Record<string, T>>(answer)[mutation]!;
}

async function twoPeople(name: string): Promise<[string, string]> {
  const [a, b] = await ingest(
    server,
    { key: `${name}-a`, identifiers: [email(`${name}-a@example.com`)], occurredAt: day(1) },
    { key: `${name}-b`, identifiers: [email(`${name}-b@example.com`)], occurredAt: day(2) },
  );
  return [a!.customerId!, b!.customerId!];
}

async function mergeOf(customerId: string): Promise<string> {
  const query = 'query ($id: ID!) { customer(id: $id) { regroupings { id kind } } }';
  const answer = dataOf<{ customer: { regroupings: { id: string; kind: string }[] } }>(
    await server.graphql(query, { id: customerId }),
  );
  return answer.customer.regroupings.find(({ kind }) => kind === 'MERGED')!.id;
}

describe('identityChanged', () => {
  test('tells of decisions and what they did, and resumes after any cursor without gap or repeat', async () => {
    const [a, b] = await twoPeople('resume');
    const after = await feedHead(server);
    const live = subscribe<Event>(server, 'identityChanged', all, { variables: { after } });
    const { decision } = await mutate<{ decision: { id: string } }>('mergeCustomers', { customerIds: [a, b] });
    const [merged, decided] = (await live.take(2)) as [Event, Event];
    expect(merged).toMatchObject({
      kind: 'MERGED',
      customerId: b,
      otherCustomerId: a,
      customer: { id: a },
      decision: null,
    });
    expect(decided).toMatchObject({
      kind: 'DECIDED',
      customerId: a,
      decision: { id: decision.id, kind: 'MERGE', inForce: true },
    });
    await mutate('revokeDecision', { decisionId: decision.id });
    const rest = await live.take(3);
    expect(rest).toMatchObject([
      { kind: 'SPLIT', customerId: b, otherCustomerId: a },
      { kind: 'REVOKED', decision: { id: decision.id, inForce: false } },
      { kind: 'REVOKED', decision: { id: decision.id, inForce: false } },
    ]);
    expect(new Set(rest.slice(1).map(({ customerId }) => customerId))).toEqual(new Set([a, b]));
    await live.end();

    const resumed = subscribe<Event>(server, 'identityChanged', all, { variables: { after: merged.cursor } });
    const again = await resumed.take(4);
    expect(again.map(({ cursor }) => cursor)).toEqual([decided, ...rest].map(({ cursor }) => cursor));
    await resumed.end();
  });

  test('follows one customer through a merge and its undoing, and leaves out everybody else', async () => {
    const [a, b] = await twoPeople('follow');
    const [c, d] = await twoPeople('others');
    const after = await feedHead(server);
    const live = subscribe<Event>(server, 'identityChanged', ofOne, { variables: { id: b, after } });
    await mutate('mergeCustomers', { customerIds: [c, d] });
    await mutate('mergeCustomers', { customerIds: [a, b] });
    expect(await live.take(2)).toMatchObject([
      { kind: 'MERGED', customerId: b, otherCustomerId: a },
      { kind: 'DECIDED', customerId: a },
    ]);
    await mutate('unmergeCustomer', { customerId: a, mergeId: await mergeOf(a) });
    expect(await live.take(3)).toMatchObject([
      { kind: 'SPLIT', customerId: b, otherCustomerId: a },
      { kind: 'DECIDED', customerId: b, decision: { kind: 'UNMERGE' } },
      { kind: 'REVOKED', customerId: b, decision: { kind: 'MERGE' } },
    ]);
    await live.end();
  });

  test('needs identity:read, and a customer that exists', async () => {
    const { secret } = await keyWith(['CUSTOMERS_READ']);
    const refused = subscribe<Event>(server, 'identityChanged', all, { key: secret });
    expect(await refused.refusal()).toMatchObject({ code: 'FORBIDDEN', requiredScope: 'identity:read' });
    await refused.end();
    const nobody = { id: 'cus_01h2xcejqtf2nbrexx3vqjhp41' };
    const unknown = subscribe<Event>(server, 'identityChanged', ofOne, { variables: nobody });
    expect(await unknown.refusal()).toMatchObject({ code: 'NOT_FOUND' });
    await unknown.end();
  });

  async function keyWith(scopes: string[]): Promise<{ secret: string }> {
    const create = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }';
    const answer = await server.graphql(create, { input: { name: 'test', scopes } });
    return dataOf<{ createApiKey: { secret: string } }>(answer).createApiKey;
  }
});

describe('the whole feed', () => {
  test('has a name for every topic', () => {
    expect(Object.values(ChangeTopicEnum).sort()).toEqual([...changeTopics].sort());
  });

  test('tells of decisions with ids that node knows', async () => {
    const [a, b] = await twoPeople('feed');
    const feed = subscribe<{ topic: string; subjectId: string; detail: object }>(
      server,
      'changes',
      'subscription ($after: Cursor) { changes(topics: [IDENTITY_DECIDED], after: $after) { topic subjectId detail } }',
      { variables: { after: await feedHead(server) } },
    );
    const { decision } = await mutate<{ decision: { id: string } }>('mergeCustomers', { customerIds: [a, b] });
    const [change] = await feed.take(1);
    expect(change).toEqual({ topic: 'IDENTITY_DECIDED', subjectId: decision.id, detail: { kind: 'MERGE' } });
    const answer = await server.graphql('query ($id: ID!) { node(id: $id) { __typename } }', { id: change!.subjectId });
    expect(dataOf(answer)).toEqual({ node: { __typename: 'IdentityDecision' } });
    await feed.end();
  });
});
