import type { NewChange } from '../kernel/changes.queries.ts';
import type { Database, Tx } from '../kernel/database.ts';

/** Customers whose records changed hands by a decision or by other rules, without any touchpoint. */
export interface RegroupedCustomers {
  readonly at: Date;
  /** Those that exist now and have other records or other identifiers than before; sorted, their rows locked. */
  readonly customerIds: readonly string[];
  /** Customers that are no more, with the survivor that took their founding record. */
  readonly absorbed: readonly { id: string; into: string }[];
}

/**
 * Brings what a module keeps about customers up to date, in the transaction that regrouped them, and answers what it
 * changed, for the change feed. Runs a constant number of statements.
 */
export type CustomersRegrouped = (tx: Tx, regrouped: RegroupedCustomers) => Promise<readonly NewChange[]>;

/** Customers some of whose golden traits are others, though no touchpoint and no merge made them so. */
export interface RefoldedCustomers {
  readonly at: Date;
  /** Sorted, their rows locked. */
  readonly customerIds: readonly string[];
  readonly trait: string;
}

/** As {@link CustomersRegrouped}, for a trait that was folded by another strategy. */
export type TraitsRefolded = (tx: Tx, refolded: RefoldedCustomers) => Promise<readonly NewChange[]>;

/** One thing that is stored and should be something else. */
export interface Difference {
  readonly table: 'records' | 'identifiers' | 'refused_links' | 'customers';
  readonly id: string;
  /** Null: the row as a whole is missing, or should not be there. */
  readonly column: string | null;
  readonly stored: string | null;
  readonly expected: string | null;
}

/**
 * Compares what a module keeps about customers with what follows from their records. `recordsOf` has the customers as
 * they should be; those whose rows are missing are reported already.
 */
export type CustomersChecked = (
  db: Database,
  recordsOf: ReadonlyMap<string, readonly string[]>,
) => Promise<readonly Difference[]>;
