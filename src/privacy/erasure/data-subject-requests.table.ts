import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** What people asked for, or somebody on their behalf: kept for ever, as the proof that it was done. No personal values. */
export const dataSubjectRequests = pgTable(
  'data_subject_requests',
  {
    /** Derived from API key and idempotency key where one was given. */
    id: uuid('id').primaryKey(),
    /** ACCESS, ERASURE or PARTIAL_DELETION. */
    kind: text('kind').notNull(),
    /** DONE; of an access export also PREPARING, READY, EXPIRED and FAILED. */
    status: text('status').notNull(),
    /** The customer's id at that time: it leads to nobody after an erasure. */
    customerId: uuid('customer_id').notNull(),
    /** The API key, and its name at that time. */
    keyId: uuid('key_id').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
    /** What was asked for, such as types and a period, and what came of it: ids, settings and counts. */
    detail: jsonb('detail').notNull(),
    /** Of the input: the same idempotency key with another input is a conflict. */
    fingerprint: uuid('fingerprint').notNull(),
    requestedAt: instant('requested_at').notNull(),
    finishedAt: instant('finished_at'),
    /** Of an access export: until when it can be fetched. */
    expiresAt: instant('expires_at'),
  },
  (table) => [
    index('data_subject_requests_time').on(table.requestedAt, table.id),
    index('data_subject_requests_customer').on(table.customerId, table.requestedAt, table.id),
  ],
);

/** What a request did to each table. Only added to. */
export const dataSubjectReceipts = pgTable(
  'data_subject_receipts',
  {
    requestId: uuid('request_id').notNull(),
    /** The table's name. */
    tableName: text('table_name').notNull(),
    /** DELETED, ANONYMISED, KEPT, or EXPORTED. */
    effect: text('effect').notNull(),
    rows: bigint('rows', { mode: 'bigint' }).notNull(),
    /** One sentence: what was done to them. */
    what: text('what').notNull(),
  },
  (table) => [primaryKey({ columns: [table.requestId, table.tableName] })],
);

/**
 * Who was erased and must not come back by a repeat, an import or a replay: ids that are keyed hashes of what a message
 * says, never the values.
 */
export const suppressions = pgTable(
  'suppressions',
  {
    /** Of the source record, by source and key; of the identifier, by kind and value. */
    id: uuid('id').primaryKey(),
    /** RECORD or IDENTIFIER. */
    kind: text('kind').notNull(),
    /** The erasure. */
    requestId: uuid('request_id').notNull(),
    at: instant('at').notNull(),
    liftedAt: instant('lifted_at'),
    /** Name of the API key. */
    liftedBy: text('lifted_by'),
    liftReason: text('lift_reason'),
  },
  (table) => [
    index('suppressions_request').on(table.requestId, table.id),
    index('suppressions_in_force').on(table.at, table.id).where(sql`${table.liftedAt} is null`),
  ],
);
