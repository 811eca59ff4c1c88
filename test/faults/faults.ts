import { setTimeout as wait } from 'node:timers/promises';
import postgres from 'postgres';
import type { FaultWorld } from './fault-world.ts';
import type { Fault } from './run-fault.ts';

const now = () => performance.now();

const serversKilled: Fault = {
  name: 'servers killed',
  what: '`kill -9` of every server at once; started again',
  since: 'the start',
  async strike({ nodes }) {
    await Promise.all(nodes.map((node) => node.kill()));
    const started = now();
    await Promise.all(nodes.map((node) => node.start()));
    return { over: started };
  },
};

const oneOfTwoKilled: Fault = {
  name: 'one of two servers killed',
  what: '`kill -9` of one of two servers that both ingest; the other goes on, the first comes back later',
  since: 'the kill',
  async strike({ nodes }) {
    await nodes[0]!.kill();
    return { over: now(), after: () => nodes[0]!.start() };
  },
};

const databaseKilled: Fault = {
  name: 'PostgreSQL killed',
  what: '`kill -9` of PostgreSQL; started again',
  since: 'its start',
  async strike({ cluster }) {
    await cluster.kill();
    const started = now();
    await cluster.start();
    return { over: started };
  },
};

const backendKilled: Fault = {
  name: 'a process of PostgreSQL killed',
  what: '`kill -9` of one process of PostgreSQL that works for us, as the kernel does when memory runs out: PostgreSQL ends all others, and recovers',
  since: 'the kill',
  async strike({ cluster }) {
    const [row] = await cluster.pool<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name like 'rundum %' order by state = 'active' desc limit 1`;
    process.kill(row!.pid, 'SIGKILL');
    return { over: now() };
  },
};

const databaseRestarted: Fault = {
  name: 'PostgreSQL restarted',
  what: 'PostgreSQL stopped by its operator, and started again',
  since: 'its start',
  async strike({ cluster }) {
    await cluster.stop();
    const started = now();
    await cluster.start();
    return { over: started };
  },
};

const connectionsCut: Fault = {
  name: 'connections cut',
  what: 'all connections to PostgreSQL broken off in the middle of what they carry, five times',
  since: 'the last cut',
  async strike({ proxies }, random) {
    for (let time = 0; time < 5; time += 1) {
      await wait(random(120));
      for (const proxy of proxies) proxy.cut();
    }
    return { over: now() };
  },
};

const networkSlow: Fault = {
  name: 'slow network',
  what: '40 ms of delay in each direction and 500 KB/s between servers and PostgreSQL',
  since: 'the end of it',
  async strike({ proxies, load }) {
    for (const proxy of proxies) proxy.setWeather({ delayMs: 40, bytesPerSecond: 500_000 });
    await load.acknowledgements(3);
    for (const proxy of proxies) proxy.setWeather({});
    return { over: now() };
  },
};

const networkAway: Fault = {
  name: 'network swallows everything',
  what: 'nothing arrives in either direction for two seconds, and nobody is told',
  since: 'the end of it',
  async strike({ proxies }) {
    for (const proxy of proxies) proxy.setWeather({ blackHole: true });
    await wait(2_000);
    for (const proxy of proxies) proxy.setWeather({});
    return { over: now() };
  },
};

const connectionsStranded: Fault = {
  name: 'connections dead in silence',
  what: 'whatever is connected to PostgreSQL hears nothing more, and is not told, as after a failover that took the address elsewhere; new connections are fine',
  since: 'the silence',
  async strike({ proxies }) {
    for (const proxy of proxies) proxy.strand();
    return { over: now() };
  },
};

const poolExhausted: Fault = {
  name: 'pool exhausted',
  what: 'every connection of the servers’ pools waits for a lock that an operator holds, for two seconds; forty more requests want one',
  since: 'the release of the lock',
  async strike({ cluster, nodes }) {
    const holder = await cluster.pool.reserve();
    await holder`begin`;
    await holder`lock table customers in access exclusive mode`;
    const asked = Array.from({ length: 40 }, (_, index) =>
      nodes[index % nodes.length]!.ask('{ customers(first: 1) { edges { node { id } } } }', {}),
    );
    await wait(2_000);
    await holder`rollback`;
    const released = now();
    holder.release();
    await Promise.all(asked);
    return { over: released };
  },
};

const connectionsUsedUp: Fault = {
  name: 'no connection free',
  what: 'others have all connections that PostgreSQL allows when the servers lose theirs, for two seconds',
  since: 'their leaving',
  async strike({ cluster, proxies }) {
    await cluster.pool`select 1`;
    const others = await occupyConnections(cluster.url());
    for (const proxy of proxies) proxy.cut();
    // What the servers have given up is taken, too.
    others.push(...(await occupyConnections(cluster.url())));
    await wait(2_000);
    const leaving = now();
    await Promise.all(others.map((other) => other.end({ timeout: 1 })));
    return { over: leaving };
  },
};

async function occupyConnections(url: string): Promise<postgres.Sql[]> {
  const others: postgres.Sql[] = [];
  for (let failures = 0; failures < 3; ) {
    const other = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
    const isIn = await other`select 1`.then(
      () => true,
      () => false,
    );
    if (isIn) others.push(other);
    else await other.end({ timeout: 0 });
    if (!isIn) failures += 1;
  }
  return others;
}

const clocksJump: Fault = {
  name: 'clocks jump',
  what: 'the clock of one server jumps two hours ahead, then two hours back, then is right again',
  since: 'the last jump',
  async strike({ nodes, load }) {
    for (const shift of [2 * 3_600_000, -2 * 3_600_000]) {
      await nodes[0]!.shiftClock(shift);
      await load.acknowledgements(4);
    }
    await nodes[0]!.shiftClock(0);
    return { over: now() };
  },
};

const serverFrozen: Fault = {
  name: 'server frozen',
  what: 'one of two servers stands still for three seconds, with whatever it has locked',
  since: 'its going on',
  async strike({ nodes }) {
    nodes[0]!.freeze();
    await wait(3_000);
    nodes[0]!.thaw();
    return { over: now() };
  },
};

const jobKilled: Fault = {
  name: 'worker killed mid-job',
  what: '`kill -9` of all servers while a segment is being built over everybody; started again, they finish it',
  since: 'the start',
  async strike(world) {
    const { cluster, nodes } = world;
    const holder = await cluster.pool.reserve();
    await holder`begin`;
    await holder`lock table touchpoints in access exclusive mode`;
    const created = createSegment(world);
    created.catch(() => {});
    await untilBuilding(world);
    await Promise.all(nodes.map((node) => node.kill()));
    await holder`rollback`;
    holder.release();
    await created.catch(() => {});
    const started = now();
    await Promise.all(nodes.map((node) => node.start()));
    return { over: started };
  },
};

let segments = 0;

async function createSegment({ nodes }: FaultWorld): Promise<void> {
  segments += 1;
  await nodes[0]!.ask('mutation($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input: { name: `killed ${segments}`, text: 'count of order.completed ever is at least 5' },
  });
}

/** Its one statement over everybody waits for the lock. */
async function untilBuilding({ cluster }: FaultWorld): Promise<void> {
  for (let left = 400; left > 0; left -= 1) {
    const waiting = await cluster.pool`
      select from pg_stat_activity where wait_event_type = 'Lock' and query not ilike 'insert%' and query ilike '%touchpoints%'
        and exists (select from segment_versions where phase = 'EVALUATING')`;
    if (waiting.length > 0) return;
    await wait(25);
  }
  throw new Error('No build of a segment came to wait for the lock.');
}

/** The short form: the losses that every installation meets. The last one leaves a server dead. */
export const shortFaults: readonly Fault[] = [connectionsCut, databaseKilled, networkAway, oneOfTwoKilled];

/** Those that need nothing but two nodes. */
export const plainFaults: readonly Fault[] = [
  serversKilled,
  oneOfTwoKilled,
  serverFrozen,
  databaseKilled,
  backendKilled,
  databaseRestarted,
  connectionsCut,
  networkSlow,
  networkAway,
  connectionsStranded,
  poolExhausted,
  connectionsUsedUp,
  clocksJump,
  jobKilled,
];
