import type { Tx } from '../kernel/database.ts';

/**
 * Locks customers in order of id. Every fold is a statement after this one: it then sees what the previous holder of
 * the lock committed. Folding in the statement that waits would use a snapshot from before the wait and lose that.
 */
export async function lockCustomers(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`select id from customers where id = any(${ids as string[]}::uuid[]) order by id for no key update`;
}

/** Removes the rows of ids that name no customer any more; the ids go on resolving through their records. */
export async function deleteCustomers(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`delete from customers where id = any(${ids as string[]}::uuid[])`;
}

/** Creates or refreshes customers from the totals of their records. */
export async function foldTotals(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  await tx`
    insert into customers (id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, revenue, traits,
                           updated_at)
    select customer_id, bool_or(identified), count(*), min(first_at), max(last_at), sum(touchpoints), 0, '{}', '{}',
           ${now}
    from records
    where customer_id = any(${ids as string[]}::uuid[])
    group by customer_id
    on conflict (id) do update
    set identified = excluded.identified, records = excluded.records, first_seen_at = excluded.first_seen_at,
        last_seen_at = excluded.last_seen_at, touchpoints = excluded.touchpoints, updated_at = excluded.updated_at`;
}

/** Golden traits: the most recently set value of each trait among the customer's records. */
export async function foldTraits(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`
    with latest as (
      select distinct on (r.customer_id, t.name) r.customer_id, t.name, t.value
      from records r join record_traits t on t.record_id = r.id
      where r.customer_id = any(${ids as string[]}::uuid[])
      order by r.customer_id, t.name, t.set_at desc, t.touchpoint_id desc
    ), golden as (
      select customer_id, jsonb_object_agg(name, value) as traits from latest group by customer_id
    )
    update customers
    set traits = coalesce(golden.traits, '{}')
    from unnest(${ids as string[]}::uuid[]) as touched (id) left join golden on golden.customer_id = touched.id
    where customers.id = touched.id`;
}
