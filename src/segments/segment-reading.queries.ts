import type { CustomerCut } from '../kernel/boundary.ts';
import type { Database } from '../kernel/database.ts';
import { type SegmentView, segmentColumns, type VersionView, versionColumns } from './segments.queries.ts';

/**
 * Of each segment the version that is shown (the served one, or the latest where none is yet) and those that are still
 * to be served.
 */
export async function findShownVersions(db: Database, segmentIds: readonly string[]): Promise<VersionView[]> {
  return db`
    select ${versionColumns(db)} from segment_versions v join segments s on s.id = v.segment_id
    where v.segment_id = any(${segmentIds as string[]}::uuid[])
      and (v.phase in ('WAITING', 'EVALUATING', 'APPLYING')
        or v.version = coalesce(s.served_version,
             (select max(latest.version) from segment_versions latest where latest.segment_id = s.id)))
    order by v.segment_id, v.version`;
}

/** The latest versions of each segment, the newest first. */
export async function findVersionHistory(
  db: Database,
  segmentIds: readonly string[],
  limit: number,
): Promise<VersionView[]> {
  return db`
    select ${versionColumns(db)}
    from unnest(${segmentIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select * from segment_versions where segment_id = owner.id order by version desc limit ${limit}
    ) as v
    order by v.segment_id, v.version desc`;
}

/** Segments without a line have no members. */
export async function countMembers(
  db: Database,
  segmentIds: readonly string[],
): Promise<{ id: string; members: number }[]> {
  return db`
    select segment_id as id, sum(members)::int as members from segment_tallies
    where segment_id = any(${segmentIds as string[]}::uuid[]) group by segment_id`;
}

/** The same of those whom a key may see: counted one by one. */
export async function countMembersInside(
  db: Database,
  segmentIds: readonly string[],
  cut: CustomerCut,
): Promise<{ id: string; members: number }[]> {
  return db`
    select m.segment_id as id, count(*)::int as members from segment_states m
    where m.segment_id = any(${segmentIds as string[]}::uuid[]) and m.member and ${cut(db, db`m.customer_id`)}
    group by m.segment_id`;
}

/** Segments whose latest version names one of these, archived ones left out: a line for each that it names. */
export async function findDependantsOf(
  db: Database,
  segmentIds: readonly string[],
): Promise<(SegmentView & { namedId: string })[]> {
  return db`
    select named.id as "namedId", ${segmentColumns(db)}
    from unnest(${segmentIds as string[]}::uuid[]) as named (id)
    join segment_versions v on v.pins ? named.id::text
    join segments s on s.id = v.segment_id
    where s.status <> 'ARCHIVED'
      and v.version = (select max(latest.version) from segment_versions latest where latest.segment_id = s.id)
    order by s.created_at, s.id`;
}

export interface BuildsUnderWay {
  readonly versions: number;
  /** Attempts in a row that failed, of all of them together. */
  readonly failures: number;
}

export async function countBuilds(db: Database): Promise<BuildsUnderWay> {
  const [row] = await db<BuildsUnderWay[]>`
    select count(*)::int as versions, coalesce(sum(failures), 0)::int as failures
    from segment_versions where phase in ('EVALUATING', 'APPLYING')`;
  return row!;
}
