import type { NewChange } from '../../kernel/changes.queries.ts';
import type { Tx } from '../../kernel/database.ts';
import { lookUpByIndex } from '../../kernel/plans.queries.ts';
import { mapInTurns } from '../../kernel/turns.ts';
import { findLifecycles } from '../lifecycle/lifecycle.queries.ts';
import { deriveLifecycle } from '../lifecycle/lifecycle.ts';
import { writeLifecycles } from '../lifecycle/lifecycle-writer.service.ts';
import type { KpiBook } from '../settings/kpi-book.service.ts';
import { forgetKpis, forgetScores, upsertKpis } from './customer-kpis.queries.ts';
import type { HistoryReader } from './history-reader.service.ts';
import { foldPurchases, type PurchaseKpis } from './purchase-fold.ts';

export interface CustomerKpiFolderParts {
  readonly reader: HistoryReader;
  readonly book: KpiBook;
}

export interface FoldOccasion {
  readonly at: Date;
  /** Those something of whom moved. Their rows are locked. */
  readonly customerIds: readonly string[];
  /** Those of them who may have lost records, or had rows from before: what nothing is left of is deleted. */
  readonly lessened?: ReadonlySet<string>;
  /** Customers who are no more. */
  readonly absorbed?: readonly string[];
  /** Nothing has happened to them. */
  readonly firstLook?: boolean;
  /** Takes what is written without being waited for. */
  readonly alongside?: (statements: Promise<unknown>) => void;
}

/** A few milliseconds of work: a till that asks for offers doesn't wait for everybody's. */
const customersOfATurn = 20;

/**
 * Brings the KPIs and the stages of customers up to date with what befell them, in the caller's transaction: always from the
 * whole history, so that it makes no difference in which order things became known, or who was merged and parted meanwhile.
 * A constant number of statements; none where nobody is concerned.
 */
export class CustomerKpiFolder {
  readonly #parts: CustomerKpiFolderParts;

  constructor(parts: CustomerKpiFolderParts) {
    this.#parts = parts;
  }

  /** Answers what changed, for the change feed. */
  async fold(tx: Tx, occasion: FoldOccasion): Promise<readonly NewChange[]> {
    const { at, customerIds, lessened, absorbed = [], firstLook } = occasion;
    if (customerIds.length === 0 && absorbed.length === 0) return [];
    const { reader, book } = this.#parts;
    const [, timeline] = await Promise.all([lookUpByIndex(tx), book.hold(tx)]);
    const [histories, stored] =
      customerIds.length > 0
        ? await Promise.all([reader.read(tx, customerIds, { timeline }), findLifecycles(tx, customerIds)])
        : [[], []];
    const folded = await mapInTurns(histories, customersOfATurn, (history) => ({
      row: foldPurchases(history, timeline.timeZone),
      lifecycle: deriveLifecycle(history, timeline, at),
    }));
    const rows = folded.map(({ row }) => row).filter((row) => row !== null);
    const lost = customerIds.filter((id) => lessened?.has(id));
    const without = (keeping: readonly PurchaseKpis[]) => {
      const kept = new Set(keeping.map(({ customerId }) => customerId));
      return [...absorbed, ...lost.filter((id) => !kept.has(id))];
    };
    const [gone, unscored] = [without(rows), without(rows.filter(({ orders }) => orders > 0))];
    const derived = folded.map(({ lifecycle }) => lifecycle);
    const { changes, written } = writeLifecycles(tx, { at, derived, stored, absorbed, firstLook });
    const all = Promise.all([
      written,
      rows.length > 0 && upsertKpis(tx, rows, at),
      gone.length > 0 && forgetKpis(tx, gone),
      unscored.length > 0 && forgetScores(tx, unscored),
    ]);
    if (occasion.alongside) occasion.alongside(all);
    else await all;
    return changes;
  }

  /** The same for customers to whom nothing has happened: other settings, time, or rows that were never there. */
  async refold(tx: Tx, { at, customerIds }: Pick<FoldOccasion, 'at' | 'customerIds'>): Promise<readonly NewChange[]> {
    return this.fold(tx, { at, customerIds, lessened: new Set(customerIds), firstLook: true });
  }
}
