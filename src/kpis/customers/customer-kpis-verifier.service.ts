import type { Database, Pool } from '../../kernel/database.ts';
import type { KpiBook } from '../settings/kpi-book.service.ts';
import type { KpiTimeline } from '../settings/kpi-timeline.ts';
import { findKpis, findStrayKpis, listCustomerIds } from './customer-kpis.queries.ts';
import type { HistoryReader } from './history-reader.service.ts';
import { foldPurchases, type PurchaseKpis } from './purchase-fold.ts';

export interface KpiVerifierParts {
  readonly reader: HistoryReader;
  readonly book: KpiBook;
}

/** One thing that is stored of a customer and should be something else. */
export interface KpiDifference {
  readonly customerId: string;
  /** Null: the row as a whole is missing, or should not be there. */
  readonly column: string | null;
  readonly stored: string | null;
  readonly expected: string | null;
}

export interface KpiVerification {
  readonly customers: number;
  readonly different: number;
  /** The first of them. */
  readonly differences: readonly KpiDifference[];
}

const atOnce = 1_000;
const shown = 100;

/** Whether what is stored of all customers is what follows from their purchases, at one instant. */
export async function verifyAllCustomerKpis(
  pool: Pool,
  parts: KpiVerifierParts,
  signal?: AbortSignal,
): Promise<KpiVerification> {
  return (await pool.begin('isolation level repeatable read read only', async (tx) => {
    const strays = (await findStrayKpis(tx, shown)).map((customerId) => whole(customerId, 'a row of nobody', null));
    const found: KpiDifference[] = strays;
    const different = new Set(strays.map(({ customerId }) => customerId));
    let customers = 0;
    for (let after: string | null = null; ; ) {
      signal?.throwIfAborted();
      const ids: string[] = await listCustomerIds(tx, after, atOnce);
      if (ids.length === 0) return { customers, different: different.size, differences: found.slice(0, shown) };
      customers += ids.length;
      const differences = await verifyCustomerKpis(tx, parts, ids);
      for (const { customerId } of differences) different.add(customerId);
      if (found.length < shown) found.push(...differences);
      after = ids.at(-1)!;
    }
  })) as KpiVerification;
}

/** The same for some of them. */
export async function verifyCustomerKpis(
  db: Database,
  { reader, book }: KpiVerifierParts,
  customerIds: readonly string[],
): Promise<KpiDifference[]> {
  const timeline: KpiTimeline = await book.current(db);
  const stored = new Map((await findKpis(db, customerIds)).map((row) => [row.customerId, row]));
  const histories = await reader.read(db, customerIds, { timeline });
  return histories.flatMap((history) => {
    const { customerId } = history;
    return differencesOf(customerId, stored.get(customerId) ?? null, foldPurchases(history, timeline.timeZone));
  });
}

function differencesOf(
  customerId: string,
  stored: PurchaseKpis | null,
  expected: PurchaseKpis | null,
): KpiDifference[] {
  if (stored === null || expected === null) {
    if (stored === expected) return [];
    return [whole(customerId, stored && 'a row', expected && 'a row')];
  }
  return (Object.keys(expected) as (keyof PurchaseKpis)[])
    .map((column) => ({ customerId, column, stored: text(stored[column]), expected: text(expected[column]) }))
    .filter((one) => one.stored !== one.expected);
}

function whole(customerId: string, stored: string | null, expected: string | null): KpiDifference {
  return { customerId, column: null, stored, expected };
}

function text(value: PurchaseKpis[keyof PurchaseKpis]): string | null {
  if (value === null) return null;
  return value instanceof Date ? value.toISOString() : String(value);
}
