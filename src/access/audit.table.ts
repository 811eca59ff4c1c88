import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../kernel/column-types.ts';

/** Who did what to the platform itself: keys, rules, decisions about people. Append-only. */
export const auditEntries = pgTable(
  'audit_entries',
  {
    /** A UUIDv7: in order of time. */
    id: uuid('id').primaryKey(),
    at: instant('at').notNull(),
    /** The API key, and its name at that time; the nil UUID for an operator on the server's machine. */
    keyId: uuid('key_id').notNull(),
    actor: text('actor').notNull(),
    requestId: text('request_id').notNull(),
    /** What was done, such as `identity.merge`. */
    action: text('action').notNull(),
    /** What it was done to, as a public id where it has one. */
    subject: text('subject').notNull(),
    reason: text('reason'),
    /** Ids and settings, never personal values. */
    detail: jsonb('detail'),
  },
  (table) => [index('audit_entries_subject').on(table.subject, table.id)],
);
