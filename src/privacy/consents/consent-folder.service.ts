import type { NewChange } from '../../kernel/changes.queries.ts';
import type { Tx } from '../../kernel/database.ts';
import { refold } from './consent-folding.ts';
import { deleteConsents, findConsents, findStatementsOf, upsertConsents } from './consents.queries.ts';

export interface ConsentOccasion {
  readonly at: Date;
  /** Their rows are locked. */
  readonly customerIds: readonly string[];
  /** Customers that are no more. */
  readonly absorbed?: readonly string[];
  /** Takes what is written without being waited for. */
  alongside?(statements: Promise<unknown>): void;
}

/**
 * Keeps what counts for customers true to what was said of their records, in the caller's transaction. Two statements that read
 * and go together, and only where something differs others that write. Answers what changed, for the change feed.
 */
export async function foldCustomerConsents(tx: Tx, occasion: ConsentOccasion): Promise<readonly NewChange[]> {
  const { at, customerIds, absorbed = [] } = occasion;
  if (customerIds.length + absorbed.length === 0) return [];
  const [statements, kept] = await Promise.all([
    findStatementsOf(tx, customerIds),
    findConsents(tx, [...customerIds, ...absorbed]),
  ]);
  const gone = new Set(absorbed);
  const { upserts, deletes, changes } = refold(
    customerIds,
    { statements, kept: kept.filter(({ customerId }) => !gone.has(customerId)) },
    at,
  );
  // Who is no more has no consents; the feed says who took their place.
  const superfluous = [...deletes, ...kept.filter(({ customerId }) => gone.has(customerId))];
  const written = Promise.all([
    superfluous.length > 0 && deleteConsents(tx, superfluous),
    upserts.length > 0 && upsertConsents(tx, upserts, at),
  ]);
  if (occasion.alongside) occasion.alongside(written);
  else await written;
  return changes;
}
