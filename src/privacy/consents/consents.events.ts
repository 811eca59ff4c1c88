import type { NewChange } from '../../kernel/changes.queries.ts';
import type { Tx } from '../../kernel/database.ts';

/** Customers whose consents somebody's decision has changed, without any touchpoint. Their rows are locked. */
export interface MovedConsents {
  readonly at: Date;
  readonly customerIds: readonly string[];
}

/** Reacts in the transaction that changes them, and answers what else changed, for the change feed. */
export type ConsentsMoved = (tx: Tx, moved: MovedConsents) => Promise<readonly NewChange[]>;
