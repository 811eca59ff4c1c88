import { sql } from 'drizzle-orm';
import { bigint, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** For how long touchpoints are kept, and how far that has been carried out. */
export const retentionPolicies = pgTable(
  'retention_policies',
  {
    id: uuid('id').primaryKey(),
    /** `page.viewed`, `order.*` or `*`: of several that mean a type, the longest counts. One in force for each. */
    pattern: text('pattern').notNull(),
    /** Days since the touchpoint happened. Null: for ever, whatever a wider pattern says. */
    keepDays: integer('keep_days'),
    /** DELETE or ANONYMIZE. */
    what: text('what').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    /** When it was taken back. */
    endedAt: instant('ended_at'),
    /** Up to which touchpoint the pass under way has come; null between passes. */
    walkedAt: instant('walked_at'),
    walkedTo: uuid('walked_to'),
    /** When the last pass came to its end. */
    passedAt: instant('passed_at'),
    deleted: bigint('deleted', { mode: 'bigint' }).notNull(),
    anonymized: bigint('anonymized', { mode: 'bigint' }).notNull(),
    /** Source records of which nothing was left. */
    recordsDeleted: bigint('records_deleted', { mode: 'bigint' }).notNull(),
    /** Records in the pass under way, or in the last one, that it failed for. */
    failures: integer('failures').notNull().default(0),
    failedAt: instant('failed_at'),
  },
  (table) => [index('retention_policies_pattern').on(table.pattern).where(sql`${table.endedAt} is null`)],
);
