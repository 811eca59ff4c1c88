import { type EarningFact, orderIdOf, Purchase, returnedLines } from './purchase.ts';

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
    const latest = this.#purchases.filter(({ fact: { currency } }) => currency === fact.currency).reverse();
    const lines = returnedLines(fact);
    const isKnown = lines.some(({ sku }) => latest.some((purchase) => purchase.has(sku)));
    if (isKnown)
      return lines.flatMap(({ sku, quantity }) => takeAway(latest, quantity, (one, open) => one.takeBack(sku, open)));
    // Articles that no order had are from one that said nothing of its lines.
    const possible = lines.length === 0 ? latest : latest.filter(({ lines: [first] }) => first?.line === null);
    return takeAway(possible, fact.valueMinor ?? 0n, (one, open) => one.refund(open));
  }
}

/** From one after the other, until nothing is open; answers those that had something of it. */
function takeAway(
  purchases: readonly Purchase[],
  all: bigint,
  take: (purchase: Purchase, open: bigint) => bigint,
): Purchase[] {
  let open = all;
  return purchases.filter((purchase) => {
    const before = open;
    open = take(purchase, open);
    return open !== before;
  });
}

/** By articles where the return gives lines that the order has; else by its amount. */
function takeBack(purchase: Purchase, fact: EarningFact): void {
  const lines = returnedLines(fact);
  if (lines.some(({ sku }) => purchase.has(sku))) {
    for (const { sku, quantity } of lines) purchase.takeBack(sku, quantity);
  } else {
    purchase.refund(fact.valueMinor ?? 0n);
  }
}
