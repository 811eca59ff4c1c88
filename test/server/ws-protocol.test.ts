import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../support/server.ts';
import { send } from './live-fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A peer that says what it is told to, and keeps what it hears. */
class Peer {
  readonly heard: Message[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;

  static async connect(url = server.url, protocols: string | string[] = 'graphql-transport-ws'): Promise<Peer> {
    const peer = new Peer(new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocols));
    await once(peer.#socket, 'open');
    return peer;
  }

  /** One that has been let in. */
  static async ready(url?: string): Promise<Peer> {
    const peer = await Peer.connect(url);
    peer.say({ type: 'connection_init', payload: { authorization: `Bearer ${server.ownerKey}` } });
    await peer.hears({ type: 'connection_ack' });
    return peer;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    peers.push(this);
    socket.on('message', (data) => this.heard.push(JSON.parse(String(data)) as Message));
    socket.on('error', () => {});
    this.closed = once(socket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  say(message: Message | string): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, variables?: object): void {
    this.say({ id, type: 'subscribe', payload: { query, variables } });
  }

  hears(part: object): Promise<void> {
    return expect.poll(() => this.heard, { timeout: 8_000 }).toContainEqual(expect.objectContaining(part));
  }

  /** Everything said before has been dealt with once this is answered: messages are taken in order. */
  async settled(): Promise<void> {
    const payload = { settled: this.heard.length };
    this.say({ type: 'ping', payload });
    await this.hears({ type: 'pong', payload });
  }

  leave(): void {
    this.#socket.terminate();
  }
}

const peers: Peer[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.leave();
});

const viewer = '{ viewer { name } }';
const recorded = 'subscription { touchpointRecorded { touchpoint { messageId } } }';
const about = (peer: Peer, id: string) => peer.heard.filter((message) => message.id === id).map(({ type }) => type);

describe('the subprotocol', () => {
  test('is chosen among several', async () => {
    const peer = await Peer.connect(server.url, ['graphql-ws', 'graphql-transport-ws', 'soap']);
    expect(peer.protocol).toBe('graphql-transport-ws');
  });

  test('has to be asked for: 4406', async () => {
    const peer = await Peer.connect(server.url, []);
    expect((await peer.closed).code).toBe(4406);
  });
});

describe('letting in', () => {
  test('who stays silent is sent away: 4408', async () => {
    const own = await startTestServer({ timings: { initialisation: 30 } });
    try {
      const peer = await Peer.connect(own.url);
      expect(await peer.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
    } finally {
      await own.close();
    }
  });

  test('who is let in is not, later', async () => {
    const own = await startTestServer({ timings: { initialisation: 250 } });
    try {
      const peer = await Peer.connect(own.url);
      peer.say({ type: 'connection_init', payload: { authorization: `Bearer ${own.ownerKey}` } });
      await peer.hears({ type: 'connection_ack' });
      const late = await Peer.connect(own.url);
      expect((await late.closed).code).toBe(4408);
      expect(peer.isOpen).toBe(true);
    } finally {
      await own.close();
    }
  });

  test('twice: 4429, also while the first is being looked at', async () => {
    const peer = await Peer.connect();
    const init = { type: 'connection_init', payload: { authorization: `Bearer ${server.ownerKey}` } };
    peer.say(init);
    peer.say(init);
    expect(await peer.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' });
  });

  test.each<[string, object | undefined]>([
    ['nothing', undefined],
    ['an empty object', {}],
    ['another name', { token: 'Bearer x' }],
    ['a list', ['Bearer x']],
  ])('with %s: 4403', async (_name, payload) => {
    const peer = await Peer.connect();
    peer.say({ type: 'connection_init', payload });
    // A payload that is no object is no message at all.
    expect((await peer.closed).code).toBe(Array.isArray(payload) ? 4400 : 4403);
  });

  test('comes before everything else: 4401, also while it is being looked at', async () => {
    const early = await Peer.connect();
    early.subscribe('1', viewer);
    expect(await early.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
    const hasty = await Peer.connect();
    hasty.say({ type: 'connection_init', payload: { authorization: `Bearer ${server.ownerKey}` } });
    hasty.subscribe('1', viewer);
    expect((await hasty.closed).code).toBe(4401);
    expect(about(hasty, '1')).toEqual([]);
  });

  test('is not needed for a ping', async () => {
    const peer = await Peer.connect();
    peer.say({ type: 'ping' });
    await peer.hears({ type: 'pong' });
    expect(peer.isOpen).toBe(true);
  });
});

describe('messages that are none close the connection: 4400', () => {
  test.each([
    ['no JSON', 'hello'],
    ['a text', '"hello"'],
    ['a list', '[]'],
    ['nothing', 'null'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"start"}'],
    ['a type that is no text', '{"type":5}'],
    ['a subscribe without an id', '{"type":"subscribe","payload":{"query":"{ viewer { name } }"}}'],
    ['a subscribe with an empty id', '{"type":"subscribe","id":"","payload":{"query":"{ viewer { name } }"}}'],
    ['a subscribe without a payload', '{"type":"subscribe","id":"1"}'],
    ['a subscribe without a query', '{"type":"subscribe","id":"1","payload":{}}'],
    ['variables that are no object', '{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":"x"}}'],
    ['a name that is no text', '{"type":"subscribe","id":"1","payload":{"query":"{ a }","operationName":5}}'],
    ['a complete without an id', '{"type":"complete"}'],
    ['a ping with a payload that is no object', '{"type":"ping","payload":"x"}'],
  ])('%s', async (_name, text) => {
    const peer = await Peer.ready();
    peer.say(text);
    expect(await peer.closed).toEqual({ code: 4400, reason: 'Invalid message received' });
  });
});

describe('ping and pong', () => {
  test('a ping is answered, with its payload', async () => {
    const peer = await Peer.ready();
    peer.say({ type: 'ping', payload: { n: 1 } });
    await peer.hears({ type: 'pong', payload: { n: 1 } });
    peer.say({ type: 'ping' });
    await expect.poll(() => peer.heard.filter(({ type }) => type === 'pong').length).toBe(2);
    expect(peer.heard.at(-1)).toEqual({ type: 'pong' });
  });

  test('a pong that nobody asked for is taken without a word', async () => {
    const peer = await Peer.ready();
    peer.say({ type: 'pong', payload: { n: 1 } });
    await peer.settled();
    expect(peer.heard.map(({ type }) => type)).toEqual(['connection_ack', 'pong']);
  });

  test('who does not answer the pings of the websocket itself is cut off', async () => {
    const own = await startTestServer({ timings: { ping: 40 } });
    try {
      const socket = new WebSocket(`${own.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        autoPong: false,
      });
      await once(socket, 'open');
      const [code] = (await once(socket, 'close')) as [number];
      expect(code).toBe(1006);
    } finally {
      await own.close();
    }
  });
});

describe('operations', () => {
  test('an id that is in use: 4409', async () => {
    const peer = await Peer.ready();
    peer.subscribe('1', recorded);
    peer.subscribe('1', viewer);
    expect(await peer.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
  });

  test('an id can be used again when it is free: after the end, after an error, after complete', async () => {
    const peer = await Peer.ready();
    peer.subscribe('1', viewer);
    await expect.poll(() => about(peer, '1')).toEqual(['next', 'complete']);
    peer.subscribe('1', '{ nothing }');
    await expect.poll(() => about(peer, '1')).toEqual(['next', 'complete', 'error']);
    peer.subscribe('1', recorded);
    peer.say({ id: '1', type: 'complete' });
    peer.subscribe('1', viewer);
    await expect.poll(() => about(peer, '1')).toEqual(['next', 'complete', 'error', 'next', 'complete']);
    expect(peer.isOpen).toBe(true);
  });

  test("an id that is used again at once is the new operation's alone", async () => {
    const peer = await Peer.ready();
    const slow = '{ customers(first: 200) { nodes { id } } }';
    for (const [id, former] of [
      ['s', recorded],
      ['q', slow],
    ] as const) {
      peer.subscribe(id, former);
      if (former === recorded) await subscriptions(1);
      peer.say({ id, type: 'complete' });
      // Twice: what waits for the former is in order among itself, too.
      peer.subscribe(id, former);
      peer.say({ id, type: 'complete' });
      peer.subscribe(id, viewer);
      await peer.hears({ id, type: 'complete' });
      await peer.settled();
      expect(about(peer, id)).toEqual(['next', 'complete']);
      expect(peer.heard.find((message) => message.id === id)?.payload).toMatchObject({ data: { viewer: {} } });
    }
    await subscriptions(0);
  });

  test('an error is the last message of its operation, and there is no complete', async () => {
    const peer = await Peer.ready();
    peer.subscribe('1', '{ viewer {');
    await peer.hears({ id: '1', type: 'error' });
    await peer.settled();
    expect(about(peer, '1')).toEqual(['error']);
  });

  test('several run side by side, and end in any order', async () => {
    const peer = await Peer.ready();
    peer.subscribe('s', recorded);
    peer.subscribe('q', viewer);
    await peer.hears({ id: 'q', type: 'complete' });
    expect(about(peer, 's')).toEqual([]);
    await subscriptions(1);
    await send(server);
    await peer.hears({ id: 's', type: 'next' });
  });

  test('names that objects have by themselves are ids like any other', async () => {
    const peer = await Peer.ready();
    for (const id of ['__proto__', 'constructor', 'toString']) {
      peer.subscribe(id, viewer);
      await expect.poll(() => about(peer, id)).toEqual(['next', 'complete']);
    }
  });
});

/** Open in the server, of everybody. */
const subscriptions = (count: number) =>
  expect.poll(() => server.wiring.streams.count('subscriptions'), { timeout: 8_000 }).toBe(count);

describe('complete', () => {
  test('ends a subscription: not a message after it, and it is not answered', async () => {
    const peer = await Peer.ready();
    peer.subscribe('1', recorded);
    await subscriptions(1);
    peer.say({ id: '1', type: 'complete' });
    await subscriptions(0);
    await send(server);
    await peer.settled();
    expect(about(peer, '1')).toEqual([]);
  });

  test('of a subscription that is still being opened leaves nothing open', async () => {
    const peer = await Peer.ready();
    for (let id = 0; id < 20; id++) {
      peer.subscribe(`${id}`, recorded);
      peer.say({ id: `${id}`, type: 'complete' });
    }
    await peer.settled();
    await subscriptions(0);
    await send(server);
    await peer.settled();
    expect(peer.heard.filter(({ id }) => id !== undefined)).toEqual([]);
  });

  test('of a query that is under way keeps its answer back', async () => {
    const peer = await Peer.ready();
    peer.subscribe('1', '{ customers(first: 200) { nodes { id } } }');
    peer.say({ id: '1', type: 'complete' });
    peer.subscribe('2', '{ customers(first: 200) { nodes { id } } }');
    await peer.hears({ id: '2', type: 'complete' });
    expect(about(peer, '1')).toEqual([]);
  });

  test('of what is not there, or not there any more, is no error', async () => {
    const peer = await Peer.ready();
    peer.say({ id: 'never', type: 'complete' });
    peer.subscribe('1', viewer);
    await peer.hears({ id: '1', type: 'complete' });
    peer.say({ id: '1', type: 'complete' });
    peer.say({ id: '1', type: 'complete' });
    await peer.settled();
    expect(peer.isOpen).toBe(true);
  });

  test('a connection that is closed, however, leaves nothing open', async () => {
    const peer = await Peer.ready();
    for (let id = 0; id < 10; id++) peer.subscribe(`${id}`, recorded);
    await subscriptions(10);
    const hasty = await Peer.ready();
    for (let id = 0; id < 10; id++) hasty.subscribe(`${id}`, recorded);
    hasty.leave();
    peer.leave();
    await subscriptions(0);
    await expect.poll(() => server.wiring.streams.count('connections')).toBe(0);
  });
});
