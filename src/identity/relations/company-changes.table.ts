import { pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';

/**
 * Customers around whom a household or an account has changed: whoever keeps something about members takes them from here
 * and deletes them.
 */
export const companyChanges = pgTable(
  'company_changes',
  {
    customerId: uuid('customer_id').notNull(),
    id: uuid('id').notNull().defaultRandom(),
  },
  (table) => [primaryKey({ columns: [table.customerId, table.id] })],
);
