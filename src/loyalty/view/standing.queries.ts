import type { Database } from '../../kernel/database.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { MemberState } from '../earning/member-fold.ts';
import { lotColumns, toLot } from '../ledger/ledger.queries.ts';
import type { Lot } from '../ledger/lot.ts';

/** A customer in a programme. */
export interface Standing {
  readonly customerId: string;
  readonly programId: string;
  /** Null: nothing that happened has been folded yet. */
  readonly state: MemberState | null;
  readonly tier: string | null;
  readonly tierSince: Date | null;
  readonly dueAt: Date | null;
}

/** Every programme with which customers have to do: they earned something, or were enrolled. */
export async function findStandings(db: Database, customerIds: readonly string[]): Promise<Standing[]> {
  return db`
    select p.customer_id as "customerId", p.program_id as "programId", m.state, m.tier, m.tier_since as "tierSince",
           m.due_at as "dueAt"
    from (
      select r.customer_id, s.program_id from records r join loyalty_memberships s on s.record_id = r.id
      where r.customer_id = any(${idList(customerIds)}::uuid[])
      union
      select r.customer_id, a.program_id from records r join loyalty_accounts a on a.record_id = r.id
      where r.customer_id = any(${idList(customerIds)}::uuid[])
      union
      select customer_id, program_id from loyalty_members
      where customer_id = any(${idList(customerIds)}::uuid[]) and tier is not null
    ) as p
    left join loyalty_members m on m.customer_id = p.customer_id and m.program_id = p.program_id
    join loyalty_programs g on g.id = p.program_id
    order by p.customer_id, g.created_at, g.id`;
}

export interface MembershipView {
  readonly customerId: string;
  readonly programId: string;
  readonly id: string;
  readonly recordId: string;
  readonly status: string;
  readonly how: string;
  readonly enrolledAt: Date;
  readonly leftAt: Date | null;
}

/** The one that counts as theirs first: the earliest that is active. */
export async function findMembershipViews(db: Database, customerIds: readonly string[]): Promise<MembershipView[]> {
  return db`
    select r.customer_id as "customerId", m.program_id as "programId", m.id, m.record_id as "recordId", m.status, m.how,
           m.enrolled_at as "enrolledAt", m.left_at as "leftAt"
    from records r join loyalty_memberships m on m.record_id = r.id
    where r.customer_id = any(${idList(customerIds)}::uuid[])
    order by r.customer_id, m.status, m.enrolled_at, m.record_id`;
}

/** What a customer has in one wallet, over all of their records. */
export interface WalletView {
  readonly customerId: string;
  readonly programId: string;
  readonly wallet: string;
  readonly available: bigint;
  readonly pending: bigint;
  readonly reserved: bigint;
  readonly redeemed: bigint;
  readonly expired: bigint;
  readonly earned: bigint;
  readonly owed: bigint;
}

/** As they are at the instant, whether or not the clock has moved what became available or expired. */
export async function findWallets(db: Database, customerIds: readonly string[], now: Date): Promise<WalletView[]> {
  return db`
    select r.customer_id as "customerId", l.program_id as "programId", l.wallet,
           sum(case when l.expires_at <= ${now} then 0 when l.available_at <= ${now} then l.available + l.pending
                    else l.available end)::bigint as available,
           sum(case when l.available_at > ${now} then l.pending else 0 end)::bigint as pending,
           sum(l.reserved)::bigint as reserved, sum(l.redeemed)::bigint as redeemed,
           sum(case when l.expires_at <= ${now} then l.expired + l.available + l.pending else l.expired end)::bigint
             as expired,
           sum(l.issued - l.reversed)::bigint as earned,
           coalesce(-sum(l.available) filter (where l.source = 'DEBT'), 0)::bigint as owed
    from records r join loyalty_lots l on l.record_id = r.id
    where r.customer_id = any(${idList(customerIds)}::uuid[])
    group by r.customer_id, l.program_id, l.wallet
    order by r.customer_id, l.program_id, l.wallet`;
}

/** Points that expire at the same instant. */
export interface ExpiringView {
  readonly customerId: string;
  readonly programId: string;
  readonly wallet: string;
  readonly at: Date;
  readonly points: bigint;
}

export async function findExpiring(db: Database, customerIds: readonly string[], now: Date): Promise<ExpiringView[]> {
  return db`
    select r.customer_id as "customerId", l.program_id as "programId", l.wallet, l.expires_at as at,
           sum(l.available + l.pending)::bigint as points
    from records r join loyalty_lots l on l.record_id = r.id
    where r.customer_id = any(${idList(customerIds)}::uuid[]) and l.expires_at > ${now} and l.available + l.pending > 0
    group by r.customer_id, l.program_id, l.wallet, l.expires_at
    order by r.customer_id, l.expires_at, l.wallet`;
}

export interface OwnedLot {
  readonly ownerId: string;
  readonly lot: Lot;
}

/** Lots of customers in one programme, the latest first. `open`: only those that hold something to spend, now or later. */
export async function listLots(
  db: Database,
  customerIds: readonly string[],
  { programId, open, page, now }: { programId: string; open: boolean; page: PageRequest; now: Date },
): Promise<OwnedLot[]> {
  const { after } = page;
  const rows = await db<({ ownerId: string } & Parameters<typeof toLot>[0])[]>`
    select owner.id as "ownerId", ${lotColumns(db)}
    from unnest(${idList(customerIds)}::uuid[]) as owner (id)
    cross join lateral (
      select l.* from records r join loyalty_lots l on l.record_id = r.id
      where r.customer_id = owner.id and l.program_id = ${programId} and l.source <> 'DEBT'
        and (${!open} or (l.available + l.pending + l.reserved > 0 and (l.expires_at is null or l.expires_at > ${now})))
        ${after ? db`and (l.earned_at, l.id) < (${after.at}, ${after.id}::uuid)` : db``}
      order by l.earned_at desc, l.id desc limit ${page.size + 1}
    ) as l
    order by l.earned_at desc, l.id desc`;
  return rows.map(({ ownerId, ...row }) => ({ ownerId, lot: toLot(row) }));
}

/** One entry of the ledger, as far as it is about one customer and wallet. */
export interface EntryView {
  readonly ownerId: string;
  readonly id: string;
  readonly wallet: string;
  readonly at: Date;
  readonly kind: string;
  readonly causeId: string | null;
  readonly postings: readonly { from: string; to: string; points: number; lotId: string; recordId: string }[];
}

/** What was entered, the latest first. */
export async function listEntries(
  db: Database,
  customerIds: readonly string[],
  { programId, page }: { programId: string; page: PageRequest },
): Promise<EntryView[]> {
  const { after } = page;
  return db`
    select owner.id as "ownerId", e.*
    from unnest(${idList(customerIds)}::uuid[]) as owner (id)
    cross join lateral (
      select p.entry_id as id, p.wallet, p.at, p.kind, p.cause_id as "causeId",
             jsonb_agg(jsonb_build_object('from', p.from_bucket, 'to', p.to_bucket, 'points', p.points,
                                          'lotId', p.lot_id, 'recordId', p.record_id) order by p.id) as postings
      from records r join loyalty_postings p on p.record_id = r.id
      where r.customer_id = owner.id and p.program_id = ${programId}
        ${after ? db`and (p.at, p.entry_id) < (${after.at}, ${after.id}::uuid)` : db``}
      group by p.entry_id, p.wallet, p.at, p.kind, p.cause_id
      order by p.at desc, p.entry_id desc limit ${page.size + 1}
    ) as e
    order by e.at desc, e.id desc`;
}

export interface TierLogView {
  readonly ownerId: string;
  readonly id: string;
  readonly at: Date;
  readonly fromTier: string | null;
  readonly toTier: string | null;
  readonly cause: string;
}

/** Changes of tiers, the latest first: also those of customers who have been merged into them. */
export async function listTierLog(
  db: Database,
  customerIds: readonly string[],
  { programId, first }: { programId: string; first: number },
): Promise<TierLogView[]> {
  return db`
    select owner.id as "ownerId", l.*
    from unnest(${idList(customerIds)}::uuid[]) as owner (id)
    cross join lateral (
      select l.id, l.at, l.from_tier as "fromTier", l.to_tier as "toTier", l.cause
      from records r join loyalty_tier_log l on l.customer_id = r.id
      where r.customer_id = owner.id and l.program_id = ${programId}
      order by l.at desc, l.id desc limit ${first}
    ) as l
    order by l.at desc, l.id desc`;
}
