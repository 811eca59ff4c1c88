import type { Database, Tx } from '../../kernel/database.ts';
import { column } from '../../kernel/sql-array.ts';

export interface KpiJobRow {
  readonly name: string;
  readonly dueAt: Date;
  readonly startedAt: Date | null;
  /** When it last succeeded. */
  readonly finishedAt: Date | null;
  /** In a row, up to now. */
  readonly failures: number;
  readonly error: string | null;
}

const jobsLock = 0x4b_70_69_6a;

/**
 * False where another node is at work. Held by a transaction that does nothing else: it ends with its node, and keeps the change
 * feed waiting for nothing, which a locked row would for as long as the job takes.
 */
export async function tryLockJobs(tx: Tx): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`select pg_try_advisory_xact_lock(${jobsLock}) as locked`;
  return row!.locked;
}

export async function findJobs(db: Database): Promise<KpiJobRow[]> {
  return db`
    select name, due_at as "dueAt", started_at as "startedAt", finished_at as "finishedAt", failures, error
    from kpi_jobs order by due_at, name`;
}

/** Those that there are already stay as they are. */
export async function planJobs(
  db: Database,
  jobs: readonly { readonly name: string; readonly dueAt: Date }[],
): Promise<void> {
  await db`
    insert into kpi_jobs (name, due_at, failures)
    select name, due_at, 0 from unnest(
      ${column(jobs, ({ name }) => name)}::text[], ${column(jobs, ({ dueAt }) => dueAt)}::timestamptz[]) as new (name, due_at)
    on conflict (name) do nothing`;
}

export async function beginJob(db: Database, name: string, now: Date): Promise<void> {
  await db`update kpi_jobs set started_at = ${now} where name = ${name}`;
}

export async function finishJob(db: Database, name: string, { now, dueAt }: { now: Date; dueAt: Date }): Promise<void> {
  await db`
    update kpi_jobs set finished_at = ${now}, due_at = ${dueAt}, failures = 0, error = null where name = ${name}`;
}

export interface JobFailure {
  readonly dueAt: Date;
  readonly failures: number;
  readonly error: string;
}

export async function failJob(db: Database, name: string, { dueAt, failures, error }: JobFailure): Promise<void> {
  await db`update kpi_jobs set due_at = ${dueAt}, failures = ${failures}, error = ${error} where name = ${name}`;
}

/** Customers with purchases, up to some: to see whether they are still growing. */
export async function countPurchasers(db: Database, most: number): Promise<number> {
  const [row] = await db<{ found: number }[]>`
    select count(*)::int as found from (select from customer_kpis where purchase_days > 0 limit ${most}) as counted`;
  return row!.found;
}

export async function hasScale(db: Database): Promise<boolean> {
  const [row] = await db<{ found: boolean }[]>`select exists (select from kpi_scales) as found`;
  return row!.found;
}
