import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/**
 * Who said what about households and accounts, when and why: the history, and what makes a repeated request harmless.
 * With an idempotency key the id is derived from it, so that the second to come finds the first.
 */
export const relationStatements = pgTable(
  'relation_statements',
  {
    id: uuid('id').primaryKey(),
    /** The mutation, such as `addHouseholdMember`. */
    operation: text('operation').notNull(),
    /** Of its input. */
    fingerprint: uuid('fingerprint').notNull(),
    /** The household or account; null for a rule, which is about all. */
    subjectId: uuid('subject_id'),
    /** The API key, and its name at the time. */
    actorId: uuid('actor_id').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [index('relation_statements_subject').on(table.subjectId, table.at)],
);
