import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../../../src/kernel/connect.ts';
import type { Pool } from '../../../src/kernel/database.ts';
import { ModelThreads } from '../../../src/kpis/models/model-threads.ts';
import { nightlyJobs } from '../../../src/kpis/models/nightly-jobs.service.ts';
import { jobDelay, jobFailures, type KpiJob, KpiJobs, listJobs } from '../../../src/kpis/settings/kpi-jobs.service.ts';
import { nextAtTime, retryPause } from '../../../src/kpis/settings/nightly.ts';
import { TestClock } from '../../segments/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertKpis, type ModelsFixture, openModels } from '../models/fixture.ts';

let database: TestDatabase;
let other: Pool;
let clock: TestClock;
const log = pino({ level: 'silent' });

beforeAll(async () => {
  database = await openTestDatabase();
  other = createPool(database.url, { applicationName: 'rundum test' });
});
afterAll(async () => {
  await other.end();
  await database.close();
});
beforeEach(async () => {
  await database.pool`truncate kpi_jobs, kpi_scales, customer_kpis`;
  clock = new TestClock('2026-11-01T12:00:00Z');
});

const zone = 'Europe/Zurich';

/** A job by night that counts its runs. */
function counting(parts: Partial<KpiJob> = {}) {
  const job = {
    name: 'count',
    runs: 0,
    nextAt: (now: Date) => nextAtTime(now, { hour: 2, minute: 30 }, zone),
    async run() {
      job.runs += 1;
    },
    ...parts,
  };
  return job;
}

const node = (pool: Pool, ...jobs: KpiJob[]) => new KpiJobs({ pool, clock, log }, jobs);

async function rowOf(name: string) {
  const [row] = await database.pool`
    select due_at, started_at, finished_at, failures, error from kpi_jobs where name = ${name}`;
  return row!;
}

describe('Jobs by night', () => {
  it('do not run at the first start, but at their time, and the night after', async () => {
    const job = counting();
    const jobs = node(database.pool, job);
    expect(await jobs.step()).toBe('NOTHING_DUE');
    expect((await rowOf('count')).due_at).toEqual(new Date('2026-11-02T01:30:00Z'));
    clock.set('2026-11-02T01:29:59Z');
    expect(await jobs.step()).toBe('NOTHING_DUE');
    clock.set('2026-11-02T01:30:00Z');
    expect(await jobs.step()).toBe('WORKED');
    expect(await jobs.step()).toBe('NOTHING_DUE');
    expect(job.runs).toBe(1);
    expect(await rowOf('count')).toMatchObject({
      due_at: new Date('2026-11-03T01:30:00Z'),
      started_at: clock.now(),
      finished_at: clock.now(),
      failures: 0,
    });
  });

  it('of a night on which nothing ran are run once, at the next start', async () => {
    await node(database.pool, counting()).step();
    clock.set('2026-11-09T12:00:00Z');
    const job = counting();
    const late = node(database.pool, job);
    expect([await late.step(), await late.step()]).toEqual(['WORKED', 'NOTHING_DUE']);
    expect((await rowOf('count')).due_at).toEqual(new Date('2026-11-10T01:30:00Z'));
  });

  it('are run by one of two nodes, the longest due first', async () => {
    const ran: string[] = [];
    const { promise: going, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const named = (name: string, hour: number) =>
      counting({
        name,
        nextAt: (now) => nextAtTime(now, { hour, minute: 0 }, zone),
        async run() {
          ran.push(name);
          begin();
          await going;
        },
      });
    const one = node(database.pool, named('late', 4), named('early', 3));
    const two = node(other, named('late', 4), named('early', 3));
    await one.step();
    clock.set('2026-11-02T12:00:00Z');
    const working = one.step();
    await begun;
    expect(await two.step()).toBe('HELD');
    goOn();
    expect(await working).toBe('WORKED');
    expect(await two.step()).toBe('WORKED');
    expect(ran).toEqual(['early', 'late']);
    expect(await Promise.all([one.step(), two.step()])).toEqual(['NOTHING_DUE', 'NOTHING_DUE']);
  });

  it('let only one of many who look at the same time do a job', async () => {
    const job = counting();
    const nodes = [database.pool, other, database.pool, other].map((pool) => node(pool, job));
    await nodes[0]!.step();
    clock.set('2026-11-02T12:00:00Z');
    const outcomes = await Promise.all(nodes.map((one) => one.step()));
    expect(outcomes.filter((outcome) => outcome === 'WORKED')).toHaveLength(1);
    expect(job.runs).toBe(1);
  });

  it('keep the change feed waiting for nothing while they run', async () => {
    let held: unknown;
    const job = counting({
      async run() {
        // Readers of the feed wait for transactions that have a number: those that have written something, or locked a row.
        [held] = await other`
          select count(*)::int as transactions, count(backend_xid)::int as held from pg_stat_activity
          where datname = current_database() and state = 'idle in transaction'`;
      },
    });
    const jobs = node(database.pool, job);
    await jobs.step();
    clock.set('2026-11-02T12:00:00Z');
    await jobs.step();
    expect(held).toEqual({ transactions: 1, held: 0 });
  });

  it('that fail are tried again, ever later, and say why', async () => {
    const fixture = await openModels(database.pool);
    let failing = true;
    const jobs = node(
      database.pool,
      counting({
        async run() {
          if (failing) throw new Error('The disk is full.');
        },
      }),
    );
    await jobs.step();
    clock.set('2026-11-02T02:00:00Z');
    for (const [failures, minutes] of [
      [1, 1],
      [2, 2],
      [3, 4],
    ] as const) {
      expect(await jobs.step()).toBe('WORKED');
      const row = await rowOf('count');
      expect(row).toMatchObject({ failures, error: 'The disk is full.', finished_at: null });
      expect(row.due_at.getTime() - clock.now().getTime()).toBe(minutes * 60_000);
      expect(await jobs.step()).toBe('NOTHING_DUE');
      expect(await jobFailures(database.pool)).toBe(failures);
      clock.set(new Date(row.due_at.getTime() + 30_000));
      expect(await jobDelay(database.pool, clock.now())).toBe(30);
    }
    const [shown] = await listJobs(fixture.ctx);
    expect(shown).toMatchObject({ name: 'count', failures: 3, error: 'The disk is full.' });
    failing = false;
    await jobs.step();
    expect(await rowOf('count')).toMatchObject({ failures: 0, error: null, finished_at: clock.now() });
    expect([await jobFailures(database.pool), await jobDelay(database.pool, clock.now())]).toEqual([0, 0]);
  });

  it('under way when a node stops are not failures, and are run again', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const endless = counting({
      async run(signal) {
        begin();
        await sleep(600_000, undefined, { signal });
      },
    });
    await node(database.pool, endless).step();
    clock.set('2026-11-02T12:00:00Z');
    const stopping = node(database.pool, endless);
    stopping.start();
    await begun;
    await stopping.stop();
    expect(await rowOf('count')).toMatchObject({ failures: 0, finished_at: null, error: null });
    const again = counting();
    expect(await node(other, again).step()).toBe('WORKED');
    expect(again.runs).toBe(1);
  });

  it('leave rows alone of jobs that only another release knows', async () => {
    await database.pool`insert into kpi_jobs (name, due_at, failures) values ('unknown', '2020-01-01', 0)`;
    expect(await node(database.pool, counting()).step()).toBe('NOTHING_DUE');
  });
});

describe('The time of a night', () => {
  it.each([
    ['2026-11-01T01:29:59Z', '2026-11-01T01:30:00.000Z'],
    ['2026-11-01T01:30:00Z', '2026-11-02T01:30:00.000Z'],
    // Clocks go from 2 to 3 at 01:00 UTC: half past two is half past three.
    ['2026-03-28T23:00:00Z', '2026-03-29T01:30:00.000Z'],
    ['2026-03-29T12:00:00Z', '2026-03-30T00:30:00.000Z'],
  ])('after %s is %s', (now, next) => {
    expect(nextAtTime(new Date(now), { hour: 2, minute: 30 }, zone).toISOString()).toBe(next);
  });

  it('is always to come', () => {
    for (let at = Date.UTC(2026, 2, 27); at < Date.UTC(2026, 2, 31); at += 1_800_000)
      for (const timeZone of [zone, 'America/Havana', 'Pacific/Apia'])
        expect(nextAtTime(new Date(at), { hour: 2, minute: 30 }, timeZone).getTime()).toBeGreaterThan(at);
  });

  it('of a retry is a minute, then twice as long each time, up to an hour', () => {
    expect([1, 2, 3, 6, 7, 1000].map(retryPause)).toEqual([60_000, 120_000, 240_000, 1_920_000, 3_600_000, 3_600_000]);
  });
});

describe('Fits and scores', () => {
  let fixture: ModelsFixture;
  let ran: string[];

  async function nightly(): Promise<KpiJobs> {
    fixture = await openModels(database.pool);
    ran = [];
    const parts = {
      timeZone: zone,
      threads: new ModelThreads(),
      fitter: { fit: async () => void ran.push('fit') as never },
      async score() {
        ran.push('score');
        await database.pool`
          insert into kpi_scales (id, currency, at, settings_version, customers, recency_cuts, frequency_cuts, monetary_cuts)
          values (gen_random_uuid(), 'CHF', now(), 0, 1, '{}', '{}', '{}')`;
      },
    };
    const platform = { ...fixture.ctx, clock };
    return node(database.pool, ...nightlyJobs(platform, parts));
  }

  const later = (seconds: number) => clock.set(new Date(clock.now().getTime() + seconds * 1000));
  const bought = (count: number) =>
    insertKpis(
      database.pool,
      Array.from({ length: count }, () => ({ days: [20_000], meanRepeatMinor: null })),
    );

  it('wait for the night where there is nobody', async () => {
    const jobs = await nightly();
    for (let look = 0; look < 3; look += 1, later(10)) expect(await jobs.step()).toBe('NOTHING_DUE');
  });

  it('come at once where there are customers and no scores yet, when an import is over', async () => {
    const jobs = await nightly();
    await bought(100);
    expect(await jobs.step()).toBe('NOTHING_DUE');
    later(10);
    await bought(100);
    expect(await jobs.step()).toBe('NOTHING_DUE');
    later(10);
    await bought(1);
    expect(await jobs.step()).toBe('WORKED');
    expect(await jobs.step()).toBe('WORKED');
    expect(ran).toEqual(['fit', 'score']);
    later(10);
    expect(await jobs.step()).toBe('NOTHING_DUE');
    clock.set('2026-11-02T01:45:00Z');
    expect([await jobs.step(), await jobs.step()]).toEqual(['WORKED', 'NOTHING_DUE']);
    clock.set('2026-11-02T02:00:00Z');
    await jobs.step();
    expect(ran).toEqual(['fit', 'score', 'fit', 'score']);
  });

  it('come in the middle of an import that goes on and on', async () => {
    const jobs = await nightly();
    const outcomes: string[] = [];
    for (let look = 0; look <= 12; look += 1, later(10)) {
      await bought(100 * 2 ** Math.min(look, 6));
      outcomes.push(await jobs.step());
    }
    expect(outcomes.indexOf('WORKED')).toBeGreaterThan(3);
    expect(ran[0]).toBe('fit');
  });

  it('wait for the night where there are scores already', async () => {
    await database.pool`
      insert into kpi_scales (id, currency, at, settings_version, customers, recency_cuts, frequency_cuts, monetary_cuts)
      values (gen_random_uuid(), 'CHF', now(), 0, 1, '{}', '{}', '{}')`;
    const jobs = await nightly();
    await bought(100);
    for (let look = 0; look < 3; look += 1, later(10)) expect(await jobs.step()).toBe('NOTHING_DUE');
  });
});
