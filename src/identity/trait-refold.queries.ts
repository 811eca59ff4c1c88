import type { Database, Tx } from '../kernel/database.ts';
import type { Json } from '../kernel/json.ts';
import { column, idColumn, jsonLines } from '../kernel/sql-array.ts';
import type { RecordTraitView } from './record.queries.ts';

/** How far the golden values of a trait have come to its latest strategy. */
export interface TraitRefoldView {
  readonly name: string;
  readonly version: number;
  readonly position: string | null;
  readonly examined: number;
  readonly changed: number;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

export async function findRefolds(db: Database, names: readonly string[]): Promise<TraitRefoldView[]> {
  return db`
    select name, version, position, examined, changed, started_at as "startedAt", finished_at as "finishedAt"
    from trait_refolds where name = any(${names as string[]}::text[])`;
}

/** From the start, also where an earlier version was under way. */
export async function startRefold(tx: Tx, name: string, version: number, now: Date): Promise<void> {
  await tx`
    insert into trait_refolds (name, version, examined, changed, started_at)
    values (${name}, ${version}, 0, 0, ${now})
    on conflict (name) do update
    set version = excluded.version, fence = null, position = null, examined = 0, changed = 0,
        started_at = excluded.started_at, finished_at = null`;
}

export async function isRefoldWaiting(db: Database): Promise<boolean> {
  const [row] = await db<{ waiting: boolean }[]>`
    select exists (select from trait_refolds where finished_at is null) as waiting`;
  return row?.waiting ?? false;
}

export interface RefoldState {
  readonly name: string;
  readonly position: string | null;
  readonly fenced: boolean;
  /** Every transaction below the fence has ended. */
  readonly ready: boolean;
}

/** The oldest that no other node is working at. */
export async function lockNextRefold(tx: Tx): Promise<RefoldState | undefined> {
  const [row] = await tx<RefoldState[]>`
    select name, position, fence is not null as fenced,
           coalesce(pg_snapshot_xmin(pg_current_snapshot()) >= fence, false) as ready
    from trait_refolds
    where finished_at is null
    order by started_at, name
    limit 1
    for update skip locked`;
  return row;
}

/**
 * This transaction's own id: whoever may not have seen the new definition has a smaller one. The upper end of the
 * snapshot would not do, transactions above it may run already.
 */
export async function setFence(tx: Tx, name: string): Promise<void> {
  await tx`update trait_refolds set fence = pg_current_xact_id() where name = ${name}`;
}

export async function saveRefold(
  tx: Tx,
  name: string,
  done: { position: string | null; examined: number; changed: number; finishedAt: Date | null },
): Promise<void> {
  await tx`
    update trait_refolds
    set position = coalesce(${done.position}::uuid, position), examined = examined + ${done.examined},
        changed = changed + ${done.changed}, finished_at = ${done.finishedAt}
    where name = ${name}`;
}

/** The next customers in order of id. */
export async function listCustomersBehind(db: Database, position: string | null, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from customers
    where id > coalesce(${position}::uuid, '00000000-0000-0000-0000-000000000000')
    order by id limit ${limit}`;
  return rows.map((row) => row.id);
}

export interface Holder {
  readonly id: string;
  /** Has a golden value, which may be null. */
  readonly held: boolean;
  readonly value: Json;
}

/** Locks those of the customers with a record that says something about the trait, in order of id. */
export async function lockHolders(tx: Tx, ids: readonly string[], name: string): Promise<Holder[]> {
  return tx`
    select c.id, c.traits ? ${name} as held, c.traits -> ${name} as value
    from customers c
    where c.id = any(${ids as string[]}::uuid[])
      and exists (
        select from records r join record_traits t on t.record_id = r.id and t.name = ${name}
        where r.customer_id = c.id)
    order by c.id for no key update of c`;
}

export async function findStatements(
  tx: Tx,
  ids: readonly string[],
  name: string,
): Promise<(RecordTraitView & { customerId: string })[]> {
  return tx`
    select r.customer_id as "customerId", r.id as "recordId", r.source, t.name, t.value, t.set_at as "setAt",
           t.touchpoint_id as "touchpointId"
    from records r join record_traits t on t.record_id = r.id and t.name = ${name}
    where r.customer_id = any(${ids as string[]}::uuid[])`;
}

/** `undefined` takes the value away. */
export interface GoldenChange {
  readonly id: string;
  readonly value: Json | undefined;
}

export async function setGoldenValues(
  tx: Tx,
  name: string,
  changes: readonly GoldenChange[],
  now: Date,
): Promise<void> {
  await tx`
    update customers
    set traits = case when new.held then customers.traits || jsonb_build_object(${name}::text, new.value::jsonb)
                      else customers.traits - ${name}::text end,
        updated_at = ${now}
    from rows from (
      unnest(${idColumn(changes, (change) => change.id)}::uuid[],
             ${column(changes, (change) => change.value !== undefined)}::boolean[]),
      string_to_table(${jsonLines(changes, (change) => change.value ?? null)}::text, E'\\n')
    ) as new (id, held, value)
    where customers.id = new.id`;
}
