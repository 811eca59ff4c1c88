import type { Database, Tx } from '../../kernel/database.ts';
import { idColumn } from '../../kernel/sql-array.ts';
import { literal, unprepared } from '../../kernel/unprepared.ts';
import type { DerivedMember, HouseholdKeyRow, StoredMember } from './household-derivation.ts';
import type { HouseholdRule } from './household-rule.ts';
import { holds } from './membership.queries.ts';

// Statements that look for many rows are planned anew each time: the tables grow from nothing in one run, and a plan that
// was kept from its beginning would read all of them for every step.

/** False while another node is at it. Released with the transaction, so it works through PgBouncer too. */
export async function tryLockDerivation(tx: Tx): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtext('rundum.household-derivation')) as locked`;
  return row?.locked ?? false;
}

export interface TraitValues {
  readonly customerId: string;
  /** In the order of the names; null where there is none, or one that is neither text nor number. */
  readonly values: readonly (string | null)[];
}

/** As JSON: of an array of PostgreSQL's the driver makes the text `NULL` out of what is not there. */
const traitValues = (db: Database, names: readonly string[]) => db`
  to_jsonb(array(
    select case when jsonb_typeof(c.traits -> name) in ('string', 'number') then c.traits ->> name end
    from unnest(${names as string[]}::text[]) with ordinality as trait (name, place)
    order by place))`;

/** Ids that are no customer's (any more) are left out. */
export async function findTraitValues(
  tx: Tx,
  ids: readonly string[],
  names: readonly string[],
): Promise<TraitValues[]> {
  return unprepared(tx`
    select c.id as "customerId", ${traitValues(tx, names)} as values
    from customers c where c.id = any(${ids as string[]}::uuid[])`);
}

/** The next customers in order of id. */
export async function listTraitValues(
  tx: Tx,
  names: readonly string[],
  { after, limit }: { after: string | null; limit: number },
): Promise<TraitValues[]> {
  return unprepared(tx<TraitValues[]>`
    select c.id as "customerId", ${traitValues(tx, names)} as values
    from customers c
    ${after ? tx`where c.id > ${after}` : tx``}
    order by c.id
    limit ${literal(tx, limit)}`);
}

export async function countAllCustomers(tx: Tx): Promise<bigint> {
  const [row] = await tx<{ count: bigint }[]>`select count(*) as count from customers`;
  return row?.count ?? 0n;
}

export async function findKeys(tx: Tx, customerIds: readonly string[]): Promise<HouseholdKeyRow[]> {
  return unprepared(tx`
    select customer_id as "customerId", household_id as "householdId"
    from household_keys where customer_id = any(${customerIds as string[]}::uuid[])`);
}

/** Those of customers behind `after`, up to `through`; null is open. */
export async function findKeysBetween(
  tx: Tx,
  after: string | null,
  through: string | null,
): Promise<HouseholdKeyRow[]> {
  return unprepared(tx<HouseholdKeyRow[]>`
    select customer_id as "customerId", household_id as "householdId"
    from household_keys
    where true ${after ? tx`and customer_id > ${after}` : tx``} ${through ? tx`and customer_id <= ${through}` : tx``}`);
}

export async function setKeys(tx: Tx, rows: readonly HouseholdKeyRow[]): Promise<void> {
  await tx`
    insert into household_keys (customer_id, household_id)
    select * from unnest(
      ${idColumn(rows, (row) => row.customerId)}::uuid[], ${idColumn(rows, (row) => row.householdId)}::uuid[])
    on conflict (customer_id) do update set household_id = excluded.household_id`;
}

export async function deleteKeys(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await unprepared(tx`delete from household_keys where customer_id = any(${customerIds as string[]}::uuid[])`);
}

/**
 * After many keys were written at once: until PostgreSQL would look by itself it takes the table for an empty one, and
 * every step of the run would sort all of it.
 */
export async function analyzeHouseholds(tx: Tx): Promise<void> {
  await tx`analyze household_keys, household_members, households`;
}

/** The next households, in order of id, of which the rule says something or has said something. */
export async function listHouseholdsOfRule(tx: Tx, after: string | null, limit: number): Promise<string[]> {
  const behind = after ? tx`household_id > ${after}` : tx`true`;
  const rows = await unprepared(tx<{ id: string }[]>`
    (select distinct household_id as id from household_keys where ${behind} order by 1 limit ${literal(tx, limit)})
    union
    (select distinct household_id from household_members where ${behind} and origin = 'RULE' order by 1 limit ${literal(tx, limit)})
    union
    (select household_id from household_crowds where ${behind} order by 1 limit ${literal(tx, limit)})
    order by id
    limit ${literal(tx, limit)}`);
  return rows.map((row) => row.id);
}

/** Whoever says something by hand about the members of these waits, and what they said before is seen. */
export async function lockHouseholds(tx: Tx, ids: readonly string[]): Promise<void> {
  await unprepared(tx`select from households where id = any(${ids as string[]}::uuid[]) order by id for no key update`);
}

/** Of these households, those to which more customers point than one can have. Counts no further than that. */
export async function findCrowds(tx: Tx, ids: readonly string[], maximumSize: number): Promise<string[]> {
  const rows = await unprepared(tx<{ id: string }[]>`
    select h.id
    from unnest(${ids as string[]}::uuid[]) as h (id)
    where (select count(*)
           from (select from household_keys k where k.household_id = h.id limit ${literal(tx, maximumSize + 1)}) as counted) > ${maximumSize}`);
  return rows.map((row) => row.id);
}

/**
 * Who is in these households by the rule: everyone whose traits point there, but nobody who is in a household by hand, or
 * of whom somebody said that they are not in this one. Members by hand count for the smallest size.
 */
export async function findWantedMembers(
  tx: Tx,
  ids: readonly string[],
  { rule, now }: { rule: Pick<HouseholdRule, 'minimumSize'>; now: Date },
): Promise<DerivedMember[]> {
  return unprepared(tx`
    with pointing as (
      select k.household_id, k.customer_id
      from household_keys k
      where k.household_id = any(${ids as string[]}::uuid[])
        and not exists (
          select from records r join household_members m on m.record_id = r.id
          where r.customer_id = k.customer_id and m.origin = 'HAND' and ${holds(tx, now)})
        and not exists (
          select from records r join household_exclusions e on e.record_id = r.id
          where r.customer_id = k.customer_id and e.household_id = k.household_id)
    ), by_hand as (
      select m.household_id, count(distinct r.customer_id) as members
      from household_members m join records r on r.id = m.record_id
      where m.household_id = any(${ids as string[]}::uuid[]) and m.origin = 'HAND' and ${holds(tx, now)}
      group by m.household_id
    ), sized as (
      select p.*, count(*) over (partition by p.household_id) + coalesce(by_hand.members, 0) as size
      from pointing p left join by_hand using (household_id)
    )
    select household_id as "householdId", customer_id as "customerId" from sized where size >= ${rule.minimumSize}`);
}

export async function findDerivedMembers(tx: Tx, householdIds: readonly string[]): Promise<StoredMember[]> {
  return unprepared(tx`
    select id, household_id as "householdId", record_id as "customerId", rule_version as "ruleVersion"
    from household_members
    where household_id = any(${householdIds as string[]}::uuid[]) and origin = 'RULE'`);
}

/** Answers those that were not there. */
export async function insertHouseholdsOfRule(tx: Tx, ids: readonly string[], now: Date): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    insert into households (id, origin, name, kept, created_at, updated_at)
    select id, 'RULE', null, false, ${now}, ${now} from unnest(${ids as string[]}::uuid[]) as new (id)
    on conflict (id) do nothing
    returning id`;
  return rows.map((row) => row.id);
}

export async function insertDerivedMembers(
  tx: Tx,
  members: readonly (DerivedMember & { id: string })[],
  ruleVersion: number,
): Promise<void> {
  await tx`
    insert into household_members (id, record_id, household_id, origin, role, rule_version)
    select id, record_id, household_id, 'RULE', 'MEMBER', ${ruleVersion}
    from unnest(
      ${idColumn(members, (member) => member.id)}::uuid[],
      ${idColumn(members, (member) => member.customerId)}::uuid[],
      ${idColumn(members, (member) => member.householdId)}::uuid[]
    ) as new (id, record_id, household_id)
    on conflict (record_id, id) do nothing`;
}

export async function deleteDerivedMembers(tx: Tx, members: readonly StoredMember[]): Promise<void> {
  await unprepared(tx`
    delete from household_members
    where (record_id, id) in (
      select * from unnest(
        ${idColumn(members, (member) => member.customerId)}::uuid[], ${idColumn(members, (member) => member.id)}::uuid[]))`);
}

export async function setRuleVersion(tx: Tx, members: readonly StoredMember[], ruleVersion: number): Promise<void> {
  await unprepared(tx`
    update household_members m set rule_version = ${ruleVersion}
    from unnest(
      ${idColumn(members, (member) => member.customerId)}::uuid[],
      ${idColumn(members, (member) => member.id)}::uuid[]
    ) as old (record_id, id)
    where m.record_id = old.record_id and m.id = old.id`);
}

/** Of these households, those that are too big, and no other. */
export async function setCrowds(tx: Tx, ids: readonly string[], crowds: readonly string[]): Promise<void> {
  await tx`
    delete from household_crowds
    where household_id = any(${ids as string[]}::uuid[]) and household_id <> all(${crowds as string[]}::uuid[])`;
  await tx`
    insert into household_crowds (household_id) select * from unnest(${crowds as string[]}::uuid[])
    on conflict (household_id) do nothing`;
}

/** Those that the rule made, nobody touched by hand, and the last member has left. */
export async function deleteEmptyHouseholds(tx: Tx, ids: readonly string[]): Promise<void> {
  await unprepared(tx`
    delete from households h
    where h.id = any(${ids as string[]}::uuid[]) and not h.kept
      and not exists (select from household_members m where m.household_id = h.id)`);
}

/** Customers with a membership by hand that began or ended by itself behind `after`, up to `through`. */
export async function findEdges(tx: Tx, after: Date, through: Date): Promise<string[]> {
  const rows = await tx<{ customerId: string }[]>`
    select distinct r.customer_id as "customerId"
    from household_members m join records r on r.id = m.record_id
    where r.customer_id is not null
      and (m.valid_from > ${after} and m.valid_from <= ${through} or m.valid_to > ${after} and m.valid_to <= ${through})`;
  return rows.map((row) => row.customerId);
}
