import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Condition } from '../../src/conditions/condition.ts';
import { toPublicId } from '../../src/kernel/ids.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { ingest } from './ingest-call.ts';
import { openSubscriber, preciseNow } from './live-client.ts';
import { type Figures, percentile, round } from './report.ts';
import { openSegmentsOf } from './segments-setup.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const callEveryMs = 20;
const perCall = 20;
/** Of each call: the first order of somebody, who becomes a member by it. */
const firstOrders = 2;
const seconds = 20;
const people = 4_000;

const buyers: Condition = {
  event: {
    match: { types: ['order.completed'] },
    count: { comparison: 'AT_LEAST', value: '1' },
    window: { last: { count: 30, unit: 'DAY' } },
  },
};

/** From sending an event to the membership that it brings reaching a subscriber, at 1,000 touchpoints a second. */
export async function run(): Promise<Figures> {
  const server = await startServerProcess();
  try {
    const desk = await openSegmentsOf(server.pool);
    const segmentId = toPublicId('seg', await desk.create('Buyers of the month', buyers));
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    await browse(server, agent);
    const arrivals = new Map<string, number>();
    const subscription = { field: 'segmentMembershipChanged', variables: { segmentId } } as const;
    const { socket } = await openSubscriber(server, subscription, ({ customerId = '' }, _, at) =>
      arrivals.set(customerId, at),
    );
    await wait(1_000);
    const sent = await sendOnSchedule(server, agent);
    await wait(2_000);
    socket.terminate();
    agent.destroy();
    const latencies = [...sent].flatMap(([customerId, at]) => {
      const arrived = arrivals.get(customerId);
      return arrived === undefined ? [] : [arrived - at];
    });
    return {
      'live: memberships': sent.size,
      'live: not delivered': sent.size - latencies.length,
      'live: p50 ms': round(percentile(latencies, 0.5), 1),
      'live: p95 ms (goal ≤ 500)': round(percentile(latencies, 0.95), 1),
      'live: p99 ms': round(percentile(latencies, 0.99), 1),
    };
  } finally {
    await server.stop();
  }
}

function event(person: number, messageId: string, type: string): TouchpointDraft {
  const value = type === 'order.completed' ? { amount: '20.00', currency: 'CHF' } : null;
  const identifiers = [{ kind: 'userId', value: `person-${person}` }];
  return { messageId, source: 'web', identifiers, type, value, occurredAt: new Date().toISOString() };
}

/** Everybody is known before. */
async function browse(server: ServerProcess, agent: Agent): Promise<void> {
  for (let first = 0; first < people; first += 500) {
    const events = Array.from({ length: 500 }, (_, index) =>
      event(first + index, `first-${first + index}`, 'page.viewed'),
    );
    await ingest(server, agent, events);
  }
}

/** Answers when the order of each new member was sent. */
async function sendOnSchedule(server: ServerProcess, agent: Agent): Promise<Map<string, number>> {
  const sent = new Map<string, number>();
  const answers: Promise<void>[] = [];
  const started = performance.now();
  for (let call = 0; call < (seconds * 1_000) / callEveryMs; call += 1) {
    const early = call * callEveryMs - (performance.now() - started);
    if (early > 1) await wait(early);
    const events = Array.from({ length: perCall }, (_, index) => {
      const buys = index < firstOrders;
      const person = buys ? call * firstOrders + index : (call * 31 + index * 97) % people;
      return event(person, `live-${call}-${index}`, buys ? 'order.completed' : 'page.viewed');
    });
    const at = preciseNow();
    answers.push(
      ingest(server, agent, events).then((results) => {
        for (const { customerId } of results.slice(0, firstOrders)) sent.set(customerId, at);
      }),
    );
  }
  await Promise.all(answers);
  return sent;
}
