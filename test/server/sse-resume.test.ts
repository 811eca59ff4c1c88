import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type Recorded, recorded, send } from './live-fixture.ts';
import { SseReader, type StreamRequest } from './sse-reader.ts';

let database: TestDatabase;
let server: TestServer;
let other: TestServer;
beforeAll(async () => {
  database = await openTestDatabase({ max: 20 });
  server = await startTestServer({ database });
  other = await startTestServer({ database });
});
afterAll(async () => {
  await server.close();
  await other.close();
  await database.close();
});

const readers: SseReader[] = [];
async function open(asked: StreamRequest = {}, node = server): Promise<SseReader> {
  const reader = await SseReader.open(node, { query: recorded, key: server.ownerKey, ...asked });
  readers.push(reader);
  return reader;
}
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

async function take(reader: SseReader, count: number): Promise<(string | undefined)[]> {
  const ids: (string | undefined)[] = [];
  while (ids.length < count) ids.push((await reader.next<Recorded>()).data?.touchpointRecorded.touchpoint.messageId);
  return ids;
}

test('a reader who comes back with the id of its last event gets what it missed, once, then goes on live; on any node', async () => {
  const sent: string[] = [];
  const got: (string | undefined)[] = [];
  let lastEventId: string | undefined;
  for (const node of [server, other, server]) {
    const reader = await open({ lastEventId }, node);
    for (let n = 0; n < 3; n++) sent.push(...(await send(server)));
    for (let left = 2 + (lastEventId ? 2 : 0); left > 0; left--) {
      const event = await reader.next<Recorded>();
      got.push(event.data?.touchpointRecorded.touchpoint.messageId);
      lastEventId = event.id;
    }
    // What is on its way to it is lost with the connection, and so is what comes now.
    reader.close();
    sent.push(...(await send(server)));
  }
  expect(got).toEqual(sent.slice(0, got.length));
  expect(got.length).toBe(10);
});

/** Until the node has handed out everything so far: transactions of others, in any database of the cluster, hold it up. */
async function caughtUp(): Promise<void> {
  const reader = await open();
  const [last] = await send(server);
  while ((await take(reader, 1))[0] !== last);
  reader.close();
}

test('a reader who is cut off before its first event has a place to come back to all the same', async () => {
  await caughtUp();
  const reader = await open();
  await expect.poll(() => reader.lastId, { timeout: 10_000 }).toBeDefined();
  expect(reader.results()).toEqual([]);
  const lastEventId = reader.lastId;
  reader.close();
  const [missed] = await send(server);
  const again = await open({ lastEventId });
  expect(await take(again, 1)).toEqual([missed]);
});

test('the id of the last event wins over the cursor in the request, which a reader that repeats itself sends again', async () => {
  const query = `subscription ($after: Cursor) { touchpointRecorded(after: $after) { touchpoint { messageId } } }`;
  const { data } = await server.graphql('{ changeFeed { head } }');
  const after = (data as { changeFeed: { head: string } }).changeFeed.head;
  const sent = [...(await send(server)), ...(await send(server))];
  const reader = await open({ query, variables: { after } });
  expect(await take(reader, 2)).toEqual(sent);
  const [first] = reader.results() as { id: string }[];
  const again = await open({ query, variables: { after }, lastEventId: first!.id });
  expect(await take(again, 1)).toEqual([sent[1]]);
  const got = await open({ method: 'GET', query, variables: { after }, lastEventId: first!.id });
  expect(await take(got, 1)).toEqual([sent[1]]);
});

test('an id that is no cursor is refused like any other', async () => {
  const reader = await open({ lastEventId: 'nonsense' });
  expect((await reader.next()).errors?.[0]?.extensions.code).toBe('CURSOR_INVALID');
  expect(await reader.ended()).toBe('whole');
});

test('every subscription that takes a cursor can be resumed by the id of its events', async () => {
  const cases = [
    'subscription { changes(topics: [TOUCHPOINT_RECORDED]) { subjectId } }',
    'subscription { ...F } fragment F on Subscription { changes(topics: [TOUCHPOINT_RECORDED]) { subjectId } }',
    'subscription ($after: Cursor = null) { changes(topics: [TOUCHPOINT_RECORDED], after: $after) { subjectId } }',
  ];
  for (const query of cases) {
    const reader = await open({ query });
    await expect.poll(() => reader.lastId, { timeout: 10_000 }).toBeDefined();
    await send(server);
    await send(server);
    const events = [await reader.next(), await reader.next()];
    const again = await open({ query, lastEventId: events[0]!.id });
    expect(await again.next()).toEqual(events[1]);
  }
});

test('what has no place in the feed has no id, and an id from elsewhere does not disturb it', async () => {
  const query = `subscription { metricChanged(query: { measures: [TOUCHPOINTS], period: { preset: LAST_7_DAYS } }) { total } }`;
  const reader = await open({ query: '{ viewer { name } }', lastEventId: 'anything' });
  expect(await reader.next()).toMatchObject({ data: { viewer: { name: 'owner' } } });
  const metrics = await open({ query, lastEventId: 'anything' });
  const first = await metrics.next();
  expect(first.id).toBeUndefined();
  expect(first.errors?.map(({ extensions }) => extensions.code) ?? []).not.toContain('CURSOR_INVALID');
});

test('a server that stops leaves its readers uncompleted, and they go on at another node', async () => {
  const stopping = await startTestServer({ database });
  const reader = await open({}, stopping);
  const sent = await send(server);
  expect(await take(reader, 1)).toEqual(sent);
  await stopping.close();
  expect(await reader.ended()).toBe('whole');
  expect(reader.completed()).toBe(false);
  const [missed] = await send(server);
  const again = await open({ lastEventId: reader.lastId });
  expect(await take(again, 1)).toEqual([missed]);
});
