import type { Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

/** One node at a time: two of them would only wait for each other's cells. */
export async function tryLockCompaction(tx: Tx): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended('metric cells', 0)) as locked`;
  return row?.locked === true;
}

/** The oldest changes, as the ids of the transactions that made them. Rows of one are all there or none. */
export async function findCellChanges(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select distinct id from (select id from metric_cell_changes order by id, ordinal limit ${limit}) as oldest`;
  return rows.map(({ id }) => id);
}

export async function addToCells(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`
    insert into metric_cells (hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor, costed_minor,
                              cost_minor, items)
    select hour, type, channel, source, campaign, currency, sum(touchpoints), sum(orders), sum(value_minor),
           sum(costed_minor), sum(cost_minor), sum(items)
    from metric_cell_changes where id = any(${idList(ids)}::uuid[])
    group by hour, type, channel, source, campaign, currency
    on conflict (type, hour, channel, source, campaign, currency) do update
    set touchpoints = metric_cells.touchpoints + excluded.touchpoints, orders = metric_cells.orders + excluded.orders,
        value_minor = metric_cells.value_minor + excluded.value_minor,
        costed_minor = metric_cells.costed_minor + excluded.costed_minor,
        cost_minor = metric_cells.cost_minor + excluded.cost_minor, items = metric_cells.items + excluded.items`;
}

/** How many rows went. */
export async function deleteCellChanges(tx: Tx, ids: readonly string[]): Promise<number> {
  const deleted = await tx`delete from metric_cell_changes where id = any(${idList(ids)}::uuid[])`;
  return deleted.count;
}
