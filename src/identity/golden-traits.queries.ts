import type { Database, Tx } from '../kernel/database.ts';
import type { JsonObject } from '../kernel/json.ts';
import { idColumn, idList, jsonLines } from '../kernel/sql-array.ts';
import type { HeldStatement } from './record.queries.ts';

/**
 * The most recently set value of each trait among the records of each customer; those named in `except` left out. One
 * customer after the other: a join of all customers with all traits would grow with the square of the batch wherever it is
 * not made by hashing.
 */
const goldenTraits = (db: Database, ids: readonly string[], except: readonly string[] | null) => db`
  with golden as materialized (
    select touched.id, coalesce(folded.traits, '{}') as traits
    from unnest(${idList(ids)}::uuid[]) as touched (id)
    cross join lateral (
      select jsonb_object_agg(name, value) as traits
      from (
        select distinct on (t.name) t.name, t.value
        from records r join record_traits t on t.record_id = r.id
        where r.customer_id = touched.id
          ${except === null ? db`` : db`and t.name <> all(${except as string[]}::text[])`}
        order by t.name, t.set_at desc, t.touchpoint_id desc
      ) as latest
    ) as folded
  )`;

/**
 * Folds golden traits by MOST_RECENT, for all of these customers or for none: none, and false, if one of them holds a
 * trait with a strategy of its own. The usual batch meets no such trait and needs nothing but this.
 */
export async function foldMostRecent(tx: Tx, ids: readonly string[]): Promise<boolean> {
  const { count } = await tx`
    ${goldenTraits(tx, ids, null)}
    update customers
    set traits = golden.traits
    from golden
    where customers.id = golden.id
      and not exists (
        select from golden
        where traits ?| array(select name from trait_definitions where strategy <> 'MOST_RECENT'))`;
  return count > 0;
}

/** What the records of these customers say about traits that have a strategy of their own. */
export async function findSpecialStatements(tx: Tx, ids: readonly string[]): Promise<HeldStatement[]> {
  return tx`
    select r.customer_id as "customerId", r.id as "recordId", r.source, t.name, t.value, t.set_at as "setAt",
           t.touchpoint_id as "touchpointId", d.type,
           jsonb_build_object('strategy', d.strategy) || d.parameters as survivorship
    from records r
    join record_traits t on t.record_id = r.id
    join trait_definitions d on d.name = t.name and d.strategy <> 'MOST_RECENT'
    where r.customer_id = any(${idList(ids)}::uuid[])`;
}

/** Golden values that were folded one by one. */
export interface SpecialTraits {
  readonly names: readonly string[];
  readonly customers: readonly { readonly id: string; readonly traits: JsonObject }[];
}

/** Folds golden traits: those that are `special` as given, all others by MOST_RECENT. */
export async function foldBesideSpecial(tx: Tx, ids: readonly string[], special: SpecialTraits): Promise<void> {
  await tx`
    ${goldenTraits(tx, ids, special.names)}
    update customers
    set traits = golden.traits || coalesce(special.traits::jsonb, '{}')
    from golden
    left join rows from (
      unnest(${idColumn(special.customers, (customer) => customer.id)}::uuid[]),
      string_to_table(${jsonLines(special.customers, (customer) => customer.traits)}::text, E'\n')
    ) as special (id, traits) on special.id = golden.id
    where customers.id = golden.id`;
}
