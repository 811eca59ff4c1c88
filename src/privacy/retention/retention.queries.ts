import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';
import type { Position } from '../../kernel/paging.ts';
import { column, idColumn, idList } from '../../kernel/sql-array.ts';
import type { TouchpointRow } from '../../touchpoints/removal.events.ts';
import { typeMatches } from '../type-patterns.queries.ts';
import type { PolicyTerms } from './retention-policy.ts';

export interface RetentionPolicyRow extends PolicyTerms {
  readonly id: string;
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
  readonly walkedAt: Date | null;
  readonly walkedTo: string | null;
  readonly passedAt: Date | null;
  readonly deleted: bigint;
  readonly anonymized: bigint;
  readonly recordsDeleted: bigint;
  readonly failures: number;
  readonly failedAt: Date | null;
}

const columns = (db: Database): Fragment => db`
  id, pattern, keep_days as "keepDays", what, actor, reason, created_at as "createdAt", updated_at as "updatedAt",
  ended_at as "endedAt", walked_at as "walkedAt", walked_to as "walkedTo", passed_at as "passedAt", deleted, anonymized,
  records_deleted as "recordsDeleted", failures, failed_at as "failedAt"`;

/** One at a time may change policies. */
export async function lockPolicies(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('rundum retention policies', 0))`;
}

/** Those in force, by pattern. */
export async function listPolicies(db: Database): Promise<RetentionPolicyRow[]> {
  return db<RetentionPolicyRow[]>`
    select ${columns(db)} from retention_policies where ended_at is null order by pattern, id`;
}

export async function findPolicy(db: Database, id: string): Promise<RetentionPolicyRow | undefined> {
  const [row] = await db<RetentionPolicyRow[]>`select ${columns(db)} from retention_policies where id = ${id}`;
  return row;
}

export interface PolicyStatement extends PolicyTerms {
  readonly id: string;
  readonly actor: string;
  readonly reason: string;
}

/** Another policy is carried out from the beginning. */
export async function savePolicy(tx: Tx, policy: PolicyStatement, now: Date): Promise<void> {
  await tx`
    insert into retention_policies (id, pattern, keep_days, what, actor, reason, created_at, updated_at, deleted, anonymized,
                                    records_deleted)
    values (${policy.id}, ${policy.pattern}, ${policy.keepDays}, ${policy.what}, ${policy.actor}, ${policy.reason}, ${now},
            ${now}, 0, 0, 0)
    on conflict (id) do update
    set keep_days = excluded.keep_days, what = excluded.what, actor = excluded.actor, reason = excluded.reason,
        updated_at = excluded.updated_at, walked_at = null, walked_to = null, passed_at = null`;
}

export async function endPolicy(tx: Tx, id: string, now: Date): Promise<void> {
  await tx`update retention_policies set ended_at = ${now}, updated_at = ${now} where id = ${id}`;
}

/** One node at a time; released with the transaction, so that it works through PgBouncer too. */
export async function tryLockRetention(tx: Tx): Promise<boolean> {
  // The transaction only holds the lock, idle while the work is done on other connections.
  await tx`select set_config('idle_in_transaction_session_timeout', '0', true)`;
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended('rundum retention', 0)) as locked`;
  return row?.locked === true;
}

/** The policy whose pass is under way, or due. */
export async function findDuePolicy(db: Database, passedBefore: Date): Promise<RetentionPolicyRow | undefined> {
  const [row] = await db<RetentionPolicyRow[]>`
    select ${columns(db)} from retention_policies
    where ended_at is null and keep_days is not null
      and (walked_at is not null or passed_at is null or passed_at <= ${passedBefore})
    order by walked_at is null, passed_at nulls first, id limit 1`;
  return row;
}

export interface PassProgress {
  readonly deleted: number;
  readonly anonymized: number;
  readonly recordsDeleted: number;
  readonly failures: number;
}

/** `through` null: the pass has come to its end. A policy that was changed meanwhile begins anew. */
export async function saveProgress(
  tx: Tx,
  { id, walkedAt, updatedAt }: Pick<RetentionPolicyRow, 'id' | 'walkedAt' | 'updatedAt'>,
  { through, done, now }: { through: Position | null; done: PassProgress; now: Date },
): Promise<void> {
  await tx`
    update retention_policies
    set walked_at = case when updated_at = ${updatedAt} then ${through?.at ?? null}::timestamptz end,
        walked_to = case when updated_at = ${updatedAt} then ${through?.id ?? null}::uuid end,
        passed_at = case when updated_at = ${updatedAt} and ${through === null} then ${now}::timestamptz else passed_at end,
        deleted = deleted + ${done.deleted}, anonymized = anonymized + ${done.anonymized},
        records_deleted = records_deleted + ${done.recordsDeleted},
        failures = case when ${walkedAt === null} then ${done.failures} else failures + ${done.failures} end,
        failed_at = case when ${done.failures > 0} then ${now}::timestamptz else failed_at end
    where id = ${id}`;
}

/** What a policy means: those of its types that no other one claims, from before an instant, and not dealt with yet. */
export interface OverdueSelection extends Pick<PolicyTerms, 'pattern' | 'what'> {
  readonly exceptions: readonly string[];
  readonly before: Date;
}

/** What the erased have left is nobody's, and has nothing any more that a policy could be about. The ledger rests on it. */
const isOverdue = (db: Database, { pattern, exceptions, before, what }: OverdueSelection): Fragment => db`
  t.occurred_at < ${before} and ${typeMatches(db, [pattern], exceptions)}
  ${what === 'ANONYMIZE' ? db`and t.message_id <> t.id::text` : db``}
  and not exists (select from records e where e.id = t.record_id and e.erased_at is not null)`;

/** How many touchpoints are looked at in one go, however few of them are meant. */
const windowSize = 20_000;

export interface Window {
  readonly rows: readonly TouchpointRow[];
  /** Everything up to here has been looked at; null: there is no more. */
  readonly through: Position | null;
}

/** The next of them, in order of time. */
export async function findOverdue(
  db: Database,
  selection: OverdueSelection,
  { after, limit }: { after: Position | null; limit: number },
): Promise<Window> {
  const rows = await db<(TouchpointRow & { due: boolean })[]>`
    with seen as materialized (
      select t.record_id, t.occurred_at, t.id, t.type, t.message_id from touchpoints t
      where t.occurred_at < ${selection.before}
        ${after ? db`and t.occurred_at >= ${after.at} and (t.occurred_at, t.id) > (${after.at}, ${after.id}::uuid)` : db``}
      order by t.occurred_at, t.id limit ${windowSize}
    )
    (select t.record_id as "recordId", t.occurred_at as "occurredAt", t.id, true as due from seen t
     where ${isOverdue(db, selection)} order by t.occurred_at, t.id limit ${limit})
    union all
    (select record_id, occurred_at, id, false from seen order by occurred_at desc, id desc limit 1)
    union all
    (select null, null, null, false from (select count(*) as looked from seen) as n where n.looked < ${windowSize})`;
  const due = rows.filter((row) => row.due).map(({ recordId, occurredAt, id }) => ({ recordId, occurredAt, id }));
  const last = rows.find((row) => !row.due && row.recordId !== null);
  const isEnd = rows.some(({ recordId }) => recordId === null);
  if (due.length >= limit) return { rows: due, through: { at: due.at(-1)!.occurredAt, id: due.at(-1)!.id } };
  return { rows: due, through: isEnd || !last ? null : { at: last.occurredAt, id: last.id } };
}

/** All of these records that is overdue: what is folded anew is folded once. */
export async function findOverdueOf(
  db: Database,
  selection: OverdueSelection,
  { recordIds, limit }: { recordIds: readonly string[]; limit: number },
): Promise<TouchpointRow[]> {
  return db<TouchpointRow[]>`
    select t.record_id as "recordId", t.occurred_at as "occurredAt", t.id from touchpoints t
    where t.record_id = any(${idList(recordIds)}::uuid[]) and ${isOverdue(db, selection)}
    order by t.record_id, t.occurred_at, t.id limit ${limit}`;
}

/** Those of these records that have other touchpoints too. */
export async function findOutliving(db: Database, rows: readonly TouchpointRow[]): Promise<string[]> {
  const counts = [...Map.groupBy(rows, ({ recordId }) => recordId)];
  const found = await db<{ id: string }[]>`
    select r.id from records r
    join unnest(
      ${idColumn(counts, ([id]) => id)}::uuid[], ${column(counts, ([, own]) => own.length)}::bigint[]) as k (id, leaving)
      on r.id = k.id
    where r.touchpoints > k.leaving`;
  return found.map(({ id }) => id);
}

/** Messages in quarantine that are over; of those that wait, only where they would be deleted as soon as they are stored. */
export async function deleteOverdueQuarantine(tx: Tx, selection: OverdueSelection, limit: number): Promise<number> {
  const { pattern, exceptions, before, what } = selection;
  const deleted = await tx`
    delete from quarantine where id in (
      select t.id from (select id, body ->> 'type' as type, received_at, resolved_at from quarantine) as t
      where t.received_at < ${before} and ${typeMatches(tx, [pattern], exceptions)}
        ${what === 'DELETE' ? tx`` : tx`and t.resolved_at is not null`}
      limit ${limit})`;
  return deleted.count;
}

export interface OverdueCount {
  readonly type: string;
  readonly touchpoints: number;
  readonly records: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** What there is to do, by type; counted up to a limit in all. */
export async function countOverdue(db: Database, selection: OverdueSelection, limit: number): Promise<OverdueCount[]> {
  return db<OverdueCount[]>`
    select type, count(*)::integer as touchpoints, count(distinct record_id)::integer as records,
           min(occurred_at) as "firstAt", max(occurred_at) as "lastAt"
    from (select t.type, t.record_id, t.occurred_at from touchpoints t where ${isOverdue(db, selection)} limit ${limit}) as t
    group by type order by type`;
}
