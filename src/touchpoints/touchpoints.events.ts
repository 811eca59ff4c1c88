import type { CustomerSpan } from '../identity/customer-shares.ts';
import type { NewChange } from '../kernel/changes.queries.ts';
import type { Tx } from '../kernel/database.ts';
import type { AcceptedTouchpoint } from './touchpoint.ts';

/** What a batch recorded, as upper modules see it: within the transaction, after every fold. */
export interface RecordedBatch {
  readonly at: Date;
  /** New touchpoints only: no duplicates. */
  readonly touchpoints: readonly AcceptedTouchpoint[];
  /** Record → its customer now; null for a receipt of nobody. */
  readonly customerOf: ReadonlyMap<string, string | null>;
  /** Customers whose facts may have changed, by merging and parting too; their rows are locked. */
  readonly customerIds: readonly string[];
  /** Those of them who are new, or gave or took records that were there before: anything about them may be different. */
  readonly regrouped: ReadonlySet<string>;
  /** Those of them who gave or took records that were there before: what they did before may count otherwise. */
  readonly moved: ReadonlySet<string>;
  /** Those of them who got an identifier or a new record. What that record knows is in this batch. */
  readonly claimed: ReadonlySet<string>;
  /** Those of them who have had an identifier for longer than was known. */
  readonly antedated: ReadonlySet<string>;
  /** Since when and until when customers have been seen, this batch included: of those who kept their records. */
  readonly seenOf: ReadonlyMap<string, CustomerSpan>;
  /** What this transaction has changed so far: of customers by themselves, and by the reactions before this one. */
  readonly changes: readonly NewChange[];
  /** Customers that are no more, with the survivor that took their founding record. */
  readonly absorbed: readonly { id: string; into: string }[];
  /** Takes statements that have been sent and whose answers nobody needs: they are waited for with all others. */
  alongside(statements: Promise<unknown>): void;
}

/** Why a touchpoint that is valid is not stored. */
export interface Refusal {
  /** Stable. */
  readonly code: string;
  readonly message: string;
}

/**
 * Says which of these touchpoints must not be stored, by their ids. Runs in the transaction that records them, with the
 * identity rules held. A constant number of statements.
 */
export type TouchpointsRefused = (
  tx: Tx,
  touchpoints: readonly AcceptedTouchpoint[],
) => Promise<ReadonlyMap<string, Refusal>>;

/**
 * Reacts to a batch in its transaction and answers what it changed, for the change feed. Runs a constant number of
 * statements. If it throws, the touchpoint at fault is found by halving the batch, and quarantined.
 */
export type TouchpointsRecorded = (tx: Tx, batch: RecordedBatch) => Promise<readonly NewChange[]>;
