import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';
import type { Position } from '../../kernel/paging.ts';
import type { GroupKind, MembershipOrigin, Period } from './membership.ts';

/** "This customer is in this group": whose the record is now, not whose it was when it was said. */
export interface MembershipView {
  readonly id: string;
  /** The household or account. */
  readonly groupId: string;
  readonly customerId: string;
  readonly origin: MembershipOrigin;
  readonly role: string;
  readonly since: Date | null;
  readonly until: Date | null;
  readonly ruleVersion: number | null;
  readonly addedAt: Date | null;
  readonly addedBy: string | null;
  readonly addReason: string | null;
  readonly endedAt: Date | null;
  readonly endedBy: string | null;
  readonly endReason: string | null;
}

export interface MembershipSelection {
  /** Those that hold at this instant, each customer once. */
  readonly at: Date;
  /** All there ever were instead, as they were said. */
  readonly includeEnded: boolean;
}

/** The memberships of each group, the oldest first. */
export async function listMembers(
  db: Database,
  kind: GroupKind,
  groupIds: readonly string[],
  { at, includeEnded, after, limit }: MembershipSelection & { after: Position | null; limit: number },
): Promise<MembershipView[]> {
  const behind = after ? db`where (place, id) > (${after.at}, ${after.id}::uuid)` : db``;
  return db`
    select ${columns(db)}
    from unnest(${groupIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select * from (${folded(db, kind, { at, includeEnded, owner: db`m.group_id = owner.id` })}) m
      ${behind}
      order by place, id
      limit ${limit}
    ) m
    ${withStatements(db)}
    order by m.place, m.id`;
}

/** The memberships of each customer, the oldest first. */
export async function findMembershipsOfCustomers(
  db: Database,
  kind: GroupKind,
  customerIds: readonly string[],
  { at, includeEnded, limit }: MembershipSelection & { limit: number },
): Promise<MembershipView[]> {
  return db`
    select ${columns(db)}
    from unnest(${customerIds as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select * from (${folded(db, kind, { at, includeEnded, owner: db`r.customer_id = owner.id` })}) m
      order by place, id
      limit ${limit}
    ) m
    ${withStatements(db)}
    order by m.place, m.id`;
}

/** How many customers are in each group at this instant. */
export async function countMembers(
  db: Database,
  kind: GroupKind,
  groupIds: readonly string[],
  at: Date,
): Promise<{ groupId: string; members: number }[]> {
  return db`
    select m.group_id as "groupId", count(distinct r.customer_id)::int as members
    from ${memberships(db, kind)} m join records r on r.id = m.record_id
    where m.group_id = any(${groupIds as string[]}::uuid[]) and ${holds(db, at)}
    group by m.group_id`;
}

/** By-hand memberships of a customer in a group, as which the period would overlap. Any role, where none is given. */
export async function findOverlapping(
  tx: Tx,
  kind: GroupKind,
  wanted: { groupId: string; customerId: string; role: string | null; period: Period },
): Promise<{ role: string; since: Date | null; until: Date | null } | undefined> {
  const { groupId, customerId, role, period } = wanted;
  const [row] = await tx<{ role: string; since: Date | null; until: Date | null }[]>`
    select m.role, m.valid_from as since, m.valid_to as until
    from ${memberships(tx, kind)} m join records r on r.id = m.record_id
    where m.group_id = ${groupId} and r.customer_id = ${customerId} and m.origin = 'HAND'
      and (${role}::text is null or m.role = ${role})
      and m.valid_from < coalesce(${period.to}::timestamptz, 'infinity')
      and coalesce(m.valid_to, 'infinity') > greatest(m.valid_from, ${period.from})
    order by m.valid_from, m.id
    limit 1`;
  return row;
}

/** To whom does this record belong now? */
export async function findCustomerOfRecord(db: Database, recordId: string): Promise<string | undefined> {
  const [row] = await db<{ customerId: string }[]>`
    select customer_id as "customerId" from records where id = ${recordId} and customer_id is not null`;
  return row?.customerId;
}

/** Needs `m`. */
export function holds(db: Database, at: Date): Fragment {
  return db`(m.valid_from is null or m.valid_from <= ${at}) and (m.valid_to is null or m.valid_to > ${at})`;
}

function memberships(db: Database, kind: GroupKind): Fragment {
  return kind === 'household'
    ? db`(select id, record_id, household_id as group_id, origin, role, valid_from, valid_to, rule_version,
                 statement_id, end_statement_id
          from household_members)`
    : db`(select id, record_id, account_id as group_id, 'HAND' as origin, role, valid_from, valid_to,
                 null::integer as rule_version, statement_id, end_statement_id
          from account_members)`;
}

/**
 * A merge can bring two memberships of a group to one customer. Then the customer is in it once (in an account once in
 * each role): by hand rather than by rule, and since the earlier.
 */
function folded(
  db: Database,
  kind: GroupKind,
  { at, includeEnded, owner }: MembershipSelection & { owner: Fragment },
): Fragment {
  const oneFor = kind === 'household' ? db`m.group_id, r.customer_id` : db`m.group_id, r.customer_id, m.role`;
  const distinct = includeEnded ? db`m.id` : oneFor;
  return db`
    select distinct on (${distinct}) m.*, r.customer_id, coalesce(m.valid_from, 'epoch') as place
    from ${memberships(db, kind)} m join records r on r.id = m.record_id
    where ${owner} and r.customer_id is not null ${includeEnded ? db`` : db`and ${holds(db, at)}`}
    order by ${distinct}, m.origin, m.valid_from, m.id`;
}

function columns(db: Database): Fragment {
  return db`
    m.id, m.group_id as "groupId", m.customer_id as "customerId", m.origin, m.role, m.valid_from as since,
    m.valid_to as until, m.rule_version as "ruleVersion", made.at as "addedAt", made.actor as "addedBy",
    made.reason as "addReason", ended.at as "endedAt", ended.actor as "endedBy", ended.reason as "endReason"`;
}

function withStatements(db: Database): Fragment {
  return db`
    left join relation_statements made on made.id = m.statement_id
    left join relation_statements ended on ended.id = m.end_statement_id`;
}
