import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type Recorded, send } from './live-fixture.ts';
import { type Refusal, SseReader } from './sse-reader.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ timings: { heartbeat: 60_000, patience: 60_000 } });
});
afterAll(() => server.close());

/** For a machine that is busy with other tests: quiet, each of these takes some seconds. */
const patience = 180_000;
/** An event of 32 KB: what the machine keeps for a stalled reader is some megabytes, and must be full. */
const query =
  'subscription ($after: Cursor) { touchpointRecorded(after: $after) { cursor touchpoint { messageId properties } } }';
const properties = { text: 'x'.repeat(30_000) };

type Event = { data?: Recorded | null; errors?: Refusal[] };

/** Sends until this much more waits than a subscriber may have waiting; answers with the message ids, in feed order. */
async function flood(): Promise<string[]> {
  const sent: string[] = [];
  for (let call = 0; call < 16; call++) sent.push(...(await send(server, 100, { properties })));
  return sent;
}

const isSubscribed = (count: number) =>
  expect.poll(() => server.wiring.streams.count('subscriptions'), { timeout: 50_000 }).toBe(count);

/** The subscription has ended in the server, though its reader has not heard of it: nothing waits for it any more. */
const hasGivenUp = () =>
  expect.poll(async () => (await server.wiring.metrics.subscriptions.get()).values[0]?.value, { timeout: 50_000 });

/** What every reader has to have in the end: all events, once, though not in order within one transaction. */
function expectAll(got: readonly string[], sent: readonly string[]): void {
  expect(got.length).toBe(sent.length);
  expect(new Set(got)).toEqual(new Set(sent));
}

const idsOf = (events: readonly Event[]) =>
  events.flatMap(({ data }) => data?.touchpointRecorded.touchpoint.messageId ?? []);

describe('a reader who stalls is ended with the cursor of the last event that it was sent; after it nothing is missing', () => {
  test(
    'over an event stream',
    async () => {
      const reader = await SseReader.open(server, { query });
      await isSubscribed(1);
      reader.pause();
      const sent = await flood();
      reader.resume();
      expect(await reader.ended(50_000)).toBe('whole');
      expect(reader.completed()).toBe(true);
      const results = reader.results() as (Event & { id?: string })[];
      const last = results.at(-1)!;
      expect(last.errors?.[0]?.extensions).toMatchObject({ code: 'SLOW_CONSUMER', cursor: results.at(-2)!.id });
      expect(results.length - 1).toBeLessThan(sent.length);
      await isSubscribed(0);

      const again = await SseReader.open(server, { query, lastEventId: reader.lastId! });
      const missing = sent.length - (results.length - 1);
      await expect.poll(() => again.results().length, { timeout: 50_000 }).toBe(missing);
      expectAll([...idsOf(results), ...idsOf(again.results())], sent);
      again.close();
      await isSubscribed(0);
    },
    patience,
  );

  test(
    'over a websocket, which lives on',
    async () => {
      const [socket, events] = await subscribe();
      await isSubscribed(1);
      socket.pause();
      const sent = await flood();
      socket.resume();
      await expect.poll(() => events.at(-1)?.errors, { timeout: 50_000 }).toBeDefined();
      const got = idsOf(events);
      const lastSent = events.at(-2)?.data?.touchpointRecorded.cursor;
      expect(events.at(-1)?.errors?.[0]?.extensions).toMatchObject({ code: 'SLOW_CONSUMER', cursor: lastSent });
      expect(got.length).toBeLessThan(sent.length);
      await hasGivenUp().toBe(0);

      const [second, more] = await subscribe(lastSent);
      await expect.poll(() => more.length, { timeout: 50_000 }).toBe(sent.length - got.length);
      expectAll([...got, ...idsOf(more)], sent);
      for (const one of [socket, second]) one.terminate();
    },
    patience,
  );
});

async function subscribe(after?: string): Promise<[WebSocket, Event[]]> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const events: Event[] = [];
  await once(socket, 'open');
  const acknowledged = once(socket, 'message');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${server.ownerKey}` } }));
  await acknowledged;
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data)) as { type: string; payload: Event & Refusal[] };
    if (type === 'next') events.push(payload);
    if (type === 'error') events.push({ errors: payload });
  });
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { after } } }));
  return [socket, events];
}

test(
  'a reader of an event stream who never reads again is cut off, and nobody else is held up',
  async () => {
    const own = await startTestServer({ timings: { heartbeat: 20, patience: 300 } });
    try {
      const stalled = await SseReader.open(own, { query });
      const reading = await SseReader.open(own, { query });
      await expect.poll(() => own.wiring.streams.count('subscriptions'), { timeout: 50_000 }).toBe(2);
      stalled.pause();
      let sent = 0;
      const cut = () => own.wiring.streams.count('connections') === 1;
      while (!cut() && sent < 3_000) sent += (await send(own, 100, { properties })).length;
      await expect.poll(cut, { timeout: 50_000 }).toBe(true);
      await expect.poll(() => reading.results().length, { timeout: 50_000 }).toBe(sent);
      reading.close();
      stalled.resume();
      expect(await stalled.ended(50_000)).toBe('cut');
    } finally {
      await own.close();
    }
  },
  patience,
);
