import type { HistoryPurchase } from '../customers/customer-history.ts';
import { quantile } from '../customers/quantile.ts';
import type { ZoneClock } from './zone-clock.ts';

interface Shipment {
  readonly day: number;
  readonly at: number;
  readonly valueMinor: bigint;
  readonly opensOrder: boolean;
  keptMinor: bigint;
  /** Ordered for nothing, and not brought back. */
  isFree: boolean;
}

/** All shipments and returns of one number and currency. */
interface NamedOrder {
  readonly currency: string;
  readonly shipments: Shipment[];
  /** While no order of this number is known, they lower their own days. */
  readonly orphans: { readonly day: number; readonly valueMinor: bigint }[];
  returnedMinor: bigint;
  hasReturn: boolean;
  whollyReturned: boolean;
}

interface PurchaseDay {
  readonly worth: Map<string, bigint>;
  ordered: boolean;
  /** Orders for nothing that were kept: purchases as any other. */
  free: number;
  counts: boolean;
}

/**
 * What a customer's purchases come to, one after the other in event time: what `foldPurchases` says of those so far, at the cost of
 * the last one only. An order that comes back as a whole is one until it does.
 */
export class OrdersSoFar {
  readonly #clock: ZoneClock;
  readonly #named = new Map<string, NamedOrder>();
  readonly #byDay = new Map<number, PurchaseDay>();
  readonly #orders = new Map<string, number>();
  readonly #returns = new Map<string, number>();
  readonly #unnamedAt: number[] = [];
  #currency: string | undefined;
  /** Purchase days, ascending. */
  readonly days: number[] = [];
  /** Days between them, ascending by length. */
  readonly gaps: number[] = [];
  /** Orders of which something was kept. */
  orders = 0;
  /** When the last of those was placed; −∞ without any. */
  lastOrderAt = Number.NEGATIVE_INFINITY;

  constructor(clock: ZoneClock) {
    this.#clock = clock;
  }

  add(purchase: HistoryPurchase): void {
    const { kind, currency, opensOrder } = purchase;
    this.#currency = undefined;
    if (kind === 'RETURN') this.#returns.set(currency, (this.#returns.get(currency) ?? 0) + 1);
    else if (opensOrder) this.#orders.set(currency, (this.#orders.get(currency) ?? 0) + 1);
    const day = this.#clock.dayOf(purchase.at.getTime());
    if (purchase.orderId === null) this.#addUnnamed(purchase, day);
    else this.#addNamed(purchase, day);
  }

  /** The one with the most orders, then the most returns, then the first by name. */
  get currency(): string {
    this.#currency ??= this.#findCurrency();
    return this.#currency;
  }

  #findCurrency(): string {
    let [best, orders, returns] = ['', -1, -1];
    for (const currency of new Set([...this.#orders.keys(), ...this.#returns.keys()])) {
      const [o, r] = [this.#orders.get(currency) ?? 0, this.#returns.get(currency) ?? 0];
      const isBetter = o > orders || (o === orders && (r > returns || (r === returns && currency < best)));
      if (isBetter) [best, orders, returns] = [currency, o, r];
    }
    return best;
  }

  /** Of the last purchase day; where nothing that was bought was worth anything, that of the last order. */
  get lastDay(): number {
    return this.days.at(-1) ?? this.#clock.dayOf(this.lastOrderAt);
  }

  quantileOfGaps(p: number): number {
    return quantile(this.gaps, p);
  }

  #addUnnamed({ kind, at, currency, valueMinor, opensOrder }: HistoryPurchase, day: number): void {
    const isReturn = kind === 'RETURN';
    const free = !isReturn && valueMinor === 0n ? 1 : 0;
    this.#change(day, { currency, by: isReturn ? -valueMinor : valueMinor, ordered: !isReturn, free });
    if (!isReturn && opensOrder) {
      this.orders += 1;
      this.#unnamedAt.push(at.getTime());
      this.lastOrderAt = Math.max(this.lastOrderAt, at.getTime());
    }
  }

  #addNamed(purchase: HistoryPurchase, day: number): void {
    const { kind, orderId, currency, valueMinor, opensOrder, at } = purchase;
    const order = this.#orderOf(`${currency} ${orderId}`, currency);
    if (kind === 'RETURN') {
      order.returnedMinor += valueMinor;
      order.hasReturn = true;
      if (order.shipments.length === 0) {
        order.orphans.push({ day, valueMinor });
        this.#change(day, { currency, by: -valueMinor, ordered: false });
        return;
      }
    } else {
      for (const orphan of order.orphans.splice(0))
        this.#change(orphan.day, { currency, by: orphan.valueMinor, ordered: false });
      order.shipments.push({ day, at: at.getTime(), valueMinor, opensOrder, keptMinor: 0n, isFree: false });
      this.#change(day, { currency, by: 0n, ordered: true });
    }
    this.#settle(order, kind === 'ORDER' && opensOrder);
  }

  #orderOf(key: string, currency: string): NamedOrder {
    let order = this.#named.get(key);
    if (!order) {
      order = { currency, shipments: [], orphans: [], returnedMinor: 0n, hasReturn: false, whollyReturned: false };
      this.#named.set(key, order);
    }
    return order;
  }

  /** Returns take from the first shipment first. */
  #settle(order: NamedOrder, isNew: boolean): void {
    const { shipments, currency } = order;
    let [left, worth] = [order.returnedMinor, 0n];
    for (const { valueMinor } of shipments) worth += valueMinor;
    const wasReturned = order.whollyReturned;
    order.whollyReturned = worth > 0n && order.hasReturn && order.returnedMinor >= worth;
    for (const shipment of shipments) {
      const back = left < shipment.valueMinor ? left : shipment.valueMinor;
      left -= back;
      this.#keep(shipment, { currency, kept: shipment.valueMinor - back, isReturned: order.whollyReturned });
    }
    const opening = shipments.filter(({ opensOrder }) => opensOrder).length;
    const wasCounted = wasReturned ? 0 : opening - (isNew ? 1 : 0);
    const isCounted = order.whollyReturned ? 0 : opening;
    this.orders += isCounted - wasCounted;
    if (isCounted > wasCounted && isNew) this.lastOrderAt = Math.max(this.lastOrderAt, shipments.at(-1)!.at);
    else if (isCounted !== wasCounted) this.lastOrderAt = this.#findLastOrder();
  }

  #keep(
    shipment: Shipment,
    { currency, kept, isReturned }: { currency: string; kept: bigint; isReturned: boolean },
  ): void {
    const isFree = shipment.valueMinor === 0n && !isReturned;
    const [by, free] = [kept - shipment.keptMinor, Number(isFree) - Number(shipment.isFree)];
    shipment.keptMinor = kept;
    shipment.isFree = isFree;
    if (by !== 0n || free !== 0) this.#change(shipment.day, { currency, by, ordered: true, free });
  }

  #findLastOrder(): number {
    let last = this.#unnamedAt.at(-1) ?? Number.NEGATIVE_INFINITY;
    for (const { shipments, whollyReturned } of this.#named.values()) {
      if (whollyReturned) continue;
      for (const { at, opensOrder } of shipments) if (opensOrder && at > last) last = at;
    }
    return last;
  }

  #change(
    number: number,
    { currency, by, ordered, free = 0 }: { currency: string; by: bigint; ordered: boolean; free?: number },
  ): void {
    let day = this.#byDay.get(number);
    if (!day) {
      day = { worth: new Map(), ordered: false, free: 0, counts: false };
      this.#byDay.set(number, day);
    }
    day.worth.set(currency, (day.worth.get(currency) ?? 0n) + by);
    day.ordered ||= ordered;
    day.free += free;
    const counts = day.ordered && (day.free > 0 || isPositive(day.worth));
    if (counts === day.counts) return;
    day.counts = counts;
    if (counts) this.#insertDay(number);
    else this.#removeDay(number);
  }

  #insertDay(day: number): void {
    const last = this.days.at(-1);
    if (last === undefined || day > last) {
      this.days.push(day);
      if (last !== undefined) insertSorted(this.gaps, day - last);
      return;
    }
    insertSorted(this.days, day);
    this.#measureGaps();
  }

  #removeDay(day: number): void {
    this.days.splice(this.days.indexOf(day), 1);
    this.#measureGaps();
  }

  #measureGaps(): void {
    const { days, gaps } = this;
    gaps.length = 0;
    for (let i = 1; i < days.length; i += 1) gaps.push(days[i]! - days[i - 1]!);
    gaps.sort((a, b) => a - b);
  }
}

function isPositive(worth: ReadonlyMap<string, bigint>): boolean {
  for (const minor of worth.values()) if (minor > 0n) return true;
  return false;
}

function insertSorted(ascending: number[], value: number): void {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (ascending[middle]! <= value) from = middle + 1;
    else to = middle;
  }
  ascending.splice(from, 0, value);
}
