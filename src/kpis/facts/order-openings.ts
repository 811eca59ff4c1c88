import type { Purchase } from './purchase.ts';

/** A row of `purchases`. */
export type PurchaseRow = Purchase & { readonly opensOrder: boolean };

export interface Openings {
  /** The new rows. */
  readonly rows: readonly PurchaseRow[];
  /** Stored rows that a new one lies before: they open their order no longer. */
  readonly overtaken: readonly PurchaseRow[];
}

/**
 * Which shipments open an order: the first by (time, id) of those with its number, within a record. Orders without a number
 * open themselves. `stored`: rows that open the orders which the new ones name.
 */
export function findOpenings(purchases: readonly Purchase[], stored: readonly PurchaseRow[]): Openings {
  const opening = new Map<string, Purchase>(stored.map((row) => [orderName(row), row]));
  for (const purchase of purchases) {
    if (purchase.kind === 'RETURN' || purchase.orderId === null) continue;
    const name = orderName(purchase);
    const first = opening.get(name);
    if (!first || isBefore(purchase, first)) opening.set(name, purchase);
  }
  return {
    rows: purchases.map((purchase) => ({ ...purchase, opensOrder: opens(purchase, opening) })),
    overtaken: stored.filter((row) => opening.get(orderName(row)) !== row),
  };
}

function opens(purchase: Purchase, opening: ReadonlyMap<string, Purchase>): boolean {
  if (purchase.kind === 'RETURN') return false;
  return purchase.orderId === null || opening.get(orderName(purchase)) === purchase;
}

function orderName({ recordId, orderId }: Purchase): string {
  return `${recordId} ${orderId}`;
}

function isBefore(a: Purchase, b: Purchase): boolean {
  const [one, other] = [a.occurredAt.getTime(), b.occurredAt.getTime()];
  return one === other ? a.id < b.id : one < other;
}
