import type { HistoryPurchase } from './customer-history.ts';

/** What was bought with one shipment, or brought back without anybody saying of which order. */
export interface KeptPurchase {
  readonly purchase: HistoryPurchase;
  /** Minor units: an order less what of it came back; a return of an unknown order, negative. */
  readonly keptMinor: bigint;
  /** Of an order that came back as a whole. */
  readonly whollyReturned: boolean;
}

/**
 * Puts returns to the orders that they name. A return belongs to all shipments of the order with its number and currency, within
 * one customer, whenever either arrived or happened, and takes from the first shipment first. What names no order, or an
 * unknown one, lowers its own day and no order. What comes back beyond the order's value lowers nothing more.
 */
export function keptPurchases(purchases: readonly HistoryPurchase[]): KeptPurchase[] {
  if (!purchases.some(({ kind, orderId }) => kind === 'RETURN' && orderId !== null)) return purchases.map(asItIs);
  const returned = new Map<string, bigint>();
  const ordered = new Map<string, bigint>();
  for (const purchase of purchases) {
    if (purchase.orderId === null) continue;
    const sums = purchase.kind === 'ORDER' ? ordered : returned;
    const key = keyOf(purchase);
    sums.set(key, (sums.get(key) ?? 0n) + purchase.valueMinor);
  }
  const left = new Map(returned);
  return purchases.flatMap((purchase) => {
    const key = purchase.orderId === null ? null : keyOf(purchase);
    if (key === null) return [asItIs(purchase)];
    if (purchase.kind === 'RETURN') return ordered.has(key) ? [] : [asItIs(purchase)];
    const back = smaller(left.get(key) ?? 0n, purchase.valueMinor);
    if (back > 0n) left.set(key, left.get(key)! - back);
    const worth = ordered.get(key)!;
    const whollyReturned = worth > 0n && (returned.get(key) ?? -1n) >= worth;
    return [{ purchase, keptMinor: purchase.valueMinor - back, whollyReturned }];
  });
}

function asItIs(purchase: HistoryPurchase): KeptPurchase {
  const { kind, valueMinor } = purchase;
  return { purchase, keptMinor: kind === 'ORDER' ? valueMinor : -valueMinor, whollyReturned: false };
}

function keyOf({ orderId, currency }: HistoryPurchase): string {
  return `${currency} ${orderId}`;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
