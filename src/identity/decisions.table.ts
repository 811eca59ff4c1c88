import { doublePrecision, index, integer, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../kernel/column-types.ts';

/**
 * What stewards and matchers say about who is who. Decisions are facts beside the claims: resolution reads them, and a
 * revoked one is as if it had never been.
 */
export const decisions = pgTable(
  'decisions',
  {
    /** Derived from the key and its idempotency key where one was given: a repeat meets its own row. */
    id: uuid('id').primaryKey(),
    /** LINK, MERGE, MATCH: its records are one person. VETO, UNMERGE: its sides are not. REMOVE_IDENTIFIER. */
    kind: text('kind').notNull(),
    /** Who decided: the name of the API key, or `matcher`. */
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
    /** Of the input, to tell a repeat from another decision under the same idempotency key. */
    fingerprint: uuid('fingerprint').notNull(),
    /** The identifier that REMOVE_IDENTIFIER takes away. */
    identifierId: uuid('identifier_id'),
    /** The regrouping that UNMERGE undoes. */
    regroupingId: uuid('regrouping_id'),
    /** Of a MATCH: log2 of the odds that both are one person. */
    weight: doublePrecision('weight'),
    modelVersion: integer('model_version'),
    decidedAt: instant('decided_at').notNull(),
    revokedAt: instant('revoked_at'),
    revokedBy: text('revoked_by'),
    revokeReason: text('revoke_reason'),
  },
  (table) => [index('decisions_time').on(table.decidedAt, table.id)],
);

/** The records that a decision is about. */
export const decisionRecords = pgTable(
  'decision_records',
  {
    recordId: uuid('record_id').notNull(),
    decisionId: uuid('decision_id').notNull(),
    /** 0 or 1: a separation keeps the records of one side from those of the other. */
    side: smallint('side').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.decisionId] }),
    index('decision_records_decision').on(table.decisionId),
  ],
);

/** Evidence that would have joined a record to another and was refused, as things stand now. */
export const refusedLinks = pgTable(
  'refused_links',
  {
    recordId: uuid('record_id').notNull(),
    /** The identifier or the decision; the record itself where it carries too many values of a kind. */
    evidenceId: uuid('evidence_id').notNull(),
    /** The identifier's kind, or `decision`. */
    kind: text('kind').notNull(),
    otherRecordId: uuid('other_record_id'),
    /** Which rule refused it. */
    refusal: text('refusal').notNull(),
    /** The kind whose limit, the source whose one record, or the decision whose separation stood in the way. */
    limitedBy: text('limited_by'),
    refusedAt: instant('refused_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.evidenceId, table.kind] }),
    index('refused_links_time').on(table.refusedAt, table.recordId, table.evidenceId),
  ],
);

/** Every merge and split that happened, with the records on both sides: what an unmerge undoes. */
export const regroupings = pgTable(
  'regroupings',
  {
    /** A UUIDv7: in order of time. */
    id: uuid('id').primaryKey(),
    at: instant('at').notNull(),
    /** MERGED: `customerId` went into `otherId`. SPLIT: it came out of it. MOVED: some of its records went there. */
    kind: text('kind').notNull(),
    customerId: uuid('customer_id').notNull(),
    otherId: uuid('other_id').notNull(),
    /** The records that changed hands. */
    recordIds: uuid('record_ids').array().notNull(),
    /** The records that were the other's at that time. */
    otherRecordIds: uuid('other_record_ids').array().notNull(),
    /** TOUCHPOINTS, DECISION, MATCH, RULES or REBUILD. */
    cause: text('cause').notNull(),
    /** The decision or the version of the rules. */
    causeId: text('cause_id'),
  },
  (table) => [
    index('regroupings_customer').on(table.customerId, table.at),
    index('regroupings_other').on(table.otherId, table.at),
  ],
);

/** The versions of the identity rules. The highest one is in force; without any, the shipped rules are. */
export const identityRules = pgTable('identity_rules', {
  version: integer('version').primaryKey(),
  rules: text('rules').notNull(),
  actor: text('actor').notNull(),
  reason: text('reason').notNull(),
  fingerprint: uuid('fingerprint').notNull(),
  createdAt: instant('created_at').notNull(),
  /** Repairing the past: IDENTIFIERS, then RECORDS, then DONE; SUPERSEDED where another version came first. */
  phase: text('phase').notNull(),
  /** Everything up to this id is repaired. */
  position: uuid('position'),
  checked: integer('checked').notNull(),
  total: integer('total').notNull(),
  merges: integer('merges').notNull(),
  splits: integer('splits').notNull(),
  /** Attempts in a row that failed, the last one when. */
  failures: integer('failures').notNull().default(0),
  failedAt: instant('failed_at'),
  appliedAt: instant('applied_at'),
});
