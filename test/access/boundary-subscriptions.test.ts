import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openWorld, people, touchpointsOf, type World } from './boundary-world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld(people(6, 5).flatMap(touchpointsOf));
}, 60_000);
afterAll(() => world?.close());

let messages = 0;

async function send(about: {
  number: number;
  traits?: object;
  type?: string;
  properties?: object;
  source?: string;
}): Promise<string> {
  messages += 1;
  const { number, traits, type = 'page.viewed', properties, source = 'crm' } = about;
  const event = {
    ...{
      messageId: `later-${messages}`,
      source,
      key: `${source}-${number}`,
      type,
      occurredAt: new Date().toISOString(),
    },
    ...{ identifiers: [{ kind: 'email', value: `person-${number}@example.org` }], traits, properties },
  };
  const { data, errors } = await world.server.graphql(
    'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { results { status touchpointId customerId } } }',
    { events: [event] },
  );
  expect(errors).toEqual([]);
  const [result] = (data as { ingest: { results: { status: string; touchpointId: string; customerId: string }[] } })
    .ingest.results;
  expect(result?.status).toBe('STORED');
  return result!.touchpointId;
}

/** What a subscription has told so far. */
function listen(client: Client, query: string): { events: Record<string, unknown>[]; ended: Promise<unknown> } {
  const events: Record<string, unknown>[] = [];
  const ended = new Promise((resolve) => {
    client.subscribe(
      { query },
      {
        next: ({ data, errors }) => void events.push((data ?? { errors }) as Record<string, unknown>),
        error: resolve,
        complete: () => resolve('complete'),
      },
    );
  });
  return { events, ended };
}

async function opened(key: string): Promise<Client> {
  const connected = Promise.withResolvers<void>();
  const client = world.server.websocket({ key, lazy: false, on: { connected: () => connected.resolve() } });
  await connected.promise;
  return client;
}

const insider = people(6, 5).find(({ vip }) => vip)!.number;
const outsider = people(6, 5).find(({ vip }) => !vip)!.number;
const all = `subscription { touchpointRecorded { touchpoint { id } customer { id } } }`;

/** Two streams, one of which sees everybody: when it has told of something, the other had its chance. */
async function pair(query: string, boundary: object) {
  const [bounded, free] = await Promise.all([world.key({ boundary }).then(opened), world.key({}).then(opened)]);
  const streams = { bounded: listen(bounded, query), free: listen(free, query) };
  // Both are open when the free one tells of something.
  await vi.waitFor(async () => {
    await send({ number: insider });
    expect(streams.free.events.length).toBeGreaterThan(0);
    expect(streams.bounded.events.length).toBeGreaterThan(0);
  }, 10_000);
  return streams;
}

const touchpointOf = (event: Record<string, unknown>) =>
  (event.touchpointRecorded as { touchpoint: { id: string } } | undefined)?.touchpoint.id;

describe('subscriptions', () => {
  test('tell of whoever is inside now, whatever was true when the stream was opened', async () => {
    const { bounded } = await pair(all, { segments: [world.segmentId] });
    const hidden = await send({ number: outsider });
    const shown = await send({ number: insider });
    await vi.waitFor(() => expect(bounded.events.map(touchpointOf)).toContain(shown), 5_000);
    expect(bounded.events.map(touchpointOf)).not.toContain(hidden);

    // They change places: the very touchpoint that does it is judged by what it has done.
    const leaving = await send({ number: insider, traits: { vip: false } });
    const coming = await send({ number: outsider, traits: { vip: true } });
    await vi.waitFor(() => expect(bounded.events.map(touchpointOf)).toContain(coming), 5_000);
    expect(bounded.events.map(touchpointOf)).not.toContain(leaving);
    const after = await send({ number: insider });
    const last = await send({ number: outsider });
    await vi.waitFor(() => expect(bounded.events.map(touchpointOf)).toContain(last), 5_000);
    expect(bounded.events.map(touchpointOf)).not.toContain(after);
    await send({ number: insider, traits: { vip: true } });
    await send({ number: outsider, traits: { vip: false } });
  });

  test('tell of a withdrawn consent by falling silent', async () => {
    const said = (status: string, number = insider) =>
      send({ number, type: `consent.${status}`, properties: { purpose: 'news' } });
    await said('granted');
    await said('granted', outsider);
    const { bounded } = await pair(all, { consents: [{ purpose: 'news' }] });
    await said('withdrawn');
    const hidden = await send({ number: insider });
    // Judged by what is true when it is told: not to be granted before its turn was.
    const later = await send({ number: outsider });
    await vi.waitFor(() => expect(bounded.events.map(touchpointOf)).toContain(later), 5_000);
    await said('granted');
    const shown = await send({ number: insider });
    await vi.waitFor(() => expect(bounded.events.map(touchpointOf)).toContain(shown), 5_000);
    expect(bounded.events.map(touchpointOf)).not.toContain(hidden);
  });

  test('tell of the types, sources and stores of the key', async () => {
    const query = 'subscription { touchpointRecorded { touchpoint { id type source properties } } }';
    const key = await world.key({ boundary: { touchpointTypes: ['order.*'], stores: ['Basel'] } });
    const { events } = listen(await opened(key), query);
    let wanted = '';
    const others: string[] = [];
    await vi.waitFor(async () => {
      others.push(await send({ number: insider, properties: { store: 'Basel' } }));
      others.push(await send({ number: insider, type: 'order.shipped', properties: { store: 'Bern' } }));
      wanted = await send({ number: insider, type: 'order.shipped', properties: { store: 'Basel' } });
      expect(events.length).toBeGreaterThan(0);
    }, 10_000);
    await vi.waitFor(() => expect(events.map(touchpointOf)).toContain(wanted), 5_000);
    expect(events.map(touchpointOf).filter((id) => others.includes(id!))).toEqual([]);
  });

  test('the change feed holds no topics about others, and no lines about those outside', async () => {
    const { bounded } = await pair('subscription { changes { topic customerId detail } }', {
      segments: [world.segmentId],
    });
    await send({ number: outsider });
    await send({ number: insider, traits: { language: 'rm' } });
    const own = world.customers.get(insider);
    await vi.waitFor(() => {
      const topics = bounded.events.map(({ changes }) => (changes as { topic: string }).topic);
      expect(topics).toContain('CUSTOMER_CHANGED');
    }, 5_000);
    const lines = bounded.events.map(({ changes }) => changes as { customerId: string | null });
    expect(new Set(lines.map(({ customerId }) => customerId))).toEqual(new Set([own]));
    const key = await world.key({ boundary: { segments: [world.segmentId] } });
    const { events } = listen(await opened(key), 'subscription { changes(topics: [CUSTOMER_MERGED]) { cursor } }');
    await vi.waitFor(
      () => expect(events[0]).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN', reason: 'BOUNDARY' } }] }),
      5_000,
    );
  });

  test('customers of events are those who are inside', async () => {
    const query = 'subscription { segmentMembershipChanged { entered customer { id } customerId } }';
    const { data } = await world.server.graphql(
      'mutation { createSegment(input: { name: "French", definition: { trait: { trait: "language", operator: EQUALS, value: "fr" } } }) { segment { id } } }',
    );
    const id = (data as { createSegment: { segment: { id: string } } } | null)?.createSegment.segment.id;
    expect(id).toBeDefined();
    await vi.waitFor(async () => {
      const { data } = await world.server.graphql('query ($id: ID) { segment(id: $id) { version } }', { id });
      expect(data).toEqual({ segment: { version: 1 } });
    }, 20_000);
    const key = await world.key({ boundary: { segments: [world.segmentId] } });
    const { events } = listen(await opened(key), query);
    await vi.waitFor(async () => {
      for (const number of [outsider, insider])
        for (const language of ['fr', 'de']) await send({ number, traits: { language } });
      expect(events.length).toBeGreaterThan(0);
    }, 10_000);
    const own = world.customers.get(insider);
    for (const { segmentMembershipChanged } of events)
      expect(segmentMembershipChanged).toMatchObject({ customerId: own, customer: { id: own } });
  });

  test('a boundary that is changed ends what is open under its key within a second or two', async () => {
    const { data } = await world.server.graphql(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } } }',
      { input: { name: 'moving', scopes: ['CUSTOMERS_READ'], boundary: { sources: ['crm'] } } },
    );
    const { secret, apiKey } = (data as { createApiKey: { secret: string; apiKey: { id: string } } }).createApiKey;
    const closed = Promise.withResolvers<{ code: number }>();
    const connected = Promise.withResolvers<void>();
    const client = world.server.websocket({
      key: secret,
      lazy: false,
      on: { connected: () => connected.resolve(), closed: (event) => closed.resolve(event as { code: number }) },
    });
    await connected.promise;
    listen(client, all);
    await world.server.graphql(
      'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }',
      {
        input: { id: apiKey.id, boundary: { sources: ['web'] } },
      },
    );
    expect((await closed.promise).code).toBeGreaterThan(1000);
  });
});
