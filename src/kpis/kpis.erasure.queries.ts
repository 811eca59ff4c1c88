import type { Fragment } from 'postgres';
import type { Database, Tx } from '../kernel/database.ts';
import { idList } from '../kernel/sql-array.ts';
import {
  holdsNothing,
  isDeleted,
  newId,
  newName,
  newRecordIds,
  ofCustomer,
} from '../privacy/erasure/erased-ids.queries.ts';
import type { Erasure, PersonalTable } from '../privacy/personal-data.ts';
import { cellRows } from './facts/facts-rebuild.queries.ts';

/** Before touchpoints change: what they are counted as. */
export const kpiTablesBefore: readonly PersonalTable[] = [
  isDeleted({ table: 'customer_kpis', holds: 'PSEUDONYMS', why: 'What orders and returns come to.', ...ofCustomer }),
  isDeleted({
    table: 'customer_scores',
    holds: 'PSEUDONYMS',
    why: 'Scores, and what models expect of a customer.',
    ...ofCustomer,
  }),
  isDeleted({
    table: 'customer_lifecycles',
    holds: 'PSEUDONYMS',
    why: 'Where customers are in their life cycle.',
    ...ofCustomer,
  }),
  isDeleted({
    table: 'customer_observations',
    holds: 'PSEUDONYMS',
    why: 'How much less often than usual customers were here, when they lose a tier, and whose levers count for them.',
    ...ofCustomer,
  }),
  {
    table: 'lifecycle_transitions',
    holds: 'PSEUDONYMS',
    why: 'When and why customers went from one stage to another, with the numbers behind it.',
    effect: 'ANONYMISED',
    afterwards:
      'Stages and times stay for what is counted by them, under another id and without the numbers behind them; whoever was ' +
      'still a customer is LOST from now on.',
    erase: eraseTransitions,
  },
  {
    table: 'metric_cell_changes',
    holds: 'PSEUDONYMS',
    why: 'What transactions add to sums by the hour: one of them may be about one person.',
    effect: 'ANONYMISED',
    afterwards: 'Added to the sums by the hour.',
    erase: takeFromCells,
  },
];

/** After touchpoints have changed. */
export const kpiTablesAfter: readonly PersonalTable[] = [
  {
    table: 'purchases',
    holds: 'PSEUDONYMS',
    why: 'Orders and returns, with order numbers.',
    effect: 'ANONYMISED',
    afterwards: 'Time, channel, source, store, value, cost and items stay; order numbers and campaigns are gone.',
    erase: erasePurchases,
  },
  {
    table: 'signals',
    holds: 'PSEUDONYMS',
    why: 'Answers to surveys, cases and contracts, with the numbers of cases and contracts.',
    effect: 'ANONYMISED',
    afterwards: 'Kind, time, score, source and channel stay; numbers of cases and contracts are gone.',
    erase: eraseSignals,
  },
  {
    table: 'metric_cells',
    holds: 'PSEUDONYMS',
    why: 'Sums by the hour, type, channel, source and campaign: one of them may be about one person.',
    effect: 'ANONYMISED',
    afterwards: 'The sums stay; what the erased did is counted without its campaign.',
    erase: addToCells,
  },
  holdsNothing('kpi_models', 'Parameters that were fitted to all customers.'),
  holdsNothing('kpi_scales', 'Bounds of scores over all customers.'),
  holdsNothing('kpi_settings', 'Settings of KPIs.'),
  holdsNothing('kpi_sweeps', 'Progress of work on all customers.'),
  holdsNothing('kpi_jobs', 'Work that comes again.'),
  holdsNothing('saved_metric_queries', 'Metric queries with a name.'),
];

async function eraseTransitions(tx: Tx, { subject, salt, at }: Erasure): Promise<number> {
  await tx`
    insert into lifecycle_transitions (customer_id, ordinal, at, from_stage, to_stage, cause, evidence, settings_version)
    select customer_id, ordinal + 1, greatest(at, ${at}), to_stage, 'LOST', 'EXIT', '{}', settings_version
    from (
      select distinct on (customer_id) * from lifecycle_transitions
      where customer_id = any(${idList(subject.customerIds)}::uuid[]) order by customer_id, ordinal desc
    ) as last
    where to_stage not in ('ANONYMOUS', 'PROSPECT', 'ARCHIVED', 'LOST')`;
  const { count } = await tx`
    update lifecycle_transitions
    set customer_id = ${newId(tx, { salt }, tx`customer_id`, 'lifecycle')}, evidence = '{}'
    where customer_id = any(${idList(subject.customerIds)}::uuid[])`;
  return count;
}

const cellKey = (db: Database) => db`hour, type, channel, source, campaign, currency`;

const cellSums = (db: Database) => db`
  sum(touchpoints) as touchpoints, sum(orders) as orders, sum(value_minor) as value_minor,
  sum(costed_minor) as costed_minor, sum(cost_minor) as cost_minor, sum(items) as items`;

/** What these records' touchpoints are counted as. */
const cellsOf = (db: Database, recordIds: Fragment) =>
  db`(${cellRows(db, db`(select * from touchpoints where record_id = any(${recordIds}))`, db`purchases`)})`;

/**
 * Settles what other transactions have added to the same cells, and takes what the person did out of them: a cell that was
 * only theirs is gone, with its campaign. The lock is the compactor's, and ingestion stands still.
 */
async function takeFromCells(tx: Tx, { subject }: Erasure): Promise<number> {
  const own = cellsOf(tx, tx`${idList(subject.recordIds)}::uuid[]`);
  await tx`select pg_advisory_xact_lock(hashtextextended('metric cells', 0))`;
  await tx`
    insert into metric_cells (${cellKey(tx)}, touchpoints, orders, value_minor, costed_minor, cost_minor, items)
    select ${cellKey(tx)}, ${cellSums(tx)}
    from metric_cell_changes where (${cellKey(tx)}) in (select ${cellKey(tx)} from ${own} as own)
    group by ${cellKey(tx)}
    ${whereKnown(tx)}`;
  const { count } = await tx`
    delete from metric_cell_changes where (${cellKey(tx)}) in (select ${cellKey(tx)} from ${own} as own)`;
  await tx`
    insert into metric_cells (${cellKey(tx)}, touchpoints, orders, value_minor, costed_minor, cost_minor, items)
    select ${cellKey(tx)}, -touchpoints, -orders, -value_minor, -costed_minor, -cost_minor, -items from ${own} as own
    ${whereKnown(tx)}`;
  await tx`
    delete from metric_cells
    where touchpoints = 0 and (${cellKey(tx)}) in (select ${cellKey(tx)} from ${own} as own)`;
  return count;
}

const whereKnown = (db: Database) => db`
  on conflict (type, hour, channel, source, campaign, currency) do update
  set touchpoints = metric_cells.touchpoints + excluded.touchpoints, orders = metric_cells.orders + excluded.orders,
      value_minor = metric_cells.value_minor + excluded.value_minor,
      costed_minor = metric_cells.costed_minor + excluded.costed_minor,
      cost_minor = metric_cells.cost_minor + excluded.cost_minor, items = metric_cells.items + excluded.items`;

/** Counts them again, as what is left of them. */
async function addToCells(tx: Tx, erasure: Erasure): Promise<number> {
  const { count } = await tx`
    insert into metric_cells (${cellKey(tx)}, touchpoints, orders, value_minor, costed_minor, cost_minor, items)
    select ${cellKey(tx)}, touchpoints, orders, value_minor, costed_minor, cost_minor, items
    from ${cellsOf(tx, newRecordIds(tx, erasure))} as own
    ${whereKnown(tx)}`;
  return count;
}

async function erasePurchases(tx: Tx, erasure: Erasure): Promise<number> {
  const { count } = await tx`
    update purchases
    set record_id = ${newId(tx, erasure, tx`record_id`)}, id = ${newId(tx, erasure, tx`id`)}, campaign = null,
        order_id = ${newName(tx, erasure, tx`order_id`)}
    where record_id = any(${idList(erasure.subject.recordIds)}::uuid[])`;
  // Of two shipments of one order at one instant the ids decide which one opens it.
  await tx`
    update purchases p set opens_order = not p.opens_order
    from (
      select record_id, occurred_at, id,
             kind = 'ORDER' and (order_id is null or
               row_number() over (partition by record_id, kind, order_id order by occurred_at, id) = 1) as opens
      from purchases where record_id = any(${newRecordIds(tx, erasure)})
    ) as told
    where p.record_id = told.record_id and p.occurred_at = told.occurred_at and p.id = told.id
      and p.opens_order <> told.opens`;
  return count;
}

async function eraseSignals(tx: Tx, erasure: Erasure): Promise<number> {
  const { count } = await tx`
    update signals
    set record_id = ${newId(tx, erasure, tx`record_id`)}, id = ${newId(tx, erasure, tx`id`)},
        subject = case when kind like 'CASE_%' or kind like 'CONTRACT%' then ${newName(tx, erasure, tx`subject`)}
                       else subject end
    where record_id = any(${idList(erasure.subject.recordIds)}::uuid[])`;
  return count;
}
