import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** That a record carries a membership. It stays with the record, whoever the record's customer is. */
export const loyaltyMemberships = pgTable(
  'loyalty_memberships',
  {
    recordId: uuid('record_id').notNull(),
    programId: uuid('program_id').notNull(),
    id: uuid('id').notNull(),
    /** ACTIVE or LEFT. */
    status: text('status').notNull(),
    /** EXPLICIT, AUTOMATIC or IMPORT. */
    how: text('how').notNull(),
    enrolledAt: instant('enrolled_at').notNull(),
    leftAt: instant('left_at'),
    /** Earlier absences, in order: since when, and until when. See the view `loyalty_membership_spans`. */
    awaySince: instant('away_since').array().notNull().default(sql`'{}'`),
    awayUntil: instant('away_until').array().notNull().default(sql`'{}'`),
    actor: text('actor').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.programId] }),
    index('loyalty_memberships_id').on(table.id),
    index('loyalty_memberships_enrolled').on(table.programId, table.enrolledAt, table.id),
  ],
);

/** A tier that somebody gave for a time. Only while it lasts: afterwards what was earned counts again. */
export const loyaltyTierOverrides = pgTable(
  'loyalty_tier_overrides',
  {
    recordId: uuid('record_id').notNull(),
    programId: uuid('program_id').notNull(),
    id: uuid('id').notNull(),
    tier: text('tier').notNull(),
    /** Half-open. */
    validFrom: instant('valid_from').notNull(),
    validTo: instant('valid_to').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.id] })],
);

/**
 * How far a customer's touchpoints have been folded. A cache: made anew from the touchpoints whenever one arrives that is
 * older than the last one, something is returned, or records change hands.
 */
export const loyaltyMembers = pgTable(
  'loyalty_members',
  {
    customerId: uuid('customer_id').notNull(),
    programId: uuid('program_id').notNull(),
    /** A `MemberState` of `earning/member-state.ts`. */
    state: jsonb('state').notNull(),
    /** Null where the programme has no tiers, or the customer is no member. */
    tier: text('tier'),
    tierSince: instant('tier_since'),
    /** When time alone changes the tier next. */
    dueAt: instant('due_at'),
  },
  (table) => [
    primaryKey({ columns: [table.customerId, table.programId] }),
    index('loyalty_members_due').on(table.dueAt).where(sql`${table.dueAt} is not null`),
    index('loyalty_members_tier').on(table.programId, table.tier, table.customerId),
  ],
);

/** Every change of a tier, as it became known. */
export const loyaltyTierLog = pgTable(
  'loyalty_tier_log',
  {
    /** By the id of that time. */
    customerId: uuid('customer_id').notNull(),
    id: uuid('id').notNull(),
    programId: uuid('program_id').notNull(),
    at: instant('at').notNull(),
    fromTier: text('from_tier'),
    toTier: text('to_tier'),
    /** EVENT, CLOCK, MERGE, UNMERGE, OVERRIDE, PROGRAM. */
    cause: text('cause').notNull(),
    causeId: uuid('cause_id'),
  },
  (table) => [
    primaryKey({ columns: [table.customerId, table.id] }),
    index('loyalty_tier_log_time').on(table.programId, table.at, table.id),
  ],
);

/** What was decided once about a touchpoint and stays: who was eligible, and what a budget gave. */
export const loyaltyVerdicts = pgTable(
  'loyalty_verdicts',
  {
    recordId: uuid('record_id').notNull(),
    touchpointId: uuid('touchpoint_id').notNull(),
    programId: uuid('program_id').notNull(),
    /** `{rule: {eligible?: boolean, budget?: points}}` */
    verdicts: jsonb('verdicts').notNull(),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.touchpointId, table.programId] })],
);

/** Members who spend together. Points stay with whoever earned them, so leaving splits exactly. */
export const loyaltyPools = pgTable('loyalty_pools', {
  programId: uuid('program_id').notNull(),
  id: uuid('id').primaryKey(),
  name: text('name'),
  createdAt: instant('created_at').notNull(),
});

export const loyaltyPoolMembers = pgTable(
  'loyalty_pool_members',
  {
    recordId: uuid('record_id').notNull(),
    programId: uuid('program_id').notNull(),
    poolId: uuid('pool_id').notNull(),
    joinedAt: instant('joined_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.programId] }),
    index('loyalty_pool_members_pool').on(table.poolId, table.recordId),
  ],
);

/** Who brought whom. */
export const loyaltyReferrals = pgTable(
  'loyalty_referrals',
  {
    programId: uuid('program_id').notNull(),
    /** Of the friend: nobody can be referred twice. */
    recordId: uuid('record_id').notNull(),
    id: uuid('id').notNull(),
    referrerRecordId: uuid('referrer_record_id').notNull(),
    /** OPEN, QUALIFIED, REWARDED, REFUSED. */
    status: text('status').notNull(),
    why: text('why'),
    createdAt: instant('created_at').notNull(),
    /** When its bonus is due, if nothing is returned until then. */
    dueAt: instant('due_at'),
    decidedAt: instant('decided_at'),
    detail: jsonb('detail'),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.programId] }),
    index('loyalty_referrals_referrer').on(table.referrerRecordId, table.programId),
    index('loyalty_referrals_due').on(table.dueAt).where(sql`${table.dueAt} is not null`),
  ],
);
