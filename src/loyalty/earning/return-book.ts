import { scaledNumber } from './fraction.ts';
import { type EarningFact, orderIdOf, Purchase } from './purchase.ts';

/**
 * Finds out to which orders returns belong. A return names its order (`properties.orderId`), and waits for it where it is not
 * known yet; one that names none takes back the latest orders before it, by article, else by amount.
 */
export class ReturnBook {
  readonly #purchases: Purchase[] = [];
  readonly #byOrderId = new Map<string, Purchase>();
  readonly #waiting = new Map<string, EarningFact[]>();

  /** An order; answers the same with what is known to have come back of it. */
  open(fact: EarningFact): Purchase {
    const purchase = new Purchase(fact);
    this.#purchases.push(purchase);
    const { orderId } = purchase;
    if (orderId === null || this.#byOrderId.has(orderId)) return purchase;
    this.#byOrderId.set(orderId, purchase);
    for (const early of this.#waiting.get(orderId) ?? []) takeBack(purchase, early);
    this.#waiting.delete(orderId);
    return purchase;
  }

  /** A return; answers the orders that it is about. */
  close(fact: EarningFact): Purchase[] {
    const orderId = orderIdOf(fact);
    if (orderId === null) return this.#takeFromLatest(fact);
    const purchase = this.#byOrderId.get(orderId);
    if (purchase) {
      takeBack(purchase, fact);
      return [purchase];
    }
    this.#waiting.set(orderId, [...(this.#waiting.get(orderId) ?? []), fact]);
    return [];
  }

  /** Orders that returns have named and nobody has placed yet. */
  get awaited(): string[] {
    return [...this.#waiting.keys()];
  }

  #takeFromLatest(fact: EarningFact): Purchase[] {
    const same = this.#purchases.filter(({ fact: { currency } }) => currency === fact.currency).reverse();
    const touched = new Set<Purchase>();
    if (fact.lines !== null && fact.lines.length > 0) {
      for (const { sku, quantity } of fact.lines) {
        let open = scaledNumber(quantity);
        for (const purchase of same) {
          const left = purchase.takeBack(sku, open);
          if (left !== open) touched.add(purchase);
          open = left;
        }
      }
      return [...touched];
    }
    let open = fact.valueMinor ?? 0n;
    for (const purchase of same) {
      const left = purchase.refund(open);
      if (left !== open) touched.add(purchase);
      open = left;
    }
    return [...touched];
  }
}

/** By articles where the return gives lines that the order has; else by its amount. */
function takeBack(purchase: Purchase, fact: EarningFact): void {
  const lines = fact.lines ?? [];
  const known = lines.some(({ sku }) => purchase.lines.some((line) => line.sku === sku));
  if (!known) {
    purchase.refund(fact.valueMinor ?? 0n);
    return;
  }
  for (const { sku, quantity } of lines) purchase.takeBack(sku, scaledNumber(quantity));
}
