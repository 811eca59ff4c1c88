import type { Amount } from '../kernel/money.ts';

/** What a customer's orders and returns in one currency add up to. Amounts in minor units. */
export interface CurrencyRevenue {
  readonly currency: string;
  readonly orders: number;
  readonly returns: number;
  readonly gross: bigint;
  readonly returned: bigint;
}

/**
 * Reads `customers.revenue`: `{"EUR": {"orders": 2, "returns": 1, "gross": 123450, "returned": 990}}`, the currency
 * with the most orders first. Whole numbers are read from their text, so that none is rounded beyond 2^53.
 */
export function readRevenue(json: string): CurrencyRevenue[] {
  if (json === '{}') return [];
  const stored = JSON.parse(json, wholeNumbers) as Record<string, Omit<CurrencyRevenue, 'currency'>>;
  return Object.entries(stored)
    .map(([currency, sums]) => ({
      currency,
      orders: Number(sums.orders),
      returns: Number(sums.returns),
      gross: BigInt(sums.gross),
      returned: BigInt(sums.returned),
    }))
    .sort((a, b) => b.orders - a.orders || (a.currency < b.currency ? -1 : 1));
}

function wholeNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? BigInt(context?.source ?? value) : value;
}

/** Gross value of an average order, rounded half up to the minor unit; `undefined` without orders. */
export function averageOrderValue({ gross, orders, currency }: CurrencyRevenue): Amount | undefined {
  if (orders === 0) return undefined;
  return { minor: (2n * gross + BigInt(orders)) / (2n * BigInt(orders)), currency };
}
