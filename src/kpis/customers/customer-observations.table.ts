import { doublePrecision, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/**
 * What scorings find of customers that their purchases and signals don't tell, each time that it is something else than before.
 * By the id of that time; rows of who was merged into somebody since stay, for when that is undone. Never rewritten: what lies in
 * the past was right by what was known then.
 */
export const customerObservations = pgTable(
  'customer_observations',
  {
    customerId: uuid('customer_id').notNull(),
    at: instant('at').notNull(),
    /** By which part they are here less often than usual: 0, or ½, ¾ or 1. */
    engagementFall: doublePrecision('engagement_fall').notNull(),
    /** When they lose a tier if nothing happens; null: not soon. */
    tierDropAt: instant('tier_drop_at'),
    /** Key of the group whose levers count for them; null: those of everybody. */
    leverGroup: text('lever_group'),
  },
  (table) => [primaryKey({ columns: [table.customerId, table.at] })],
);
