import type { CustomersRegrouped } from '../../identity/identity.events.ts';
import type { Tx } from '../../kernel/database.ts';
import type { LoyaltyMoved } from '../../loyalty/members/loyalty-clock.service.ts';
import type { RecordedBatch, TouchpointsRecorded } from '../../touchpoints/touchpoints.events.ts';
import type { CustomerKpiFolder } from './customer-kpi-folder.service.ts';
import { findMovedByTouch } from './customer-kpis.queries.ts';
import { concernedBy } from './kpi-occasion.ts';

/** A batch of touchpoints. After the facts were recorded and loyalty has reacted. */
export function foldFromTouchpoints(folder: CustomerKpiFolder): TouchpointsRecorded {
  return async (tx, batch) =>
    folder.fold(tx, {
      at: batch.at,
      customerIds: await concernedCustomers(tx, batch),
      lessened: batch.moved,
      absorbed: batch.absorbed.map(({ id }) => id),
      alongside: batch.alongside,
    });
}

async function concernedCustomers(tx: Tx, batch: RecordedBatch): Promise<string[]> {
  const { concerned, touched } = concernedBy(batch);
  const moved = touched.length > 0 ? await findMovedByTouch(tx, touched, batch.at) : [];
  return [...concerned, ...moved].sort();
}

/** Customers who were merged or taken apart by a decision or by other rules. */
export function foldFromRegrouping(folder: CustomerKpiFolder): CustomersRegrouped {
  return (tx, { at, customerIds, absorbed }) =>
    folder.fold(tx, { at, customerIds, lessened: new Set(customerIds), absorbed: absorbed.map(({ id }) => id) });
}

/** Customers whose tier time, an enrolment or somebody's decision has moved. */
export function foldFromLoyalty(folder: CustomerKpiFolder): LoyaltyMoved {
  return (tx, { at, customerIds }) => folder.fold(tx, { at, customerIds });
}
