import { sql } from 'drizzle-orm';
import { index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** Companies, in a hierarchy. */
export const accounts = pgTable(
  'accounts',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    /** Internet domains in lower case, in the form in which DNS has them. */
    domains: text('domains').array().notNull(),
    /** Never leads back to the account itself: changes of parents are made one at a time. */
    parentId: uuid('parent_id'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('accounts_created').on(table.createdAt, table.id),
    index('accounts_parent').on(table.parentId, table.createdAt, table.id).where(sql`${table.parentId} is not null`),
    index('accounts_domains').using('gin', table.domains),
  ],
);

/** What other systems call an account. One account can have a key in each of them. */
export const accountKeys = pgTable(
  'account_keys',
  {
    source: text('source').notNull(),
    key: text('key').notNull(),
    accountId: uuid('account_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.key] }), index('account_keys_account').on(table.accountId)],
);

/** Who acts for an account. Memberships hang on a record, as those of households do. */
export const accountMembers = pgTable(
  'account_members',
  {
    id: uuid('id').notNull(),
    recordId: uuid('record_id').notNull(),
    accountId: uuid('account_id').notNull(),
    role: text('role').notNull(),
    /** Half-open. */
    validFrom: instant('valid_from').notNull(),
    validTo: instant('valid_to'),
    /** In `relation_statements`: by whom it was made, and by whom ended. */
    statementId: uuid('statement_id').notNull(),
    endStatementId: uuid('end_statement_id'),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.id] }),
    index('account_members_account').on(table.accountId),
  ],
);

export type AccountRow = typeof accounts.$inferSelect;
