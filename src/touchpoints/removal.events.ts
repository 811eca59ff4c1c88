import type { CustomersRegrouped } from '../identity/identity.events.ts';
import type { Database, Tx } from '../kernel/database.ts';

/** Names the row of one touchpoint. */
export interface TouchpointRow {
  readonly recordId: string;
  readonly occurredAt: Date;
  readonly id: string;
}

/** How many rows of a table were deleted or changed. */
export interface RowsRemoved {
  readonly table: string;
  readonly rows: number;
}

/**
 * Forgets what a module keeps of touchpoints beside what it folds from them, in the transaction that deletes them and before
 * they are gone. Nothing is recorded meanwhile. Runs a constant number of statements.
 */
export type TouchpointsLeaving = (tx: Tx, leaving: readonly TouchpointRow[]) => Promise<readonly RowsRemoved[]>;

/** Which of these records something rests on that no touchpoint said: they stay, whatever becomes of their touchpoints. */
export type RecordsPinned = (db: Database, recordIds: readonly string[]) => Promise<readonly string[]>;

/** Forgets what a module keeps of records that are no more, in the transaction that deletes them. */
export type RecordsLeaving = (tx: Tx, recordIds: readonly string[]) => Promise<readonly RowsRemoved[]>;

/** What the modules do when touchpoints go, each in order. */
export interface RemovalReactions {
  readonly leaving: readonly TouchpointsLeaving[];
  readonly pinned: readonly RecordsPinned[];
  readonly recordsLeaving: readonly RecordsLeaving[];
  /** Before records are deleted: what customers have of them is given up while they still are theirs. */
  readonly settling: readonly CustomersRegrouped[];
  /** What modules keep up to date about customers. */
  readonly regrouped: readonly CustomersRegrouped[];
  /** After that, for the records that have lost touchpoints. */
  readonly recounting: readonly RecordsLeaving[];
}
