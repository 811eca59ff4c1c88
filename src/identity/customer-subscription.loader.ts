import type { Change } from '../kernel/change-feed-page.ts';
import type { ChangeTopic } from '../kernel/changes.queries.ts';
import type { Database } from '../kernel/database.ts';
import { findCustomersOfRecords } from './customer.queries.ts';
import type { CustomerView } from './customer.type.ts';
import { customerTopics } from './customer-change.ts';

const topics: ReadonlySet<ChangeTopic> = new Set(customerTopics);

/**
 * The customers that a page of changes is about, as they are now, by the id that the change names: that of a customer
 * who was absorbed since gives the survivor. For `change.page.once`.
 */
export async function loadChangedCustomers(
  db: Database,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, CustomerView>> {
  const ids = new Set(changes.filter(({ topic }) => topics.has(topic)).map(({ customerId }) => customerId));
  ids.delete(null);
  const rows = await findCustomersOfRecords(db, [...ids] as string[]);
  return new Map(rows.map((row) => [row.recordId, row]));
}
