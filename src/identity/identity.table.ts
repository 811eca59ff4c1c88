import { sql } from 'drizzle-orm';
import { bigint, boolean, date, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../kernel/column-types.ts';

/**
 * Source records: a person as one source knows them. The id is derived from (source, key), so that finding a record
 * needs no lookup and two nodes that create it agree. Totals are a fold over the record's touchpoints.
 */
export const records = pgTable(
  'records',
  {
    id: uuid('id').primaryKey(),
    source: text('source').notNull(),
    key: text('key').notNull(),
    /** The customer this record belongs to now; null for an unidentified receipt, which is nobody's. */
    customerId: uuid('customer_id'),
    /** Somebody's on its own evidence: a key or an identifier. Else it is a receipt, which only a link gives an owner. */
    owned: boolean('owned').notNull().default(true),
    /**
     * Set only while evidence that was refused (a limit) ties several customers together: the smallest record id of
     * that neighbourhood. It makes the neighbourhood one indexed read instead of a walk.
     */
    componentId: uuid('component_id'),
    firstAt: instant('first_at').notNull(),
    lastAt: instant('last_at').notNull(),
    touchpoints: bigint('touchpoints', { mode: 'number' }).notNull(),
    /** Carries an identifier that names a person, not only a device. */
    identified: boolean('identified').notNull(),
    /** Which types of touchpoints it has, as bits; all of them where nobody knows. See `type-bits.ts`. */
    typesSeen: bigint('types_seen', { mode: 'bigint' }).notNull().default(sql`-1`),
    createdAt: instant('created_at').notNull(),
    /** When the person was erased whose record it was: what is left is nobody's, under another id and without a key. */
    erasedAt: instant('erased_at'),
  },
  (table) => [
    index('records_customer').on(table.customerId).where(sql`${table.customerId} is not null`),
    index('records_component').on(table.componentId).where(sql`${table.componentId} is not null`),
  ],
);

/** Identifiers by their derived id. The normalised value lives here and nowhere else. */
export const identifiers = pgTable(
  'identifiers',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind').notNull(),
    /** The match key: what two spellings of the same identifier have in common. */
    value: text('value').notNull(),
    /** Records that claim it, counted up to just past the rule's limit. */
    records: integer('records').notNull(),
    /** A rule that came later says that the value identifies nobody: its claims join nobody. */
    blocked: boolean('blocked').notNull().default(false),
    /** Since when it is carried by more records than its rule allows, and joins nobody. */
    cutAt: instant('cut_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('identifiers_cut').on(table.cutAt, table.id).where(sql`${table.cutAt} is not null`)],
);

/** "Record R carries identifier I." */
export const claims = pgTable(
  'claims',
  {
    identifierId: uuid('identifier_id').notNull(),
    recordId: uuid('record_id').notNull(),
    kind: text('kind').notNull(),
    /** The value as given, tidied, where it differs from the match key (`Jo.Doe+shop@gmail.com`). */
    given: text('given'),
    firstSeenAt: instant('first_seen_at').notNull(),
    /** The touchpoint that carried it first: the evidence. */
    firstTouchpointId: uuid('first_touchpoint_id').notNull(),
    /** To the day: a claim seen a thousand times a day is written once. */
    lastSeenOn: date('last_seen_on', { mode: 'string' }).notNull(),
    /** The decision that took the identifier away from the record. The claim stays, so that it can't come back by replay. */
    removedBy: uuid('removed_by'),
  },
  (table) => [primaryKey({ columns: [table.identifierId, table.recordId] }), index('claims_record').on(table.recordId)],
);

/** The latest value of each trait that each record has given, with the time it was set. */
export const recordTraits = pgTable(
  'record_traits',
  {
    recordId: uuid('record_id').notNull(),
    name: text('name').notNull(),
    /** JSON null: the source said that there is none. */
    value: jsonb('value').notNull(),
    setAt: instant('set_at').notNull(),
    touchpointId: uuid('touchpoint_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.name] })],
);

/**
 * Customers: caches folded from their records, for lists, filters and the view. The id is the id of the founding
 * record (earliest first touchpoint, then smallest id), so an id once given keeps resolving through that record.
 */
export const customers = pgTable(
  'customers',
  {
    id: uuid('id').primaryKey(),
    /** Carries an identifier that names a person, not only a device. */
    identified: boolean('identified').notNull(),
    records: integer('records').notNull(),
    firstSeenAt: instant('first_seen_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
    touchpoints: bigint('touchpoints', { mode: 'number' }).notNull(),
    orders: integer('orders').notNull(),
    firstOrderAt: instant('first_order_at'),
    lastOrderAt: instant('last_order_at'),
    /** currency → {orders, returns, gross, returned} in minor units. */
    revenue: jsonb('revenue').notNull(),
    /** Golden values: name → value. */
    traits: jsonb('traits').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('customers_first_seen').on(table.firstSeenAt, table.id),
    index('customers_last_seen').on(table.lastSeenAt, table.id),
  ],
);

export type RecordRow = typeof records.$inferSelect;
export type CustomerRow = typeof customers.$inferSelect;
