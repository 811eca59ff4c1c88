import type { Database, Tx } from '../kernel/database.ts';
import { column, idColumn, idList } from '../kernel/sql-array.ts';
import type { ActiveDecision, DecisionKind } from './decision.ts';

export interface NewDecision {
  readonly id: string;
  readonly kind: DecisionKind;
  readonly actor: string;
  readonly reason: string;
  readonly fingerprint: string;
  readonly identifierId: string | null;
  readonly regroupingId: string | null;
  readonly weight: number | null;
  readonly modelVersion: number | null;
  readonly sideA: readonly string[];
  readonly sideB: readonly string[];
}

export interface DecisionRow extends Omit<NewDecision, 'sideA' | 'sideB'> {
  readonly decidedAt: Date;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
  readonly revokeReason: string | null;
}

/** The columns of {@link DecisionRow}, of `decisions d`. */
export const decisionColumns = (db: Database) => db`
  d.id, d.kind, d.actor, d.reason, d.fingerprint, d.identifier_id as "identifierId", d.regrouping_id as "regroupingId",
  d.weight, d.model_version as "modelVersion", d.decided_at as "decidedAt", d.revoked_at as "revokedAt",
  d.revoked_by as "revokedBy", d.revoke_reason as "revokeReason"`;

/** Enters decisions in order of id; answers the ids that are new. Waits for a concurrent attempt at the same one. */
export async function insertDecisions(tx: Tx, decisions: readonly NewDecision[], now: Date): Promise<Set<string>> {
  const rows = await tx<{ id: string }[]>`
    insert into decisions (id, kind, actor, reason, fingerprint, identifier_id, regrouping_id, weight, model_version,
                           decided_at)
    select id, kind, actor, reason, fingerprint, identifier_id, regrouping_id, weight, model_version, ${now}
    from unnest(
      ${idColumn(decisions, (decision) => decision.id)}::uuid[],
      ${column(decisions, (decision) => decision.kind)}::text[],
      ${column(decisions, (decision) => decision.actor)}::text[],
      ${column(decisions, (decision) => decision.reason)}::text[],
      ${idColumn(decisions, (decision) => decision.fingerprint)}::uuid[],
      ${idColumn(decisions, (decision) => decision.identifierId)}::uuid[],
      ${idColumn(decisions, (decision) => decision.regroupingId)}::uuid[],
      ${column(decisions, (decision) => decision.weight)}::double precision[],
      ${column(decisions, (decision) => decision.modelVersion)}::integer[]
    ) as new (id, kind, actor, reason, fingerprint, identifier_id, regrouping_id, weight, model_version)
    order by id
    on conflict (id) do nothing
    returning id`;
  return new Set(rows.map(({ id }) => id));
}

export async function insertDecisionRecords(tx: Tx, decisions: readonly NewDecision[]): Promise<void> {
  const rows = decisions.flatMap(({ id, sideA, sideB }) => [
    ...sideA.map((recordId) => ({ id, recordId, side: 0 })),
    ...sideB.map((recordId) => ({ id, recordId, side: 1 })),
  ]);
  await tx`
    insert into decision_records (record_id, decision_id, side)
    select * from unnest(
      ${idColumn(rows, (row) => row.recordId)}::uuid[],
      ${idColumn(rows, (row) => row.id)}::uuid[],
      ${column(rows, (row) => row.side)}::smallint[])`;
}

export async function findDecisions(db: Database, ids: readonly string[]): Promise<DecisionRow[]> {
  return db<DecisionRow[]>`
    select ${decisionColumns(db)} from decisions d where d.id = any(${idList(ids)}::uuid[]) order by d.id`;
}

/** Decisions in force that say something about who is one person with any of these records. */
export async function findActiveDecisions(db: Database, recordIds: readonly string[]): Promise<ActiveDecision[]> {
  return db<ActiveDecision[]>`
    select d.id, d.kind, d.decided_at as "decidedAt", d.weight,
           coalesce(array_agg(r.record_id order by r.record_id) filter (where r.side = 0), '{}') as "sideA",
           coalesce(array_agg(r.record_id order by r.record_id) filter (where r.side = 1), '{}') as "sideB"
    from decisions d join decision_records r on r.decision_id = d.id
    where d.id in (select decision_id from decision_records where record_id = any(${idList(recordIds)}::uuid[]))
      and d.revoked_at is null and d.kind <> 'REMOVE_IDENTIFIER'
    group by d.id`;
}

/** Links, merges and matches that name at least two of these records, revoked ones included. */
export async function findLinksAmong(db: Database, recordIds: readonly string[]): Promise<DecisionRow[]> {
  return db<DecisionRow[]>`
    select ${decisionColumns(db)} from decisions d
    where d.kind in ('LINK', 'MERGE', 'MATCH') and d.id in (
      select decision_id from decision_records
      where record_id = any(${idList(recordIds)}::uuid[])
      group by decision_id having count(*) > 1)
    order by d.decided_at, d.id`;
}

export async function findRecordsOfDecisions(
  db: Database,
  ids: readonly string[],
): Promise<{ decisionId: string; recordId: string; side: number }[]> {
  return db`
    select decision_id as "decisionId", record_id as "recordId", side
    from decision_records where decision_id = any(${idList(ids)}::uuid[])
    order by decision_id, side, record_id`;
}

/** Takes decisions back; answers the ids of those that were in force. */
export async function revokeDecisions(
  tx: Tx,
  ids: readonly string[],
  by: { actor: string; reason: string; now: Date },
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update decisions set revoked_at = ${by.now}, revoked_by = ${by.actor}, revoke_reason = ${by.reason}
    where id = any(${idList(ids)}::uuid[]) and revoked_at is null
    returning id`;
  return rows.map(({ id }) => id);
}

/** Puts a decision in force again that an unmerge had taken back. */
export async function reinstateDecision(tx: Tx, id: string): Promise<void> {
  await tx`update decisions set revoked_at = null, revoked_by = null, revoke_reason = null where id = ${id}`;
}

/** Takes an identifier away from records; answers the records that carried it. */
export async function removeClaims(
  tx: Tx,
  decisionId: string,
  identifierId: string,
  recordIds: readonly string[],
): Promise<string[]> {
  const rows = await tx<{ recordId: string }[]>`
    update claims set removed_by = ${decisionId}
    where identifier_id = ${identifierId} and record_id = any(${idList(recordIds)}::uuid[]) and removed_by is null
    returning record_id as "recordId"`;
  return rows.map(({ recordId }) => recordId);
}

/** Gives back what a decision took away. */
export async function restoreClaims(tx: Tx, identifierId: string, decisionId: string): Promise<void> {
  await tx`update claims set removed_by = null where identifier_id = ${identifierId} and removed_by = ${decisionId}`;
}

/** Decisions about any of these records, the newest first, revoked ones included. */
export async function listDecisionsAbout(
  db: Database,
  recordIds: readonly string[],
  limit: number,
): Promise<DecisionRow[]> {
  return db<DecisionRow[]>`
    select ${decisionColumns(db)} from decisions d
    where d.id in (select decision_id from decision_records where record_id = any(${idList(recordIds)}::uuid[]))
    order by d.decided_at desc, d.id desc
    limit ${limit}`;
}
