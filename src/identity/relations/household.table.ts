import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** Groups of people who live together. One that the rule makes has an id derived from what its members share. */
export const households = pgTable(
  'households',
  {
    id: uuid('id').primaryKey(),
    /** `HAND` or `RULE`: how it came about. */
    origin: text('origin').notNull(),
    name: text('name'),
    /** Somebody made it, named it or put a member into it: it stays when the last member leaves. */
    kept: boolean('kept').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('households_created').on(table.createdAt, table.id)],
);

/**
 * Memberships hang on a record, the founding one of the customer at the time, and are whoever's the record is: a merge
 * folds two into one customer, an unmerge gives them back. Those of origin `RULE` are derived, and can be made anew.
 */
export const householdMembers = pgTable(
  'household_members',
  {
    id: uuid('id').notNull(),
    recordId: uuid('record_id').notNull(),
    householdId: uuid('household_id').notNull(),
    /** `HAND` or `RULE`. */
    origin: text('origin').notNull(),
    role: text('role').notNull(),
    /** Half-open. Null at the start: by rule, as long as the data say so. */
    validFrom: instant('valid_from'),
    validTo: instant('valid_to'),
    /** Of the rule that made it. */
    ruleVersion: integer('rule_version'),
    /** In `relation_statements`: by whom it was made, and by whom ended. */
    statementId: uuid('statement_id'),
    endStatementId: uuid('end_statement_id'),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.id] }),
    index('household_members_household').on(table.householdId, table.origin),
    index('household_members_from').on(table.validFrom).where(sql`${table.validFrom} is not null`),
    index('household_members_to').on(table.validTo).where(sql`${table.validTo} is not null`),
  ],
);

/** "This customer is not in this household", whatever the rule says. Hangs on a record as memberships do. */
export const householdExclusions = pgTable(
  'household_exclusions',
  {
    recordId: uuid('record_id').notNull(),
    householdId: uuid('household_id').notNull(),
    statementId: uuid('statement_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.householdId] }),
    index('household_exclusions_household').on(table.householdId),
  ],
);

/** Versions of the rule that makes households, with how far each has been applied. The latest is in force. */
export const householdRules = pgTable('household_rules', {
  version: integer('version').primaryKey(),
  enabled: boolean('enabled').notNull(),
  /** Customers in whom all of these are equal share a household. */
  traits: text('traits').array().notNull(),
  minimumSize: integer('minimum_size').notNull(),
  maximumSize: integer('maximum_size').notNull(),
  statementId: uuid('statement_id').notNull(),
  createdAt: instant('created_at').notNull(),
  /** `CUSTOMERS` (reading whose traits are equal), `HOUSEHOLDS` (making them so), `FOLLOWING` (the change feed). */
  phase: text('phase').notNull(),
  /** The customer or household up to which the phase has come. */
  position: uuid('position'),
  customersRead: bigint('customers_read', { mode: 'number' }).notNull(),
  customersToRead: bigint('customers_to_read', { mode: 'number' }),
  appliedAt: instant('applied_at'),
  /** Changes of the feed up to here have been taken in. */
  cursor: text('cursor'),
  /** Periods that began or ended up to here have been taken in. */
  edgesThrough: instant('edges_through'),
});

/** Cache: the household that a customer's traits point to by the rule. */
export const householdKeys = pgTable(
  'household_keys',
  { customerId: uuid('customer_id').primaryKey(), householdId: uuid('household_id').notNull() },
  (table) => [index('household_keys_household').on(table.householdId)],
);

/** Cache: equal traits of more customers than a household can have, which are none therefore. */
export const householdCrowds = pgTable('household_crowds', { householdId: uuid('household_id').primaryKey() });

export type HouseholdRow = typeof households.$inferSelect;
