import { bigint, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../kernel/column-types.ts';

/** File imports and how far each has come, so that an interrupted one goes on where it stopped. */
export const imports = pgTable('imports', {
  /** Derived from the file's content and the mapping. */
  id: uuid('id').primaryKey(),
  fileName: text('file_name').notNull(),
  /** Rows of the file that are completely handled. */
  rowsDone: bigint('rows_done', { mode: 'number' }).notNull(),
  /** Counts by outcome, and whatever the reader needs to go on. */
  state: jsonb('state').notNull(),
  startedAt: instant('started_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  finishedAt: instant('finished_at'),
});
