import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { type Damage, damages } from './damages.ts';
import { checks, FaultWorld } from './fault-world.ts';
import { shortFaults } from './faults.ts';
import type { History } from './history.ts';
import { runFault, seeded } from './run-fault.ts';

// The short form. The long one, with all faults: npm run test:faults.

let world: FaultWorld;
const random = seeded(Number(process.env.FC_SEED ?? 20_261_128));

beforeAll(async () => {
  world = await FaultWorld.open({ nodes: 2 });
}, 180_000);
afterAll(() => world?.close(), 60_000);

describe('under load, at some instant', () => {
  test.each(shortFaults.map((fault) => [fault.name, fault] as const))(
    '%s: nothing acknowledged is lost or doubled, and everything agrees',
    async (_name, fault) => {
      const { violations } = await runFault(world, fault, random, { mend: false });
      expect(Object.fromEntries(violations)).toEqual({});
    },
    180_000,
  );
});

describe('each check can fail', () => {
  let history: History;
  let clones = 0;

  beforeAll(async () => {
    await world.quieten();
    history = world.history();
  }, 60_000);

  /** A copy of the world's database, to be damaged. */
  async function withClone<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    clones += 1;
    const name = `clone_${clones}`;
    const server = createPool(world.cluster.url(world.cluster.port, 'template1'), { max: 1 });
    await server`create database ${server(name)} template postgres`;
    const pool = createPool(world.cluster.url(world.cluster.port, name), { max: 2 });
    try {
      return await work(pool);
    } finally {
      await pool.end({ timeout: 1 });
      await server`drop database ${server(name)} with (force)`;
      await server.end();
    }
  }

  function look(check: string, pool: Pool, tell?: Damage['tell']): Promise<readonly string[]> {
    return checks.find(({ name }) => name === check)!.look({ ...history, ...tell?.(history), pool });
  }

  async function complaints({ check, damage, tell }: Damage): Promise<readonly string[]> {
    return withClone(async (pool) => {
      await pool.begin(async (tx) => {
        // Past the triggers that keep the ledger and the audit log from being changed.
        await tx`set local session_replication_role = replica`;
        await damage?.(tx);
      });
      return look(check, pool, tell);
    });
  }

  test('there is a damage for every one', () => {
    expect(new Set(damages.map(({ check }) => check))).toEqual(new Set(checks.map(({ name }) => name)));
  });

  test('and it is silent where nothing is damaged', async () => {
    await withClone(async (pool) => {
      for (const { name } of checks) expect(await look(name, pool)).toEqual([]);
    });
  }, 60_000);

  test('clients who believe something else are contradicted', async () => {
    await withClone(async (pool) => {
      for (const { check, what, tell } of damages.filter(({ damage }) => !damage)) {
        expect({ what, complaints: await look(check, pool, tell) }).not.toEqual({ what, complaints: [] });
      }
    });
  });

  test.each(damages.filter(({ damage }) => damage).map((damage) => [damage.check, damage.what, damage] as const))(
    '%s: %s',
    async (_check, _what, damage) => {
      expect(await complaints(damage)).not.toEqual([]);
    },
  );
});
