import type { FactTouchpoint } from '../../conditions/facts.ts';
import { scaled, scaledNumber, split } from './fraction.ts';

/** A touchpoint as earning sees it. */
export interface EarningFact extends FactTouchpoint {
  readonly recordId: string;
}

/** One line of an order, with its share of what was paid. */
export interface BasketLine {
  /** Place in the touchpoint's lines; null: the order gave none, and this stands for it as a whole. */
  readonly line: number | null;
  readonly sku: string | null;
  readonly category: string | null;
  /** Times 10^8. */
  readonly quantity: bigint;
  /** Minor units. What was paid differs from the sum of the prices where there were discounts: each line bears its share. */
  readonly paid: bigint;
}

export function basketOf(fact: Pick<FactTouchpoint, 'lines' | 'valueMinor'>): BasketLine[] {
  const total = fact.valueMinor ?? 0n;
  if (fact.lines === null || fact.lines.length === 0) {
    return [{ line: null, sku: null, category: null, quantity: 100_000_000n, paid: total }];
  }
  const quantities = keptQuantities(fact.lines);
  const worth = fact.lines.map(({ price }, index) => scaled(price) * quantities[index]!);
  // Lines without prices have been paid for, too.
  const shares = split(total, worth.some((part) => part > 0n) ? worth : quantities);
  return fact.lines.map(({ sku, category }, line) => ({
    ...{ line, sku, category },
    quantity: quantities[line]!,
    paid: shares[line]!,
  }));
}

/**
 * Of lines with less than nothing, the till took something back in the same order: as much of the article has not been
 * bought. What is more than that has lowered the price of the others, as discounts do.
 */
function keptQuantities(lines: NonNullable<EarningFact['lines']>): bigint[] {
  const quantities = lines.map(({ quantity }) => scaledNumber(quantity));
  for (const [index, { sku }] of lines.entries()) {
    if (quantities[index]! >= 0n) continue;
    let open = -quantities[index]!;
    for (const [other, line] of lines.entries()) {
      if (line.sku !== sku || quantities[other]! <= 0n) continue;
      const taken = smaller(open, quantities[other]!);
      quantities[other]! -= taken;
      open -= taken;
    }
    quantities[index] = 0n;
  }
  return quantities;
}

/** Articles and quantities that a return brings back. Some tills write all of them with a minus. */
export function returnedLines({ lines }: Pick<FactTouchpoint, 'lines'>): { sku: string; quantity: bigint }[] {
  const all = (lines ?? []).map(({ sku, quantity }) => ({ sku, quantity: scaledNumber(quantity) }));
  const positive = all.filter(({ quantity }) => quantity > 0n);
  return positive.length > 0 ? positive : all.map(({ sku, quantity }) => ({ sku, quantity: -quantity }));
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** By which a return names its order. */
export function orderIdOf({ properties }: Pick<FactTouchpoint, 'properties'>): string | null {
  const id = properties?.orderId;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

/** An order, and what has come back of it. */
export class Purchase {
  readonly fact: EarningFact;
  readonly orderId: string | null;
  readonly lines: readonly BasketLine[];
  /** By line, times 10^8. */
  readonly #returned: bigint[];
  /** Minor units that came back without saying of which lines. */
  #refunded = 0n;
  /** Most orders never are. */
  #isTouched = false;

  constructor(fact: EarningFact) {
    this.fact = fact;
    this.orderId = orderIdOf(fact);
    this.lines = basketOf(fact);
    this.#returned = this.lines.map(() => 0n);
  }

  /** What is left of a whole that belongs to one line, half up. Nothing once all of it came back. */
  left(index: number, whole: bigint): bigint {
    if (!this.#isTouched) return whole;
    const { quantity } = this.lines[index]!;
    const value = this.fact.valueMinor ?? 0n;
    const [kept, of] = quantity > 0n ? [quantity - this.#returned[index]!, quantity] : [1n, 1n];
    const [worth, total] = value > 0n ? [value - this.#refunded, value] : [1n, 1n];
    return (2n * whole * kept * worth + of * total) / (2n * of * total);
  }

  /** Takes lines of an article back; answers the quantity for which there was no room. */
  takeBack(sku: string, quantity: bigint): bigint {
    let open = quantity;
    for (const [index, line] of this.lines.entries()) {
      if (line.sku !== sku || open === 0n) continue;
      const taken = smaller(open, line.quantity - this.#returned[index]!);
      this.#isTouched = true;
      this.#returned[index]! += taken;
      open -= taken;
    }
    return open;
  }

  /** Takes an amount back; answers what was more than was left. */
  refund(amount: bigint): bigint {
    const room = (this.fact.valueMinor ?? 0n) - this.#refunded;
    const taken = smaller(amount, room);
    this.#isTouched = true;
    this.#refunded += taken;
    return amount - taken;
  }

  has(sku: string): boolean {
    return this.lines.some((line) => line.sku === sku);
  }

  /** All that there was of its lines, or all that was paid. */
  get isWhollyReturned(): boolean {
    const value = this.fact.valueMinor ?? 0n;
    if (value > 0n && this.#refunded === value) return true;
    const isBack = this.lines.every(({ quantity }, index) => this.#returned[index] === quantity);
    return isBack && this.lines.some(({ quantity }) => quantity > 0n);
  }
}
