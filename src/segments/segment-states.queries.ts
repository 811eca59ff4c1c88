import type { Database, Tx } from '../kernel/database.ts';
import { column, idColumn } from '../kernel/sql-array.ts';
import type { SegmentCause } from './segment-cause.ts';

export interface SegmentState {
  readonly segmentId: string;
  readonly version: number;
  readonly member: boolean;
  readonly dueAt: Date | null;
}

/**
 * What is stored of these customers, a line each: `segment version member due` of every state, joined by commas. One text
 * is read far quicker than a row for each of thousands of states.
 */
export async function findStates(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, ReadonlyMap<string, SegmentState>>> {
  const rows = await db<{ id: string; states: string }[]>`
    select customer_id as id,
           string_agg(segment_id || ' ' || version || ' ' || (case when member then 't' else 'f' end) || ' ' ||
                      coalesce((extract(epoch from due_at) * 1000)::bigint::text, ''), ',') as states
    from segment_states
    where customer_id = any(${ids as string[]}::uuid[])
    group by customer_id`;
  return new Map(rows.map(({ id, states }) => [id, readStates(states)]));
}

function readStates(text: string): Map<string, SegmentState> {
  return new Map(text.split(',').map((state) => [state.slice(0, 36), readState(state)]));
}

function readState(text: string): SegmentState {
  const [segmentId = '', version, member, due] = text.split(' ');
  return { segmentId, version: Number(version), member: member === 't', dueAt: due ? new Date(Number(due)) : null };
}

export interface NewState extends SegmentState {
  readonly customerId: string;
  readonly since: Date;
}

/** A state that keeps its verdict keeps its `since`. */
export async function upsertStates(tx: Tx, states: readonly NewState[]): Promise<void> {
  await tx`
    insert into segment_states as stored (customer_id, segment_id, version, member, since, due_at)
    select * from unnest(
      ${idColumn(states, (state) => state.customerId)}::uuid[],
      ${idColumn(states, (state) => state.segmentId)}::uuid[],
      ${column(states, (state) => state.version)}::integer[],
      ${column(states, (state) => state.member)}::boolean[],
      ${column(states, (state) => state.since)}::timestamptz[],
      ${column(states, (state) => state.dueAt)}::timestamptz[])
    on conflict (customer_id, segment_id) do update
    set version = excluded.version, member = excluded.member, due_at = excluded.due_at,
        since = case when stored.member = excluded.member then stored.since else excluded.since end`;
}

export interface StateKey {
  readonly customerId: string;
  readonly segmentId: string;
}

export async function deleteStates(tx: Tx, keys: readonly StateKey[]): Promise<void> {
  await tx`
    delete from segment_states
    using unnest(
      ${idColumn(keys, (key) => key.customerId)}::uuid[],
      ${idColumn(keys, (key) => key.segmentId)}::uuid[]
    ) as gone (customer_id, segment_id)
    where segment_states.customer_id = gone.customer_id and segment_states.segment_id = gone.segment_id`;
}

/** Forgets the states of customers who are no more; answers which segments they were members of. */
export async function deleteStatesOf(
  tx: Tx,
  customerIds: readonly string[],
): Promise<(StateKey & { version: number })[]> {
  const rows = await tx<(StateKey & { version: number; member: boolean })[]>`
    delete from segment_states where customer_id = any(${customerIds as string[]}::uuid[])
    returning customer_id as "customerId", segment_id as "segmentId", version, member`;
  return rows.filter(({ member }) => member);
}

/** Forgets what versions that are being built say of customers who are no more. After `upsertBuilds`. */
export async function deleteBuildsOf(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await tx`delete from segment_builds where customer_id = any(${customerIds as string[]}::uuid[])`;
}

export interface NewBuild {
  readonly segmentId: string;
  readonly customerId: string;
  readonly version: number;
  readonly verdict: boolean;
  readonly dueAt: Date | null;
}

/** Of a version that is being built. What was evaluated live is newer than what the backfill read. */
export async function upsertBuilds(tx: Tx, builds: readonly NewBuild[]): Promise<void> {
  await tx`
    insert into segment_builds (segment_id, customer_id, version, verdict, due_at)
    select * from ${buildRows(tx, builds)}
    on conflict (segment_id, customer_id) do update
    set version = excluded.version, verdict = excluded.verdict, due_at = excluded.due_at`;
}

/**
 * Of the backfill: whoever was evaluated live meanwhile keeps that verdict. It holds no customer, so it meets transactions
 * of live evaluation on these rows: both write them in the same order, and live evaluation deletes after that, so that
 * neither ever waits for one that waits for it.
 */
export async function addBuilds(db: Database, builds: readonly NewBuild[]): Promise<void> {
  await db`
    insert into segment_builds (segment_id, customer_id, version, verdict, due_at)
    select * from ${buildRows(db, builds)}
    on conflict (segment_id, customer_id) do nothing`;
}

function buildRows(db: Database, unsorted: readonly NewBuild[]) {
  const builds = [...unsorted].sort(byKey);
  return db`unnest(
    ${idColumn(builds, (build) => build.segmentId)}::uuid[],
    ${idColumn(builds, (build) => build.customerId)}::uuid[],
    ${column(builds, (build) => build.version)}::integer[],
    ${column(builds, (build) => build.verdict)}::boolean[],
    ${column(builds, (build) => build.dueAt)}::timestamptz[])`;
}

function byKey(a: NewBuild, b: NewBuild): number {
  if (a.segmentId !== b.segmentId) return a.segmentId < b.segmentId ? -1 : 1;
  return a.customerId < b.customerId ? -1 : 1;
}

export interface LogLine {
  readonly id: string;
  /** By the id of that time. */
  readonly customerId: string;
  readonly segmentId: string;
  readonly version: number;
  readonly at: Date;
  readonly entered: boolean;
  readonly cause: SegmentCause;
  readonly causeId: string | null;
}

export async function insertLog(tx: Tx, lines: readonly LogLine[]): Promise<void> {
  await tx`
    insert into segment_log (customer_id, id, segment_id, version, at, entered, cause, cause_id)
    select * from unnest(
      ${idColumn(lines, (line) => line.customerId)}::uuid[],
      ${idColumn(lines, (line) => line.id)}::uuid[],
      ${idColumn(lines, (line) => line.segmentId)}::uuid[],
      ${column(lines, (line) => line.version)}::integer[],
      ${column(lines, (line) => line.at)}::timestamptz[],
      ${column(lines, (line) => line.entered)}::boolean[],
      ${column(lines, (line) => line.cause)}::text[],
      ${idColumn(lines, (line) => line.causeId)}::uuid[])`;
}

export interface Tally {
  readonly id: string;
  readonly segmentId: string;
  readonly members: number;
}

export async function insertTallies(tx: Tx, tallies: readonly Tally[]): Promise<void> {
  await tx`
    insert into segment_tallies (segment_id, id, members)
    select * from unnest(
      ${idColumn(tallies, (tally) => tally.segmentId)}::uuid[],
      ${idColumn(tallies, (tally) => tally.id)}::uuid[],
      ${column(tallies, (tally) => tally.members)}::integer[])`;
}
