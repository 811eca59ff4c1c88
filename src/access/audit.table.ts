import { bigint, index, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytes, instant } from '../kernel/column-types.ts';

/** Who did what to the platform itself: keys, rules, decisions about people. A trigger refuses every change. */
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
  (table) => [
    index('audit_entries_subject').on(table.subject, table.id),
    index('audit_entries_action').on(table.action.op('text_pattern_ops'), table.id),
    index('audit_entries_actor').on(table.actor, table.id),
  ],
);

/** Entries that wait for their seal, which comes within a second of the commit. */
export const auditPending = pgTable('audit_pending', {
  entryId: uuid('entry_id').primaryKey(),
  /** Of the entry, by whoever wrote it. Null for those that were there before entries were sealed. */
  digest: bytes('digest'),
});

/** The hash chain over the entries, in the order of their sealing. A trigger refuses every change. */
export const auditSeals = pgTable(
  'audit_seals',
  {
    /** 1, 2, 3, … without a gap. */
    position: bigint('position', { mode: 'bigint' }).primaryKey(),
    entryId: uuid('entry_id').notNull(),
    /** SHA-256 of the canonical entry. */
    digest: bytes('digest').notNull(),
    /** The hash of the seal before; 32 zero bytes at position 1. */
    previous: bytes('previous').notNull(),
    /** SHA-256 of all that this seal says. */
    hash: bytes('hash').notNull(),
    sealedAt: instant('sealed_at').notNull(),
  },
  (table) => [unique('audit_seals_entry').on(table.entryId)],
);
