import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { operatorContext } from '../../src/access/operator.ts';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import { ChangeFeed } from '../../src/kernel/change-feed.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { readConfig } from '../../src/kernel/config.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { removeEmbedded } from '../../src/kernel/embedded-postgres.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { migrate } from '../../src/kernel/migrate.ts';
import { openDatabase } from '../../src/kernel/open-database.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';
import { LeverSimulator, type SimulationInput } from '../../src/loyalty/simulation/simulator.service.ts';
import { programId, writeLoyaltyHistory } from './loyalty-history.ts';
import { type Figures, round } from './report.ts';

const purchasesOfEach = 10;
const day = 86_400_000;

/** A year of purchases replayed under another value of a lever beside the true one, with PostgreSQL on the same machine. */
export async function run({ purchases = 1_000_000 }: { purchases?: number } = {}): Promise<Figures> {
  const database = await openOwnDatabase();
  try {
    const { pool } = database;
    const now = new Date();
    const people = Math.ceil(purchases / purchasesOfEach);
    await writeLoyaltyHistory(pool, { customers: people, purchases: purchasesOfEach, now });
    const simulator = await openSimulator(pool);
    const period = { programId, from: new Date(now.getTime() - 370 * day), to: now };
    const same = await timed(() => simulator.simulate(period));
    const levers = [{ lever: 'pointsPerFranc', value: '1.25' }];
    const all = await timed(() => simulator.simulate({ ...period, levers }));
    const some = await timed(() => simulator.simulate({ ...period, levers, sample: 0.1 }));
    const [delta] = all.result.wallets;
    const [estimated] = some.result.wallets;
    return {
      'simulation: purchases': people * purchasesOfEach,
      'simulation: touchpoints replayed': all.result.touchpoints,
      'unchanged levers: delta (must be 0)': Number(same.result.wallets[0]!.granted.delta.value),
      'all members s (goal ≤ 60 per 1,000,000)': round(all.seconds, 1),
      'unchanged levers s': round(same.seconds, 1),
      'sample of a tenth s': round(some.seconds, 1),
      'delta of points': Number(delta!.granted.delta.value),
      'delta of points by the sample': `${estimated!.granted.delta.lowest} … ${estimated!.granted.delta.highest}`,
      'memory of the process MB': round(process.memoryUsage().rss / 2 ** 20),
    };
  } finally {
    await database.close();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const from = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - from) / 1000 };
}

async function openSimulator(pool: Pool) {
  const log = pino({ level: 'silent' });
  const surroundings = { pool, clock: systemClock, ids: randomIds, log };
  const personalTraits = await CataloguedTraits.open(surroundings);
  const ctx = operatorContext({ ...surroundings, feed: new ChangeFeed({ pool, log }), personalTraits });
  const simulator = new LeverSimulator(new ProgramBook(), 'Europe/Zurich');
  return { simulate: (input: SimulationInput) => simulator.simulate(ctx, input) };
}

/** As the server has it: the embedded PostgreSQL with its settings, in a new folder. */
async function openOwnDatabase(): Promise<{ pool: Pool; close(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rundum-bench-'));
  const log = pino({ level: 'silent' });
  const database = await openDatabase(readConfig({ RUNDUM_DATA_DIR: dataDir }, {}), { role: 'command', log });
  await migrate(database.pool);
  return {
    pool: database.pool,
    async close() {
      await database.close();
      await removeEmbedded(dataDir, log);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
