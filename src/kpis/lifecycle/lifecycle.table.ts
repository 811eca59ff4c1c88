import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** Where customers are in their life cycle. Who is anonymous has no row. A cache: see `lifecycle.ts`. */
export const customerLifecycles = pgTable(
  'customer_lifecycles',
  {
    customerId: uuid('customer_id').primaryKey(),
    stage: text('stage').notNull(),
    since: instant('since').notNull(),
    /** `LOW`, `ELEVATED` or `HIGH`; null where there is nothing to lose. */
    riskBand: text('risk_band'),
    riskSince: instant('risk_since'),
    /** When time alone may change the stage or the band; null: never. */
    dueAt: instant('due_at'),
    /** Of the settings, scales and models that it was derived with: `kpi_sweeps.revision`. */
    revision: integer('revision').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('customer_lifecycles_due').on(table.dueAt, table.customerId).where(sql`${table.dueAt} is not null`),
    index('customer_lifecycles_stage').on(table.stage, table.customerId),
  ],
);

/** How they got there: derived from what happened and when, so a late event can rewrite it. */
export const lifecycleTransitions = pgTable(
  'lifecycle_transitions',
  {
    customerId: uuid('customer_id').notNull(),
    /** 0, 1, … in order of time. */
    ordinal: integer('ordinal').notNull(),
    at: instant('at').notNull(),
    /** Null: the beginning. */
    fromStage: text('from_stage'),
    toStage: text('to_stage').notNull(),
    cause: text('cause').notNull(),
    evidence: jsonb('evidence').notNull(),
    /** Version of the settings that it follows from. */
    settingsVersion: integer('settings_version').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.customerId, table.ordinal] }),
    index('lifecycle_transitions_time').on(table.at, table.customerId, table.ordinal),
  ],
);
