import type { CustomerCut } from '../kernel/boundary.ts';
import type { Database } from '../kernel/database.ts';
import type { CustomerView } from './customer.type.ts';

/** The columns of {@link CustomerView}, of `customers c`. */
export const customerColumns = (db: Database) => db`
  c.id, c.identified, c.records, c.first_seen_at as "firstSeenAt", c.last_seen_at as "lastSeenAt", c.touchpoints,
  c.orders, c.first_order_at as "firstOrderAt", c.last_order_at as "lastOrderAt", c.revenue::text as revenue, c.traits`;

/** To whom do these records belong now? Records without a customer are left out. */
export async function findCustomersOfRecords(
  db: Database,
  recordIds: readonly string[],
  cut?: CustomerCut,
): Promise<(CustomerView & { recordId: string })[]> {
  return db`
    select r.id as "recordId", ${customerColumns(db)}
    from records r
    join customers c on c.id = r.customer_id
    where r.id = any(${recordIds as string[]}::uuid[]) ${cut ? db`and ${cut(db, db`c.id`)}` : db``}`;
}

/**
 * Who carries this identifier? Of several customers the one whose record claimed it first: the answer must not depend
 * on what else is asked, and the first owner of a shared address is the likeliest one.
 */
export async function findCustomerByIdentifier(
  db: Database,
  identifierId: string,
  { cut, sources }: { cut?: CustomerCut; sources?: readonly string[] } = {},
): Promise<CustomerView | undefined> {
  const [row] = await db<CustomerView[]>`
    select ${customerColumns(db)}
    from claims
    join records r on r.id = claims.record_id
    join customers c on c.id = r.customer_id
    join identifiers i on i.id = claims.identifier_id
    where claims.identifier_id = ${identifierId} and claims.removed_by is null and not i.blocked
      ${cut ? db`and ${cut(db, db`c.id`)}` : db``}
      ${sources ? db`and r.source = any(${sources as string[]}::text[])` : db``}
    order by claims.first_seen_at, claims.record_id
    limit 1`;
  return row;
}
