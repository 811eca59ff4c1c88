import { jsonb, pgTable, text } from 'drizzle-orm/pg-core';

/** Facts about this database as a whole, such as the secret from which ids of facts are derived. */
export const settings = pgTable('settings', {
  name: text('name').primaryKey(),
  value: jsonb('value').notNull(),
});
