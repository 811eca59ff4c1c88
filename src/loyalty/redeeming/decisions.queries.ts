import type { Database, Tx } from '../../kernel/database.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { column, idColumn, idList, jsonLines } from '../../kernel/sql-array.ts';
import type { ConsumptionBucket } from '../ledger/bucket.ts';
import type { AccountKey } from '../ledger/lot.ts';
import type { Decision, DecisionStatus } from './decision.ts';

const decisionColumns = (db: Database) => db`
  d.program_id as "programId", d.id, d.kind, d.status, d.at, d.recorded_at as "recordedAt", d.record_id as "recordId",
  d.points, d.wallet, d.subject_id as "subjectId", d.expires_at as "expiresAt", d.actor, d.reason, d.fingerprint`;

/** Of any programme: their number is small, and the key begins with it. */
export async function findDecisions(db: Database, ids: readonly string[]): Promise<Decision[]> {
  return db`
    select ${decisionColumns(db)} from loyalty_programs p join loyalty_decisions d on d.program_id = p.id
    where d.id = any(${idList(ids)}::uuid[])`;
}

/** About records of a customer, the latest first; one more than the page holds. */
export async function listDecisions(
  db: Database,
  { recordIds, programId, page }: { recordIds: readonly string[]; programId: string; page: PageRequest },
): Promise<Decision[]> {
  const { after, size } = page;
  return db`
    select ${decisionColumns(db)} from loyalty_decisions d
    where d.record_id = any(${idList(recordIds)}::uuid[]) and d.program_id = ${programId}
      ${after ? db`and (d.at, d.id) < (${after.at}, ${after.id}::uuid)` : db``}
    order by d.at desc, d.id desc
    limit ${size + 1}`;
}

export interface NewDecision extends Decision {
  readonly detail: JsonObject | null;
}

/** Answers the ids of those that were not there yet. */
export async function insertDecisions(tx: Tx, decisions: readonly NewDecision[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    insert into loyalty_decisions
      (program_id, id, kind, status, at, recorded_at, record_id, points, wallet, subject_id, expires_at, actor, reason,
       fingerprint, detail)
    select program_id, id, kind, status, at, recorded_at, record_id, points, wallet, subject_id, expires_at, actor, reason,
           fingerprint, detail::jsonb
    from rows from (
      unnest(
        ${idColumn(decisions, ({ programId }) => programId)}::uuid[],
        ${idColumn(decisions, ({ id }) => id)}::uuid[],
        ${column(decisions, ({ kind }) => kind)}::text[],
        ${column(decisions, ({ status }) => status)}::text[],
        ${column(decisions, ({ at }) => at)}::timestamptz[],
        ${column(decisions, ({ recordedAt }) => recordedAt)}::timestamptz[],
        ${idColumn(decisions, ({ recordId }) => recordId)}::uuid[],
        ${column(decisions, ({ points }) => points)}::bigint[],
        ${column(decisions, ({ wallet }) => wallet)}::text[],
        ${idColumn(decisions, ({ subjectId }) => subjectId)}::uuid[],
        ${column(decisions, ({ expiresAt }) => expiresAt)}::timestamptz[],
        ${column(decisions, ({ actor }) => actor)}::text[],
        ${column(decisions, ({ reason }) => reason)}::text[],
        ${idColumn(decisions, ({ fingerprint }) => fingerprint)}::uuid[]),
      string_to_table(${jsonLines(decisions, ({ detail }) => detail)}::text, E'\\n', 'null')
    ) as new (program_id, id, kind, status, at, recorded_at, record_id, points, wallet, subject_id, expires_at, actor,
              reason, fingerprint, detail)
    on conflict (program_id, id) do nothing
    returning id`;
  return rows.map(({ id }) => id);
}

/** Under the lock of the customers that it is about; answers whether it was in that status. */
export async function moveDecision(
  tx: Tx,
  { programId, id }: Pick<Decision, 'programId' | 'id'>,
  { from, to }: { from: DecisionStatus; to: DecisionStatus },
): Promise<boolean> {
  const { count } = await tx`
    update loyalty_decisions set status = ${to}
    where program_id = ${programId} and id = ${id} and status = ${from}`;
  return count > 0;
}

export interface NewConsumption extends AccountKey {
  readonly decisionId: string;
  readonly at: Date;
  readonly points: bigint;
  readonly bucket: ConsumptionBucket;
}

export async function insertConsumptions(tx: Tx, consumptions: readonly NewConsumption[]): Promise<void> {
  await tx`
    insert into loyalty_consumptions (record_id, program_id, wallet, decision_id, at, points, bucket)
    select * from unnest(
      ${idColumn(consumptions, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(consumptions, ({ programId }) => programId)}::uuid[],
      ${column(consumptions, ({ wallet }) => wallet)}::text[],
      ${idColumn(consumptions, ({ decisionId }) => decisionId)}::uuid[],
      ${column(consumptions, ({ at }) => at)}::timestamptz[],
      ${column(consumptions, ({ points }) => points)}::bigint[],
      ${column(consumptions, ({ bucket }) => bucket)}::text[])`;
}

export interface ConsumptionOfDecision extends AccountKey {
  readonly decisionId: string;
  readonly points: bigint;
  readonly bucket: ConsumptionBucket | null;
}

export async function findConsumptionsOf(
  db: Database,
  decisionIds: readonly string[],
): Promise<ConsumptionOfDecision[]> {
  return db`
    select record_id as "recordId", program_id as "programId", wallet, decision_id as "decisionId", points, bucket
    from loyalty_consumptions
    where decision_id = any(${idList(decisionIds)}::uuid[])
    order by decision_id, record_id, wallet`;
}

/** What decisions took is taken for something else now; null: given back. */
export async function turnConsumptions(
  tx: Tx,
  decisionIds: readonly string[],
  bucket: ConsumptionBucket | null,
): Promise<void> {
  await tx`
    update loyalty_consumptions set bucket = ${bucket}
    where decision_id = any(${idList(decisionIds)}::uuid[]) and bucket is not null`;
}

const accountKeys = (db: Database, accounts: readonly AccountKey[]) => db`
  unnest(
    ${idColumn(accounts, ({ recordId }) => recordId)}::uuid[],
    ${idColumn(accounts, ({ programId }) => programId)}::uuid[],
    ${column(accounts, ({ wallet }) => wallet)}::text[]) as k (record_id, program_id, wallet)`;

/**
 * What reservations whose time is up hold in these accounts. Who asks a long list must not look at every reservation:
 * the accounts come first.
 */
export async function findLapsedConsumptions(
  db: Database,
  accounts: readonly AccountKey[],
  now: Date,
): Promise<(AccountKey & { readonly decisionId: string })[]> {
  return db`
    select c.record_id as "recordId", c.program_id as "programId", c.wallet, c.decision_id as "decisionId"
    from ${accountKeys(db, accounts)}
    join loyalty_consumptions c on c.record_id = k.record_id and c.program_id = k.program_id and c.wallet = k.wallet
    join loyalty_decisions d on d.program_id = c.program_id and d.id = c.decision_id
    where c.bucket = 'RESERVED' and d.status = 'RESERVED' and d.expires_at <= ${now}`;
}

/** Gives back what they hold in these accounts; what they hold in others is not ours to touch. */
export async function lapseConsumptions(
  tx: Tx,
  lapsed: readonly (AccountKey & { readonly decisionId: string })[],
): Promise<void> {
  await tx`
    update loyalty_consumptions c set bucket = null
    from unnest(
      ${idColumn(lapsed, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(lapsed, ({ programId }) => programId)}::uuid[],
      ${column(lapsed, ({ wallet }) => wallet)}::text[],
      ${idColumn(lapsed, ({ decisionId }) => decisionId)}::uuid[]) as k (record_id, program_id, wallet, decision_id)
    where c.record_id = k.record_id and c.program_id = k.program_id and c.wallet = k.wallet
      and c.decision_id = k.decision_id`;
}

/** Reservations whose time is up, the earliest first, and whose accounts they hold. */
export async function findLapsedReservations(db: Database, now: Date, limit: number): Promise<Decision[]> {
  return db`
    select ${decisionColumns(db)} from loyalty_decisions d
    where d.status = 'RESERVED' and d.expires_at <= ${now}
    order by d.expires_at, d.program_id, d.id
    limit ${limit}`;
}

export async function findNextLapse(db: Database): Promise<Date | null> {
  const [row] = await db<{ at: Date | null }[]>`
    select min(expires_at) as at from loyalty_decisions where status = 'RESERVED'`;
  return row?.at ?? null;
}

/** Answers those that were still reserved. */
export async function releaseDecisions(tx: Tx, decisions: readonly Decision[], now: Date): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update loyalty_decisions d set status = 'RELEASED'
    from unnest(
      ${idColumn(decisions, ({ programId }) => programId)}::uuid[],
      ${idColumn(decisions, ({ id }) => id)}::uuid[]) as k (program_id, id)
    where d.program_id = k.program_id and d.id = k.id and d.status = 'RESERVED' and d.expires_at <= ${now}
    returning d.id`;
  return rows.map(({ id }) => id);
}

/** Accounts of these customers in one programme, with whose they are. */
export async function findAccountsOf(
  db: Database,
  { programId, wallet, customerIds }: { programId: string; wallet: string | null; customerIds: readonly string[] },
): Promise<(AccountKey & { readonly customerId: string })[]> {
  return db`
    select a.record_id as "recordId", a.program_id as "programId", a.wallet, r.customer_id as "customerId"
    from unnest(${idList(customerIds)}::uuid[]) as c (id)
    join records r on r.customer_id = c.id
    cross join lateral (select * from loyalty_accounts where record_id = r.id offset 0) as a
    where a.program_id = ${programId} and (${wallet}::text is null or a.wallet = ${wallet})
    order by a.record_id, a.wallet`;
}

/** How often a customer has redeemed a reward that was not taken back. */
export async function countRewards(
  db: Database,
  { programId, rewardId, customerId }: { programId: string; rewardId: string; customerId: string },
): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count
    from records r
    cross join lateral (select * from loyalty_decisions where record_id = r.id offset 0) as d
    where r.customer_id = ${customerId} and d.program_id = ${programId} and d.kind = 'REWARD' and d.subject_id = ${rewardId} and d.status <> 'REVERSED'`;
  return row!.count;
}

/** The tier as it was last found, and when time alone changes it. */
export async function findTier(
  db: Database,
  { programId, customerId }: { programId: string; customerId: string },
): Promise<{ readonly tier: string | null; readonly dueAt: Date | null } | undefined> {
  const [row] = await db<{ tier: string | null; dueAt: Date | null }[]>`
    select tier, due_at as "dueAt" from loyalty_members
    where customer_id = ${customerId} and program_id = ${programId}`;
  return row;
}

/** Lots that decisions made. */
export async function findLotsOf(
  db: Database,
  { programId, decisionId, recordIds }: { programId: string; decisionId: string; recordIds: readonly string[] },
): Promise<{ readonly recordId: string; readonly id: string }[]> {
  return db`
    select l.record_id as "recordId", l.id from loyalty_lots l
    where l.record_id = any(${idList(recordIds)}::uuid[]) and l.program_id = ${programId}
      and l.source = 'DECISION' and l.source_id = ${decisionId}`;
}

export interface BudgetShare {
  readonly programId: string;
  readonly rule: string;
  readonly points: bigint;
  /** What the rule may grant in all. */
  readonly budget: bigint;
}

/** Takes all of a share or nothing; answers whether it was taken. Never above the budget, whoever asks at once. */
export async function takeFromBudget(tx: Tx, { programId, rule, points, budget }: BudgetShare): Promise<boolean> {
  await tx`
    insert into loyalty_budgets (program_id, rule, granted) values (${programId}, ${rule}, 0)
    on conflict (program_id, rule) do nothing`;
  const { count } = await tx`
    update loyalty_budgets set granted = granted + ${points}
    where program_id = ${programId} and rule = ${rule} and granted + ${points} <= ${budget}`;
  return count > 0;
}

/** The tiers as they were last found. */
export async function findTiersOf(
  db: Database,
  programId: string,
  customerIds: readonly string[],
): Promise<{ readonly customerId: string; readonly tier: string | null }[]> {
  return db`
    select customer_id as "customerId", tier from loyalty_members
    where customer_id = any(${idList(customerIds)}::uuid[]) and program_id = ${programId}`;
}
