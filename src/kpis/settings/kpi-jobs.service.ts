import { requireScope } from '../../access/scopes.ts';
import { BackgroundLoop } from '../../kernel/background-loop.ts';
import type { Context, Platform } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import { beginJob, failJob, findJobs, finishJob, type KpiJobRow, planJobs, tryLockJobs } from './kpi-jobs.queries.ts';
import { retryPause } from './nightly.ts';

/** Work that comes again. */
export interface KpiJob {
  /** Such as `fit`. */
  readonly name: string;
  /** Ends early, by throwing, when the signal is aborted; does the same again when it is run again. */
  run(signal: AbortSignal): Promise<void>;
  /** When it is due the next time. After `now`. */
  nextAt(now: Date): Date;
  /** Asked as long as it has never succeeded: whether it should not wait for its time. */
  isWanted?(): Promise<boolean>;
}

export type KpiJobsPlatform = Pick<Platform, 'pool' | 'clock' | 'log'>;

const longestRest = 10_000;
const longestError = 500;

/** What became of a look for work. */
export type JobOutcome = 'WORKED' | 'HELD' | 'NOTHING_DUE';

/**
 * Runs jobs when they are due, those due longer first. Any number of nodes can have them: one works at a time, and when it dies
 * another one begins again. A job that fails is tried again, ever later.
 */
export class KpiJobs {
  readonly #platform: KpiJobsPlatform;
  readonly #jobs: ReadonlyMap<string, KpiJob>;
  readonly #loop = new BackgroundLoop(() => this.#round());
  #isPlanned = false;
  #isBroken = false;

  constructor(platform: KpiJobsPlatform, jobs: readonly KpiJob[]) {
    this.#platform = platform;
    this.#jobs = new Map(jobs.map((job) => [job.name, job]));
  }

  start(): void {
    this.#loop.start();
  }

  /** Has the job under way end early: it is run again by another node, or at the next start. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Runs the one that has been due longest, if there is one and nobody else is at work. */
  async step(): Promise<JobOutcome> {
    await this.#plan();
    if (!(await this.#findDue())) return 'NOTHING_DUE';
    return this.#platform.pool.begin(async (tx) => {
      if (!(await tryLockJobs(tx))) return 'HELD';
      // Another node may have done it meanwhile.
      const due = await this.#findDue();
      if (!due) return 'NOTHING_DUE';
      await this.#run(due);
      return 'WORKED';
    });
  }

  async #plan(): Promise<void> {
    if (this.#isPlanned) return;
    const now = this.#platform.clock.now();
    const jobs = [...this.#jobs.values()];
    await planJobs(
      this.#platform.pool,
      jobs.map((job) => ({ name: job.name, dueAt: job.nextAt(now) })),
    );
    this.#isPlanned = true;
  }

  async #findDue(): Promise<KpiJobRow | undefined> {
    const now = this.#platform.clock.now();
    const rows = (await findJobs(this.#platform.pool)).filter(({ name }) => this.#jobs.has(name));
    for (const row of rows) if (row.dueAt <= now || (await this.#isWanted(row))) return row;
    return undefined;
  }

  /** One that has failed waits for its time. */
  async #isWanted({ name, finishedAt, failures }: KpiJobRow): Promise<boolean> {
    if (finishedAt !== null || failures > 0) return false;
    return (await this.#jobs.get(name)!.isWanted?.()) ?? false;
  }

  async #run({ name, failures }: KpiJobRow): Promise<void> {
    const { pool, clock, log } = this.#platform;
    const job = this.#jobs.get(name)!;
    await beginJob(pool, name, clock.now());
    try {
      await job.run(this.#loop.stopping);
    } catch (err) {
      if (this.#loop.stopping.aborted) return;
      log.error({ err, job: name }, 'a job of KPIs failed; trying again');
      const dueAt = new Date(clock.now().getTime() + retryPause(failures + 1));
      await failJob(pool, name, { dueAt, failures: failures + 1, error: messageOf(err) });
      return;
    }
    const now = clock.now();
    await finishJob(pool, name, { now, dueAt: job.nextAt(now) });
  }

  async #round(): Promise<number> {
    try {
      const outcome = await this.step();
      this.#isBroken = false;
      return outcome === 'WORKED' ? 0 : longestRest;
    } catch (err) {
      if (!this.#isBroken && !this.#loop.stopping.aborted)
        this.#platform.log.warn({ err }, 'jobs of KPIs could not be looked for; trying again');
      this.#isBroken = true;
      return longestRest;
    }
  }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.slice(0, longestError);
}

/** When they run, and how they did. */
export async function listJobs(ctx: Context): Promise<KpiJobRow[]> {
  requireScope(ctx, 'metrics:read');
  return findJobs(ctx.pool);
}

/** By how many seconds the job that has waited longest is late; 0: none is. For a gauge. */
export async function jobDelay(db: Database, now: Date): Promise<number> {
  const delays = (await findJobs(db)).map(({ dueAt }) => (now.getTime() - dueAt.getTime()) / 1000);
  return Math.max(0, ...delays);
}

/** Attempts in a row that failed, of the job with the most. For a gauge. */
export async function jobFailures(db: Database): Promise<number> {
  return Math.max(0, ...(await findJobs(db)).map(({ failures }) => failures));
}
