import { once } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { chunk, demoDrafts } from './feed.ts';
import { type LiveSubscriber, openSubscriber } from './live-client.ts';
import { postQuery } from './post-query.ts';
import { type Figures, percentile, report, round } from './report.ts';
import { readMetrics, type ServerMetrics } from './server-metrics.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { sendSteadily } from './steady-load.ts';
import { floorsOf, growthOf, slopeOf } from './trend.ts';
import { viewRequest } from './view-query.ts';

/** What is asked at the same time, all along: a tenth or so of what the server can do on two cores. */
const load = { ingestCalls: 8, touchpointsOfACall: 20, views: 20, lists: 2, metrics: 1 } as const;
const subscribers = 25;
/** Come and go in every window: what a connection leaves behind adds up. */
const visitors = 20;
/** Part of the run that is not looked at: caches fill, code is compiled. */
const warmUp = 0.25;

const ingest = `mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored rejected quarantined } }`;
const lists = `{ customers(first: 50) { nodes { id traits(names: ["firstName"]) { value } } pageInfo { endCursor } } }`;
const metrics = `{ metrics(query: { measures: [ORDERS, TOUCHPOINTS], time: { from: "2026-01-01", to: "2027-01-01", grain: MONTH } }) {
  rows asOf } }`;

interface Window {
  readonly p99: Readonly<Record<'ingest' | 'view' | 'list' | 'metrics', number>>;
  readonly server: ServerMetrics;
}

/**
 * `--minutes N` of steady mixed load on a server process of its own. Reports how memory, handles and latencies go as time
 * passes, and what is left when everybody has gone. Exits with 1 where something grows that should not.
 */
export async function run(args: readonly string[]): Promise<void> {
  const minutes = minutesOf(args);
  const server = await startServerProcess();
  try {
    const ids = await prepare(server);
    const watching = await subscribe(server, subscribers);
    const windows = await keepGoing(server, { minutes, ids });
    await leave(watching);
    const left = await settled(server);
    await judge(windows, left, minutes);
  } finally {
    await server.stop();
  }
}

function minutesOf(args: readonly string[]): number {
  const given = Number(args[args.indexOf('--minutes') + 1]);
  if (args.includes('--minutes') && !(given >= 1)) throw new Error('Give --minutes a number of at least 1.');
  return args.includes('--minutes') ? given : 20;
}

const headersOf = ({ key }: ServerProcess) => ({ 'content-type': 'application/json', authorization: `Bearer ${key}` });

/** Customers to look at. */
async function prepare(server: ServerProcess): Promise<string[]> {
  const bodies = bodiesOf(demoDrafts(new Date(), 5_000));
  await send(server, bodies, { rate: 50, seconds: bodies.length / 50 });
  const agent = new Agent({ keepAlive: true });
  const query = `{ customers(first: 100) { nodes { id } } }`;
  const answer = await postQuery<{ data: { customers: { nodes: { id: string }[] } } }>(server, agent, {
    query,
    variables: {},
  });
  agent.destroy();
  return answer.data.customers.nodes.map(({ id }) => id);
}

function bodiesOf(drafts: readonly object[]): string[] {
  return chunk(drafts, load.touchpointsOfACall).map((events) =>
    JSON.stringify({ query: ingest, variables: { events } }),
  );
}

function send(server: ServerProcess, bodies: readonly string[], { rate, seconds }: { rate: number; seconds: number }) {
  return sendSteadily({ url: `${server.url}/graphql`, headers: headersOf(server), bodies, rate, seconds });
}

function subscribe(server: ServerProcess, count: number): Promise<LiveSubscriber[]> {
  const subscription = { field: 'touchpointRecorded', variables: { filter: { types: ['order.completed'] } } } as const;
  return Promise.all(Array.from({ length: count }, () => openSubscriber(server, subscription, () => {})));
}

async function leave(all: readonly LiveSubscriber[]): Promise<void> {
  await Promise.all(
    all.map(({ socket }) => {
      const closed = once(socket, 'close');
      socket.close();
      return closed;
    }),
  );
}

async function keepGoing(server: ServerProcess, plan: { minutes: number; ids: string[] }): Promise<Window[]> {
  const seconds = 15;
  const count = Math.max(4, Math.round((plan.minutes * 60) / seconds));
  const perWindow = load.ingestCalls * load.touchpointsOfACall * seconds;
  const drafts = demoDrafts(new Date(), 5_000 + perWindow * count).slice(5_000);
  const windows: Window[] = [];
  for (let index = 0; index < count; index += 1) {
    const events = drafts.slice(index * perWindow, (index + 1) * perWindow);
    windows.push(await oneWindow(server, { events, seconds, ids: plan.ids }));
    console.log(`${index + 1} of ${count}:`, rowOf(windows.at(-1)!, index));
  }
  return windows;
}

async function oneWindow(
  server: ServerProcess,
  { events, seconds, ids }: { events: readonly object[]; seconds: number; ids: readonly string[] },
): Promise<Window> {
  const samples: ServerMetrics[] = [];
  const [ingested, viewed, listed, measured] = await Promise.all([
    send(server, bodiesOf(events), { rate: load.ingestCalls, seconds }),
    send(server, ids.map(viewRequest), { rate: load.views, seconds }),
    send(server, [JSON.stringify({ query: lists })], { rate: load.lists, seconds }),
    send(server, [JSON.stringify({ query: metrics })], { rate: load.metrics, seconds }),
    visit(server),
    sample(server, seconds, samples),
  ]);
  const p99 = (latencies: number[]) => round(percentile(latencies, 0.99), 1);
  const p99s = { ingest: p99(ingested), view: p99(viewed), list: p99(listed), metrics: p99(measured) };
  return { p99: p99s, server: least(samples) };
}

async function visit(server: ServerProcess): Promise<void> {
  await wait(1_000);
  await leave(await subscribe(server, visitors));
}

async function sample(server: ServerProcess, seconds: number, samples: ServerMetrics[]): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await wait(1_000);
    samples.push(await readMetrics(server.url));
  }
}

/** What is in use right after the garbage was collected: the least of a window is nearest to it. */
function least(samples: readonly ServerMetrics[]): ServerMetrics {
  const minimum = (name: keyof ServerMetrics) => Math.min(...samples.map((one) => one[name]));
  return {
    residentMb: minimum('residentMb'),
    heapMb: minimum('heapMb'),
    externalMb: minimum('externalMb'),
    handles: minimum('handles'),
    queue: minimum('queue'),
    websockets: minimum('websockets'),
    subscriptions: minimum('subscriptions'),
  };
}

/** Everybody has gone: what is left has a few seconds to go, too. */
async function settled(server: ServerProcess): Promise<ServerMetrics> {
  for (let attempt = 0; ; attempt += 1) {
    const found = await readMetrics(server.url);
    if ((found.queue === 0 && found.websockets === 0 && found.subscriptions === 0) || attempt === 20) return found;
    await wait(500);
  }
}

function rowOf({ p99, server }: Window, index: number): Figures {
  return {
    window: index + 1,
    'resident MB': round(server.residentMb),
    'heap MB': round(server.heapMb),
    'external MB': round(server.externalMb),
    handles: server.handles,
    'ingest p99 ms': p99.ingest,
    'view p99 ms': p99.view,
    'list p99 ms': p99.list,
    'metrics p99 ms': p99.metrics,
  };
}

async function judge(windows: readonly Window[], left: ServerMetrics, minutes: number): Promise<void> {
  const looked = windows.slice(Math.floor(windows.length * warmUp));
  const perHour = (60 / minutes) * windows.length;
  const resident = looked.map(({ server }) => server.residentMb);
  // Collected now and then, not in every window.
  const heap = floorsOf(looked.map(({ server }) => server.heapMb));
  const external = floorsOf(looked.map(({ server }) => server.externalMb));
  const floorsPerHour = (60 / minutes) * (heap.length / (1 - warmUp));
  const handles = looked.map(({ server }) => server.handles);
  const views = looked.map(({ p99 }) => p99.view);
  const failures = [
    growthOf(resident) > 0.15 && 'resident memory grows',
    growthOf(heap) > 0.2 && 'the heap grows',
    growthOf(external) > 0.25 && 'memory outside the heap grows',
    growthOf(views) > 0.5 && 'views become slower',
    slopeOf(handles) * looked.length > 10 && 'handles grow',
    left.queue + left.websockets + left.subscriptions > 0 && 'something is left',
  ].filter((failure) => failure !== false);
  await report('soak', windows.map(rowOf), {
    minutes,
    'resident MB per hour': round(slopeOf(resident) * perHour, 1),
    'resident growth %': round(growthOf(resident) * 100, 1),
    'heap MB per hour': round(slopeOf(heap) * floorsPerHour, 1),
    'heap growth %': round(growthOf(heap) * 100, 1),
    'external MB per hour': round(slopeOf(external) * floorsPerHour, 1),
    'external growth %': round(growthOf(external) * 100, 1),
    'handles per hour': round(slopeOf(handles) * perHour, 1),
    'view p99 growth %': round(growthOf(views) * 100, 1),
    'left in queue': left.queue,
    'left websockets': left.websockets,
    'left subscriptions': left.subscriptions,
    verdict: failures.join(', ') || 'flat',
  });
  if (failures.length > 0) process.exitCode = 1;
}
