import type { Database } from '../../kernel/database.ts';
import type { MemberState, MembershipSpan } from '../earning/member-fold.ts';
import type { TierOverride } from '../earning/tier-level.ts';

export interface TierCount {
  /** Null: members without a tier. */
  readonly tier: string | null;
  readonly members: number;
}

/** Members by the tier that is stored, but for those whose tier time has moved by now. */
export async function countTiers(db: Database, programId: string, now: Date): Promise<TierCount[]> {
  return db`
    select tier, count(*)::int as members from loyalty_members
    where program_id = ${programId} and tier is not null and (due_at is null or due_at > ${now})
    group by 1 order by 1`;
}

export interface DueMember {
  readonly customerId: string;
  readonly state: MemberState;
  readonly memberships: readonly MembershipSpan[];
  readonly overrides: readonly TierOverride[];
}

/** Members whose tier time has moved, with what it takes to say to what. */
export async function findTimedMembers(db: Database, programId: string, now: Date): Promise<DueMember[]> {
  const rows = await db<DueMemberRow[]>`
    select m.customer_id as "customerId", m.state,
           coalesce((select json_agg(json_build_object('from', s.enrolled_at, 'to', s.left_at, 'how', s.how))
            from records r join loyalty_membership_spans s on s.record_id = r.id
            where r.customer_id = m.customer_id and s.program_id = m.program_id
              and (s.how <> 'AUTOMATIC' or s.left_at is not null)), '[]'::json) as memberships,
           coalesce((select json_agg(json_build_object('id', o.id, 'tier', o.tier, 'from', o.valid_from,
                                                       'to', least(o.valid_to, o.revoked_at)))
            from records r join loyalty_tier_overrides o on o.record_id = r.id
            where r.customer_id = m.customer_id and o.program_id = m.program_id), '[]'::json) as overrides
    from loyalty_members m where m.program_id = ${programId} and m.due_at <= ${now}`;
  return rows.map((row) => ({
    ...row,
    memberships: row.memberships.map(({ from, to, how }) => {
      return { from: new Date(from), to: to === null ? null : new Date(to), explicit: how !== 'AUTOMATIC' };
    }),
    overrides: row.overrides.map(({ from, to, ...rest }) => ({ ...rest, from: new Date(from), to: new Date(to) })),
  }));
}

interface DueMemberRow extends Pick<DueMember, 'customerId' | 'state'> {
  readonly memberships: readonly { from: string; to: string | null; how: string }[];
  readonly overrides: readonly { id: string; tier: string; from: string; to: string }[];
}

export interface TierMoveCount {
  /** Null: no member then, or not this customer yet. */
  readonly from: string | null;
  /** Null: no member any more, or merged into another customer. */
  readonly to: string | null;
  readonly members: number;
}

/** How many members had one tier at an instant and another one at a later one, by the log of tiers. */
export async function countTierMoves(
  db: Database,
  { programId, from, to }: { programId: string; from: Date; to: Date },
): Promise<TierMoveCount[]> {
  const tierAt = (at: Date) => db`
    select distinct on (customer_id) customer_id, to_tier as tier from loyalty_tier_log
    where program_id = ${programId} and at <= ${at} order by customer_id, at desc, id desc`;
  return db`
    select was.tier as "from", now.tier as "to", count(*)::int as members
    from (${tierAt(from)}) as was full join (${tierAt(to)}) as now using (customer_id)
    where was.tier is not null or now.tier is not null
    group by 1, 2 order by 1 nulls first, 2 nulls first`;
}
