import { integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** The levers of KPIs: each change is a version, in force from its time on, for ever. */
export const kpiSettings = pgTable('kpi_settings', {
  version: integer('version').primaryKey(),
  effectiveFrom: instant('effective_from').notNull(),
  settings: jsonb('settings').notNull(),
  reason: text('reason'),
  /** API key; null: the command line. */
  keyId: uuid('key_id'),
});

/**
 * What everybody's stages depend on beside their own history: one row, `revision` counts up with each new version of the
 * settings, model or scale. Readers keep it in memory as long as the revision stands; the sweep brings customers after it.
 */
export const kpiSweeps = pgTable('kpi_sweeps', {
  name: text('name').primaryKey(),
  revision: integer('revision').notNull(),
  /** Every customer up to this id has been looked at for the revision; null: from the first one. */
  cursor: uuid('cursor'),
  finishedAt: instant('finished_at'),
});

/** Work that comes again: who finds it due locks its row. */
export const kpiJobs = pgTable('kpi_jobs', {
  name: text('name').primaryKey(),
  dueAt: instant('due_at').notNull(),
  startedAt: instant('started_at'),
  finishedAt: instant('finished_at'),
  failures: integer('failures').notNull(),
  error: text('error'),
});
