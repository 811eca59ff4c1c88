import type { Fragment } from 'postgres';
import type { Database } from '../../kernel/database.ts';
import { cellRows, purchaseRows, signalRows } from './facts-rebuild.queries.ts';

/** A row that is stored and should not be, or the reverse. */
export interface FactDifference {
  readonly table: 'purchases' | 'signals' | 'metric_cells';
  readonly stored: boolean;
  /** The row, as JSON text. */
  readonly row: string;
}

/** The first differences of what is stored and what follows from the touchpoints. Reads everything. */
export async function findPurchaseDifferences(db: Database, limit: number): Promise<FactDifference[]> {
  const stored = db`
    select record_id, occurred_at, id, kind, order_id, opens_order, source, channel, campaign, store, currency, value_minor,
           cost_minor, items from purchases`;
  return differences(db, { table: 'purchases', stored, derived: purchaseRows(db, db`touchpoints`), limit });
}

export async function findSignalDifferences(db: Database, limit: number): Promise<FactDifference[]> {
  const stored = db`
    select record_id, occurred_at, id, kind, subject, score, ends_at, source, channel from signals`;
  return differences(db, { table: 'signals', stored, derived: signalRows(db, db`touchpoints`), limit });
}

/** Cells that have come to nothing are as good as none. */
export async function findCellDifferences(db: Database, limit: number): Promise<FactDifference[]> {
  const stored = db`
    select hour, type, channel, source, campaign, currency, sum(touchpoints)::bigint as touchpoints,
           sum(orders)::bigint as orders, sum(value_minor)::bigint as value_minor,
           sum(costed_minor)::bigint as costed_minor, sum(cost_minor)::bigint as cost_minor, sum(items) as items
    from (
      select hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor, costed_minor, cost_minor, items
      from metric_cells
      union all
      select hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor, costed_minor, cost_minor, items
      from metric_cell_changes
    ) as parts
    group by 1, 2, 3, 4, 5, 6
    having sum(touchpoints) <> 0`;
  const derived = cellRows(db, db`touchpoints`, db`(${purchaseRows(db, db`touchpoints`)})`);
  return differences(db, { table: 'metric_cells', stored, derived, limit });
}

interface Compared {
  readonly table: FactDifference['table'];
  readonly stored: Fragment;
  readonly derived: Fragment;
  readonly limit: number;
}

async function differences(db: Database, { table, stored, derived, limit }: Compared): Promise<FactDifference[]> {
  const rows = await db<{ stored: boolean; row: string }[]>`
    with stored as materialized (${stored}), derived as materialized (${derived})
    (select true as stored, to_jsonb(extra)::text as row from (select * from stored except all select * from derived) as extra
     limit ${limit})
    union all
    (select false, to_jsonb(missing)::text from (select * from derived except all select * from stored) as missing
     limit ${limit})`;
  return rows.map((row) => ({ table, ...row }));
}
