import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../kernel/column-types.ts';

/**
 * Every interaction, as it came. Range-partitioned by month of `occurred_at` (the migration says so by hand: drizzle
 * has no words for it); partitions are made when the first touchpoint of a month arrives.
 */
export const touchpoints = pgTable(
  'touchpoints',
  {
    recordId: uuid('record_id').notNull(),
    occurredAt: instant('occurred_at').notNull(),
    /** Derived from (source, message id); the same as the receipt's. */
    id: uuid('id').notNull(),
    receivedAt: instant('received_at').notNull(),
    source: text('source').notNull(),
    messageId: text('message_id').notNull(),
    type: text('type').notNull(),
    channel: text('channel').notNull(),
    direction: text('direction').notNull(),
    /** Minor units of `currency`; both or neither. */
    valueMinor: bigint('value_minor', { mode: 'bigint' }),
    currency: text('currency'),
    campaign: text('campaign'),
    /** Traits as this touchpoint set them: the full history of every trait. */
    traits: jsonb('traits'),
    properties: jsonb('properties'),
    /** [{sku, name, category, quantity, price}], in the order given; price is decimal text, per unit, in `currency`. */
    lines: jsonb('lines'),
    context: jsonb('context'),
    /**
     * The identifiers that it carried: what a claim of its record rests on. Null: nobody knows, as of touchpoints from before
     * this was kept, or that were anonymised.
     */
    identifierIds: uuid('identifier_ids').array(),
    /** Of those of them that were spelled otherwise than their match keys: identifier → as given. */
    given: jsonb('given'),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.occurredAt, table.id] }),
    index('touchpoints_occurred').on(table.occurredAt, table.id),
  ],
);

/** One line for each accepted message: decides STORED, DUPLICATE or CONFLICT, for ever. */
export const receipts = pgTable('receipts', {
  /** Derived from (source, message id). */
  id: uuid('id').primaryKey(),
  /** 128 bits of SHA-256 over the canonical body. */
  fingerprint: uuid('fingerprint').notNull(),
  recordId: uuid('record_id').notNull(),
  occurredAt: instant('occurred_at').notNull(),
});

/** What orders and returns add up to, for each record and currency. Amounts in minor units. */
export const recordRevenue = pgTable(
  'record_revenue',
  {
    recordId: uuid('record_id').notNull(),
    currency: text('currency').notNull(),
    orders: integer('orders').notNull(),
    returns: integer('returns').notNull(),
    gross: bigint('gross', { mode: 'bigint' }).notNull(),
    returned: bigint('returned', { mode: 'bigint' }).notNull(),
    firstOrderAt: instant('first_order_at'),
    lastOrderAt: instant('last_order_at'),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.currency] })],
);

/** Touchpoints that were valid but could not be processed; kept whole, with the reason, until they are replayed. */
export const quarantine = pgTable(
  'quarantine',
  {
    /** The id that the touchpoint will have. */
    id: uuid('id').primaryKey(),
    source: text('source').notNull(),
    messageId: text('message_id').notNull(),
    /** The input as it was given, ready to be processed again. */
    body: jsonb('body').notNull(),
    code: text('code').notNull(),
    reason: text('reason').notNull(),
    attempts: integer('attempts').notNull(),
    /** When it first arrived: its clock is corrected by this time, not by that of the replay. */
    receivedAt: instant('received_at').notNull(),
    quarantinedAt: instant('quarantined_at').notNull(),
    lastAttemptAt: instant('last_attempt_at').notNull(),
    /** When a replay stored it. Null while it waits, and where its sender's repeat was stored: it has a receipt then. */
    resolvedAt: instant('resolved_at'),
  },
  (table) => [index('quarantine_waiting').on(table.quarantinedAt, table.id)],
);
