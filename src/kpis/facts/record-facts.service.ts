import type { Tx } from '../../kernel/database.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { TouchpointsRecorded } from '../../touchpoints/touchpoints.events.ts';
import { closeOpenings, findOpeningRows, insertCellChanges, insertPurchases, insertSignals } from './facts.queries.ts';
import { addUpCells } from './metric-cell.ts';
import { findOpenings, type Openings, type PurchaseRow } from './order-openings.ts';
import { type Purchase, purchaseOf } from './purchase.ts';
import { signalsOf } from './signal.ts';

/**
 * Keeps what KPIs ask of touchpoints in narrow tables, and rolls all of them up by the hour. Facts belong to records: whose
 * these are makes no difference here, and merging and parting customers changes nothing.
 */
export function recordFacts(ids: Ids): TouchpointsRecorded {
  return async (tx, { touchpoints, alongside }) => {
    const purchases = touchpoints.map(purchaseOf).filter((purchase) => purchase !== undefined);
    const signals = touchpoints.flatMap(signalsOf);
    const openings = await openingsOf(tx, purchases);
    // The statements that follow, of whoever reads facts, wait for them in the connection.
    if (openings.rows.length > 0) alongside(insertPurchases(tx, openings.rows));
    if (openings.overtaken.length > 0) alongside(closeOpenings(tx, openings.overtaken));
    if (signals.length > 0) alongside(insertSignals(tx, signals));
    alongside(insertCellChanges(tx, ids.uuid(), addUpCells(touchpoints, openings)));
    return [];
  };
}

async function openingsOf(tx: Tx, purchases: readonly Purchase[]): Promise<Openings> {
  const orders = new Map<string, { recordId: string; orderId: string }>();
  for (const { kind, recordId, orderId } of purchases) {
    if (kind === 'ORDER' && orderId !== null) orders.set(`${recordId} ${orderId}`, { recordId, orderId });
  }
  const stored: readonly PurchaseRow[] = orders.size > 0 ? await findOpeningRows(tx, [...orders.values()]) : [];
  return findOpenings(purchases, stored);
}
