import type { EarningFact } from '../../../src/loyalty/earning/purchase.ts';
import { compare, one, over, plus, type Ratio, ratio, shareNaively, times, whole, zero } from './ratio.ts';

/** The smallest piece that the histories of the tests buy or give back. */
const piece = ratio('0.25');

/** One line, with its pieces lying side by side, each of them kept or given back. */
export interface NaiveLine {
  /** Place in the touchpoint's lines; null: the touchpoint gave none. */
  readonly at: number | null;
  readonly sku: string | null;
  readonly category: string | null;
  readonly quantity: Ratio;
  readonly paid: bigint;
  readonly pieces: boolean[];
}

export class NaiveOrder {
  readonly fact: EarningFact;
  readonly lines: readonly NaiveLine[];
  /** Of the money, each minor unit. */
  readonly cents: boolean[];

  constructor(fact: EarningFact) {
    this.fact = fact;
    this.lines = linesOf(fact);
    this.cents = Array.from({ length: Number(fact.valueMinor ?? 0n) }, () => true);
  }

  /** Gives one piece of an article back; false where there is none left. */
  giveBack(sku: string): boolean {
    for (const { pieces, ...line } of this.lines) {
      const kept = pieces.indexOf(true);
      if (line.sku !== sku || kept === -1) continue;
      pieces[kept] = false;
      return true;
    }
    return false;
  }

  refundCent(): boolean {
    const kept = this.cents.indexOf(true);
    if (kept !== -1) this.cents[kept] = false;
    return kept !== -1;
  }

  /** What is left of something that belongs to a line. */
  keptOf(line: number): Ratio {
    return times(keptShare(this.lines[line]!.pieces), keptShare(this.cents));
  }

  /** All pieces that there were, or all the money. */
  get isGone(): boolean {
    const pieces = this.lines.flatMap((line) => line.pieces);
    return [pieces, this.cents].some((parts) => parts.length > 0 && !parts.includes(true));
  }
}

function keptShare(pieces: readonly boolean[]): Ratio {
  if (pieces.length === 0) return one;
  return over(whole(BigInt(pieces.filter((kept) => kept).length)), whole(BigInt(pieces.length)));
}

function linesOf({ lines, valueMinor }: EarningFact): NaiveLine[] {
  const total = valueMinor ?? 0n;
  if (!lines?.length) {
    return [{ at: null, sku: null, category: null, quantity: one, paid: total, pieces: [] }];
  }
  const pieces = lines.map(({ quantity }) => Array.from({ length: piecesOf(quantity) }, () => true));
  lines.forEach(({ sku, quantity }) => {
    // Given back at the till in the same order: as if as many had not been bought.
    for (let count = piecesOf(-quantity); count > 0; count -= 1)
      pieces.find((list, at) => lines[at]!.sku === sku && list.length > 0)?.pop();
  });
  const quantities = pieces.map((list) => times(whole(BigInt(list.length)), piece));
  const worth = quantities.map((quantity, at) => times(ratio(lines[at]!.price), quantity));
  const paid = shareNaively(total, isNothing(worth) ? quantities : worth);
  return lines.map(({ sku, category }, at) => ({
    ...{ at, sku, category, quantity: quantities[at]!, paid: paid[at]!, pieces: pieces[at]! },
  }));
}

function isNothing(parts: readonly Ratio[]): boolean {
  return parts.every(({ n }) => n === 0n);
}

export function piecesOf(quantity: number): number {
  let count = 0;
  for (let sum = zero; compare(plus(sum, piece), ratio(quantity)) <= 0; sum = plus(sum, piece)) count += 1;
  return count;
}

/** All orders of a customer, and the returns that wait for theirs. */
export class NaiveOrders {
  readonly #orders: NaiveOrder[] = [];
  readonly #waiting: EarningFact[] = [];

  place(fact: EarningFact): NaiveOrder {
    const order = new NaiveOrder(fact);
    const id = named(fact);
    const isFirst = id !== null && this.#orders.every((other) => named(other.fact) !== id);
    this.#orders.push(order);
    if (isFirst) for (const early of this.#waiting.filter((one) => named(one) === id)) returnTo(order, early);
    return order;
  }

  /** A return that names an order is about the first one of that name, whenever it comes. */
  takeBack(fact: EarningFact): void {
    const id = named(fact);
    const order = this.#orders.find((one) => named(one.fact) === id);
    if (id === null) this.#takeFromLatest(fact);
    else if (order) returnTo(order, fact);
    else this.#waiting.push(fact);
  }

  #takeFromLatest({ currency, lines, valueMinor }: EarningFact): void {
    const all = this.#orders.filter(({ fact }) => fact.currency === currency).reverse();
    const isKnown = (lines ?? []).some(({ sku }) => all.some((order) => order.lines.some((line) => line.sku === sku)));
    for (const { sku, quantity } of givenBack(lines)) {
      for (let count = piecesOf(quantity); count > 0; count -= 1) all.some((order) => order.giveBack(sku));
    }
    if (isKnown) return;
    // Articles that no order had can only be from one that named none.
    const latest = lines?.length ? all.filter(({ fact }) => !fact.lines?.length) : all;
    for (let cents = valueMinor ?? 0n; cents > 0n; cents -= 1n) latest.some((order) => order.refundCent());
  }
}

function returnTo(order: NaiveOrder, { lines, valueMinor }: EarningFact): void {
  const known = givenBack(lines).filter(({ sku }) => order.lines.some((line) => line.sku === sku));
  for (const { sku, quantity } of known) {
    for (let count = piecesOf(quantity); count > 0; count -= 1) order.giveBack(sku);
  }
  if (known.length > 0) return;
  for (let cents = valueMinor ?? 0n; cents > 0n; cents -= 1n) order.refundCent();
}

/** Some tills write returns with a minus. */
function givenBack(lines: EarningFact['lines']): NonNullable<EarningFact['lines']> {
  const list = lines ?? [];
  if (list.some(({ quantity }) => quantity > 0)) return list.filter(({ quantity }) => quantity > 0);
  return list.map((line) => ({ ...line, quantity: -line.quantity }));
}

function named({ properties }: EarningFact): string | null {
  const id = properties?.orderId;
  return typeof id === 'string' || typeof id === 'number' ? `${id}` : null;
}
