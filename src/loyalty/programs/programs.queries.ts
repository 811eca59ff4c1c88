import type { Database, Tx } from '../../kernel/database.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { LeverValue, PhaseChange, ProgramDefinition } from '../program.ts';

export interface ProgramView {
  readonly id: string;
  readonly name: string;
  /** The latest one that was published; it may be still to come. */
  readonly publishedVersion: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly fingerprint: string;
}

export const versionStatuses = ['DRAFT', 'PUBLISHED'] as const;
export type VersionStatus = (typeof versionStatuses)[number];

export interface VersionView {
  readonly programId: string;
  readonly version: number;
  readonly status: VersionStatus;
  readonly definition: ProgramDefinition;
  /** Null for a draft. */
  readonly effectiveAt: Date | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly publishedAt: Date | null;
}

export interface PhaseView extends PhaseChange {
  readonly programId: string;
  readonly id: string;
  readonly actor: string;
  readonly reason: string | null;
}

export interface LeverChangeView extends LeverValue {
  readonly programId: string;
  readonly id: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly recordedAt: Date;
}

/** Who changes a programme or drafts of it. Before the lock on the book, which is held for as short as can be. */
const deskLock = 0x4c_6f_79_64;

/** Programmes are worked on one after the other. */
export async function lockProgramDesk(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(${deskLock})`;
}

/** Of `loyalty_programs p`. */
const programColumns = (db: Database) => db`
  p.id, p.name, p.published_version as "publishedVersion", p.created_at as "createdAt", p.updated_at as "updatedAt",
  p.fingerprint`;

export async function findPrograms(db: Database, ids: readonly string[]): Promise<ProgramView[]> {
  return db`select ${programColumns(db)} from loyalty_programs p where p.id = any(${idList(ids)}::uuid[])`;
}

/** All of them: names are compared by people's idea of what is the same. */
export async function findProgramNames(db: Database): Promise<{ readonly id: string; readonly name: string }[]> {
  return db`select id, name from loyalty_programs order by created_at, id`;
}

/** One page, with one too many to tell whether there is more. The newest first. */
export async function listPrograms(db: Database, page: PageRequest): Promise<ProgramView[]> {
  const { after, before, backward, size } = page;
  return db`
    select ${programColumns(db)} from loyalty_programs p
    where true
      ${after ? db`and (p.created_at, p.id) < (${after.at}, ${after.id}::uuid)` : db``}
      ${before ? db`and (p.created_at, p.id) > (${before.at}, ${before.id}::uuid)` : db``}
    order by ${backward ? db`p.created_at, p.id` : db`p.created_at desc, p.id desc`}
    limit ${size + 1}`;
}

/** All versions of these programmes, the latest first. */
export async function findVersions(db: Database, programIds: readonly string[]): Promise<VersionView[]> {
  return db`
    select program_id as "programId", version, status, definition, effective_at as "effectiveAt", actor, reason,
           created_at as "createdAt", published_at as "publishedAt"
    from loyalty_program_versions where program_id = any(${idList(programIds)}::uuid[])
    order by program_id, version desc`;
}

/** Their phases, by when they take effect. */
export async function findPhases(db: Database, programIds: readonly string[]): Promise<PhaseView[]> {
  return db`
    select program_id as "programId", id, phase, effective_at as "effectiveAt", actor, reason
    from loyalty_phases where program_id = any(${idList(programIds)}::uuid[])
    order by program_id, effective_at, id`;
}

/** Every turn of their levers, in the order of entry. */
export async function findLeverChanges(db: Database, programIds: readonly string[]): Promise<LeverChangeView[]> {
  return db`
    select program_id as "programId", id, lever, value, effective_at as "effectiveAt", until, actor, reason,
           recorded_at as "recordedAt"
    from loyalty_lever_values where program_id = any(${idList(programIds)}::uuid[])
    order by program_id, id`;
}

export interface NewProgram {
  readonly id: string;
  readonly name: string;
  readonly now: Date;
  readonly fingerprint: string;
}

export async function insertProgram(tx: Tx, { id, name, now, fingerprint }: NewProgram): Promise<void> {
  await tx`
    insert into loyalty_programs (id, name, created_at, updated_at, fingerprint, swept_at)
    values (${id}, ${name}, ${now}, ${now}, ${fingerprint}, ${now})`;
}

/** Null leaves it. */
export async function saveProgram(
  tx: Tx,
  id: string,
  { name = null, publishedVersion = null, now }: { name?: string | null; publishedVersion?: number | null; now: Date },
): Promise<void> {
  await tx`
    update loyalty_programs
    set name = coalesce(${name}, name), published_version = coalesce(${publishedVersion}::integer, published_version),
        updated_at = ${now}
    where id = ${id}`;
}

/** It began in the past: everybody is folded from the beginning, in the background. */
export async function beginSweep(tx: Tx, id: string): Promise<void> {
  await tx`update loyalty_programs set swept_at = null, swept_to = null where id = ${id}`;
}

export interface NewDraft {
  readonly programId: string;
  readonly version: number;
  readonly definition: ProgramDefinition;
  readonly actor: string;
  readonly reason: string | null;
  readonly now: Date;
}

/** In the place of the draft that there is. */
export async function replaceDraft(tx: Tx, draft: NewDraft): Promise<void> {
  const { programId, version, definition, actor, reason, now } = draft;
  await tx`delete from loyalty_program_versions where program_id = ${programId} and status = 'DRAFT'`;
  await tx`
    insert into loyalty_program_versions (program_id, version, status, definition, actor, reason, created_at, updated_at)
    values (${programId}, ${version}, 'DRAFT', ${JSON.stringify(definition)}::text::jsonb, ${actor}, ${reason}, ${now},
            ${now})`;
}

export interface Publication extends NewDraft {
  readonly effectiveAt: Date;
}

/** The draft of this version becomes final. */
export async function publishDraft(tx: Tx, publication: Publication): Promise<void> {
  const { programId, version, definition, effectiveAt, actor, reason, now } = publication;
  await tx`
    update loyalty_program_versions
    set status = 'PUBLISHED', definition = ${JSON.stringify(definition)}::text::jsonb, effective_at = ${effectiveAt},
        actor = ${actor}, reason = coalesce(${reason}, reason), published_at = ${now}, updated_at = ${now}
    where program_id = ${programId} and version = ${version} and status = 'DRAFT'`;
}

export async function insertPhase(
  tx: Tx,
  { programId, id, phase, effectiveAt, actor, reason }: PhaseView,
): Promise<void> {
  await tx`
    insert into loyalty_phases (program_id, id, phase, effective_at, actor, reason)
    values (${programId}, ${id}, ${phase}, ${effectiveAt}, ${actor}, ${reason})`;
}

/** Phases that were planned and never began. */
export async function deletePhases(tx: Tx, programId: string, ids: readonly string[]): Promise<void> {
  await tx`delete from loyalty_phases where program_id = ${programId} and id = any(${idList(ids)}::uuid[])`;
}

export async function insertLeverChange(tx: Tx, change: LeverChangeView): Promise<void> {
  const { programId, id, lever, value, effectiveAt, until, actor, reason, recordedAt } = change;
  await tx`
    insert into loyalty_lever_values (program_id, id, lever, value, effective_at, until, actor, reason, recorded_at)
    values (${programId}, ${id}, ${lever}, ${value}, ${effectiveAt}, ${until}, ${actor}, ${reason}, ${recordedAt})`;
}
