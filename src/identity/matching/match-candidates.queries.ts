import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn } from '../../kernel/sql-array.ts';
import { unprepared } from '../../kernel/unprepared.ts';
import type { CandidateStatus, StoredCandidate } from './match-candidate.ts';

const candidateColumns = (db: Database) => db`
  c.record_a as "recordA", c.record_b as "recordB", c.id, c.weight, c.model_version as "modelVersion", c.status,
  c.decision_id as "decisionId", c.found_at as "foundAt", c.scored_at as "scoredAt", c.decided_at as "decidedAt"`;

export interface CandidateRow extends StoredCandidate {
  readonly id: string;
  readonly modelVersion: number;
  readonly foundAt: Date;
  readonly scoredAt: Date;
  readonly decidedAt: Date | null;
}

/**
 * All candidates of these records, on either side. Not prepared, like all that reads many: a run fills the table, and
 * would go on with a plan that was made while it was empty.
 */
export async function findCandidatesOf(db: Database, recordIds: readonly string[]): Promise<CandidateRow[]> {
  return unprepared(db<CandidateRow[]>`
    select ${candidateColumns(db)} from match_candidates c where c.record_a = any(${recordIds as string[]}::uuid[])
    union
    select ${candidateColumns(db)} from match_candidates c where c.record_b = any(${recordIds as string[]}::uuid[])`);
}

/** Candidates whose first record lies behind `after` and not behind `through`. */
export async function findCandidatesBetween(db: Database, after: string, through: string): Promise<CandidateRow[]> {
  return unprepared(db<CandidateRow[]>`
    select ${candidateColumns(db)} from match_candidates c
    where c.record_a > ${after} and c.record_a <= ${through}`);
}

/** Which of these records are in a pair that the matcher has linked. */
export async function findLinkedRecords(db: Database, recordIds: readonly string[]): Promise<string[]> {
  const rows = await unprepared(db<{ id: string }[]>`
    select record_a as id from match_candidates
    where record_a = any(${recordIds as string[]}::uuid[]) and decision_id is not null
    union
    select record_b from match_candidates
    where record_b = any(${recordIds as string[]}::uuid[]) and decision_id is not null`);
  return rows.map(({ id }) => id);
}

export interface CandidateWrite extends StoredCandidate {
  readonly id: string;
  /** The status that was read; null where there was no such candidate. */
  readonly before: CandidateStatus | null;
}

interface Scoring {
  readonly modelVersion: number;
  readonly now: Date;
}

export async function insertCandidates(tx: Tx, candidates: readonly CandidateWrite[], by: Scoring): Promise<void> {
  await tx`
    insert into match_candidates (record_a, record_b, id, weight, model_version, status, decision_id, found_at, scored_at)
    select record_a, record_b, id, weight, ${by.modelVersion}, status, decision_id, ${by.now}, ${by.now}
    from ${candidateValues(tx, candidates)}
    order by record_a, record_b
    on conflict (record_a, record_b) do nothing`;
}

/** Leaves alone what a steward has decided since it was read. */
export async function updateCandidates(tx: Tx, candidates: readonly CandidateWrite[], by: Scoring): Promise<void> {
  await tx`
    update match_candidates c
    set weight = new.weight, model_version = ${by.modelVersion}, scored_at = ${by.now}, status = new.status,
        decision_id = new.decision_id, decided_at = case when c.status = new.status then c.decided_at end
    from ${candidateValues(tx, candidates)}
    where c.record_a = new.record_a and c.record_b = new.record_b and c.status = new.before`;
}

const candidateValues = (db: Database, candidates: readonly CandidateWrite[]) => db`
  unnest(
    ${idColumn(candidates, (candidate) => candidate.recordA)}::uuid[],
    ${idColumn(candidates, (candidate) => candidate.recordB)}::uuid[],
    ${idColumn(candidates, (candidate) => candidate.id)}::uuid[],
    ${column(candidates, (candidate) => candidate.weight)}::double precision[],
    ${column(candidates, (candidate) => candidate.status)}::text[],
    ${idColumn(candidates, (candidate) => candidate.decisionId)}::uuid[],
    ${column(candidates, (candidate) => candidate.before)}::text[]
  ) as new (record_a, record_b, id, weight, status, decision_id, before)`;

export async function findCandidatesById(db: Database, ids: readonly string[]): Promise<CandidateRow[]> {
  return db<CandidateRow[]>`
    select ${candidateColumns(db)} from match_candidates c where c.id = any(${ids as string[]}::uuid[])`;
}

/** Held until the transaction ends: two stewards decide one after the other, and the matcher after them. */
export async function lockCandidate(tx: Tx, id: string): Promise<CandidateRow | undefined> {
  const [row] = await tx<CandidateRow[]>`
    select ${candidateColumns(tx)} from match_candidates c where c.id = ${id} for update`;
  return row;
}

/** Enters what a steward has decided on a pair. */
export async function decideCandidate(
  db: Database,
  { recordA, recordB }: { recordA: string; recordB: string },
  decision: { status: CandidateStatus; decisionId: string; now: Date },
): Promise<void> {
  await db`
    update match_candidates
    set status = ${decision.status}, decision_id = ${decision.decisionId}, decided_at = ${decision.now}
    where record_a = ${recordA} and record_b = ${recordB}`;
}

/** A place in the list: heaviest first, then by id. */
export interface CandidatePosition {
  readonly weight: number;
  readonly id: string;
}

/**
 * Pairs with this status, the heaviest first. Of those that wait for a decision only the ones that still have something
 * to decide: their records are different customers', and nobody has parted these two customers.
 */
export async function listCandidates(
  db: Database,
  status: CandidateStatus,
  { after, limit }: { after: CandidatePosition | null; limit: number },
): Promise<CandidateRow[]> {
  return unprepared(db<CandidateRow[]>`
    select ${candidateColumns(db)}
    from match_candidates c
    where c.status = ${status}
      ${after ? db`and (c.weight, c.id) < (${after.weight}::double precision, ${after.id}::uuid)` : db``}
      ${status === 'PENDING' ? db`and ${isUndecided(db)}` : db``}
    order by c.weight desc, c.id desc
    limit ${limit}`);
}

export async function countCandidates(db: Database, status: CandidateStatus): Promise<number> {
  const [row] = await unprepared(db<{ count: number }[]>`
    select count(*)::int as count from match_candidates c
    where c.status = ${status} ${status === 'PENDING' ? db`and ${isUndecided(db)}` : db``}`);
  return row!.count;
}

const isUndecided = (db: Database) => db`
  exists (
    select from records a, records b
    where a.id = c.record_a and b.id = c.record_b and a.customer_id <> b.customer_id
      and not exists (
        select
        from records na
        join decision_records da on da.record_id = na.id
        join decisions d on d.id = da.decision_id and d.kind in ('VETO', 'UNMERGE') and d.revoked_at is null
        join decision_records db on db.decision_id = d.id and db.side <> da.side
        join records nb on nb.id = db.record_id
        where na.customer_id = a.customer_id and nb.customer_id = b.customer_id
      )
  )`;
