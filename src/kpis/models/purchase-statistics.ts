import type { SpendGroup } from '../clv/gamma-gamma.ts';
import type { HistoryGroup } from '../clv/history.ts';
import type { SecondOrderGroup } from './second-order.ts';

/** Equal histories, counted, column by column: a million customers make some hundred thousand rows, which travel to a thread. */
export interface HistoryTable {
  readonly repeats: Int32Array;
  /** Days. */
  readonly recency: Int32Array;
  readonly age: Int32Array;
  readonly customers: Int32Array;
}

/** Of one currency: repeats, and their mean worth in minor units. */
export interface SpendTable {
  readonly currency: string;
  readonly repeats: Int32Array;
  readonly mean: Float64Array;
  readonly customers: Int32Array;
}

/** All that a fit needs to know of everybody's purchases up to a day. */
export interface PurchaseStatistics {
  readonly histories: HistoryTable;
  readonly spends: readonly SpendTable[];
  readonly secondOrders: readonly SecondOrderGroup[];
}

export function historyGroups({ repeats, recency, age, customers }: HistoryTable): HistoryGroup[] {
  return Array.from(repeats, (x, row) => {
    return { repeats: x, recency: recency[row]!, age: age[row]!, customers: customers[row]! };
  });
}

export function spendGroups({ repeats, mean, customers }: SpendTable): SpendGroup[] {
  return Array.from(repeats, (x, row) => ({ repeats: x, meanSpend: mean[row]!, customers: customers[row]! }));
}

export interface Sizes {
  readonly customers: number;
  readonly repeaters: number;
}

export function sizesOf({ repeats, customers }: HistoryTable): Sizes {
  let [all, repeaters] = [0, 0];
  for (const [row, weight] of customers.entries()) {
    all += weight;
    if (repeats[row]! > 0) repeaters += weight;
  }
  return { customers: all, repeaters };
}

/** What can be handed to a thread without a copy. */
export function buffersOf({ histories, spends }: PurchaseStatistics): ArrayBuffer[] {
  const columns = [...Object.values(histories), ...spends.flatMap(({ currency: _, ...rest }) => Object.values(rest))];
  return columns.map(({ buffer }) => buffer as ArrayBuffer);
}

/**
 * Times rounded to whole numbers of so many days that no more than `most` groups are left, for a likelihood that costs too much
 * for each: 1 where there are no more anyway.
 */
export function coarsened(
  groups: readonly HistoryGroup[],
  most: number,
): { readonly groups: readonly HistoryGroup[]; readonly days: number } {
  for (let days = 1; ; days *= 2) {
    const fewer = days === 1 ? groups : grouped(groups, days);
    if (fewer.length <= most || days >= 64) return { groups: fewer, days };
  }
}

function grouped(groups: readonly HistoryGroup[], days: number): HistoryGroup[] {
  const merged = new Map<string, { repeats: number; recency: number; age: number; customers: number }>();
  const rounded = (time: number) => Math.round(time / days) * days;
  for (const { repeats, recency, age, customers } of groups) {
    const key = `${repeats} ${rounded(recency)} ${rounded(age)}`;
    const known = merged.get(key);
    if (known) known.customers += customers;
    else merged.set(key, { repeats, recency: rounded(recency), age: rounded(age), customers });
  }
  return [...merged.values()];
}
