import type { CustomersChecked, Difference } from '../identity/identity.events.ts';
import { findCustomerRevenue, type RevenueRow, sumRevenue } from './revenue-check.queries.ts';

/** Whether customers' orders and returns are what their records' add up to. */
export const checkRevenue: CustomersChecked = async (db, recordsOf) => {
  const members = [...recordsOf].flatMap(([customerId, ids]) => ids.map((recordId) => ({ customerId, recordId })));
  const [stored, summed] = await Promise.all([findCustomerRevenue(db, [...recordsOf.keys()]), sumRevenue(db, members)]);
  const expected = new Map(summed.map((row) => [row.id, row]));
  return stored.flatMap((row) => compare(row, expected.get(row.id) ?? { ...nothing, id: row.id }));
};

const nothing = { orders: 0, firstOrderAt: null, lastOrderAt: null, revenue: '{}' };

function compare(stored: RevenueRow, expected: RevenueRow): Difference[] {
  const shown = columnsOf(stored);
  return Object.entries(columnsOf(expected))
    .filter(([column, value]) => shown[column] !== value)
    .map(([column, value]) => ({
      table: 'customers',
      id: stored.id,
      column,
      stored: shown[column] ?? null,
      expected: value,
    }));
}

function columnsOf({ orders, firstOrderAt, lastOrderAt, revenue }: RevenueRow): Record<string, string | null> {
  return {
    orders: String(orders),
    first_order_at: firstOrderAt?.toISOString() ?? null,
    last_order_at: lastOrderAt?.toISOString() ?? null,
    revenue,
  };
}
