import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** Loyalty programmes. What they say is in their versions. */
export const loyaltyPrograms = pgTable(
  'loyalty_programs',
  {
    id: uuid('id').primaryKey(),
    /** Unique, whatever its case. */
    name: text('name').notNull(),
    /** The one that is in force; null until the first one is published. */
    publishedVersion: integer('published_version'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    /** Of the input that made it, to tell a repeat from another request. */
    fingerprint: uuid('fingerprint').notNull(),
    /** The last turn of the programme, such as a new version, that members have been brought up to date with. */
    sweptAt: instant('swept_at'),
    /** While they are: everybody up to this customer has been. */
    sweptTo: uuid('swept_to'),
  },
  (table) => [index('loyalty_programs_created').on(table.createdAt, table.id)],
);

/** Drafts and published versions. A published one never changes. */
export const loyaltyProgramVersions = pgTable(
  'loyalty_program_versions',
  {
    programId: uuid('program_id').notNull(),
    version: integer('version').notNull(),
    /** DRAFT or PUBLISHED. */
    status: text('status').notNull(),
    /** A `ProgramDefinition`. */
    definition: jsonb('definition').notNull(),
    /** From when on it applies to touchpoints: never before it was published. */
    effectiveAt: instant('effective_at'),
    actor: text('actor').notNull(),
    reason: text('reason'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    publishedAt: instant('published_at'),
  },
  (table) => [primaryKey({ columns: [table.programId, table.version] })],
);

/** Every change of phase. */
export const loyaltyPhases = pgTable(
  'loyalty_phases',
  {
    programId: uuid('program_id').notNull(),
    id: uuid('id').notNull(),
    phase: text('phase').notNull(),
    effectiveAt: instant('effective_at').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason'),
  },
  (table) => [primaryKey({ columns: [table.programId, table.id] })],
);

/** Every turn of a lever: its audit trail too. */
export const loyaltyLeverValues = pgTable(
  'loyalty_lever_values',
  {
    programId: uuid('program_id').notNull(),
    /** UUIDv7: of two that hold at one instant the later one counts. */
    id: uuid('id').notNull(),
    lever: text('lever').notNull(),
    /** Decimal text. */
    value: text('value').notNull(),
    effectiveAt: instant('effective_at').notNull(),
    until: instant('until'),
    actor: text('actor').notNull(),
    reason: text('reason'),
    recordedAt: instant('recorded_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.id] })],
);

/** Grows with every change of what programmes say: who holds an older one in memory reads anew. One row. */
export const loyaltyBook = pgTable('loyalty_book', {
  id: integer('id').primaryKey(),
  revision: bigint('revision', { mode: 'bigint' }).notNull(),
});

/** What rules with a budget have granted so far. Points, never above the budget. */
export const loyaltyBudgets = pgTable(
  'loyalty_budgets',
  {
    programId: uuid('program_id').notNull(),
    rule: text('rule').notNull(),
    granted: bigint('granted', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.rule] })],
);
