import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant, transactionId } from '../kernel/column-types.ts';

/** The catalogue of traits: what each means, who may see it, and which of several values counts. */
export const traitDefinitions = pgTable(
  'trait_definitions',
  {
    name: text('name').primaryKey(),
    /** TEXT, NUMBER, BOOLEAN, DATE, DATE_TIME, OBJECT or LIST. */
    type: text('type').notNull(),
    unit: text('unit'),
    personal: boolean('personal').notNull(),
    description: text('description'),
    /** UNREVIEWED: learnt from an event, and nobody has looked at it yet. */
    status: text('status').notNull(),
    strategy: text('strategy').notNull(),
    /** Of the strategy: `{ sources }` or `{ ranking }`. */
    parameters: jsonb('parameters').notNull(),
    version: integer('version').notNull(),
    firstSeenAt: instant('first_seen_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    /** The name of the API key; null while it is as shipped or learnt. */
    updatedBy: text('updated_by'),
  },
  (table) => [
    index('trait_definitions_status').on(table.status, table.name),
    // Every fold asks for these, and mostly there are none.
    index('trait_definitions_special').on(table.name).where(sql`${table.strategy} <> 'MOST_RECENT'`),
  ],
);

/** Every definition that a trait ever had. Only added to. */
export const traitDefinitionVersions = pgTable(
  'trait_definition_versions',
  {
    name: text('name').notNull(),
    version: integer('version').notNull(),
    /** The whole definition as of this version. */
    definition: jsonb('definition').notNull(),
    /** Null: shipped, or learnt from an event. */
    actor: text('actor'),
    reason: text('reason').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.name, table.version] })],
);

/** Bringing the golden values of a trait up to its latest strategy: how far that is. */
export const traitRefolds = pgTable('trait_refolds', {
  name: text('name').primaryKey(),
  /** Of the definition. */
  version: integer('version').notNull(),
  /** Transactions below it may have folded by an older version: the work waits until they have ended. */
  fence: transactionId('fence'),
  /** Everybody up to this customer is done. */
  position: uuid('position'),
  examined: integer('examined').notNull(),
  changed: integer('changed').notNull(),
  startedAt: instant('started_at').notNull(),
  finishedAt: instant('finished_at'),
});
