import { sql } from 'drizzle-orm';
import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant, transactionId } from '../../kernel/column-types.ts';

/** What training has found, one row a training. A model never changes: another training is another version. */
export const matchModels = pgTable(
  'match_models',
  {
    version: integer('version').primaryKey(),
    /** Which traits and identifiers each field is read from. */
    sources: jsonb('sources').notNull(),
    /** Specification, parameters, thresholds and facts of the training, as the engine wrote them. */
    model: jsonb('model').notNull(),
    /** How the model judges the pairs that stewards have decided on; null where there were none. */
    evaluation: jsonb('evaluation'),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
    active: boolean('active').notNull(),
    activatedAt: instant('activated_at'),
  },
  (table) => [uniqueIndex('match_models_active').on(table.active).where(sql`${table.active}`)],
);

/** Work on all records: a training, or a run of the active model. It outlives the node that does it. */
export const matchRuns = pgTable(
  'match_runs',
  {
    id: uuid('id').primaryKey(),
    /** TRAIN or MATCH. */
    kind: text('kind').notNull(),
    /** QUEUED, RUNNING, SUCCEEDED or FAILED. */
    status: text('status').notNull(),
    /** For a training: what it trains with, and whether to activate the result. */
    options: jsonb('options').notNull(),
    /** Of the request, to tell a repeat from another request under the same idempotency key. */
    fingerprint: uuid('fingerprint').notNull(),
    actor: text('actor').notNull(),
    /** What is being done, how much of it is done, and of how much, where that is known. */
    phase: text('phase').notNull(),
    done: integer('done').notNull(),
    total: integer('total'),
    modelVersion: integer('model_version'),
    /** Counts, once there are any. */
    result: jsonb('result'),
    error: text('error'),
    attempts: integer('attempts').notNull(),
    requestedAt: instant('requested_at').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
  },
  (table) => [
    index('match_runs_time').on(table.requestedAt, table.id),
    index('match_runs_unfinished').on(table.requestedAt, table.id).where(sql`${table.finishedAt} is null`),
  ],
);

/** How far the incremental work has come. One row. */
export const matchProgress = pgTable('match_progress', {
  name: text('name').primaryKey(),
  /** The epoch of the change feed, and the last transaction of it that has been looked at. */
  epoch: text('epoch').notNull(),
  tx: transactionId('tx').notNull(),
  /** When the latest change that has been looked at was made. */
  at: instant('at').notNull(),
  /** The model by which the blocks were made; null while they are incomplete. */
  modelVersion: integer('model_version'),
  /** Names of the blocking rules that have blocks: those that are worth their room. */
  rules: jsonb('rules').notNull(),
});

/** What matching knows of each record: enough to notice that nothing about it that counts has changed. */
export const matchRecords = pgTable('match_records', {
  recordId: uuid('record_id').primaryKey(),
  /** Of the values that are compared. */
  fingerprint: uuid('fingerprint').notNull(),
  /** The blocks in which it is. */
  keys: integer('keys').array().notNull(),
});

/** Records by block: those that share one are worth comparing. */
export const matchBlocks = pgTable(
  'match_blocks',
  {
    /** Hash of a blocking rule and of what it makes of the record. */
    key: integer('key').notNull(),
    recordId: uuid('record_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.key, table.recordId] })],
);

/** Two records of different customers that may be one person. */
export const matchCandidates = pgTable(
  'match_candidates',
  {
    /** The smaller id of the two. */
    recordA: uuid('record_a').notNull(),
    recordB: uuid('record_b').notNull(),
    /** Derived from both. */
    id: uuid('id').notNull(),
    /** log2 of the odds that both are one person. */
    weight: doublePrecision('weight').notNull(),
    modelVersion: integer('model_version').notNull(),
    /** PENDING, LINKED (by the matcher), ACCEPTED or REJECTED (by a steward), OBSOLETE. */
    status: text('status').notNull(),
    /** The decision that linked them, or keeps them apart. */
    decisionId: uuid('decision_id'),
    foundAt: instant('found_at').notNull(),
    /** When the weight was last confirmed. */
    scoredAt: instant('scored_at').notNull(),
    decidedAt: instant('decided_at'),
  },
  (table) => [
    primaryKey({ columns: [table.recordA, table.recordB] }),
    index('match_candidates_list').on(table.status, table.weight, table.id),
    index('match_candidates_b').on(table.recordB),
    index('match_candidates_id').on(table.id),
  ],
);
