import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { dataOf, feedHead, ingest, subscribe } from '../../touchpoints/subscription-fixture.ts';

let server: TestServer;
let customerId: string;

beforeAll(async () => {
  server = await startTestServer();
  const [result] = await ingest(server, {
    source: 'crm',
    key: 'anna',
    identifiers: [{ kind: 'userId', value: 'anna' }],
  });
  customerId = result!.customerId!;
});
afterAll(() => server.close());

async function mutate(name: string, input: object): Promise<void> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`;
  dataOf(await server.graphql(document, { input: { customerId, ...input } }));
}

interface Event {
  reasons: string[];
  customer: { consents: { status: string }[]; preferences: { name: string; value: unknown }[] };
}

interface Line {
  topic: string;
  subjectId: string;
  detail: Record<string, unknown>;
}

test('whoever follows a customer learns what they allow and prefer, and when that ends', async () => {
  const after = await feedHead(server);
  const query = `subscription ($id: ID!, $after: Cursor) { customerChanged(id: $id, after: $after) {
    reasons customer { consents { status } preferences { name value } } } }`;
  const live = subscribe<Event>(server, 'customerChanged', query, { variables: { id: customerId, after } });
  const feed = subscribe<Line>(
    server,
    'changes',
    `subscription ($after: Cursor) { changes(topics: [CONSENT_CHANGED, PREFERENCE_CHANGED], after: $after) {
      topic subjectId detail } }`,
    { variables: { after } },
  );
  await mutate('setConsent', { purpose: 'newsletter', channel: 'EMAIL', status: 'GRANTED' });
  const [granted] = await live.take(1);
  expect(granted).toMatchObject({ reasons: ['CONSENTS'], customer: { consents: [{ status: 'GRANTED' }] } });
  await mutate('setPreference', { name: 'language', value: 'de' });
  const [preferred] = await live.take(1);
  expect(preferred).toMatchObject({
    reasons: ['PREFERENCES'],
    customer: { preferences: [{ name: 'language', value: 'de' }] },
  });
  const expiresAt = new Date(server.wiring.platform.clock.now().getTime() + 2_000).toISOString();
  await mutate('setConsent', { purpose: 'newsletter', channel: 'EMAIL', status: 'GRANTED', expiresAt });
  let status: string | undefined = 'GRANTED';
  // The new end is an event of its own, or one with the end itself where the test is slow.
  while (status === 'GRANTED') {
    const [event] = await live.take(1);
    expect(event!.reasons).toEqual(['CONSENTS']);
    status = event!.customer.consents[0]?.status;
  }
  expect(status).toBe('EXPIRED');
  const about = { purpose: 'newsletter', channel: 'EMAIL' };
  expect(await feed.take(4)).toEqual([
    { topic: 'CONSENT_CHANGED', subjectId: customerId, detail: { ...about, from: null, to: 'GRANTED' } },
    { topic: 'PREFERENCE_CHANGED', subjectId: customerId, detail: { name: 'language' } },
    { topic: 'CONSENT_CHANGED', subjectId: customerId, detail: { ...about, from: 'GRANTED', to: 'GRANTED' } },
    { topic: 'CONSENT_CHANGED', subjectId: customerId, detail: { ...about, from: 'GRANTED', to: 'EXPIRED' } },
  ]);
  await live.end();
  await feed.end();
});

test('a segment by consent is the same by text and by input', async () => {
  const query = `mutation ($input: CreateSegmentInput!) { createSegment(input: $input) {
    segment { versions(first: 1) { definition text } } } }`;
  type Version = { definition: object; text: string };
  const create = async (name: string, by: object) => {
    const answer = dataOf<{ createSegment: { segment: { versions: Version[] } } }>(
      await server.graphql(query, { input: { name, ...by } }),
    );
    return answer.createSegment.segment.versions[0];
  };
  const condition = { consent: { purpose: 'newsletter', channel: 'EMAIL', status: ['GRANTED', 'PENDING'] } };
  const text = 'consent to newsletter on email is granted, pending';
  expect(await create('by text', { text })).toEqual({ definition: condition, text });
  expect(await create('by input', { definition: condition })).toEqual({ definition: condition, text });
});
