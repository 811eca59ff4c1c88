import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

const points = (name: string) => bigint(name, { mode: 'bigint' }).notNull();

/**
 * The ledger. Every row is a double entry: what leaves one account of the ledger enters another, so no row can be written
 * that does not sum to zero. Rows are only ever added; a trigger refuses everything else. All rows of one `entry_id` were
 * written for one cause, in one transaction.
 */
export const loyaltyPostings = pgTable(
  'loyalty_postings',
  {
    /** Whose ledger: of the record that carries the membership or made the purchase. */
    recordId: uuid('record_id').notNull(),
    /** UUIDv7, in the order of writing. */
    id: uuid('id').notNull(),
    entryId: uuid('entry_id').notNull(),
    programId: uuid('program_id').notNull(),
    wallet: text('wallet').notNull(),
    lotId: uuid('lot_id').notNull(),
    at: instant('at').notNull(),
    /** See `buckets` in `bucket.ts`. */
    fromBucket: text('from_bucket').notNull(),
    toBucket: text('to_bucket').notNull(),
    points: points('points'),
    /** Why: see `entryKinds`. */
    kind: text('kind').notNull(),
    /** The touchpoint or the decision. Null: time, or other evidence of who is who. */
    causeId: uuid('cause_id'),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.id] }),
    check('loyalty_postings_points', sql`${table.points} > 0`),
    check('loyalty_postings_buckets', sql`${table.fromBucket} <> ${table.toBucket}`),
  ],
);

/**
 * Points that were granted together and expire together. `granted` is what the source is worth by now; the other columns
 * say where its points are: the sum of the ledger's rows about it.
 */
export const loyaltyLots = pgTable(
  'loyalty_lots',
  {
    recordId: uuid('record_id').notNull(),
    /** Derived from wallet, source and times: the same facts give the same lot. */
    id: uuid('id').notNull(),
    programId: uuid('program_id').notNull(),
    wallet: text('wallet').notNull(),
    /** TOUCHPOINT, DECISION, or DEBT: what was spent and then taken back by a return; one for each account. */
    source: text('source').notNull(),
    sourceId: uuid('source_id'),
    earnedAt: instant('earned_at').notNull(),
    availableAt: instant('available_at').notNull(),
    expiresAt: instant('expires_at'),
    version: integer('version'),
    /** `[{rule, line, points}]`: how the points came about; line: place in the touchpoint's lines, null for the whole. */
    grants: jsonb('grants').notNull(),
    granted: points('granted'),
    /** All that was ever issued for it, what was taken back included. */
    issued: points('issued'),
    pending: points('pending'),
    available: points('available'),
    reserved: points('reserved'),
    redeemed: points('redeemed'),
    expired: points('expired'),
    reversed: points('reversed'),
    adjusted: points('adjusted'),
    transferred: points('transferred'),
    /** When time alone changes it next: points that become available, or expire. */
    dueAt: instant('due_at'),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.id] }),
    index('loyalty_lots_due').on(table.dueAt).where(sql`${table.dueAt} is not null`),
    check(
      'loyalty_lots_balance',
      sql`${table.issued} = ${table.pending} + ${table.available} + ${table.reserved} + ${table.redeemed} + ${table.expired} + ${table.reversed} + ${table.adjusted} + ${table.transferred}`,
    ),
    check('loyalty_lots_unspent', sql`${table.source} = 'DEBT' or (${table.available} >= 0 and ${table.pending} >= 0)`),
  ],
);

/** The sums of an account's lots, one row for each record, programme and wallet. A cache: see `rundum loyalty verify`. */
export const loyaltyAccounts = pgTable(
  'loyalty_accounts',
  {
    recordId: uuid('record_id').notNull(),
    programId: uuid('program_id').notNull(),
    wallet: text('wallet').notNull(),
    issued: points('issued'),
    pending: points('pending'),
    available: points('available'),
    reserved: points('reserved'),
    redeemed: points('redeemed'),
    expired: points('expired'),
    reversed: points('reversed'),
    adjusted: points('adjusted'),
    transferred: points('transferred'),
    /** Spent, and not covered by any lot. */
    owed: points('owed'),
    /** Of the latest consumption: a lot from before that may have been used by it. */
    lastConsumedAt: instant('last_consumed_at'),
    openedAt: instant('opened_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.programId, table.wallet] })],
);

/**
 * What somebody decided to take out of an account: a redemption, a reservation, a transfer, a correction downwards. How
 * much is a decision and stays; from which lots follows from them, and is in the ledger.
 */
export const loyaltyConsumptions = pgTable(
  'loyalty_consumptions',
  {
    recordId: uuid('record_id').notNull(),
    programId: uuid('program_id').notNull(),
    wallet: text('wallet').notNull(),
    /** One decision can take from several accounts. */
    decisionId: uuid('decision_id').notNull(),
    at: instant('at').notNull(),
    points: points('points'),
    /** REDEEMED, RESERVED, TRANSFERRED or ADJUSTED; null: it was released or taken back, and takes nothing. */
    bucket: text('bucket'),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.programId, table.wallet, table.decisionId] }),
    index('loyalty_consumptions_decision').on(table.decisionId),
    check('loyalty_consumptions_points', sql`${table.points} > 0`),
  ],
);

/** Everything that a person or a till decided, once for each idempotency key. */
export const loyaltyDecisions = pgTable(
  'loyalty_decisions',
  {
    programId: uuid('program_id').notNull(),
    /** Derived from programme, API key and idempotency key. */
    id: uuid('id').notNull(),
    /** See `decisionKinds`. */
    kind: text('kind').notNull(),
    /** DONE, RESERVED, RELEASED, REVERSED. */
    status: text('status').notNull(),
    /** When it took place: of a till that was offline, before it was recorded. */
    at: instant('at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    /** The membership or record that it is about. */
    recordId: uuid('record_id').notNull(),
    /** Points in all; 0 where it moves none. */
    points: points('points'),
    wallet: text('wallet'),
    /** Reward, voucher, offer, the other side of a transfer, the friend who was referred … */
    subjectId: uuid('subject_id'),
    /** Of a reservation: when it is released by itself. */
    expiresAt: instant('expires_at'),
    actor: text('actor').notNull(),
    reason: text('reason'),
    detail: jsonb('detail'),
    /** Of the input: the same key with another input is a conflict. */
    fingerprint: uuid('fingerprint').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.id] }),
    index('loyalty_decisions_record').on(table.recordId, table.programId, table.at, table.id),
    index('loyalty_decisions_subject').on(table.subjectId, table.at).where(sql`${table.subjectId} is not null`),
    index('loyalty_decisions_expiring').on(table.expiresAt).where(sql`${table.status} = 'RESERVED'`),
  ],
);
