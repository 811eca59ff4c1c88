import { sql } from 'drizzle-orm';
import { bigint, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant, transactionId } from './column-types.ts';

/**
 * The change feed (outbox): one line for each thing that changed, written in the transaction that changed it.
 * `(tx, seq)` is commit-safe only behind the snapshot guard of `changes.queries.ts`.
 */
export const changes = pgTable(
  'changes',
  {
    tx: transactionId('tx').notNull().default(sql`pg_current_xact_id()`),
    /** Position within the transaction, from 0. */
    seq: bigint('seq', { mode: 'number' }).notNull(),
    at: instant('at').notNull(),
    topic: text('topic').notNull(),
    /** The customer concerned, as of this transaction; null for an unidentified receipt. */
    customerId: uuid('customer_id'),
    /** The thing that changed: a touchpoint for `touchpoint.recorded`, a customer for `customer.*`. */
    subjectId: uuid('subject_id').notNull(),
    /** Small facts a reader filters by; never personal values. */
    detail: jsonb('detail'),
  },
  (table) => [primaryKey({ columns: [table.tx, table.seq] })],
);
