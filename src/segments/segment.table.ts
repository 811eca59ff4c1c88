import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../kernel/column-types.ts';

/** Groups of customers by a condition, or by a list that people keep. */
export const segments = pgTable(
  'segments',
  {
    id: uuid('id').primaryKey(),
    /** Unique among those that are not archived. */
    name: text('name').notNull(),
    description: text('description'),
    /** DYNAMIC, or LIST. */
    kind: text('kind').notNull(),
    /** ACTIVE, ARCHIVING (its members are leaving) or ARCHIVED. */
    status: text('status').notNull(),
    /** The version by which customers are members; null until the first one has been built. */
    servedVersion: integer('served_version'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('segments_created').on(table.createdAt, table.id), index('segments_name').on(table.name, table.id)],
);

/** Every definition that a segment ever had, with how far each has been built. */
export const segmentVersions = pgTable(
  'segment_versions',
  {
    segmentId: uuid('segment_id').notNull(),
    version: integer('version').notNull(),
    /** The condition as it was given. */
    definition: jsonb('definition').notNull(),
    /** The versions of the segments that the condition names: `{id: version}`. */
    pins: jsonb('pins').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason'),
    /** Of the input that made it, to tell a repeat from another request. */
    fingerprint: uuid('fingerprint').notNull(),
    createdAt: instant('created_at').notNull(),
    /**
     * EVALUATING, APPLYING, SERVED; WAITING while an earlier one is being applied; RETIRED once another is served,
     * SUPERSEDED where it never was.
     */
    phase: text('phase').notNull(),
    /** Applied to every customer up to this one. */
    position: uuid('position'),
    /** Customers to evaluate, and those whose verdict is stored. */
    customers: integer('customers').notNull(),
    evaluated: integer('evaluated').notNull(),
    entered: integer('entered').notNull(),
    departed: integer('departed').notNull(),
    /** Attempts in a row that failed, the last one when and why. */
    failures: integer('failures').notNull(),
    failedAt: instant('failed_at'),
    failure: text('failure'),
    servedAt: instant('served_at'),
  },
  (table) => [
    primaryKey({ columns: [table.segmentId, table.version] }),
    index('segment_versions_building')
      .on(table.createdAt, table.segmentId)
      .where(sql`${table.phase} in ('EVALUATING', 'APPLYING')`),
  ],
);

/** Grows with every change of what has to be evaluated live. One row. */
export const segmentBook = pgTable('segment_book', {
  id: integer('id').primaryKey(),
  revision: bigint('revision', { mode: 'number' }).notNull(),
});

/**
 * Who is in which segment, and when that can change by time alone. Written under the lock of the customer's row. There is
 * no row for a customer who is not a member and whom time alone can't make one.
 */
export const segmentStates = pgTable(
  'segment_states',
  {
    customerId: uuid('customer_id').notNull(),
    segmentId: uuid('segment_id').notNull(),
    /** Of the definition that says so. */
    version: integer('version').notNull(),
    member: boolean('member').notNull(),
    /** Since when the customer is, or is not, a member: by the clock of the platform. */
    since: instant('since').notNull(),
    /** The verdict holds until then, unless something happens. Never too late; too early only costs another look. */
    dueAt: instant('due_at'),
  },
  (table) => [
    primaryKey({ columns: [table.customerId, table.segmentId] }),
    index('segment_states_members').on(table.segmentId, table.since, table.customerId).where(sql`${table.member}`),
    index('segment_states_segment').on(table.segmentId, table.customerId),
    index('segment_states_due').on(table.dueAt).where(sql`${table.dueAt} is not null`),
  ],
);

/** The same of a version that is being built, until it is applied. Both verdicts have rows here. */
export const segmentBuilds = pgTable(
  'segment_builds',
  {
    segmentId: uuid('segment_id').notNull(),
    customerId: uuid('customer_id').notNull(),
    version: integer('version').notNull(),
    verdict: boolean('verdict').notNull(),
    dueAt: instant('due_at'),
  },
  (table) => [
    primaryKey({ columns: [table.segmentId, table.customerId] }),
    index('segment_builds_customer').on(table.customerId),
  ],
);

/** Every time that somebody entered or left a segment. Only added to. */
export const segmentLog = pgTable(
  'segment_log',
  {
    customerId: uuid('customer_id').notNull(),
    /** A UUIDv7: in order of time. */
    id: uuid('id').notNull(),
    segmentId: uuid('segment_id').notNull(),
    version: integer('version').notNull(),
    at: instant('at').notNull(),
    entered: boolean('entered').notNull(),
    cause: text('cause').notNull(),
    /** The touchpoint, the other customer: what the cause was, if it has an id. */
    causeId: uuid('cause_id'),
  },
  (table) => [
    primaryKey({ columns: [table.customerId, table.id] }),
    index('segment_log_time').on(table.segmentId, table.at, table.id),
    index('segment_log_customer').on(table.segmentId, table.customerId, table.at, table.id),
  ],
);

/**
 * How many members a segment has: the sum of these. Every transaction adds a line of its own, as a single number would
 * make all of them wait for each other; they are added up from time to time.
 */
export const segmentTallies = pgTable(
  'segment_tallies',
  {
    segmentId: uuid('segment_id').notNull(),
    id: uuid('id').notNull(),
    members: integer('members').notNull(),
  },
  (table) => [primaryKey({ columns: [table.segmentId, table.id] })],
);

/** Who is on a list. Entries hang on a record and are whoever's the record is: a merge folds them, an unmerge gives them back. */
export const segmentListEntries = pgTable(
  'segment_list_entries',
  {
    recordId: uuid('record_id').notNull(),
    segmentId: uuid('segment_id').notNull(),
    actor: text('actor').notNull(),
    addedAt: instant('added_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.segmentId] }),
    index('segment_list_entries_segment').on(table.segmentId, table.addedAt, table.recordId),
  ],
);
