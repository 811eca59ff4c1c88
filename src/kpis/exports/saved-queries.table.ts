import { integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** Metric queries with a name, for tools that know addresses only. */
export const savedMetricQueries = pgTable(
  'saved_metric_queries',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    description: text('description'),
    version: integer('version').notNull(),
    query: jsonb('query').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    /** 128 bits of the input that made it: tells a repeat from a conflict. */
    fingerprint: uuid('fingerprint').notNull(),
  },
  (table) => [uniqueIndex('saved_metric_queries_name').on(table.name)],
);
