import type { Database, Tx } from '../../kernel/database.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { column, idColumn, idList, jsonLines } from '../../kernel/sql-array.ts';
import type { LifecycleCause, LifecycleStage } from './stage.ts';
import type { Lifecycle, LifecycleTransition } from './transition.ts';

/** A row of `customer_lifecycles` with its transitions. */
export type StoredLifecycle = Omit<Lifecycle, 'risk' | 'homeStore'>;

/** Those of these customers who have one. Of customers whose rows are locked it stays. */
export async function findLifecycles(db: Database, customerIds: readonly string[]): Promise<StoredLifecycle[]> {
  const rows = await db<(Omit<StoredLifecycle, 'transitions'> & { transitions: string | null })[]>`
    select l.customer_id as "customerId", l.stage, l.since, l.risk_band as band, l.risk_since as "riskSince",
           l.due_at as "dueAt", l.revision, told.transitions
    from unnest(${idList(customerIds)}::uuid[]) as asked (id)
    cross join lateral (select * from customer_lifecycles where customer_id = asked.id offset 0) as l
    cross join lateral (
      select json_agg(json_build_array(
               (extract(epoch from t.at) * 1000)::bigint, t.from_stage, t.to_stage, t.cause, t.evidence, t.settings_version)
               order by t.ordinal)::text as transitions
      from lifecycle_transitions t where t.customer_id = l.customer_id) as told`;
  return rows.map(({ transitions, ...row }) => {
    return {
      ...row,
      transitions: transitions ? (JSON.parse(transitions) as StoredTransition[]).map(toTransition) : [],
    };
  });
}

type StoredTransition = readonly [
  at: number,
  from: LifecycleStage | null,
  to: LifecycleStage,
  cause: LifecycleCause,
  evidence: JsonObject,
  settingsVersion: number,
];

function toTransition([at, from, to, cause, evidence, settingsVersion]: StoredTransition): LifecycleTransition {
  return { at: new Date(at), from, to, cause, evidence, settingsVersion };
}

export async function upsertLifecycles(tx: Tx, lifecycles: readonly Lifecycle[], at: Date): Promise<void> {
  if (lifecycles.length === 0) return;
  await tx`
    insert into customer_lifecycles
      (customer_id, stage, since, risk_band, risk_since, due_at, revision, updated_at)
    select given.*, ${at}
    from unnest(
      ${idColumn(lifecycles, ({ customerId }) => customerId)}::uuid[],
      ${column(lifecycles, ({ stage }) => stage)}::text[],
      ${column(lifecycles, ({ since }) => since)}::timestamptz[],
      ${column(lifecycles, ({ band }) => band)}::text[],
      ${column(lifecycles, ({ riskSince }) => riskSince)}::timestamptz[],
      ${column(lifecycles, ({ dueAt }) => dueAt)}::timestamptz[],
      ${column(lifecycles, ({ revision }) => revision)}::integer[]
    ) as given
    on conflict (customer_id) do update
    set stage = excluded.stage, since = excluded.since, risk_band = excluded.risk_band, risk_since = excluded.risk_since,
        due_at = excluded.due_at, revision = excluded.revision, updated_at = excluded.updated_at`;
}

/** With all of their transitions. */
export async function deleteLifecycles(tx: Tx, customerIds: readonly string[]): Promise<void> {
  if (customerIds.length === 0) return;
  await Promise.all([
    tx`delete from customer_lifecycles where customer_id = any(${idList(customerIds)}::uuid[])`,
    tx`delete from lifecycle_transitions where customer_id = any(${idList(customerIds)}::uuid[])`,
  ]);
}

export interface TransitionsFrom {
  readonly customerId: string;
  /** Of the first one concerned. */
  readonly ordinal: number;
  readonly transitions: readonly LifecycleTransition[];
}

/** Those that are not true any more, from an ordinal on. */
export async function deleteTransitions(tx: Tx, from: readonly Omit<TransitionsFrom, 'transitions'>[]): Promise<void> {
  if (from.length === 0) return;
  await tx`
    delete from lifecycle_transitions t
    using unnest(
      ${idColumn(from, ({ customerId }) => customerId)}::uuid[],
      ${column(from, ({ ordinal }) => ordinal)}::integer[]
    ) as past (customer_id, ordinal)
    where t.customer_id = past.customer_id and t.ordinal >= past.ordinal`;
}

export async function insertTransitions(tx: Tx, added: readonly TransitionsFrom[]): Promise<void> {
  const rows = added.flatMap(({ customerId, ordinal, transitions }) =>
    transitions.map((transition, index) => ({ customerId, ordinal: ordinal + index, ...transition })),
  );
  if (rows.length === 0) return;
  await tx`
    insert into lifecycle_transitions
      (customer_id, ordinal, at, from_stage, to_stage, cause, settings_version, evidence)
    select line.customer_id, line.ordinal, line.at, line.from_stage, line.to_stage, line.cause, line.settings_version,
           line.evidence::jsonb
    from rows from (
      unnest(
        ${idColumn(rows, ({ customerId }) => customerId)}::uuid[],
        ${column(rows, ({ ordinal }) => ordinal)}::integer[],
        ${column(rows, ({ at }) => at)}::timestamptz[],
        ${column(rows, ({ from }) => from)}::text[],
        ${column(rows, ({ to }) => to)}::text[],
        ${column(rows, ({ cause }) => cause)}::text[],
        ${column(rows, ({ settingsVersion }) => settingsVersion)}::integer[]),
      string_to_table(${jsonLines(rows, ({ evidence }) => evidence)}::text, E'\\n', 'null')
    ) as line (customer_id, ordinal, at, from_stage, to_stage, cause, settings_version, evidence)`;
}

/** Customers whose stage or band time may change now, those that wait longest first. */
export async function findDueLifecycles(db: Database, now: Date, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select customer_id as id from customer_lifecycles where due_at <= ${now} order by due_at, customer_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

export async function findNextDueLifecycle(db: Database): Promise<Date | null> {
  const [row] = await db<{ dueAt: Date }[]>`
    select due_at as "dueAt" from customer_lifecycles where due_at is not null order by due_at, customer_id limit 1`;
  return row?.dueAt ?? null;
}

/** Rows of customers that are no more. There are none, but for a mistake; they must not stay due for ever. Answers how many. */
export async function deleteStrayLifecycles(tx: Tx, customerIds: readonly string[]): Promise<number> {
  const { count } = await tx`
    delete from customer_lifecycles l
    where l.customer_id = any(${idList(customerIds)}::uuid[])
      and not exists (select from customers c where c.id = l.customer_id)`;
  return count;
}

/** What of a stage others react to. */
export type LifecycleStanding = Pick<Lifecycle, 'stage' | 'since' | 'band'>;

export async function findStandings(
  db: Database,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, LifecycleStanding>> {
  const rows = await db<(LifecycleStanding & { customerId: string })[]>`
    select customer_id as "customerId", stage, since, risk_band as band
    from customer_lifecycles where customer_id = any(${idList(customerIds)}::uuid[])`;
  return new Map(rows.map((row) => [row.customerId, row]));
}

/** Customers by stage, those who are anonymous included. */
export async function countStages(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db<{ stage: string; customers: number }[]>`
    select stage, count(*)::int as customers from customer_lifecycles group by stage
    union all
    select 'ANONYMOUS', count(*)::int from customers c
    where not c.identified and not exists (select from customer_lifecycles l where l.customer_id = c.id)`;
  return new Map(rows.map(({ stage, customers }) => [stage, customers]));
}

/** The same at an instant of the past, by what is known of it now: who is known now, and was not, was anonymous. */
export async function countStagesAt(db: Database, at: Date): Promise<ReadonlyMap<string, number>> {
  const rows = await db<{ stage: string; customers: number }[]>`
    select stage, sum(customers)::int as customers
    from (
      select to_stage as stage, count(*) as customers
      from (
        select distinct on (customer_id) to_stage from lifecycle_transitions where at <= ${at}
        order by customer_id, ordinal desc
      ) as last
      group by to_stage
      union all
      select 'ANONYMOUS', count(*) from customers c
      where not c.identified and c.first_seen_at <= ${at}
        and not exists (select from customer_lifecycles l where l.customer_id = c.id)
    ) as parts
    group by stage`;
  return new Map(rows.map(({ stage, customers }) => [stage, customers]));
}
