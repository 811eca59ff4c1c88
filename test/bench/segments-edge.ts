import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Condition } from '../../src/conditions/condition.ts';
import { toPublicId } from '../../src/kernel/ids.ts';
import { cpuTime } from './cpu-time.ts';
import { ingest } from './ingest-call.ts';
import { openSubscriber } from './live-client.ts';
import { type Figures, percentile, round } from './report.ts';
import { openSegmentsOf } from './segments-setup.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const people = 4_000;
const pending = 1_000_000;
const idleSeconds = 10;
/** People leave between these many seconds after they were written. */
const firstExit = 15;
const lastExit = 35;

const justSeen: Condition = {
  event: {
    match: { types: ['page.viewed'] },
    count: { comparison: 'AT_LEAST', value: '1' },
    window: { last: { count: 1, unit: 'MINUTE' } },
  },
};

/** What a million pending instants cost while nothing happens, and how late four thousand people leave a window beside them. */
export async function run(): Promise<Figures> {
  const server = await startServerProcess();
  try {
    const desk = await openSegmentsOf(server.pool);
    const segmentId = await desk.create('Seen just now', justSeen);
    const without = await idleCost(server);
    await writePending(server);
    const beside = await idleCost(server);
    const lateness = await exits(server, toPublicId('seg', segmentId));
    return {
      'edge: pending instants': pending,
      'edge: idle CPU ms/s without them': without,
      'edge: idle CPU ms/s with them': beside,
      'edge: exits': people,
      'edge: not delivered': people - lateness.length,
      'edge: late by p50 ms': round(percentile(lateness, 0.5), 1),
      'edge: late by p95 ms': round(percentile(lateness, 0.95), 1),
      'edge: late by max ms (goal ≤ 5000)': round(percentile(lateness, 1), 1),
    };
  } finally {
    await server.stop();
  }
}

async function idleCost({ process }: ServerProcess): Promise<number | null> {
  await wait(3_000);
  const before = await cpuTime(process.child.pid!);
  await wait(idleSeconds * 1_000);
  const after = await cpuTime(process.child.pid!);
  return before && after ? round((after.own + after.below - before.own - before.below) / idleSeconds, 1) : null;
}

/** Of a segment that nobody evaluates: only their instants count here. */
async function writePending({ pool }: ServerProcess): Promise<void> {
  await pool`
    insert into segment_states (customer_id, segment_id, version, member, since, due_at)
    select gen_random_uuid(), '00000000-0000-8000-8000-000000000001', 1, false, now(), now() + interval '1 year' * random() + interval '1 day'
    from generate_series(1, ${pending}::int)`;
  await pool`vacuum (analyze) segment_states`;
  await pool`checkpoint`;
}

/** Answers by how many milliseconds after its instant each exit reached the subscriber. */
async function exits(server: ServerProcess, segmentId: string): Promise<number[]> {
  const due = new Map<string, number>();
  const left = new Map<string, number>();
  const subscription = { field: 'segmentMembershipChanged', variables: { segmentId } } as const;
  const { socket } = await openSubscriber(server, subscription, ({ customerId = '', entered }, _, at) => {
    if (!entered) left.set(customerId, at);
  });
  const agent = new Agent({ keepAlive: true });
  const start = Date.now();
  for (let first = 0; first < people; first += 500) {
    const instants = Array.from({ length: 500 }, (_, index) => {
      return start + 1_000 * (firstExit + ((lastExit - firstExit) * (first + index)) / people);
    });
    const events = instants.map((instant, index) => ({
      messageId: `edge-${first + index}`,
      source: 'web',
      identifiers: [{ kind: 'userId', value: `edge-${first + index}` }],
      type: 'page.viewed',
      occurredAt: new Date(Math.round(instant) - 60_000).toISOString(),
    }));
    const results = await ingest(server, agent, events);
    for (const [index, { customerId }] of results.entries()) due.set(customerId, Math.round(instants[index]!));
  }
  await wait(start + (lastExit + 7) * 1_000 - Date.now());
  socket.terminate();
  agent.destroy();
  return [...left].map(([customerId, at]) => at - due.get(customerId)!);
}
