import type { CustomerHistory, HistoryPurchase } from './customer-history.ts';
import { type KeptPurchase, keptPurchases } from './order-book.ts';
import { quantile } from './quantile.ts';
import { dayNumber } from './zone-days.ts';

/** A row of `customer_kpis`, but for when it was written. See there for what the numbers mean. */
export interface PurchaseKpis {
  readonly customerId: string;
  readonly currency: string;
  readonly orders: number;
  readonly netOrders: number;
  readonly returns: number;
  readonly grossMinor: bigint;
  readonly returnedMinor: bigint;
  readonly costedMinor: bigint;
  readonly costMinor: bigint;
  readonly items: number;
  readonly firstOrderAt: Date | null;
  readonly lastOrderAt: Date | null;
  readonly purchaseDays: number;
  readonly firstPurchaseDay: number | null;
  readonly secondPurchaseDay: number | null;
  readonly lastPurchaseDay: number | null;
  readonly meanRepeatMinor: number | null;
  readonly gapMedian: number | null;
  readonly gapQ80: number | null;
  readonly gapQ95: number | null;
}

type Purchases = Pick<CustomerHistory, 'customerId' | 'purchases'>;

/** What a customer's orders and returns come to; null without any. */
export function foldPurchases({ customerId, purchases }: Purchases, timeZone: string): PurchaseKpis | null {
  if (purchases.length === 0) return null;
  const kept = keptPurchases(purchases);
  const currency = mainCurrency(purchases);
  return {
    ...{ customerId, currency },
    ...countOrders(kept, purchases),
    ...sumAmounts(purchases.filter((purchase) => purchase.currency === currency)),
    ...describeDays(purchaseDays(kept, timeZone), currency),
  };
}

/** The one with the most orders, then the most returns, then the first by name. */
function mainCurrency(purchases: readonly HistoryPurchase[]): string {
  const counts = new Map<string, { orders: number; returns: number }>();
  for (const { currency, kind, opensOrder } of purchases) {
    const count = counts.get(currency) ?? { orders: 0, returns: 0 };
    if (kind === 'RETURN') count.returns += 1;
    else if (opensOrder) count.orders += 1;
    counts.set(currency, count);
  }
  if (counts.size === 1) return purchases[0]!.currency;
  const [[currency] = ['']] = [...counts].sort(
    ([a, one], [b, other]) => other.orders - one.orders || other.returns - one.returns || (a < b ? -1 : 1),
  );
  return currency;
}

/** Quantities have up to six decimal places: as whole numbers their sum depends on no order. */
const micro = 1_000_000;

function countOrders(kept: readonly KeptPurchase[], purchases: readonly HistoryPurchase[]) {
  const opening = kept.filter(({ purchase }) => purchase.opensOrder);
  let items = 0;
  let returns = 0;
  for (const { kind, items: quantity } of purchases) {
    items += (kind === 'RETURN' ? -1 : 1) * Math.round(quantity * micro);
    if (kind === 'RETURN') returns += 1;
  }
  return {
    orders: opening.length,
    netOrders: opening.filter(({ whollyReturned }) => !whollyReturned).length,
    returns,
    // Not −0.
    items: items / micro + 0,
    firstOrderAt: opening[0]?.purchase.at ?? null,
    lastOrderAt: opening.at(-1)?.purchase.at ?? null,
  };
}

function sumAmounts(purchases: readonly HistoryPurchase[]) {
  const sums = { grossMinor: 0n, returnedMinor: 0n, costedMinor: 0n, costMinor: 0n };
  for (const { kind, valueMinor, costMinor } of purchases) {
    const isReturn = kind === 'RETURN';
    if (isReturn) sums.returnedMinor += valueMinor;
    else sums.grossMinor += valueMinor;
    if (costMinor === null) continue;
    sums.costedMinor += isReturn ? -valueMinor : valueMinor;
    sums.costMinor += isReturn ? -costMinor : costMinor;
  }
  return sums;
}

/** A day on which something was bought that was kept. */
export interface PurchaseDay {
  /** Days since 1970-01-01, in the organisation's zone. */
  readonly day: number;
  /** What it was worth in the end, by currency, in minor units. */
  readonly worth: ReadonlyMap<string, bigint>;
  /** Currencies in which something was ordered for nothing, and not brought back: a purchase as any other. */
  readonly free: ReadonlySet<string>;
}

/** In order. Days on which as much came back as was bought are none, unless something was free. */
export function purchaseDays(kept: readonly KeptPurchase[], timeZone: string): PurchaseDay[] {
  const days = new Map<number, { worth: Map<string, bigint>; free: Set<string>; ordered: boolean }>();
  for (const { purchase, keptMinor, whollyReturned } of kept) {
    const { kind, currency, valueMinor } = purchase;
    const day = dayNumber(purchase.at, timeZone);
    const known = days.get(day) ?? { worth: new Map<string, bigint>(), free: new Set<string>(), ordered: false };
    known.worth.set(currency, (known.worth.get(currency) ?? 0n) + keptMinor);
    known.ordered ||= kind === 'ORDER';
    if (kind === 'ORDER' && valueMinor === 0n && !whollyReturned) known.free.add(currency);
    days.set(day, known);
  }
  return [...days]
    .filter(([, { worth, free, ordered }]) => ordered && (free.size > 0 || [...worth.values()].some((one) => one > 0n)))
    .map(([day, { worth, free }]) => ({ day, worth, free }))
    .sort((a, b) => a.day - b.day);
}

function describeDays(days: readonly PurchaseDay[], currency: string) {
  const gaps = gapsOf(days.map(({ day }) => day)).sort((a, b) => a - b);
  const gap = (p: number) => (gaps.length > 0 ? quantile(gaps, p) : null);
  return {
    purchaseDays: days.length,
    firstPurchaseDay: days[0]?.day ?? null,
    secondPurchaseDay: days[1]?.day ?? null,
    lastPurchaseDay: days.at(-1)?.day ?? null,
    meanRepeatMinor: meanRepeat(days.slice(1), currency),
    gapMedian: gap(0.5),
    gapQ80: gap(0.8),
    gapQ95: gap(0.95),
  };
}

/** Days from each purchase day to the next. */
export function gapsOf(days: readonly number[]): number[] {
  return days.slice(1).map((day, index) => day - days[index]!);
}

/** Of those days on which something was bought in the currency. */
function meanRepeat(repeats: readonly PurchaseDay[], currency: string): number | null {
  let sum = 0n;
  let count = 0;
  for (const { worth, free } of repeats) {
    const minor = worth.get(currency) ?? 0n;
    if (minor <= 0n && !free.has(currency)) continue;
    sum += minor;
    count += 1;
  }
  return count > 0 ? Number(sum) / count : null;
}
