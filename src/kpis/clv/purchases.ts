import type { Spend } from './gamma-gamma.ts';
import type { History, HistoryGroup } from './history.ts';

/** One purchase. A day is a whole number, such as days since 1970-01-01 in the time zone of the shop. */
export interface Purchase {
  readonly customer: string;
  readonly day: number;
  readonly amount: number;
}

/** `meanSpend` is 0 without repeats. */
export type CustomerHistory = History & Spend & { readonly customer: string };

export interface Observation {
  /** The last day observed. What comes later is not looked at. */
  readonly until: number;
  /** How many days a time unit has: 7 for weeks. */
  readonly daysPerUnit: number;
}

/**
 * The histories of customers who have bought by the last day observed, by the conventions of the CDNOW data (Fader &
 * Hardie 2001):
 *
 * - a day with several purchases is one purchase, worth their sum;
 * - the first day is not a repeat, and its amount is no part of the mean spend;
 * - recency and age are days from the first, divided by the days of a unit: someone who first bought on the last day
 *   has an age of 0.
 */
export function historiesOf(purchases: Iterable<Purchase>, { until, daysPerUnit }: Observation): CustomerHistory[] {
  const histories: CustomerHistory[] = [];
  for (const [customer, days] of daysOf(purchases)) {
    const seen = [...days.keys()].filter((day) => day <= until).sort((a, b) => a - b);
    const [first, ...repeats] = seen;
    if (first === undefined) continue;
    const spent = repeats.reduce((sum, day) => sum + days.get(day)!, 0);
    histories.push({
      customer,
      repeats: repeats.length,
      recency: ((repeats.at(-1) ?? first) - first) / daysPerUnit,
      age: (until - first) / daysPerUnit,
      meanSpend: repeats.length > 0 ? spent / repeats.length : 0,
    });
  }
  return histories;
}

/** Each customer's days with purchases, and their amounts. Throws RangeError for a day that isn't a whole number. */
export function daysOf(purchases: Iterable<Purchase>): Map<string, Map<number, number>> {
  const customers = new Map<string, Map<number, number>>();
  for (const { customer, day, amount } of purchases) {
    if (!Number.isSafeInteger(day)) throw new RangeError(`The day ${day} is not a whole number.`);
    const days = customers.get(customer) ?? new Map<number, number>();
    days.set(day, (days.get(day) ?? 0) + amount);
    customers.set(customer, days);
  }
  return customers;
}

/** Equal histories once, with the number of their customers; in the order in which they first come. */
export function groupHistories(histories: Iterable<History>): HistoryGroup[] {
  const groups = new Map<string, { repeats: number; recency: number; age: number; customers: number }>();
  for (const { repeats, recency, age } of histories) {
    const key = `${repeats} ${recency} ${age}`;
    const group = groups.get(key);
    if (group) group.customers += 1;
    else groups.set(key, { repeats, recency, age, customers: 1 });
  }
  return [...groups.values()];
}
