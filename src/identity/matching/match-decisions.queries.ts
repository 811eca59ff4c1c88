import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn } from '../../kernel/sql-array.ts';
import type { NewDecision } from '../decisions.queries.ts';

/** What the matcher is called in decisions. */
export const matcherName = 'matcher';

/** Record → customer, of those that are somebody's. */
export async function findCustomersOf(
  db: Database,
  recordIds: readonly string[],
): Promise<{ recordId: string; customerId: string }[]> {
  return db`
    select id as "recordId", customer_id as "customerId"
    from records where id = any(${recordIds as string[]}::uuid[]) and customer_id is not null`;
}

/** Pairs of customers that a steward keeps apart. */
export async function findParted(db: Database, customerIds: readonly string[]): Promise<{ a: string; b: string }[]> {
  return db`
    select distinct ra.customer_id as a, rb.customer_id as b
    from records ra
    join decision_records da on da.record_id = ra.id and da.side = 0
    join decisions d on d.id = da.decision_id and d.kind in ('VETO', 'UNMERGE') and d.revoked_at is null
    join decision_records db on db.decision_id = d.id and db.side = 1
    join records rb on rb.id = db.record_id and rb.customer_id is not null
    where ra.customer_id = any(${customerIds as string[]}::uuid[])
    union
    select distinct ra.customer_id, rb.customer_id
    from records rb
    join decision_records db on db.record_id = rb.id and db.side = 1
    join decisions d on d.id = db.decision_id and d.kind in ('VETO', 'UNMERGE') and d.revoked_at is null
    join decision_records da on da.decision_id = d.id and da.side = 0
    join records ra on ra.id = da.record_id and ra.customer_id is not null
    where rb.customer_id = any(${customerIds as string[]}::uuid[])`;
}

/** Pairs of records whose link a person has taken back: of a match of ours, or of a match that was accepted. */
export async function findWithdrawn(db: Database, recordIds: readonly string[]): Promise<{ a: string; b: string }[]> {
  return db`
    select one.record_id as a, other.record_id as b
    from decision_records one
    join decisions d on d.id = one.decision_id and d.kind in ('MATCH', 'LINK')
      and d.revoked_at is not null and d.revoked_by <> ${matcherName}
    join decision_records other on other.decision_id = d.id and other.record_id <> one.record_id
    where one.record_id = any(${recordIds as string[]}::uuid[])`;
}

/** The latest pairs of records on which stewards have decided by themselves, and how: links in force and vetoes. */
export async function findLabelled(db: Database, limit: number): Promise<{ a: string; b: string; same: boolean }[]> {
  return db`
    select min(r.record_id::text)::uuid as a, max(r.record_id::text)::uuid as b, d.kind = 'LINK' as same
    from (
      select id, kind from decisions
      where kind in ('LINK', 'VETO') and revoked_at is null
      order by decided_at desc, id desc
      limit ${limit}
    ) d
    join decision_records r on r.decision_id = d.id
    group by d.id, d.kind
    having count(*) = 2`;
}

/** Says again what the matcher itself had taken back; answers the ids of those. What people took back stays so. */
export async function reviveMatches(tx: Tx, matches: readonly NewDecision[], now: Date): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update decisions d
    set revoked_at = null, revoked_by = null, revoke_reason = null, decided_at = ${now}, weight = again.weight,
        model_version = again.model_version, reason = again.reason
    from unnest(
      ${idColumn(matches, (match) => match.id)}::uuid[],
      ${column(matches, (match) => match.weight)}::double precision[],
      ${column(matches, (match) => match.modelVersion)}::integer[],
      ${column(matches, (match) => match.reason)}::text[]
    ) as again (id, weight, model_version, reason)
    where d.id = again.id and d.revoked_by = ${matcherName}
    returning d.id`;
  return rows.map(({ id }) => id);
}
