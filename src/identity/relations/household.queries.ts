import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import type { MembershipOrigin, Period } from './membership.ts';

export interface HouseholdView {
  readonly id: string;
  readonly origin: MembershipOrigin;
  readonly name: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const columns = (db: Database): Fragment => db`
  id, origin, name, created_at as "createdAt", updated_at as "updatedAt"`;

export async function findHouseholds(db: Database, ids: readonly string[]): Promise<HouseholdView[]> {
  return db`select ${columns(db)} from households where id = any(${ids as string[]}::uuid[])`;
}

/** All households, newest first, behind a position; one more than the page holds. */
export async function listHouseholds(db: Database, { size, after }: PageRequest): Promise<HouseholdView[]> {
  return db`
    select ${columns(db)} from households
    ${after ? db`where (created_at, id) < (${after.at}, ${after.id}::uuid)` : db``}
    order by created_at desc, id desc
    limit ${size + 1}`;
}

/** Made by hand, or made by the rule and then changed by hand: it stays when its last member leaves. */
export async function insertHousehold(
  tx: Tx,
  household: { id: string; name: string | null; now: Date },
): Promise<void> {
  const { id, name, now } = household;
  await tx`
    insert into households (id, origin, name, kept, created_at, updated_at)
    values (${id}, 'HAND', ${name}, true, ${now}, ${now})`;
}

export async function renameHousehold(tx: Tx, { id, name, now }: { id: string; name: string | null; now: Date }) {
  await tx`update households set name = ${name}, kept = true, updated_at = ${now} where id = ${id}`;
}

export async function keepHousehold(tx: Tx, id: string): Promise<void> {
  await tx`update households set kept = true where id = ${id} and not kept`;
}

/** Who says something about the members of a household comes one at a time, and waits for the rule. */
export async function lockHousehold(tx: Tx, id: string): Promise<HouseholdView | undefined> {
  const [row] = await tx<HouseholdView[]>`select ${columns(tx)} from households where id = ${id} for no key update`;
  return row;
}

/** How many customers are, or will be, in it by hand. */
export async function countMembersByHand(tx: Tx, householdId: string, now: Date): Promise<number> {
  const [row] = await tx<{ members: number }[]>`
    select count(distinct r.customer_id)::int as members
    from household_members m join records r on r.id = m.record_id
    where m.household_id = ${householdId} and m.origin = 'HAND' and (m.valid_to is null or m.valid_to > ${now})`;
  return row?.members ?? 0;
}

export interface NewHouseholdMember {
  readonly id: string;
  readonly householdId: string;
  readonly recordId: string;
  readonly role: string;
  readonly period: Period;
  readonly statementId: string;
}

export async function insertMemberByHand(tx: Tx, member: NewHouseholdMember): Promise<void> {
  const { id, householdId, recordId, role, period, statementId } = member;
  await tx`
    insert into household_members (id, record_id, household_id, origin, role, valid_from, valid_to, statement_id)
    values (${id}, ${recordId}, ${householdId}, 'HAND', ${role}, ${period.from}, ${period.to}, ${statementId})`;
}

export interface MemberToEnd {
  readonly householdId: string;
  readonly customerId: string;
  readonly at: Date;
  readonly statementId: string;
}

/** One that has not begun by then never does: an empty period. Answers how many. */
export async function endMembersByHand(tx: Tx, { householdId, customerId, at, statementId }: MemberToEnd) {
  const result = await tx`
    update household_members m
    set valid_to = greatest(m.valid_from, ${at}), end_statement_id = ${statementId}
    from records r
    where r.id = m.record_id and r.customer_id = ${customerId} and m.household_id = ${householdId}
      and m.origin = 'HAND' and (m.valid_to is null or m.valid_to > greatest(m.valid_from, ${at}))`;
  return result.count;
}

/** Takes a customer out of what the rule made of them: of one household or, for null, of all. Answers which. */
export async function deleteDerivedOf(tx: Tx, customerId: string, householdId: string | null): Promise<string[]> {
  const rows = await tx<{ householdId: string }[]>`
    delete from household_members m using records r
    where r.id = m.record_id and r.customer_id = ${customerId} and m.origin = 'RULE'
      and (${householdId}::uuid is null or m.household_id = ${householdId})
    returning m.household_id as "householdId"`;
  return rows.map((row) => row.householdId);
}

export async function insertExclusion(
  tx: Tx,
  { recordId, householdId, statementId }: { recordId: string; householdId: string; statementId: string },
): Promise<void> {
  await tx`
    insert into household_exclusions (record_id, household_id, statement_id)
    values (${recordId}, ${householdId}, ${statementId})
    on conflict (record_id, household_id) do nothing`;
}

export async function deleteExclusionsOf(tx: Tx, customerId: string, householdId: string): Promise<void> {
  await tx`
    delete from household_exclusions e using records r
    where r.id = e.record_id and r.customer_id = ${customerId} and e.household_id = ${householdId}`;
}
