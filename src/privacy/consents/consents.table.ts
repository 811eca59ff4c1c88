import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/**
 * What was said about consent, one row for each source record that it was said of: facts, never changed. Who is whose makes
 * no difference here, so that merging and parting customers changes nothing.
 */
export const consentStatements = pgTable(
  'consent_statements',
  {
    recordId: uuid('record_id').notNull(),
    /** That of the touchpoint, where one said it. A decision about a customer is one id on all records that it had then. */
    id: uuid('id').notNull(),
    purpose: text('purpose').notNull(),
    /** Empty text: every channel. */
    channel: text('channel').notNull(),
    /** `GRANTED`, `DENIED`, `WITHDRAWN`, or `PENDING`: asked, not confirmed. */
    status: text('status').notNull(),
    /** Article 6 (1) GDPR: see `consent.ts`. */
    legalBasis: text('legal_basis').notNull(),
    /** `TOUCHPOINT`, `DECISION`, `CONFIRMATION`, `PREFERENCE_CENTER`. */
    origin: text('origin').notNull(),
    /** The touchpoint's source; for decisions, where it was said, in the words of whoever entered it. */
    source: text('source').notNull(),
    /** Wording, form, address: whatever proves it. Personal. */
    evidence: jsonb('evidence'),
    /** Who entered it: the name of the API key. Null for touchpoints and for the customer's own hand. */
    actor: text('actor'),
    reason: text('reason'),
    statedAt: instant('stated_at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    /** From then on it is as good as not given; of PENDING: how long it may be confirmed. */
    expiresAt: instant('expires_at'),
    /** Of a decision's input, to tell a repeat from another decision under the same idempotency key. */
    fingerprint: uuid('fingerprint'),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.id] }),
    index('consent_statements_decision').on(table.id).where(sql`${table.origin} <> 'TOUCHPOINT'`),
  ],
);

/**
 * What counts for each customer, purpose and channel: folded from the statements of its records in the transaction that
 * changes them. A cache. Time is not in it: whoever reads compares `expires_at`.
 */
export const customerConsents = pgTable(
  'customer_consents',
  {
    customerId: uuid('customer_id').notNull(),
    purpose: text('purpose').notNull(),
    /** Empty text: every channel that has no row of its own. */
    channel: text('channel').notNull(),
    /** As of the statements. `EXPIRED` is read: GRANTED or PENDING with `expires_at` in the past. */
    status: text('status').notNull(),
    legalBasis: text('legal_basis').notNull(),
    source: text('source').notNull(),
    /** The statement that decides. */
    recordId: uuid('record_id').notNull(),
    statementId: uuid('statement_id').notNull(),
    statedAt: instant('stated_at').notNull(),
    /** The earliest of all records that count; only of GRANTED and PENDING. */
    expiresAt: instant('expires_at'),
    /** Records of the customer say different things. */
    conflict: boolean('conflict').notNull(),
    /** The expiry that the change feed has told of. */
    toldExpiry: instant('told_expiry'),
  },
  (table) => [
    primaryKey({ columns: [table.customerId, table.purpose, table.channel] }),
    index('customer_consents_status').on(table.purpose, table.channel, table.status, table.customerId),
    index('customer_consents_expiry')
      .on(table.expiresAt, table.customerId, table.purpose, table.channel)
      .where(sql`${table.expiresAt} is not null and ${table.expiresAt} is distinct from ${table.toldExpiry}`),
  ],
);

/** What consent is asked for. Purposes that came by touchpoints wait here for a review, and work meanwhile. */
export const consentPurposes = pgTable('consent_purposes', {
  name: text('name').primaryKey(),
  /** As customers read it. */
  label: text('label').notNull(),
  description: text('description').notNull(),
  /** Channels that can be told apart; empty: one consent for all of them. */
  channels: text('channels').array().notNull(),
  /** Customers see it in the preference centre. */
  offered: boolean('offered').notNull(),
  /** Null: nobody has looked at it. */
  reviewedAt: instant('reviewed_at'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});
