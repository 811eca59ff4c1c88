import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** What was said, or concluded, about what a customer prefers: one row for each source record. Facts, never changed. */
export const preferenceStatements = pgTable(
  'preference_statements',
  {
    recordId: uuid('record_id').notNull(),
    /** That of the touchpoint, where one said it. A decision about a customer is one id on all records that it had then. */
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    /** JSON null: not any more. */
    value: jsonb('value').notNull(),
    /** The customer said so. Else somebody concluded it. */
    declared: boolean('declared').notNull(),
    /** `TOUCHPOINT`, `DECISION`, `PREFERENCE_CENTER`. */
    origin: text('origin').notNull(),
    source: text('source').notNull(),
    /** Who entered it: the name of the API key. Null for touchpoints and for the customer's own hand. */
    actor: text('actor'),
    statedAt: instant('stated_at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    /** Of a decision's input, to tell a repeat from another decision under the same idempotency key. */
    fingerprint: uuid('fingerprint'),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.id] }),
    index('preference_statements_decision').on(table.id).where(sql`${table.origin} <> 'TOUCHPOINT'`),
  ],
);

/** What customers are asked in the preference centre. */
export const preferenceDefinitions = pgTable('preference_definitions', {
  name: text('name').primaryKey(),
  /** As customers read it. */
  label: text('label').notNull(),
  description: text('description').notNull(),
  /** `TEXT`, `YES_NO`, `ONE_OF`, `SOME_OF`. */
  kind: text('kind').notNull(),
  /** Of ONE_OF and SOME_OF. */
  options: text('options').array().notNull(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

/** Links to the preference centre that were given out. The token is a MAC over the id: nothing here opens anything. */
export const preferenceLinks = pgTable(
  'preference_links',
  {
    id: uuid('id').primaryKey(),
    customerId: uuid('customer_id').notNull(),
    /** The name of the API key. */
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (table) => [index('preference_links_customer').on(table.customerId, table.id)],
);
