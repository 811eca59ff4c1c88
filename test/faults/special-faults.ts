import { setTimeout as wait } from 'node:timers/promises';
import type { FaultWorld, WorldOptions } from './fault-world.ts';
import type { Fault } from './run-fault.ts';

/** A fault that needs a world of its own. */
export interface SpecialFault extends Fault {
  readonly world: WorldOptions;
}

const now = () => performance.now();

async function untilRefused({ load }: FaultWorld, calls: number, meanwhile?: () => Promise<unknown>): Promise<void> {
  const wanted = load.refused + calls;
  for (const deadline = now() + 60_000; load.refused < wanted; await wait(20)) {
    if (now() > deadline) throw new Error('Nobody was refused.');
    await meanwhile?.();
  }
}

export const diskFull: SpecialFault = {
  name: 'disk full',
  what: 'the disk of the tables is full for some seconds; then there is room',
  since: 'the room',
  world: { nodes: 2, disk: { megabytes: 160, folder: 'base' } },
  async strike(world) {
    await world.cluster.disk!.fill(256 * 1024);
    await untilRefused(world, 10);
    await world.cluster.disk!.makeRoom();
    return { over: now() };
  },
};

export const logDiskFull: SpecialFault = {
  name: 'disk of the log full',
  what: 'the disk of the write-ahead log is full: PostgreSQL ends; then there is room, and it is started again unless it has recovered by itself',
  since: 'the room',
  world: {
    nodes: 2,
    disk: { megabytes: 160, folder: 'pg_wal' },
    settings: { max_wal_size: '64MB', min_wal_size: '32MB' },
  },
  async strike(world) {
    const { cluster } = world;
    await cluster.disk!.fill(0);
    // What is left of the log is used up.
    await untilRefused(world, 5, () => cluster.pool`select pg_switch_wal()`.catch(() => {}));
    await wait(1_000);
    await cluster.disk!.makeRoom();
    const over = now();
    if (!cluster.isRunning) await cluster.start({ max_wal_size: '64MB', min_wal_size: '32MB' });
    return { over };
  },
};

/** `program`: the release before the newest migration. */
export function newRelease(program: string): SpecialFault {
  return {
    name: 'new migrations under an old release',
    what: 'a node of the release before the newest migrations ingests, while a new one starts and migrates; then both serve',
    since: 'the start of the new one',
    world: { nodes: 2, program },
    async strike({ nodes }) {
      const over = now();
      await nodes[1]!.start();
      return { over };
    },
  };
}

/** The same clients do find losses where commits are not waited for. */
export const commitsNotWaitedFor: SpecialFault = {
  name: 'PostgreSQL killed, commits not waited for',
  what: 'a negative control: `synchronous_commit = off`, and `kill -9` of PostgreSQL',
  since: 'its start',
  world: {
    nodes: 2,
    settings: { synchronous_commit: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '1GB' },
  },
  async strike({ cluster, load }) {
    await load.acknowledgements(10);
    await cluster.kill();
    const over = now();
    await cluster.start();
    return { over };
  },
};
