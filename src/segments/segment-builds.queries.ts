import type { Condition } from '../conditions/condition.ts';
import type { Moment } from '../conditions/moment.ts';
import type { ConditionStatement } from '../conditions/statement-parameters.queries.ts';
import type { Database, Pool, Tx } from '../kernel/database.ts';

export type BuildPhase = 'EVALUATING' | 'APPLYING';

/** A version that is being built. */
export interface BuildingVersion {
  readonly segmentId: string;
  readonly version: number;
  readonly definition: Condition;
  readonly pins: Readonly<Record<string, number>>;
  readonly phase: BuildPhase;
  readonly position: string | null;
  readonly failures: number;
  readonly failedAt: Date | null;
}

/** The oldest first. */
export async function listBuilding(db: Database): Promise<BuildingVersion[]> {
  return db`
    select segment_id as "segmentId", version, definition, pins, phase, position, failures, failed_at as "failedAt"
    from segment_versions where phase in ('EVALUATING', 'APPLYING')
    order by created_at, segment_id`;
}

/** One node builds a version at a time; false: another does. Holds no row, and makes the transaction no writing one. */
export async function tryHoldBuild(
  tx: Tx,
  { segmentId, version }: Pick<BuildingVersion, 'segmentId' | 'version'>,
): Promise<boolean> {
  const [row] = await tx<{ held: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${`rundum segment build ${segmentId} ${version}`}, 0)) as held`;
  return row?.held ?? false;
}

export async function countCustomers(db: Database): Promise<number> {
  const [row] = await db<{ count: number }[]>`select count(*)::int as count from customers`;
  return row?.count ?? 0;
}

export interface FoundState {
  readonly id: string;
  readonly verdict: boolean;
  /** Milliseconds since 1970, as text. */
  readonly next: string | null;
}

/** What the sorting and hashing of a whole history may take; the rest goes to disk. */
const workMemory = '256MB';

/**
 * Hands over everybody for whom the condition holds, or will change with time. One statement over all touchpoints: it sees
 * the database as it was when it started. The transaction only reads, so that live updates need not wait for it. No cursor:
 * PostgreSQL would answer it from a single process.
 */
export async function evaluateAll(
  tx: Tx,
  statement: ConditionStatement,
  { moment, signal, each }: EvaluateAllOptions,
): Promise<void> {
  await tx`select set_config('work_mem', ${workMemory}, true), set_config('plan_cache_mode', 'force_custom_plan', true)`;
  signal?.throwIfAborted();
  const ends = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  const query = tx.unsafe<FoundState[]>(statement.text, statement.values({ moment, input: ends }) as never[]);
  const cancel = () => query.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    await query.forEach(each);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

export interface EvaluateAllOptions {
  readonly moment: Moment;
  readonly each: (found: FoundState) => void;
  /** Cancels the statement. */
  readonly signal?: AbortSignal;
}

/** Begins again: nothing of an earlier attempt is kept but what live evaluation wrote, which is newer. */
export async function saveEvaluated(
  db: Database,
  { segmentId, version }: Pick<BuildingVersion, 'segmentId' | 'version'>,
  done: { customers: number; evaluated: number },
): Promise<void> {
  await db`
    update segment_versions set customers = ${done.customers}, evaluated = ${done.evaluated}
    where segment_id = ${segmentId} and version = ${version} and phase = 'EVALUATING'`;
}

export async function setPhase(
  db: Database,
  { segmentId, version }: Pick<BuildingVersion, 'segmentId' | 'version'>,
  phase: BuildPhase,
): Promise<void> {
  await db`
    update segment_versions set phase = ${phase}, failures = 0, failed_at = null, failure = null
    where segment_id = ${segmentId} and version = ${version} and phase in ('EVALUATING', 'APPLYING')`;
}

/** Locks a version for one step of applying it; nothing where it is not being applied, or another node has it. */
export async function lockApplying(
  tx: Tx,
  { segmentId, version }: Pick<BuildingVersion, 'segmentId' | 'version'>,
): Promise<{ position: string | null } | undefined> {
  const [row] = await tx<{ position: string | null }[]>`
    select position from segment_versions
    where segment_id = ${segmentId} and version = ${version} and phase = 'APPLYING'
    for no key update skip locked`;
  return row;
}

/** The next customers whom a version may move: those with a verdict of it, and those who are in the segment until now. */
export async function listToApply(
  tx: Tx,
  { segmentId, after, limit }: { segmentId: string; after: string | null; limit: number },
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    (select customer_id as id from segment_builds
     where segment_id = ${segmentId} and customer_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000')
     order by customer_id limit ${limit})
    union
    (select customer_id from segment_states
     where segment_id = ${segmentId} and customer_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000')
     order by customer_id limit ${limit})
    order by id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** Locks customers in order of id; answers those that there are. */
export async function lockExisting(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from customers where id = any(${ids as string[]}::uuid[]) order by id for no key update`;
  return rows.map(({ id }) => id);
}

export interface BuiltState {
  readonly customerId: string;
  /** Null: there is no verdict of the new version; it does not hold, and time alone will not make it. */
  readonly verdict: boolean | null;
  readonly next: Date | null;
  readonly stored: boolean;
  readonly member: boolean | null;
  readonly dueAt: Date | null;
  readonly storedVersion: number | null;
}

/**
 * What is stored of these customers, whose rows are locked, and what the new version says of them. `offset 0` keeps it two
 * look-ups a customer: a segment that has just been built is not in the statistics, and its rows would be read for each.
 */
export async function findBuilt(tx: Tx, segmentId: string, ids: readonly string[]): Promise<BuiltState[]> {
  return tx`
    select c.id as "customerId", b.verdict, b.due_at as next, s.customer_id is not null as stored, s.member,
           s.due_at as "dueAt", s.version as "storedVersion"
    from unnest(${ids as string[]}::uuid[]) as c (id)
    left join lateral (
      select * from segment_builds where segment_id = ${segmentId} and customer_id = c.id offset 0
    ) as b on true
    left join lateral (
      select * from segment_states where segment_id = ${segmentId} and customer_id = c.id offset 0
    ) as s on true`;
}

export async function deleteBuilds(tx: Tx, segmentId: string, ids: readonly string[]): Promise<void> {
  await tx`
    delete from segment_builds where segment_id = ${segmentId} and customer_id = any(${ids as string[]}::uuid[])`;
}

export async function saveApplied(
  tx: Tx,
  { segmentId, version }: Pick<BuildingVersion, 'segmentId' | 'version'>,
  done: { position: string; entered: number; departed: number },
): Promise<void> {
  await tx`
    update segment_versions
    set position = ${done.position}, entered = entered + ${done.entered}, departed = departed + ${done.departed}
    where segment_id = ${segmentId} and version = ${version}`;
}

/** Those whom a transaction touched that was under way when their place was passed. */
export async function listLeftOver(db: Database, segmentId: string, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select customer_id as id from segment_builds where segment_id = ${segmentId} order by customer_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** The new version counts, the one before it does not any more, and one that waited is next. Needs the lock on the book. */
export async function serveVersion(
  tx: Tx,
  { segmentId, version }: Pick<BuildingVersion, 'segmentId' | 'version'>,
  now: Date,
): Promise<void> {
  await tx`
    update segment_versions
    set phase = case when version = ${version} then 'SERVED' else 'RETIRED' end,
        served_at = case when version = ${version} then ${now} else served_at end
    where segment_id = ${segmentId} and (version = ${version} or phase = 'SERVED')`;
  await tx`update segment_versions set phase = 'EVALUATING' where segment_id = ${segmentId} and phase = 'WAITING'`;
  await tx`
    update segments
    set served_version = ${version}, updated_at = ${now},
        status = case when status = 'ARCHIVING' then 'ARCHIVED' else status end
    where id = ${segmentId}`;
}

export async function saveFailure(
  db: Pool,
  { segmentId, version }: Pick<BuildingVersion, 'segmentId' | 'version'>,
  failure: { at: Date; message: string },
): Promise<void> {
  await db`
    update segment_versions set failures = failures + 1, failed_at = ${failure.at}, failure = ${failure.message}
    where segment_id = ${segmentId} and version = ${version}`;
}
