import type { Tx } from '../kernel/database.ts';
import { column, idColumn, idList } from '../kernel/sql-array.ts';
import type { CustomerShare, CustomerSpan } from './customer-shares.ts';

/**
 * Locks customers in order of id. Every fold is a statement after this one: it then sees what the previous holder of
 * the lock committed. Folding in the statement that waits would use a snapshot from before the wait and lose that.
 */
export async function lockCustomers(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`select id from customers where id = any(${idList(ids)}::uuid[]) order by id for no key update`;
}

/** Whether there is still this customer, who is neither merged nor erased until the transaction ends. */
export async function holdCustomer(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx`select from customers where id = ${id} for key share`;
  return rows.length > 0;
}

/** For who is going to end them: waits for everybody who holds them, in whatever way. In order of id. */
export async function lockForGood(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`select id from customers where id = any(${idList(ids)}::uuid[]) order by id for update`;
}

/**
 * Locks those of these customers whom nobody else holds, in order of id. Who does is changing them and looks at them, or lets
 * go soon; waiting here for one would let all others be late.
 */
export async function lockFreeCustomers(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from customers where id = any(${idList(ids)}::uuid[]) order by id for no key update skip locked`;
  return rows.map(({ id }) => id);
}

/** Removes the rows of ids that name no customer any more; the ids go on resolving through their records. */
export async function deleteCustomers(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`delete from customers where id = any(${idList(ids)}::uuid[])`;
}

/** Creates customers of one record each, which nobody else can know yet. */
export async function insertCustomers(tx: Tx, shares: readonly CustomerShare[], now: Date): Promise<void> {
  await tx`
    insert into customers (id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, revenue, traits,
                           updated_at)
    select id, identified, 1, first_at, last_at, touchpoints, 0, '{}', '{}', ${now}
    from unnest(
      ${idColumn(shares, (share) => share.customerId)}::uuid[],
      ${column(shares, (share) => share.namesPerson)}::boolean[],
      ${column(shares, (share) => share.firstAt)}::timestamptz[],
      ${column(shares, (share) => share.lastAt)}::timestamptz[],
      ${column(shares, (share) => share.touchpoints)}::bigint[]
    ) as new (id, identified, first_at, last_at, touchpoints)`;
}

/**
 * Adds a batch's share to customers whose records stayed theirs. The same as folding their records anew, because every
 * column is a commutative monoid over them.
 */
export async function addToCustomers(tx: Tx, shares: readonly CustomerShare[], now: Date): Promise<CustomerSpan[]> {
  return tx<CustomerSpan[]>`
    update customers
    set touchpoints = customers.touchpoints + batch.touchpoints,
        first_seen_at = least(customers.first_seen_at, batch.first_at),
        last_seen_at = greatest(customers.last_seen_at, batch.last_at),
        identified = customers.identified or batch.identified,
        updated_at = ${now}
    from unnest(
      ${idColumn(shares, (share) => share.customerId)}::uuid[],
      ${column(shares, (share) => share.namesPerson)}::boolean[],
      ${column(shares, (share) => share.firstAt)}::timestamptz[],
      ${column(shares, (share) => share.lastAt)}::timestamptz[],
      ${column(shares, (share) => share.touchpoints)}::bigint[]
    ) as batch (id, identified, first_at, last_at, touchpoints)
    where customers.id = batch.id
    returning customers.id as "customerId", customers.first_seen_at as "firstAt", customers.last_seen_at as "lastAt"`;
}

/** Creates or refreshes customers whose records changed hands, from the totals of the records they have now. */
export async function foldTotals(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  await tx`
    insert into customers (id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, revenue, traits,
                           updated_at)
    select customer_id, bool_or(identified), count(*), min(first_at), max(last_at), sum(touchpoints), 0, '{}', '{}',
           ${now}
    from records
    where customer_id = any(${idList(ids)}::uuid[])
    group by customer_id
    on conflict (id) do update
    set identified = excluded.identified, records = excluded.records, first_seen_at = excluded.first_seen_at,
        last_seen_at = excluded.last_seen_at, touchpoints = excluded.touchpoints, updated_at = excluded.updated_at`;
}
