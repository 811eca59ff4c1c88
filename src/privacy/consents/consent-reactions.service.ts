import type { CustomersRegrouped } from '../../identity/identity.events.ts';
import type { RecordedBatch, TouchpointsRecorded } from '../../touchpoints/touchpoints.events.ts';
import { foldCustomerConsents } from './consent-folder.service.ts';
import { introducePurposes } from './consent-purposes.queries.ts';
import { statementOf, type TouchpointStatement, toRow } from './consent-touchpoint.ts';
import { insertStatements } from './consents.queries.ts';

/** Keeps what touchpoints say about consent. A batch that says nothing, and moves nobody, costs nothing. */
export const recordConsents: TouchpointsRecorded = async (tx, batch) => {
  const said = batch.touchpoints.map(statementOf).filter((statement) => statement !== undefined);
  if (said.length > 0) {
    batch.alongside(insertStatements(tx, said.map(toRow)));
    batch.alongside(introducePurposes(tx, [...new Set(said.map(({ purpose }) => purpose))].sort(), batch.at));
  }
  return foldCustomerConsents(tx, {
    at: batch.at,
    customerIds: concernedBy(batch, said),
    absorbed: batch.absorbed.map(({ id }) => id),
    alongside: batch.alongside,
  });
};

/** Customers who were merged or taken apart by a decision or by other rules. */
export const foldConsentsFromRegrouping: CustomersRegrouped = (tx, { at, customerIds, absorbed }) =>
  foldCustomerConsents(tx, { at, customerIds, absorbed: absorbed.map(({ id }) => id) });

function concernedBy({ customerOf, moved }: RecordedBatch, said: readonly TouchpointStatement[]): string[] {
  const spoken = said.map(({ recordId }) => customerOf.get(recordId)).filter((id) => id != null);
  return [...new Set([...spoken, ...moved])].sort();
}
