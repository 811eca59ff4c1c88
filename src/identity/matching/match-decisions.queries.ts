import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn } from '../../kernel/sql-array.ts';
import { unprepared } from '../../kernel/unprepared.ts';
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

/**
 * Pairs of customers that a steward keeps apart. Not prepared: a run fills the tables of decisions, and with a plan
 * made while they were empty each of these statements would read all of them.
 */
export async function findParted(db: Database, customerIds: readonly string[]): Promise<{ a: string; b: string }[]> {
  return unprepared(db<{ a: string; b: string }[]>`
    with said as materialized (
      select distinct r.customer_id, about.decision_id, about.side
      from records r join decision_records about on about.record_id = r.id
      where r.customer_id = any(${customerIds as string[]}::uuid[])
    ), parting as materialized (
      select said.* from said join decisions d on d.id = said.decision_id
      where d.kind in ('VETO', 'UNMERGE') and d.revoked_at is null
    )
    select distinct parting.customer_id as a, other.customer_id as b
    from parting
    join decision_records about on about.decision_id = parting.decision_id and about.side <> parting.side
    join records other on other.id = about.record_id
    where other.customer_id is not null`);
}

/** Pairs of records whose link a person has taken back: of a match of ours, or of one that was accepted. */
export async function findWithdrawn(db: Database, recordIds: readonly string[]): Promise<{ a: string; b: string }[]> {
  return unprepared(db<{ a: string; b: string }[]>`
    with said as materialized (
      select record_id, decision_id from decision_records where record_id = any(${recordIds as string[]}::uuid[])
    ), revoked as materialized (
      select said.* from said join decisions d on d.id = said.decision_id
      where d.kind in ('MATCH', 'LINK') and d.revoked_at is not null and d.revoked_by <> ${matcherName}
    )
    select revoked.record_id as a, other.record_id as b
    from revoked join decision_records other
      on other.decision_id = revoked.decision_id and other.record_id <> revoked.record_id`);
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
