import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** What can be offered to customers at a till, in a shop or a message. */
export const loyaltyOffers = pgTable(
  'loyalty_offers',
  {
    id: uuid('id').primaryKey(),
    /** Of the programme whose tiers and points it uses; null: of none. */
    programId: uuid('program_id'),
    name: text('name').notNull(),
    /** DRAFT, LIVE, PAUSED or ENDED. */
    status: text('status').notNull(),
    /** An `OfferDefinition` of `offer.ts`. */
    definition: jsonb('definition').notNull(),
    version: integer('version').notNull(),
    validFrom: instant('valid_from'),
    validTo: instant('valid_to'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    fingerprint: uuid('fingerprint').notNull(),
  },
  (table) => [
    index('loyalty_offers_created').on(table.createdAt, table.id),
    index('loyalty_offers_live').on(table.id).where(sql`${table.status} = 'LIVE'`),
  ],
);

/** Grows with every change of an offer: who holds an older one in memory reads anew. One row. */
export const loyaltyOfferBook = pgTable('loyalty_offer_book', {
  id: integer('id').primaryKey(),
  revision: bigint('revision', { mode: 'bigint' }).notNull(),
});

/** What offers with a budget have reserved and spent, in minor units of the budget's currency or in uses. */
export const loyaltyOfferBudgets = pgTable(
  'loyalty_offer_budgets',
  {
    offerId: uuid('offer_id').primaryKey(),
    /** Null: no limit. */
    allowed: bigint('allowed', { mode: 'bigint' }),
    usesAllowed: integer('uses_allowed'),
    reserved: bigint('reserved', { mode: 'bigint' }).notNull(),
    spent: bigint('spent', { mode: 'bigint' }).notNull(),
    usesReserved: integer('uses_reserved').notNull(),
    uses: integer('uses').notNull(),
  },
  (table) => [
    check(
      'loyalty_offer_budgets_spent',
      sql`${table.allowed} is null or ${table.reserved} + ${table.spent} <= ${table.allowed}`,
    ),
    check(
      'loyalty_offer_budgets_uses',
      sql`${table.usesAllowed} is null or ${table.usesReserved} + ${table.uses} <= ${table.usesAllowed}`,
    ),
  ],
);

/** An offer that was shown to somebody, and what came of it. */
export const loyaltyPresentations = pgTable(
  'loyalty_presentations',
  {
    /** Whom it was shown to; the nil UUID where the till knew nobody. */
    recordId: uuid('record_id').notNull(),
    /** Derived from API key and idempotency key. */
    id: uuid('id').notNull(),
    offerId: uuid('offer_id').notNull(),
    /** Of the offer, as it was shown. */
    version: integer('version').notNull(),
    /** PRESENTED, ACCEPTED, DECLINED, REDEEMED, EXPIRED. */
    status: text('status').notNull(),
    presentedAt: instant('presented_at').notNull(),
    decidedAt: instant('decided_at'),
    /** When it can no longer be accepted or redeemed, and what it holds of the budget is released. */
    expiresAt: instant('expires_at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    /** What one use costs at most, in minor units of the budget's currency. */
    reserved: bigint('reserved', { mode: 'bigint' }).notNull(),
    /** That, and one use, are counted as reserved in the offer's budget. */
    held: boolean('held').notNull(),
    /** What it did cost; null until it was redeemed. */
    spent: bigint('spent', { mode: 'bigint' }),
    channel: text('channel'),
    store: text('store'),
    actor: text('actor').notNull(),
    detail: jsonb('detail'),
    fingerprint: uuid('fingerprint').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.id] }),
    index('loyalty_presentations_id').on(table.id),
    index('loyalty_presentations_offer').on(table.offerId, table.recordId, table.presentedAt),
    index('loyalty_presentations_recent').on(table.offerId, table.presentedAt),
    index('loyalty_presentations_expiring')
      .on(table.expiresAt)
      .where(sql`${table.status} in ('PRESENTED', 'ACCEPTED')`),
  ],
);
