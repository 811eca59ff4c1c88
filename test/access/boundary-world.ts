import fc from 'fast-check';
import { expect, vi } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type GraphqlAnswer, startTestServer, type TestServer } from '../support/server.ts';

/** Somebody, with all that is ever sent about them. */
export interface Person {
  readonly number: number;
  readonly vip: boolean;
  readonly consents: readonly Consent[];
  readonly events: readonly Event[];
}

interface Consent {
  readonly purpose: string;
  readonly channel: string | null;
  readonly granted: boolean;
}

interface Event {
  readonly source: string;
  readonly type: string;
  readonly store: string | null;
  /** Minutes after the beginning. */
  readonly at: number;
  readonly amount: number;
  readonly language: string;
}

const event: fc.Arbitrary<Event> = fc.record({
  source: fc.constantFrom('crm', 'web', 'pos'),
  type: fc.constantFrom('order.completed', 'order.returned', 'page.viewed', 'order_note.added'),
  store: fc.constantFrom(null, 'Basel', 'Bern', '12'),
  at: fc.integer({ min: 0, max: 60 * 24 * 90 }),
  amount: fc.integer({ min: 1, max: 500 }),
  language: fc.constantFrom('de', 'fr', 'it'),
});

const consent: fc.Arbitrary<Consent> = fc.record({
  purpose: fc.constantFrom('marketing', 'analytics'),
  channel: fc.constantFrom(null, 'EMAIL', 'SMS'),
  granted: fc.boolean(),
});

/** The same on every run. */
export function people(count: number, seed: number): Person[] {
  const facts = fc.record({
    vip: fc.boolean(),
    consents: fc.array(consent, { maxLength: 3 }),
    events: fc.array(event, { minLength: 1, maxLength: 6 }),
  });
  return fc.sample(facts, { numRuns: count, seed }).map((person, number) => ({ number, ...person }));
}

const beginning = Date.parse('2026-06-01T08:00:00Z');

/** All that is sent about a person: their e-mail address makes the records of all sources one customer. */
export function touchpointsOf({ number, vip, consents, events }: Person): Record<string, unknown>[] {
  const about = (source: string, index: string) => ({
    messageId: `m-${number}-${index}`,
    source,
    key: `${source}-${number}`,
    identifiers: [{ kind: 'email', value: `person-${number}@example.org` }],
  });
  return [
    {
      ...about('crm', 'first'),
      type: 'account.created',
      occurredAt: timeOf(0, number),
      traits: { vip, language: 'en' },
    },
    ...events.map(({ source, type, store, at, amount, language }, index) => ({
      ...about(source, `${index}`),
      type,
      occurredAt: timeOf(at, number),
      traits: { language },
      properties: { ...(store === null ? {} : { store }), orderId: `o-${number}-${index % 2}`, note: `n${index}` },
      ...(/^order\.(completed|returned)$/.test(type) ? { value: { amount: `${amount}.50`, currency: 'CHF' } } : {}),
    })),
    ...consents.map(({ purpose, channel, granted }, index) => ({
      ...about('crm', `consent-${index}`),
      type: granted ? 'consent.granted' : 'consent.withdrawn',
      occurredAt: timeOf(index, number),
      properties: { purpose, ...(channel === null ? {} : { channel }) },
    })),
  ];
}

/** No two people do anything at the same instant: lists have one order. */
function timeOf(minute: number, number: number): string {
  return new Date(beginning + minute * 60_000 + number).toISOString();
}

export interface World {
  readonly server: TestServer;
  readonly database: TestDatabase;
  /** Public id of the segment of those with the trait `vip`. */
  readonly segmentId: string;
  /** Customer by the number of the person. */
  readonly customers: ReadonlyMap<number, string>;
  key(input: Record<string, unknown>): Promise<string>;
  ask(key: string, query: string, variables?: Record<string, unknown>): Promise<GraphqlAnswer>;
  download(key: string, path: string): Promise<{ status: number; body: string }>;
  close(): Promise<void>;
}

export const reading = ['CUSTOMERS_READ', 'PII_READ', 'SEGMENTS_READ', 'METRICS_READ', 'LOYALTY_READ', 'IDENTITY_READ'];

/** A platform to which these touchpoints were sent. `idSecret`: of another one, so that the same things get the same ids. */
export async function openWorld(
  touchpoints: readonly Record<string, unknown>[],
  { idSecret }: { idSecret?: string } = {},
): Promise<World> {
  const database = await openTestDatabase();
  if (idSecret !== undefined)
    await database.pool`update settings set value = to_jsonb(${idSecret}::text) where name = 'id_secret'`;
  const server = await startTestServer({ database });
  const key: World['key'] = async (input) => {
    const { data, errors } = await server.graphql(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }',
      { input: { name: 'partner', scopes: reading, ...input } },
    );
    expect(errors).toEqual([]);
    return (data as { createApiKey: { secret: string } }).createApiKey.secret;
  };
  return {
    server,
    database,
    segmentId: await createSegment(server),
    customers: await send(server, touchpoints),
    key,
    ask: (key, query, variables) => server.graphql(query, variables, { key }),
    async download(key, path) {
      const response = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
      return { status: response.status, body: await response.text() };
    },
    async close() {
      await server.close();
      await database.close();
    },
  };
}

async function send(server: TestServer, events: readonly Record<string, unknown>[]): Promise<Map<number, string>> {
  const { data, errors } = await server.graphql(
    'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { results { messageId status customerId message } } }',
    { events },
  );
  expect(errors).toEqual([]);
  const { results } = (data as { ingest: { results: { messageId: string; status: string; customerId: string }[] } })
    .ingest;
  expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
  return new Map(results.map(({ messageId, customerId }) => [Number(messageId.split('-')[1]), customerId]));
}

async function createSegment(server: TestServer): Promise<string> {
  const { data, errors } = await server.graphql(
    'mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }',
    { input: { name: 'VIP', definition: { trait: { trait: 'vip', operator: 'EQUALS', value: true } } } },
  );
  expect(errors).toEqual([]);
  const { id } = (data as { createSegment: { segment: { id: string } } }).createSegment.segment;
  await vi.waitFor(async () => {
    const { data } = await server.graphql('query ($id: ID) { segment(id: $id) { version build { version } } }', { id });
    expect(data).toEqual({ segment: { version: 1, build: null } });
  }, 20_000);
  return id;
}
