import { once } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { startProcess } from '../support/processes.ts';
import { ingest } from './ingest-call.ts';
import { type LiveEvent, openSubscriber, preciseNow, type Subscription } from './live-client.ts';
import { type Figures, percentile, report, round } from './report.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/**
 * How long after its commit a change reaches those who subscribe to it: 1,000 websockets, 500 touchpoints a second
 * through the public API, on a fixed schedule whatever the answers.
 *
 * When a transaction commits can be seen from outside only between two marks, so both are given. `at`, the event's own
 * time, is the server's clock *before* the transaction: delivery minus `at` is too long by the transaction, and what the
 * goal is held against. The answer to the ingest call comes *after* the commit: delivery minus answer is too short, and
 * below zero where the event overtakes the answer.
 *
 * The physical limit: bare websockets that carry as many messages a second, of the same size, to as many clients.
 */

const goalMs = 250;
const callEveryMs = 20;
const settleMs = 2_000;

interface Setting {
  readonly subscribers: number;
  readonly rate: number;
  readonly seconds: number;
}

interface Measured {
  readonly fromStart: number[];
  readonly fromAnswer: number[];
  readonly bytes: number[];
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      subscribers: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '500' },
      seconds: { type: 'string', default: '20' },
    },
  });
  const setting = {
    subscribers: Number(values.subscribers),
    rate: Number(values.rate),
    seconds: Number(values.seconds),
  };
  const server = await startServerProcess();
  const live = await measure(server, setting).finally(() => server.stop());
  const deliveries = live.measured.fromStart.length;
  const raw = await measureRaw(setting, deliveries / setting.seconds, percentile(live.measured.bytes, 0.5));
  const rows = [
    row('from before the transaction (upper bound)', live.measured.fromStart),
    row('from the answer to the caller (lower bound)', live.measured.fromAnswer),
    row('bare websockets, same messages', raw),
  ];
  await report('live', rows, {
    subscribers: setting.subscribers,
    'touchpoints/s': round(live.sent / setting.seconds),
    'deliveries/s': round(deliveries / setting.seconds),
    'missing or repeated': live.wrong,
    [`p99 ms (goal ≤ ${goalMs})`]: round(percentile(live.measured.fromStart, 0.99), 1),
  });
}

function row(what: string, latencies: readonly number[]): Figures {
  const at = (p: number) => round(percentile(latencies, p), 1);
  return {
    what,
    deliveries: latencies.length,
    'p50 ms': at(0.5),
    'p95 ms': at(0.95),
    'p99 ms': at(0.99),
    'max ms': at(1),
  };
}

async function measure(server: ServerProcess, { subscribers, rate, seconds }: Setting) {
  const people = Array.from({ length: subscribers }, (_, index) => `card-${index}`);
  const customers = await makeCustomers(server, people);
  const subscriptions = choose(customers, await readHead(server));
  const book = new Book();
  const clients = await inGroups(subscriptions, (one) => openSubscriber(server, one, book.receive));
  await wait(settleMs);
  const calls = Math.round((seconds * 1_000) / callEveryMs);
  await sendOnSchedule(server, book, { calls, perCall: Math.round((rate * callEveryMs) / 1_000), people });
  await wait(settleMs);
  for (const { socket } of clients) socket.terminate();
  return { measured: book.measured(), sent: book.sent, wrong: book.countWrong(subscriptions, customers) };
}

async function readHead({ url, key }: ServerProcess): Promise<string> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const body = JSON.stringify({ query: '{ changeFeed { head } }' });
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
  const { data } = (await answer.json()) as { data: { changeFeed: { head: string } } };
  return data.changeFeed.head;
}

/** Nine in ten watch a customer each, as a service desk or an app does; the others watch kinds of touchpoints. */
function choose(customers: ReadonlyMap<string, string>, after: string): Subscription[] {
  return [...customers].map(([card, id], index): Subscription => {
    if (index % 10 !== 0) return { field: 'customerChanged', variables: { id, after } };
    if (index % 20 === 0) return { field: 'touchpointRecorded', variables: { filter: { customerId: id }, after } };
    return {
      field: 'touchpointRecorded',
      variables: { filter: { types: [`kind.${card}`], channels: ['POS'] }, after },
    };
  });
}

/** What was sent, what was answered, what arrived. */
class Book {
  readonly #answeredAt = new Map<string, number>();
  readonly #expected = new Map<string, { card: string; type: string }>();
  readonly #arrivals: { event: LiveEvent; subscription: Subscription; at: number; bytes: number }[] = [];

  get sent(): number {
    return this.#expected.size;
  }

  readonly receive = (event: LiveEvent, subscription: Subscription, at: number, bytes: number): void => {
    this.#arrivals.push({ event, subscription, at, bytes });
  };

  send({ messageId, key, type }: TouchpointDraft): void {
    this.#expected.set(messageId, { card: key ?? '', type });
  }

  answered(drafts: readonly TouchpointDraft[], at: number): void {
    for (const { messageId } of drafts) this.#answeredAt.set(messageId, at);
  }

  measured(): Measured {
    return {
      fromStart: this.#arrivals.map(({ event, at }) => at - Date.parse(event.at)),
      fromAnswer: this.#arrivals.flatMap(({ event, at }) => {
        const answered = event.touchpoint && this.#answeredAt.get(event.touchpoint.messageId);
        return answered === undefined ? [] : [at - answered];
      }),
      bytes: this.#arrivals.map(({ bytes }) => bytes),
    };
  }

  /** Touchpoints that a filter should have brought exactly once; customers whose last event isn't the last state. */
  countWrong(subscriptions: readonly Subscription[], customers: ReadonlyMap<string, string>): number {
    const got = new Map<Subscription, LiveEvent[]>(subscriptions.map((subscription) => [subscription, []]));
    for (const { event, subscription } of this.#arrivals) got.get(subscription)?.push(event);
    const sentTo = new Map<string, number>();
    const sentAs = new Map<string, number>();
    for (const { card, type } of this.#expected.values()) {
      const id = customers.get(card) ?? '';
      sentTo.set(id, (sentTo.get(id) ?? 0) + 1);
      sentAs.set(type, (sentAs.get(type) ?? 0) + 1);
    }
    let wrong = 0;
    for (const [{ field, variables }, events] of got) {
      const filter = (variables.filter ?? {}) as { customerId?: string; types?: [string] };
      const id = String(variables.id ?? filter.customerId);
      const expected = (filter.types ? sentAs.get(filter.types[0]) : sentTo.get(id)) ?? 0;
      const seen =
        field === 'touchpointRecorded'
          ? new Set(events.map(({ touchpoint }) => touchpoint?.messageId)).size * (events.length === expected ? 1 : -1)
          : (events.at(-1)?.customer?.touchpointCount ?? 1) - 1;
      if (seen !== expected) wrong += 1;
    }
    return wrong;
  }
}

interface Schedule {
  readonly calls: number;
  readonly perCall: number;
  readonly people: readonly string[];
}

/** Calls go out when they are due, answered or not: a server that falls behind is not given time to catch up. */
async function sendOnSchedule(server: ServerProcess, book: Book, { calls, perCall, people }: Schedule): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const answers: Promise<void>[] = [];
  const started = performance.now();
  for (let call = 0; call < calls; call += 1) {
    const early = call * callEveryMs - (performance.now() - started);
    if (early > 1) await wait(early);
    const drafts = Array.from({ length: perCall }, (_, index) => {
      const number = call * perCall + index;
      return draft(people[(number * 7919) % people.length]!, `live-${number}`);
    });
    for (const one of drafts) book.send(one);
    answers.push(ingest(server, agent, drafts).then(() => book.answered(drafts, preciseNow())));
  }
  await Promise.all(answers);
  agent.destroy();
}

function draft(card: string, messageId: string): TouchpointDraft {
  return {
    messageId,
    source: 'till',
    key: card,
    identifiers: [{ kind: 'loyaltyCard', value: card }],
    type: `kind.${card}`,
    channel: 'POS',
    occurredAt: new Date().toISOString(),
    properties: { till: 4, receipt: messageId },
  };
}

/** One touchpoint each; answers card → customer id. */
async function makeCustomers(server: ServerProcess, cards: readonly string[]): Promise<Map<string, string>> {
  const agent = new Agent({ keepAlive: true });
  const customers = new Map<string, string>();
  for (let from = 0; from < cards.length; from += 500) {
    const part = cards.slice(from, from + 500);
    const results = await ingest(
      server,
      agent,
      part.map((card) => draft(card, `first-${card}`)),
    );
    for (const [index, { customerId }] of results.entries()) customers.set(part[index]!, customerId);
  }
  agent.destroy();
  return customers;
}

async function inGroups<T, U>(items: readonly T[], open: (item: T) => Promise<U>): Promise<U[]> {
  const opened: U[] = [];
  for (let from = 0; from < items.length; from += 50) {
    opened.push(...(await Promise.all(items.slice(from, from + 50).map(open))));
  }
  return opened;
}

async function measureRaw({ subscribers, seconds }: Setting, rate: number, bytes: number): Promise<number[]> {
  const server = startProcess('test/bench/live-raw.ts', [rate, bytes, seconds].map(String));
  const { url } = JSON.parse(await server.line(/^\{"url"/)) as { url: string };
  const latencies: number[] = [];
  const clients = await inGroups(Array.from({ length: subscribers }), async () => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, 'open');
    const ended = Promise.withResolvers<void>();
    socket.on('message', (data) => {
      const receivedAt = preciseNow();
      const text = String(data);
      if (text === 'end') ended.resolve();
      else latencies.push(receivedAt - Number(text.slice(0, 24)));
    });
    return { socket, ended: ended.promise };
  });
  clients[0]?.socket.send('start');
  await Promise.all(clients.map(({ ended }) => ended));
  for (const { socket } of clients) socket.terminate();
  await server.kill('SIGTERM');
  return latencies;
}
