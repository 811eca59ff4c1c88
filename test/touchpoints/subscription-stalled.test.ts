import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { collectGarbage } from '../support/collected.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { feedHead, ingest, subscribe } from './subscription-fixture.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** More than what may wait plus what the socket buffers of both sides take, so that the server feels that nobody reads. */
const [batches, batchSize, bytesEach] = [16, 100, 24_000];
const total = batches * batchSize;
/** The first batches fill caches: of compiled code, of statements, of connections. */
const warmUps = 3;

const query = `subscription ($after: Cursor) {
  touchpointRecorded(after: $after) { cursor touchpoint { messageId properties } }
}`;

const lean = query.replace(' properties', '');

interface Event {
  cursor: string;
  touchpoint: { messageId: string };
}

interface Message {
  type: string;
  payload?: { data: { touchpointRecorded: Event } } & { extensions: { code: string; cursor: string } }[];
}

/** A client on the bare socket, which can stop reading. */
async function openRawSubscription(after: string) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const events: Event[] = [];
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<{ code: string; cursor: string }>();
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${server.ownerKey}` } }));
    socket.send(JSON.stringify({ type: 'ping' }));
  });
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data)) as Message;
    if (type === 'connection_ack') {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { after } } }));
    } else if (type === 'next') {
      events.push(payload!.data.touchpointRecorded);
      started.resolve();
    } else if (type === 'error') {
      ended.resolve(payload![0]!.extensions);
    }
  });
  return { socket, events, started: started.promise, ended: ended.promise };
}

/** Buffers are freed some turns after the objects that hold them, so this collects until it helps no more. */
async function heldMemory(): Promise<number> {
  let held = Number.POSITIVE_INFINITY;
  for (;;) {
    collectGarbage();
    await setImmediate();
    const { heapUsed, external } = process.memoryUsage();
    if (heapUsed + external > held - 2 ** 18) return held;
    held = heapUsed + external;
  }
}

const draft = (name: string) => ({ messageId: name, properties: { blob: 'x'.repeat(bytesEach) } });

test('a reader who stalls holds neither memory nor others, and completes from the cursor that it is given', async () => {
  const after = await feedHead(server);
  const stalled = await openRawSubscription(after);
  const healthy = subscribe<Event>(server, 'touchpointRecorded', lean, {
    variables: { after },
  });
  let before = 0;
  for (let batch = 0; batch < warmUps + batches; batch++) {
    if (batch === warmUps) {
      await stalled.started;
      stalled.socket.pause();
      before = await heldMemory();
    }
    await ingest(server, ...Array.from({ length: batchSize }, (_, index) => draft(`${batch}-${index}`)));
    expect(await healthy.take(batchSize)).toHaveLength(batchSize);
    if (batch >= warmUps) expect((await heldMemory()) - before).toBeLessThan((total * bytesEach) / 3);
  }

  stalled.socket.resume();
  const { code, cursor } = await stalled.ended;
  expect(code).toBe('SLOW_CONSUMER');
  expect(cursor).toBe(stalled.events.at(-1)!.cursor);
  expect(stalled.events.length).toBeLessThan(total - 500);
  stalled.socket.terminate();

  const resumed = subscribe<Event>(server, 'touchpointRecorded', lean, { variables: { after: cursor } });
  const everything = (warmUps + batches) * batchSize;
  const rest = await resumed.take(everything - stalled.events.length);
  const names = [...stalled.events, ...rest].map(({ touchpoint }) => touchpoint.messageId);
  expect(new Set(names).size).toBe(everything);
  for (const stream of [healthy, resumed]) await stream.end();
}, 180_000);
