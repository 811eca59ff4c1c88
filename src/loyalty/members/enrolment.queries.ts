import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn, idList } from '../../kernel/sql-array.ts';

export const enrolmentWays = ['EXPLICIT', 'AUTOMATIC', 'IMPORT'] as const;
export type EnrolmentWay = (typeof enrolmentWays)[number];

/** That a record carries a membership. */
export interface Membership {
  readonly id: string;
  readonly recordId: string;
  readonly programId: string;
  readonly status: 'ACTIVE' | 'LEFT';
  readonly how: EnrolmentWay;
  readonly enrolledAt: Date;
  readonly leftAt: Date | null;
}

const membershipColumns = (db: Database) => db`
  m.id, m.record_id as "recordId", m.program_id as "programId", m.status, m.how, m.enrolled_at as "enrolledAt",
  m.left_at as "leftAt"`;

export async function findMembershipsByIds(db: Database, ids: readonly string[]): Promise<Membership[]> {
  return db`
    select ${membershipColumns(db)} from loyalty_memberships m where m.id = any(${idList(ids)}::uuid[]) order by m.id`;
}

/**
 * Enrols records, or takes back in who has left: the time between is an absence, in which nothing was earned. Since when
 * they are members, only the earlier of two says. One that came about by itself becomes what somebody says it is.
 */
export async function upsertMemberships(
  tx: Tx,
  memberships: readonly Omit<Membership, 'status' | 'leftAt'>[],
  actor: string,
): Promise<void> {
  await tx`
    insert into loyalty_memberships as stored (record_id, program_id, id, status, how, enrolled_at, left_at, actor)
    select record_id, program_id, id, 'ACTIVE', how, enrolled_at, null, ${actor}
    from unnest(
      ${idColumn(memberships, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(memberships, ({ programId }) => programId)}::uuid[],
      ${idColumn(memberships, ({ id }) => id)}::uuid[],
      ${column(memberships, ({ how }) => how)}::text[],
      ${column(memberships, ({ enrolledAt }) => enrolledAt)}::timestamptz[])
      as new (record_id, program_id, id, how, enrolled_at)
    on conflict (record_id, program_id) do update
    set status = 'ACTIVE', left_at = null, actor = excluded.actor,
        away_since = stored.away_since || case when excluded.enrolled_at > stored.left_at then array[stored.left_at] else '{}' end,
        away_until = stored.away_until || case when excluded.enrolled_at > stored.left_at then array[excluded.enrolled_at] else '{}' end,
        how = case when stored.how = 'AUTOMATIC' then excluded.how else stored.how end,
        enrolled_at = least(stored.enrolled_at, excluded.enrolled_at)`;
}

export async function endMemberships(
  tx: Tx,
  { programId, recordIds, at, actor }: { programId: string; recordIds: readonly string[]; at: Date; actor: string },
): Promise<void> {
  await tx`
    update loyalty_memberships set status = 'LEFT', left_at = ${at}, actor = ${actor}
    where record_id = any(${idList(recordIds)}::uuid[]) and program_id = ${programId} and status = 'ACTIVE'`;
}
