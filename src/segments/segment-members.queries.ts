import type { CustomerCut } from '../kernel/boundary.ts';
import type { Database } from '../kernel/database.ts';
import type { PageRequest } from '../kernel/paging.ts';
import type { LogLine } from './segment-states.queries.ts';

/** That a customer is in a segment, or was. */
export interface MembershipView {
  readonly segmentId: string;
  readonly customerId: string;
  readonly version: number;
  readonly since: Date;
  /** When time alone may end it, at the earliest. */
  readonly dueAt: Date | null;
}

/** Members of each segment, who entered last first; one more than the page holds. */
export async function listMembers(
  db: Database,
  segmentIds: readonly string[],
  { page: { after, before, backward, size }, cut }: { page: PageRequest; cut?: CustomerCut },
): Promise<MembershipView[]> {
  const order = backward ? db`m.since, m.customer_id` : db`m.since desc, m.customer_id desc`;
  return db`
    select m.segment_id as "segmentId", m.customer_id as "customerId", m.version, m.since, m.due_at as "dueAt"
    from unnest(${segmentIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select * from segment_states m
      where m.segment_id = owner.id and m.member ${cut ? db`and ${cut(db, db`m.customer_id`)}` : db``}
        ${after ? db`and (m.since, m.customer_id) < (${after.at}, ${after.id}::uuid)` : db``}
        ${before ? db`and (m.since, m.customer_id) > (${before.at}, ${before.id}::uuid)` : db``}
      order by ${order} limit ${size + 1}
    ) as m
    order by ${order}`;
}

/**
 * Who was in each segment at an instant, by the ids that customers had then; the highest first, which is an index read
 * backwards.
 */
export async function listMembersAt(
  db: Database,
  segmentIds: readonly string[],
  { at, page: { after, before, backward, size }, cut }: { at: Date; page: PageRequest; cut?: CustomerCut },
): Promise<MembershipView[]> {
  const order = backward ? db`m.customer_id` : db`m.customer_id desc`;
  return db`
    select m.segment_id as "segmentId", m.customer_id as "customerId", m.version, m.at as since, null as "dueAt"
    from unnest(${segmentIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select * from (
        select distinct on (m.customer_id) m.* from segment_log m
        where m.segment_id = owner.id and m.at <= ${at} ${isNowInside(db, cut)}
          ${after ? db`and m.customer_id < ${after.id}::uuid` : db``}
          ${before ? db`and m.customer_id > ${before.id}::uuid` : db``}
        order by ${order}, m.at desc, m.id desc
      ) as m
      where m.entered order by ${order} limit ${size + 1}
    ) as m
    order by ${order}`;
}

/** By whom they belong to now: that somebody was a member once tells nothing of whether they may be seen today. */
function isNowInside(db: Database, cut: CustomerCut | undefined) {
  return cut
    ? db`and exists (select from records own where own.id = m.customer_id and ${cut(db, db`own.customer_id`)})`
    : db``;
}

/** What each customer is in, the latest first. */
export async function listMemberships(
  db: Database,
  customerIds: readonly string[],
  limit: number,
): Promise<MembershipView[]> {
  return db`
    select m.segment_id as "segmentId", m.customer_id as "customerId", m.version, m.since, m.due_at as "dueAt"
    from unnest(${customerIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select * from segment_states m where m.customer_id = owner.id and m.member
      order by m.since desc, m.segment_id desc limit ${limit}
    ) as m
    order by m.since desc, m.segment_id desc`;
}

/** A line of the log of entries and departures. */
export interface LogView extends LogLine {
  /** The segment or customer whose log was asked for. */
  readonly ownerId: string;
}

/** Who entered and left each segment, the latest first. */
export async function listLogOfSegments(
  db: Database,
  segmentIds: readonly string[],
  page: PageRequest,
): Promise<LogView[]> {
  return db`
    select owner.id as "ownerId", ${logColumns(db)}
    from unnest(${segmentIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select l.* from segment_log l where l.segment_id = owner.id ${behind(db, page)}
      order by l.at desc, l.id desc limit ${page.size + 1}
    ) as l
    order by l.at desc, l.id desc`;
}

/** What each customer entered and left, and those did who have been merged into them; the latest first. */
export async function listLogOfCustomers(
  db: Database,
  customerIds: readonly string[],
  page: PageRequest,
): Promise<LogView[]> {
  return db`
    select owner.id as "ownerId", ${logColumns(db)}
    from unnest(${customerIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select l.* from records r join segment_log l on l.customer_id = r.id
      where r.customer_id = owner.id ${behind(db, page)}
      order by l.at desc, l.id desc limit ${page.size + 1}
    ) as l
    order by l.at desc, l.id desc`;
}

function logColumns(db: Database) {
  return db`
    l.id, l.customer_id as "customerId", l.segment_id as "segmentId", l.version, l.at, l.entered, l.cause,
    l.cause_id as "causeId"`;
}

function behind(db: Database, { after }: PageRequest) {
  return after ? db`and (l.at, l.id) < (${after.at}, ${after.id}::uuid)` : db``;
}
