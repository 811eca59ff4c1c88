import type { CustomerCut } from '../../kernel/boundary.ts';
import type { Database } from '../../kernel/database.ts';
import { idColumn, idList } from '../../kernel/sql-array.ts';

/** Somebody as they were named: by which record, and whose that is now. */
export interface Owner {
  /** By which they were named: of a membership, of a record, of an identifier. */
  readonly id: string;
  readonly recordId: string;
  readonly customerId: string;
}

export async function findOwnersOfMemberships(
  db: Database,
  membershipIds: readonly string[],
): Promise<(Owner & { readonly programId: string })[]> {
  return db`
    select m.id, m.record_id as "recordId", m.program_id as "programId", r.customer_id as "customerId"
    from loyalty_memberships m join records r on r.id = m.record_id
    where m.id = any(${idList(membershipIds)}::uuid[]) and r.customer_id is not null`;
}

export async function findOwnersOfRecords(
  db: Database,
  recordIds: readonly string[],
  cut?: CustomerCut,
): Promise<Owner[]> {
  return db`
    select r.id, r.id as "recordId", r.customer_id as "customerId" from records r
    where r.id = any(${idList(recordIds)}::uuid[]) and r.customer_id is not null
      ${cut ? db`and ${cut(db, db`r.customer_id`)}` : db``}`;
}

/** Who carries these identifiers: of several the one who was seen with it first. */
export async function findOwnersOfIdentifiers(db: Database, identifierIds: readonly string[]): Promise<Owner[]> {
  return db`
    select distinct on (c.identifier_id) c.identifier_id as id, c.record_id as "recordId", r.customer_id as "customerId"
    from claims c
    join records r on r.id = c.record_id
    join identifiers i on i.id = c.identifier_id
    where c.identifier_id = any(${idColumn(identifierIds, (id) => id)}::uuid[])
      and c.removed_by is null and not i.blocked and r.customer_id is not null
    order by c.identifier_id, c.first_seen_at, c.record_id`;
}

/** Customers who share a pool of the programme with one of these, those themselves left out if they are in none. */
export async function findPoolMates(
  db: Database,
  programId: string,
  customerIds: readonly string[],
): Promise<{ readonly customerId: string; readonly mateId: string; readonly poolId: string }[]> {
  return db`
    select distinct r.customer_id as "customerId", other.customer_id as "mateId", mine.pool_id as "poolId"
    from unnest(${idList(customerIds)}::uuid[]) as c (id)
    join records r on r.customer_id = c.id
    cross join lateral (select * from loyalty_pool_members where record_id = r.id offset 0) as mine
    join loyalty_pool_members theirs on theirs.pool_id = mine.pool_id
    join records other on other.id = theirs.record_id
    where mine.program_id = ${programId} and other.customer_id is not null
    order by 1, 2, 3`;
}

export interface MembershipOfCustomer {
  readonly customerId: string;
  readonly recordId: string;
  readonly id: string;
  readonly status: 'ACTIVE' | 'LEFT';
  /** AUTOMATIC: by nobody's word, the record has earned something. */
  readonly how: 'EXPLICIT' | 'AUTOMATIC' | 'IMPORT';
  readonly enrolledAt: Date;
}

/**
 * All memberships that records of these customers carry, the earliest first. `offset 0` keeps it a look-up for each record:
 * the planner would rather read a whole programme.
 */
export async function findMembershipsOf(
  db: Database,
  programId: string,
  customerIds: readonly string[],
): Promise<MembershipOfCustomer[]> {
  return db`
    select r.customer_id as "customerId", m.record_id as "recordId", m.id, m.status, m.how,
           m.enrolled_at as "enrolledAt"
    from unnest(${idList(customerIds)}::uuid[]) as c (id)
    join records r on r.customer_id = c.id
    cross join lateral (select * from loyalty_memberships where record_id = r.id offset 0) as m
    where m.program_id = ${programId}
    order by r.customer_id, m.enrolled_at, m.record_id`;
}

/** Those of these customers who carry an identifier that names a person. */
export async function findIdentified(db: Database, customerIds: readonly string[]): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from customers where id = any(${idList(customerIds)}::uuid[]) and identified`;
  return rows.map(({ id }) => id);
}

export async function findRecordsOf(
  db: Database,
  customerIds: readonly string[],
): Promise<{ readonly recordId: string; readonly customerId: string }[]> {
  return db`
    select id as "recordId", customer_id as "customerId" from records
    where customer_id = any(${idList(customerIds)}::uuid[])
    order by id`;
}
