import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn, idList } from '../../kernel/sql-array.ts';
import type { Purchases, ReferralRefusal, ReferralStatus } from './referral.ts';

/** Who brought whom. */
export interface Referral {
  readonly programId: string;
  readonly id: string;
  /** Of the friend. */
  readonly recordId: string;
  readonly referrerRecordId: string;
  readonly status: ReferralStatus;
  readonly why: ReferralRefusal | null;
  readonly createdAt: Date;
  readonly dueAt: Date | null;
  readonly decidedAt: Date | null;
}

const referralColumns = (db: Database) => db`
  f.program_id as "programId", f.id, f.record_id as "recordId", f.referrer_record_id as "referrerRecordId", f.status,
  f.why, f.created_at as "createdAt", f.due_at as "dueAt", f.decided_at as "decidedAt"`;

/** One after the other in a programme: two that close a ring from both ends would not see each other. */
export async function lockReferrals(tx: Tx, programId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(${0x4c_6f_79_72}, hashtext(${programId}))`;
}

/** By which a record of this customer was referred. */
export async function findReferralsOfFriend(db: Database, programId: string, customerId: string): Promise<Referral[]> {
  return db`
    select ${referralColumns(db)}
    from records r join loyalty_referrals f on f.record_id = r.id and f.program_id = ${programId}
    where r.customer_id = ${customerId} order by f.created_at, f.record_id`;
}

/** Of a customer as the one who referred others, or was referred. */
export async function findReferralsOf(
  db: Database,
  { programId, customerId }: { programId: string; customerId: string },
): Promise<Referral[]> {
  return db`
    select ${referralColumns(db)}
    from records r join loyalty_referrals f on f.program_id = ${programId}
      and (f.record_id = r.id or f.referrer_record_id = r.id)
    where r.customer_id = ${customerId} order by f.created_at, f.record_id`;
}

/** Who referred these customers: customers as they are now. */
export async function findReferrers(
  db: Database,
  programId: string,
  customerIds: readonly string[],
): Promise<string[]> {
  const rows = await db<{ customerId: string }[]>`
    select distinct other.customer_id as "customerId"
    from records r
    join loyalty_referrals f on f.record_id = r.id and f.program_id = ${programId} and f.status <> 'REFUSED'
    join records other on other.id = f.referrer_record_id
    where r.customer_id = any(${idList(customerIds)}::uuid[]) and other.customer_id is not null
    order by 1`;
  return rows.map(({ customerId }) => customerId);
}

export async function insertReferral(tx: Tx, referral: Omit<Referral, 'why' | 'decidedAt'>): Promise<void> {
  const { programId, id, recordId, referrerRecordId, status, createdAt, dueAt } = referral;
  await tx`
    insert into loyalty_referrals (program_id, record_id, id, referrer_record_id, status, created_at, due_at)
    values (${programId}, ${recordId}, ${id}, ${referrerRecordId}, ${status}, ${createdAt}, ${dueAt})`;
}

/** Those to look at, the most overdue first. */
export async function findDueReferrals(db: Database, now: Date, limit: number): Promise<Referral[]> {
  return db`
    select ${referralColumns(db)} from loyalty_referrals f
    where f.due_at <= ${now} order by f.due_at, f.record_id, f.program_id limit ${limit}`;
}

/** Those of these that are still to be looked at, once everybody is locked. */
export async function findStillDue(db: Database, referrals: readonly Referral[], now: Date): Promise<Referral[]> {
  return db`
    select ${referralColumns(db)}
    from unnest(
      ${idColumn(referrals, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(referrals, ({ programId }) => programId)}::uuid[]) as k (record_id, program_id)
    join loyalty_referrals f on f.record_id = k.record_id and f.program_id = k.program_id
    where f.due_at <= ${now} order by f.record_id`;
}

/** What customers have bought, by customer; who has not bought is left out. */
export async function findPurchases(
  db: Database,
  customerIds: readonly string[],
): Promise<(Purchases & { readonly customerId: string })[]> {
  return db`
    select c.customer_id as "customerId", min(c.first_order_at) as "firstOrderAt", bool_or(c.net > 0) as "isLeft"
    from (
      select r.customer_id, v.currency, min(v.first_order_at) as first_order_at, sum(v.gross - v.returned) as net
      from records r join record_revenue v on v.record_id = r.id and v.orders > 0
      where r.customer_id = any(${idList(customerIds)}::uuid[])
      group by r.customer_id, v.currency) as c
    group by c.customer_id`;
}

export interface ReferralStep {
  readonly programId: string;
  readonly recordId: string;
  readonly status: ReferralStatus;
  readonly why: ReferralRefusal | null;
  readonly dueAt: Date | null;
  readonly decidedAt: Date | null;
}

export async function moveReferrals(tx: Tx, steps: readonly ReferralStep[]): Promise<void> {
  await tx`
    update loyalty_referrals f set status = k.status, why = k.why, due_at = k.due_at, decided_at = k.decided_at
    from unnest(
      ${idColumn(steps, ({ programId }) => programId)}::uuid[],
      ${idColumn(steps, ({ recordId }) => recordId)}::uuid[],
      ${column(steps, ({ status }) => status)}::text[],
      ${column(steps, ({ why }) => why)}::text[],
      ${column(steps, ({ dueAt }) => dueAt)}::timestamptz[],
      ${column(steps, ({ decidedAt }) => decidedAt)}::timestamptz[])
      as k (program_id, record_id, status, why, due_at, decided_at)
    where f.record_id = k.record_id and f.program_id = k.program_id`;
}
