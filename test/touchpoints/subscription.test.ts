import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendChanges } from '../../src/kernel/changes.queries.ts';
import { fromPublicId, toPublicId } from '../../src/kernel/ids.ts';
import type { IngestResult } from '../../src/touchpoints/touchpoint.ts';
import { untilReadable } from '../kernel/feed-fixture.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { dataOf, feedHead, ingest, subscribe } from './subscription-fixture.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const card = (value: string) => ({ source: 'pos', identifiers: [{ kind: 'loyaltyCard', value }] });

async function makeKey(...scopes: string[]): Promise<string> {
  const answer = await server.graphql(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }',
    { input: { name: 'test', scopes } },
  );
  return dataOf<{ createApiKey: { secret: string } }>(answer).createApiKey.secret;
}

interface TouchpointEvent {
  cursor: string;
  at: string;
  touchpoint: { id: string; messageId: string; type: string; traits: Record<string, unknown> | null };
  customer: { id: string } | null;
}

const touchpointRecorded = `subscription ($filter: TouchpointFilter, $after: Cursor) {
  touchpointRecorded(filter: $filter, after: $after) {
    cursor at touchpoint { id messageId type traits } customer { id }
  }
}`;

const listenToTouchpoints = (variables: Record<string, unknown>, key?: string) =>
  subscribe<TouchpointEvent>(server, 'touchpointRecorded', touchpointRecorded, { variables, key });

describe('touchpointRecorded', () => {
  test('tells each touchpoint once, in order, with whose it is', async () => {
    const stream = listenToTouchpoints({ after: await feedHead(server) });
    const stored: IngestResult[] = [];
    for (const draft of [card('t-1'), card('t-2'), {}]) stored.push(...(await ingest(server, draft)));
    const events = await stream.take(3);
    expect(events.map(({ touchpoint, customer }) => [touchpoint.id, customer?.id ?? null])).toEqual(
      stored.map(({ touchpointId, customerId }) => [touchpointId, customerId]),
    );
    expect(stored[2]!.customerId).toBeNull();
    await stream.end();
  });

  test('tells only what the filter matches, live and replayed alike', async () => {
    const after = await feedHead(server);
    const filter = { types: ['order.completed'], channels: ['POS'] };
    const live = listenToTouchpoints({ after, filter });
    const order = { type: 'order.completed', value: { amount: '5', currency: 'EUR' } };
    await ingest(server, { ...card('f-1'), channel: 'POS', messageId: 'f-page' });
    await ingest(server, { ...card('f-1'), ...order, channel: 'POS', messageId: 'f-yes' });
    await ingest(server, { ...card('f-1'), ...order, channel: 'WEB', messageId: 'f-web' });
    await ingest(server, { ...card('f-2'), ...order, channel: 'POS', messageId: 'f-too' });
    const replayed = listenToTouchpoints({ after, filter });
    for (const stream of [live, replayed]) {
      const events = await stream.take(2);
      expect(events.map(({ touchpoint }) => touchpoint.messageId)).toEqual(['f-yes', 'f-too']);
      await stream.end();
    }
  });

  test('follows a customer through a merge, by the id from before it', async () => {
    const [anonymous, known] = [
      { source: 'web', identifiers: [{ kind: 'anonymousId', value: 'm-anon' }] },
      { source: 'web', identifiers: [{ kind: 'userId', value: 'm-user' }] },
    ];
    const [first] = await ingest(server, { ...anonymous, occurredAt: '2026-01-02T00:00:00Z' });
    await ingest(server, { ...known, occurredAt: '2026-01-01T00:00:00Z', messageId: 'm-before' });
    const after = await feedHead(server);
    const variables = { after, filter: { customerId: first!.customerId } };
    const live = listenToTouchpoints(variables);
    await ingest(server, {
      ...known,
      identifiers: [...known.identifiers, ...anonymous.identifiers],
      messageId: 'm-login',
    });
    await ingest(server, { ...known, messageId: 'm-after' });
    await ingest(server, card('m-other'));
    await ingest(server, { ...anonymous, messageId: 'm-last' });
    const replayed = listenToTouchpoints(variables);
    for (const stream of [live, replayed]) {
      const events = await stream.take(3);
      expect(events.map(({ touchpoint }) => touchpoint.messageId)).toEqual(['m-login', 'm-after', 'm-last']);
      await stream.end();
    }
  });

  test('masks personal values without pii:read', async () => {
    const after = await feedHead(server);
    const streams = [
      listenToTouchpoints({ after }, await makeKey('CUSTOMERS_READ')),
      listenToTouchpoints({ after }, await makeKey('CUSTOMERS_READ', 'PII_READ')),
    ];
    await ingest(server, { ...card('p-1'), type: 'identify', traits: { email: 'jo.doe@example.com' } });
    const [masked, plain] = await Promise.all(
      streams.map(async (stream) => (await stream.take(1))[0]!.touchpoint.traits),
    );
    expect(plain).toEqual({ email: 'jo.doe@example.com' });
    expect(JSON.stringify(masked)).not.toContain('jo.doe');
    for (const stream of streams) await stream.end();
  });

  test('refuses with a code that says why', async () => {
    const refusals = [
      [listenToTouchpoints({}, await makeKey('INGEST')), 'FORBIDDEN'],
      [listenToTouchpoints({ after: 'nonsense' }), 'CURSOR_INVALID'],
      [listenToTouchpoints({ filter: { customerId: 'tp_01h2xcejqtf2nbrexx3vqjhp41' } }), 'BAD_USER_INPUT'],
      [listenToTouchpoints({ filter: { customerId: 'cus_01h2xcejqtf2nbrexx3vqjhp41' } }), 'NOT_FOUND'],
    ] as const;
    for (const [stream, code] of refusals) {
      expect((await stream.refusal()).code).toBe(code);
      await stream.end();
    }
  });
});

interface CustomerEvent {
  cursor: string;
  reasons: string[];
  customer: { id: string; touchpointCount: number };
}

const customerChanged = `subscription ($id: ID!, $after: Cursor) {
  customerChanged(id: $id, after: $after) { cursor reasons customer { id touchpointCount } }
}`;

const listenToCustomer = (id: string, after: string) =>
  subscribe<CustomerEvent>(server, 'customerChanged', customerChanged, { variables: { id, after } });

describe('customerChanged', () => {
  test('tells what changed, with the state after it', async () => {
    const [stored] = await ingest(server, card('c-1'));
    const stream = listenToCustomer(stored!.customerId!, await feedHead(server));
    await ingest(server, card('c-2'));
    await ingest(server, { ...card('c-1'), type: 'identify', traits: { city: 'Basel' } });
    const [event] = await stream.take(1);
    expect(event).toMatchObject({ customer: { id: stored!.customerId, touchpointCount: 2 } });
    expect(event!.reasons).toEqual(expect.arrayContaining(['TOUCHPOINTS', 'TRAITS']));
    await stream.end();
  });

  test('replays many changes as one with the latest state', async () => {
    const [stored] = await ingest(server, card('r-1'));
    const after = await feedHead(server);
    for (let round = 0; round < 5; round++) await ingest(server, card('r-1'));
    await untilReadable(server.database.pool);
    const stream = listenToCustomer(stored!.customerId!, after);
    const [event] = await stream.take(1);
    expect(event!.customer.touchpointCount).toBe(6);
    const rest = listenToCustomer(stored!.customerId!, event!.cursor);
    await ingest(server, card('r-1'));
    expect((await rest.take(1))[0]!.customer.touchpointCount).toBe(7);
    for (const one of [stream, rest]) await one.end();
  });

  test('goes on with the survivor of a merge, and with the right side of a split', async () => {
    const [jo, kim] = (await ingest(server, card('s-jo'), card('s-kim'))).map(({ customerId }) => customerId!) as [
      string,
      string,
    ];
    const [joId, kimId] = [jo, kim].map((id) => fromPublicId('cus', id)) as [string, string];
    const streams = [listenToCustomer(jo, await feedHead(server)), listenToCustomer(kim, await feedHead(server))];
    const regroup = (
      topic: 'customer.merged' | 'customer.split',
      detail: { into: string } | { from: string },
      owner: string,
    ) =>
      server.database.pool.begin(async (tx) => {
        await tx`update records set customer_id = ${owner} where id = ${kimId}`;
        await appendChanges(tx, new Date(), [{ topic, customerId: kimId, subjectId: kimId, detail }]);
      });

    await regroup('customer.merged', { into: joId }, joId);
    for (const stream of streams) {
      expect((await stream.take(1))[0]).toMatchObject({ reasons: ['MERGED'], customer: { id: jo } });
    }
    await regroup('customer.split', { from: joId }, kimId);
    for (const [index, stream] of streams.entries()) {
      expect((await stream.take(1))[0]).toMatchObject({ reasons: ['SPLIT'], customer: { id: [jo, kim][index] } });
    }
    await ingest(server, card('s-jo'));
    await ingest(server, card('s-kim'));
    for (const [index, stream] of streams.entries()) {
      expect((await stream.take(1))[0]).toMatchObject({ reasons: ['TOUCHPOINTS'], customer: { id: [jo, kim][index] } });
      await stream.end();
    }
  });

  test('does not know nobody', async () => {
    const stream = listenToCustomer(toPublicId('cus', crypto.randomUUID()), await feedHead(server));
    expect((await stream.refusal()).code).toBe('NOT_FOUND');
    await stream.end();
  });
});

interface Change {
  cursor: string;
  topic: string;
  customerId: string | null;
  subjectId: string;
  detail: Record<string, unknown> | null;
}

const changes = `subscription ($topics: [ChangeTopic!], $after: Cursor) {
  changes(topics: $topics, after: $after) { cursor topic customerId subjectId detail }
}`;

const listenToChanges = (variables: Record<string, unknown>, on = server, key?: string) =>
  subscribe<Change>(on, 'changes', changes, { variables, key });

describe('changes', () => {
  test('tells everything that happened, in order, with public ids', async () => {
    const stream = listenToChanges({ after: await feedHead(server) });
    const [stored] = await ingest(server, card('a-1'));
    const [created, recorded] = await stream.take(2);
    expect(created).toMatchObject({ topic: 'CUSTOMER_CREATED', subjectId: stored!.customerId, detail: null });
    expect(recorded).toMatchObject({
      topic: 'TOUCHPOINT_RECORDED',
      subjectId: stored!.touchpointId,
      customerId: stored!.customerId,
      detail: { type: 'page.viewed', source: 'pos', recordId: expect.stringMatching(/^rec_/) },
    });
    await stream.end();
  });

  test('tells only the topics asked for, and refuses to tell none', async () => {
    const stream = listenToChanges({ after: await feedHead(server), topics: ['TOUCHPOINT_RECORDED'] });
    await ingest(server, card('a-2'));
    await ingest(server, card('a-3'));
    expect((await stream.take(2)).map(({ topic }) => topic)).toEqual(['TOUCHPOINT_RECORDED', 'TOUCHPOINT_RECORDED']);
    const none = listenToChanges({ topics: [] });
    expect((await none.refusal()).code).toBe('BAD_USER_INPUT');
    for (const one of [stream, none]) await one.end();
  });

  test('go on behind a cursor after the server has started again: nothing is missing, nothing twice', async () => {
    const [before, after] = [
      await startTestServer({ database: server.database }),
      await startTestServer({ database: server.database }),
    ];
    const key = server.ownerKey;
    const head = await feedHead(server);
    const first = listenToChanges({ after: head }, before, key);
    await ingest(server, card('x-1'), card('x-2'), card('x-3'));
    const seen = await first.take(4);
    const ended = first.take(100).catch(() => 'ended');
    await before.close();
    expect(await ended).toBe('ended');
    await ingest(server, card('x-1'), card('x-4'));

    const second = listenToChanges({ after: seen.at(-1)!.cursor }, after, key);
    const whole = await listenToChanges({ after: head }).take(10);
    expect([...seen, ...(await second.take(6))]).toEqual(whole);
    await after.close();
  });
});
