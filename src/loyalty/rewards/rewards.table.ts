import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** What points buy. */
export const loyaltyRewards = pgTable(
  'loyalty_rewards',
  {
    id: uuid('id').primaryKey(),
    programId: uuid('program_id').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    wallet: text('wallet').notNull(),
    points: bigint('points', { mode: 'bigint' }).notNull(),
    /** PRODUCT, or VOUCHER: redeeming issues one by `voucher`. */
    kind: text('kind').notNull(),
    /** What the voucher is worth and how long: see `voucher.ts`. */
    voucher: jsonb('voucher'),
    /** Null: never runs out. */
    stock: integer('stock'),
    /** Keys of tiers; null: all. */
    tiers: jsonb('tiers'),
    perMember: integer('per_member'),
    /** What it costs the programme, minor units of `cost_currency`. */
    costMinor: bigint('cost_minor', { mode: 'bigint' }),
    costCurrency: text('cost_currency'),
    validFrom: instant('valid_from'),
    validTo: instant('valid_to'),
    active: boolean('active').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    fingerprint: uuid('fingerprint').notNull(),
  },
  (table) => [
    index('loyalty_rewards_program').on(table.programId, table.createdAt, table.id),
    check('loyalty_rewards_stock', sql`${table.stock} >= 0`),
  ],
);

/** Codes that are worth something at a till. */
export const loyaltyVouchers = pgTable(
  'loyalty_vouchers',
  {
    id: uuid('id').primaryKey(),
    programId: uuid('program_id').notNull(),
    /** In capitals, without blanks: as it is looked up. */
    code: text('code').notNull(),
    /** A pool of codes, such as of one campaign. */
    pool: text('pool'),
    /** Whose it is; null: whoever shows it. */
    recordId: uuid('record_id'),
    /** See `voucher.ts`. */
    worth: jsonb('worth').notNull(),
    /** ACTIVE, USED_UP or CANCELLED. */
    status: text('status').notNull(),
    usesAllowed: integer('uses_allowed').notNull(),
    used: integer('used').notNull(),
    validFrom: instant('valid_from'),
    validTo: instant('valid_to'),
    /** The decision that issued it: a reward that was redeemed. */
    decisionId: uuid('decision_id'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('loyalty_vouchers_code').on(table.code),
    index('loyalty_vouchers_record').on(table.recordId, table.createdAt, table.id),
    index('loyalty_vouchers_pool').on(table.programId, table.pool, table.id),
    check('loyalty_vouchers_uses', sql`${table.used} >= 0 and ${table.used} <= ${table.usesAllowed}`),
  ],
);

/** Every use of a voucher, once for each idempotency key. */
export const loyaltyVoucherUses = pgTable(
  'loyalty_voucher_uses',
  {
    voucherId: uuid('voucher_id').notNull(),
    /** Derived from API key and idempotency key. */
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    /** USED or REVERSED. */
    status: text('status').notNull(),
    recordId: uuid('record_id'),
    detail: jsonb('detail'),
    actor: text('actor').notNull(),
    fingerprint: uuid('fingerprint').notNull(),
  },
  (table) => [primaryKey({ columns: [table.voucherId, table.id] }), index('loyalty_voucher_uses_id').on(table.id)],
);

/** Codes are unique: one row each, distributed by the code. */
export const loyaltyVoucherCodes = pgTable('loyalty_voucher_codes', {
  code: text('code').primaryKey(),
  voucherId: uuid('voucher_id').notNull(),
});
