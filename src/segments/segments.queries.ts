import type { Condition } from '../conditions/condition.ts';
import type { Database, Tx } from '../kernel/database.ts';
import type { PageRequest } from '../kernel/paging.ts';

export const segmentKinds = ['DYNAMIC', 'LIST'] as const;
export type SegmentKind = (typeof segmentKinds)[number];

export const segmentStatuses = ['ACTIVE', 'ARCHIVING', 'ARCHIVED'] as const;
export type SegmentStatus = (typeof segmentStatuses)[number];

export const versionPhases = ['WAITING', 'EVALUATING', 'APPLYING', 'SERVED', 'RETIRED', 'SUPERSEDED'] as const;
export type VersionPhase = (typeof versionPhases)[number];

export interface SegmentView {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly kind: SegmentKind;
  readonly status: SegmentStatus;
  readonly servedVersion: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The version that was asked for last. */
  readonly latestVersion: number;
}

/** Of `segments s`. */
export const segmentColumns = (db: Database) => db`
  s.id, s.name, s.description, s.kind, s.status, s.served_version as "servedVersion", s.created_at as "createdAt",
  s.updated_at as "updatedAt",
  (select max(version) from segment_versions v where v.segment_id = s.id) as "latestVersion"`;

export async function findSegments(db: Database, ids: readonly string[]): Promise<SegmentView[]> {
  return db`select ${segmentColumns(db)} from segments s where s.id = any(${ids as string[]}::uuid[])`;
}

/** The one that is not archived, else the one that was archived last; another one than `except`. */
export async function findSegmentByName(
  db: Database,
  name: string,
  except: string | null = null,
): Promise<SegmentView | undefined> {
  const [row] = await db<SegmentView[]>`
    select ${segmentColumns(db)} from segments s where s.name = ${name} and s.id is distinct from ${except}::uuid
    order by s.status = 'ARCHIVED', s.updated_at desc, s.id limit 1`;
  return row;
}

/** One page, with one too many to tell whether there is more. The newest first. */
export async function listSegments(
  db: Database,
  { statuses, page }: { statuses: readonly SegmentStatus[]; page: PageRequest },
): Promise<SegmentView[]> {
  const { after, before, backward, size } = page;
  return db`
    select ${segmentColumns(db)} from segments s
    where s.status = any(${statuses as string[]}::text[])
      ${after ? db`and (s.created_at, s.id) < (${after.at}, ${after.id}::uuid)` : db``}
      ${before ? db`and (s.created_at, s.id) > (${before.at}, ${before.id}::uuid)` : db``}
    order by ${backward ? db`s.created_at, s.id` : db`s.created_at desc, s.id desc`}
    limit ${size + 1}`;
}

export interface VersionView {
  readonly segmentId: string;
  readonly version: number;
  readonly definition: Condition;
  readonly pins: Readonly<Record<string, number>>;
  readonly actor: string;
  readonly reason: string | null;
  readonly fingerprint: string;
  readonly createdAt: Date;
  readonly phase: VersionPhase;
  readonly position: string | null;
  readonly customers: number;
  readonly evaluated: number;
  readonly entered: number;
  readonly departed: number;
  readonly failures: number;
  readonly failedAt: Date | null;
  readonly failure: string | null;
  readonly servedAt: Date | null;
}

/** Of `segment_versions v`. */
export const versionColumns = (db: Database) => db`
  v.segment_id as "segmentId", v.version, v.definition, v.pins, v.actor, v.reason, v.fingerprint,
  v.created_at as "createdAt", v.phase, v.position, v.customers, v.evaluated, v.entered, v.departed, v.failures,
  v.failed_at as "failedAt", v.failure, v.served_at as "servedAt"`;

/** All versions of these segments, the newest first. */
export async function findVersions(db: Database, segmentIds: readonly string[]): Promise<VersionView[]> {
  return db`
    select ${versionColumns(db)} from segment_versions v
    where v.segment_id = any(${segmentIds as string[]}::uuid[]) order by v.segment_id, v.version desc`;
}

export interface NewSegment {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly kind: SegmentKind;
  readonly now: Date;
}

/** False where there is one of this id: the request is a repeat. */
export async function insertSegment(tx: Tx, { id, name, description, kind, now }: NewSegment): Promise<boolean> {
  const { count } = await tx`
    insert into segments (id, name, description, kind, status, created_at, updated_at)
    values (${id}, ${name}, ${description}, ${kind}, 'ACTIVE', ${now}, ${now})
    on conflict (id) do nothing`;
  return count > 0;
}

export interface NewVersion {
  readonly segmentId: string;
  readonly version: number;
  readonly definition: Condition;
  readonly pins: Readonly<Record<string, number>>;
  readonly actor: string;
  readonly reason: string | null;
  readonly fingerprint: string;
  readonly now: Date;
}

/**
 * Adds a version. One that is still being evaluated gives way to it; one that is being applied is finished first. Needs the
 * lock on the book.
 */
export async function insertVersion(tx: Tx, version: NewVersion): Promise<void> {
  const { segmentId, now } = version;
  await tx`
    update segment_versions set phase = 'SUPERSEDED'
    where segment_id = ${segmentId} and phase in ('WAITING', 'EVALUATING')`;
  const [row] = await tx<{ applying: boolean }[]>`
    select exists (select from segment_versions where segment_id = ${segmentId} and phase = 'APPLYING') as applying`;
  const applying = row?.applying ?? false;
  if (!applying) await tx`delete from segment_builds where segment_id = ${segmentId}`;
  await tx`
    insert into segment_versions (segment_id, version, definition, pins, actor, reason, fingerprint, created_at, phase,
                                  customers, evaluated, entered, departed, failures)
    values (${segmentId}, ${version.version}, ${JSON.stringify(version.definition)}::text::jsonb,
            ${JSON.stringify(version.pins)}::text::jsonb, ${version.actor}, ${version.reason}, ${version.fingerprint}, ${now},
            ${applying ? 'WAITING' : 'EVALUATING'}, 0, 0, 0, 0, 0)`;
}

export interface SegmentChange {
  /** Null leaves it, as does null for the status. */
  readonly name: string | null;
  /** Undefined leaves it. */
  readonly description?: string | null;
  readonly status: SegmentStatus | null;
  readonly now: Date;
}

/** Changes what is said of a segment. */
export async function saveSegment(
  tx: Tx,
  id: string,
  { name, description, status, now }: SegmentChange,
): Promise<void> {
  await tx`
    update segments
    set name = coalesce(${name}, name),
        description = case when ${description !== undefined} then ${description ?? null}::text else description end,
        status = coalesce(${status}, status), updated_at = ${now}
    where id = ${id}`;
}

/** Segments whose latest version names this one, archived ones left out. */
export async function findDependants(db: Database, segmentId: string): Promise<SegmentView[]> {
  return db`
    select ${segmentColumns(db)} from segments s
    where s.status <> 'ARCHIVED' and exists (
      select from segment_versions v
      where v.segment_id = s.id and v.pins ? ${segmentId}
        and v.version = (select max(version) from segment_versions w where w.segment_id = s.id))
    order by s.created_at, s.id`;
}
