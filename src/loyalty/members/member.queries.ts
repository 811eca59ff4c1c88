import type { Fragment } from 'postgres';
import type { FactTouchpoint } from '../../conditions/facts.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn, idList, jsonLines } from '../../kernel/sql-array.ts';
import type { MemberState, Verdicts } from '../earning/member-fold.ts';
import type { EarningFact } from '../earning/purchase.ts';
import type { AccountState } from '../ledger/ledger.queries.ts';
import type { AccountKey } from '../ledger/lot.ts';

/** What is kept of a customer in a programme. */
export interface MemberRow {
  readonly customerId: string;
  readonly programId: string;
  readonly state: MemberState;
  readonly tier: string | null;
  readonly tierSince: Date | null;
  readonly dueAt: Date | null;
}

export async function findMembers(db: Database, customerIds: readonly string[]): Promise<MemberRow[]> {
  return db`
    select customer_id as "customerId", program_id as "programId", state, tier, tier_since as "tierSince", due_at as "dueAt"
    from loyalty_members where customer_id = any(${idList(customerIds)}::uuid[])`;
}

export interface MembershipRow {
  readonly customerId: string;
  readonly programId: string;
  readonly recordId: string;
  readonly enrolledAt: Date;
  readonly leftAt: Date | null;
  readonly how: string;
}

/** Memberships that say more than that a record has earned something. */
export async function findMemberships(db: Database, customerIds: readonly string[]): Promise<MembershipRow[]> {
  return db`
    select r.customer_id as "customerId", m.program_id as "programId", m.record_id as "recordId",
           m.enrolled_at as "enrolledAt", m.left_at as "leftAt", m.how
    from unnest(${idList(customerIds)}::uuid[]) as c (id)
    join records r on r.customer_id = c.id
    cross join lateral (select * from loyalty_membership_spans where record_id = r.id offset 0) as m
    where m.how <> 'AUTOMATIC' or m.left_at is not null`;
}

/** What is kept of customers' records beside what they did. */
export interface Ties {
  /** As {@link findMemberships} finds them. */
  readonly memberships: readonly MembershipRow[];
  /** As {@link findOverrides} finds them. */
  readonly overrides: readonly OverrideRow[];
  /** All accounts that there are. */
  readonly accounts: readonly AccountState[];
}

interface TieRow extends AccountKey {
  readonly tie: 'MEMBERSHIP' | 'OVERRIDE' | 'ACCOUNT';
  /** Of an account null: it is asked for by its record. */
  readonly customerId: string | null;
  readonly id: string | null;
  /** Of a membership `how`, of an override the tier. */
  readonly name: string;
  readonly from: Date | null;
  /** Of an account: when something was last taken from it. */
  readonly to: Date | null;
  readonly owed: bigint | null;
}

/** One statement for all, as every purchase asks: a customer's records are looked up once. Spans only of what has some. */
export async function findTies(db: Database, customerIds: readonly string[]): Promise<Ties> {
  const rows = await db<TieRow[]>`
    with own as materialized (
      select r.id, r.customer_id from unnest(${idList(customerIds)}::uuid[]) as c (id) join records r on r.customer_id = c.id
    )
    select 'ACCOUNT' as tie, null::uuid as "customerId", a.program_id as "programId", a.record_id as "recordId", a.wallet,
           null::uuid as id, null as name, null::timestamptz as "from", a.last_consumed_at as "to", a.owed
    from own join loyalty_accounts a on a.record_id = own.id
    union all
    select 'MEMBERSHIP', own.customer_id, m.program_id, m.record_id, null, null, m.how, span.enrolled_at, span.left_at, null
    from own
    join loyalty_memberships m
      on m.record_id = own.id and (m.how <> 'AUTOMATIC' or m.left_at is not null or m.away_since <> '{}')
    join loyalty_membership_spans span on span.record_id = m.record_id and span.program_id = m.program_id
    where m.how <> 'AUTOMATIC' or span.left_at is not null
    union all
    select 'OVERRIDE', own.customer_id, o.program_id, o.record_id, null, o.id, o.tier, o.valid_from,
           least(o.valid_to, o.revoked_at), null
    from own join loyalty_tier_overrides o on o.record_id = own.id`;
  const memberships: MembershipRow[] = [];
  const overrides: OverrideRow[] = [];
  const accounts: AccountState[] = [];
  for (const { tie, customerId, programId, recordId, wallet, id, name, from, to, owed } of rows) {
    if (tie === 'ACCOUNT') accounts.push({ recordId, programId, wallet, owed: owed!, lastConsumedAt: to });
    else if (tie === 'OVERRIDE')
      overrides.push({ customerId: customerId!, programId, id: id!, tier: name, from: from!, to: to! });
    else memberships.push({ customerId: customerId!, programId, recordId, enrolledAt: from!, leftAt: to, how: name });
  }
  return { memberships, overrides, accounts };
}

export interface OverrideRow {
  readonly customerId: string;
  readonly programId: string;
  readonly id: string;
  readonly tier: string;
  readonly from: Date;
  readonly to: Date;
}

export async function findOverrides(db: Database, customerIds: readonly string[]): Promise<OverrideRow[]> {
  return db`
    select r.customer_id as "customerId", o.program_id as "programId", o.id, o.tier, o.valid_from as "from",
           least(o.valid_to, o.revoked_at) as "to"
    from records r join loyalty_tier_overrides o on o.record_id = r.id
    where r.customer_id = any(${idList(customerIds)}::uuid[])`;
}

/** A touchpoint with its customer now. */
export interface FactRow extends EarningFact {
  readonly customerId: string;
}

/** All touchpoints of these types (null: of all) that customers' records have, in the order of (time, id). */
export async function findEarningFacts(
  db: Database,
  customerIds: readonly string[],
  types: readonly string[] | null,
): Promise<FactRow[]> {
  return db<(FactTouchpoint & { customerId: string; recordId: string })[]>`
    select r.customer_id as "customerId", t.record_id as "recordId", t.id, t.occurred_at as "occurredAt", t.type, t.source,
           t.channel, t.direction, t.campaign, t.value_minor as "valueMinor", t.currency, null as traits, t.properties,
           t.lines
    from records r
    join touchpoints t on t.record_id = r.id and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at
    where r.customer_id = any(${idList(customerIds)}::uuid[])
      and (${types === null} or t.type = any(${types as string[] | null}::text[]))
    order by t.occurred_at, t.id`;
}

export interface VerdictRow {
  readonly recordId: string;
  readonly touchpointId: string;
  readonly programId: string;
  readonly verdicts: Verdicts;
}

export async function findVerdicts(db: Database, customerIds: readonly string[]): Promise<VerdictRow[]> {
  return db`
    select v.record_id as "recordId", v.touchpoint_id as "touchpointId", v.program_id as "programId", v.verdicts
    from records r join loyalty_verdicts v on v.record_id = r.id
    where r.customer_id = any(${idList(customerIds)}::uuid[])`;
}

/** What was decided about a rule of a touchpoint before stays. */
export async function addVerdicts(tx: Tx, verdicts: readonly VerdictRow[]): Promise<void> {
  await tx`
    insert into loyalty_verdicts as stored (record_id, touchpoint_id, program_id, verdicts)
    select record_id, touchpoint_id, program_id, verdicts::jsonb
    from rows from (
      unnest(
        ${idColumn(verdicts, ({ recordId }) => recordId)}::uuid[],
        ${idColumn(verdicts, ({ touchpointId }) => touchpointId)}::uuid[],
        ${idColumn(verdicts, ({ programId }) => programId)}::uuid[]),
      string_to_table(${jsonLines(verdicts, ({ verdicts: found }) => found)}::text, E'\\n')
    ) as new (record_id, touchpoint_id, program_id, verdicts)
    on conflict (record_id, touchpoint_id, program_id) do update set verdicts = excluded.verdicts`;
}

const memberRows = (tx: Tx, members: readonly MemberRow[]): Fragment => tx`
  rows from (
    unnest(
      ${idColumn(members, ({ customerId }) => customerId)}::uuid[],
      ${idColumn(members, ({ programId }) => programId)}::uuid[],
      ${column(members, ({ tier }) => tier)}::text[],
      ${column(members, ({ tierSince }) => tierSince)}::timestamptz[],
      ${column(members, ({ dueAt }) => dueAt)}::timestamptz[]),
    string_to_table(${jsonLines(members, ({ state }) => state)}::text, E'\\n')
  ) as new (customer_id, program_id, tier, tier_since, due_at, state)`;

/** Writes what is kept of customers of whom something is stored. */
export async function updateMembers(tx: Tx, members: readonly MemberRow[]): Promise<void> {
  const { count } = await tx`
    update loyalty_members m
    set tier = new.tier, tier_since = new.tier_since, due_at = new.due_at, state = new.state::jsonb
    from ${memberRows(tx, members)}
    where m.customer_id = new.customer_id and m.program_id = new.program_id`;
  if (count !== members.length) throw new Error(`${members.length} members change, ${count} are there.`);
}

export async function upsertMembers(tx: Tx, members: readonly MemberRow[]): Promise<void> {
  await tx`
    insert into loyalty_members (customer_id, program_id, tier, tier_since, due_at, state)
    select customer_id, program_id, tier, tier_since, due_at, state::jsonb
    from ${memberRows(tx, members)}
    on conflict (customer_id, program_id) do update
    set tier = excluded.tier, tier_since = excluded.tier_since, due_at = excluded.due_at, state = excluded.state`;
}

/** Forgets what was folded of customers who are no more. */
export async function deleteMembers(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await tx`delete from loyalty_members where customer_id = any(${idList(customerIds)}::uuid[])`;
}

/** Forgets customers who have nothing to do with a programme any more. */
export async function deleteStrangers(
  tx: Tx,
  strangers: readonly Pick<MemberRow, 'customerId' | 'programId'>[],
): Promise<void> {
  await tx`
    delete from loyalty_members m
    using unnest(
      ${idColumn(strangers, ({ customerId }) => customerId)}::uuid[],
      ${idColumn(strangers, ({ programId }) => programId)}::uuid[]) as k (customer_id, program_id)
    where m.customer_id = k.customer_id and m.program_id = k.program_id`;
}

export interface NewMembership {
  readonly recordId: string;
  readonly programId: string;
  readonly id: string;
  readonly enrolledAt: Date;
}

/** Whoever earns in a programme that takes everybody is a member, from the first time on. */
export async function enrolEarners(tx: Tx, memberships: readonly NewMembership[], actor: string): Promise<void> {
  await tx`
    insert into loyalty_memberships as stored (record_id, program_id, id, enrolled_at, status, how, actor)
    select new.*, 'ACTIVE', 'AUTOMATIC', ${actor} from unnest(
      ${idColumn(memberships, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(memberships, ({ programId }) => programId)}::uuid[],
      ${idColumn(memberships, ({ id }) => id)}::uuid[],
      ${column(memberships, ({ enrolledAt }) => enrolledAt)}::timestamptz[]) as new
    on conflict (record_id, program_id) do update set enrolled_at = excluded.enrolled_at
    where stored.how = 'AUTOMATIC' and excluded.enrolled_at < stored.enrolled_at`;
}

export interface TierChange {
  readonly id: string;
  readonly customerId: string;
  readonly programId: string;
  readonly at: Date;
  readonly from: string | null;
  readonly to: string | null;
  readonly cause: string;
  readonly causeId: string | null;
}

export async function insertTierLog(tx: Tx, changes: readonly TierChange[]): Promise<void> {
  await tx`
    insert into loyalty_tier_log (customer_id, id, program_id, at, from_tier, to_tier, cause, cause_id)
    select * from unnest(
      ${idColumn(changes, ({ customerId }) => customerId)}::uuid[],
      ${idColumn(changes, ({ id }) => id)}::uuid[],
      ${idColumn(changes, ({ programId }) => programId)}::uuid[],
      ${column(changes, ({ at }) => at)}::timestamptz[],
      ${column(changes, ({ from }) => from)}::text[],
      ${column(changes, ({ to }) => to)}::text[],
      ${column(changes, ({ cause }) => cause)}::text[],
      ${idColumn(changes, ({ causeId }) => causeId)}::uuid[])`;
}

export interface Budget {
  readonly programId: string;
  readonly rule: string;
}

/** What rules have granted of their budgets; locks them, in order. */
export async function lockBudgets(tx: Tx, budgets: readonly Budget[]): Promise<(Budget & { granted: bigint })[]> {
  const rows = tx`
    select * from unnest(
      ${idColumn(budgets, ({ programId }) => programId)}::uuid[],
      ${column(budgets, ({ rule }) => rule)}::text[]) as k (program_id, rule)`;
  await tx`
    insert into loyalty_budgets (program_id, rule, granted) select program_id, rule, 0 from (${rows}) as k
    order by program_id, rule on conflict do nothing`;
  return tx`
    select b.program_id as "programId", b.rule, b.granted
    from loyalty_budgets b join (${rows}) as k on k.program_id = b.program_id and k.rule = b.rule
    order by b.program_id, b.rule for no key update of b`;
}

export async function saveBudgets(tx: Tx, budgets: readonly (Budget & { granted: bigint })[]): Promise<void> {
  await tx`
    update loyalty_budgets b set granted = k.granted
    from unnest(
      ${idColumn(budgets, ({ programId }) => programId)}::uuid[],
      ${column(budgets, ({ rule }) => rule)}::text[],
      ${column(budgets, ({ granted }) => granted)}::bigint[]) as k (program_id, rule, granted)
    where b.program_id = k.program_id and b.rule = k.rule`;
}

/** Customers whose tier time has moved, the earliest first. */
export async function findDueMembers(db: Database, now: Date, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select customer_id as id from loyalty_members where due_at <= ${now} order by due_at, customer_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

export async function findNextDueMember(db: Database): Promise<Date | null> {
  const [row] = await db<{ at: Date | null }[]>`select min(due_at) as at from loyalty_members where due_at is not null`;
  return row?.at ?? null;
}
