import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { TestServer } from '../support/server.ts';
import {
  ask as askAt,
  type CostServers,
  createKey as createKeyOn,
  openCostServers,
  people,
  peopleAtWorst,
  peopleFound,
  withinAMinute,
} from './cost-fixture.ts';

let servers: CostServers;
let server: TestServer;
beforeAll(async () => {
  servers = await openCostServers();
  ({ server } = servers);
});
afterAll(() => servers.close());

const createKey = (input: object) => createKeyOn(server, input);
const ask = (key: string, query: string, given: { on?: TestServer; variables?: object; extensions?: object } = {}) =>
  askAt(key, query, { on: server, ...given });

interface Connection {
  readonly socket: WebSocket;
  /** Runs an operation and answers what comes of it, until it is complete or `enough`. */
  run(payload: object, enough?: number): Promise<{ type: string; payload?: Record<string, unknown> }[]>;
}

async function connect(key: string): Promise<Connection> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  await once(socket, 'message');
  let asked = 0;
  return {
    socket,
    run(payload, enough = Number.POSITIVE_INFINITY) {
      const id = String(++asked);
      const messages: { type: string }[] = [];
      const done = new Promise<{ type: string }[]>((resolve) => {
        socket.on('message', (data) => {
          const message = JSON.parse(String(data));
          if (message.id !== id) return;
          messages.push(message);
          if (message.type !== 'next' || messages.length >= enough) resolve(messages);
        });
      });
      socket.send(JSON.stringify({ id, type: 'subscribe', payload }));
      return done;
    },
  };
}

describe('over a websocket', () => {
  test('operations cost the same, and say so the same way', async () => {
    await withinAMinute();
    const { secret } = await createKey({ costPerMinute: 310 });
    const { run, socket } = await connect(secret);
    const [first] = await run({ query: people });
    expect(first?.payload?.extensions).toMatchObject({ cost: { requested: peopleAtWorst, actual: peopleFound } });
    const [refused] = await run({ query: people });
    expect(JSON.stringify(refused)).toContain('RATE_LIMITED');
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.close();
  });

  test('a subscription costs ten, and each event what it shows; one beyond the budget ends it', async () => {
    await withinAMinute();
    const { secret } = await createKey({ costPerMinute: 16 });
    const { run, socket } = await connect(secret);
    const ended = run({ query: 'subscription { touchpointRecorded { touchpoint { id customer { id } } } }' });
    // Each event costs one, its customer another: three are paid for.
    const event = (index: number) => ({
      messageId: `costly-${index}`,
      source: 'shop',
      key: 'person-0',
      type: 'page.viewed',
      occurredAt: '2026-03-29T10:00:00Z',
    });
    let [sent, over] = [0, false];
    void ended.then(() => {
      over = true;
    });
    await expect
      .poll(async () => {
        await server.graphql('mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }', {
          events: [event(sent++)],
        });
        return over;
      })
      .toBe(true);
    const messages = await ended;
    expect(messages.map(({ type }) => type)).toEqual(['next', 'next', 'next', 'error']);
    expect(messages[0]?.payload?.extensions).toMatchObject({
      cost: { requested: 2, actual: 2, limit: 16, remaining: 4 },
    });
    expect(JSON.stringify(messages.at(-1))).toContain('RATE_LIMITED');
    socket.close();
  });

  test('a subscription that could not be paid for is refused', async () => {
    const { secret } = await createKey({ costPerMinute: 5 });
    const { run, socket } = await connect(secret);
    const [refused] = await run({ query: 'subscription { touchpointRecorded { cursor } }' });
    expect(JSON.stringify(refused)).toContain('OPERATION_TOO_EXPENSIVE');
    socket.close();
  });
});

describe('as an event stream', () => {
  const stream = async (key: string, query: string) => {
    const response = await fetch(`${server.url}/graphql/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, headers: response.headers, text: () => response.text() };
  };

  test('operations cost the same, and say so the same way', async () => {
    await withinAMinute();
    const { secret } = await createKey({ costPerMinute: 310 });
    const first = await stream(secret, people);
    expect(await first.text()).toContain(`"cost":{"requested":${peopleAtWorst},"actual":${peopleFound},"limit":310`);
    expect(first.headers.get('ratelimit-policy')).toContain('"cost";q=310;');
    expect(await (await stream(secret, people)).text()).toContain('RATE_LIMITED');
  });

  test('a subscription that is not paid for: 429, so that no reader comes back at once', async () => {
    await withinAMinute();
    const { secret } = await createKey({ costPerMinute: 310 });
    await stream(secret, people);
    await ask(secret, '{ customers(first: 200) { nodes { id } } }');
    const asked = '{ a: customers(first: 200) { nodes { id } } b: customers(first: 60) { nodes { id } } }';
    // What is left pays for less than a subscription.
    await expect.poll(async () => (await ask(secret, '{ customers(first: 1) { totalCount } }')).status).toBe(429);
    expect((await ask(secret, asked)).status).toBe(429);
    const viewers = Array.from({ length: 10 }, (_, index) => `v${index}: viewer { name }`).join(' ');
    await expect.poll(async () => (await ask(secret, `{ ${viewers} }`)).status).toBe(429);
    const refused = await stream(secret, 'subscription { touchpointRecorded { cursor } }');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.text()).toContain('"policy":"cost"');
  });
});
