import type { Pool, Tx } from '../../kernel/database.ts';
import type { HeldOutTable } from './model-work.ts';
import type { HistoryTable, PurchaseStatistics, SpendTable } from './purchase-statistics.ts';
import type { SecondOrderGroup } from './second-order.ts';

/** Rows at once: some milliseconds of this process's time. */
const pageSize = 5_000;

/** Up to a day, given as days since 1970-01-01 in the zone. */
export interface UpTo {
  readonly day: number;
  readonly timeZone: string;
}

/**
 * What everybody's purchases come to, from what is folded of them: as of today. Where that does not say of everybody when their
 * second purchase day was, from the purchases themselves, which takes longer.
 */
export async function readStatistics(pool: Pool, upTo: UpTo): Promise<PurchaseStatistics> {
  const folded = await pool.begin('isolation level repeatable read read only', async (tx) => {
    const unknown = await tx`select from customer_kpis where purchase_days > 1 and second_purchase_day is null limit 1`;
    return unknown.length === 0 ? statisticsOf(tx, { table: 'customer_kpis', day: upTo.day }) : null;
  });
  return folded ?? readPastStatistics(pool, upTo);
}

/** The same as if what happened after a day had not: from the purchases themselves, and by whose they are now. */
export async function readPastStatistics(pool: Pool, upTo: UpTo): Promise<PurchaseStatistics> {
  return pool.begin('isolation level repeatable read', async (tx) => {
    await foldPast(tx, { ...upTo, table: 'kpi_past' });
    return statisticsOf(tx, { table: 'kpi_past', day: upTo.day });
  });
}

/** Histories up to a day, and on how many days customers bought after it, up to another. */
export async function readHeldOut(pool: Pool, { until, ...upTo }: UpTo & { until: number }): Promise<HeldOutTable> {
  return pool.begin('isolation level repeatable read', async (tx) => {
    await foldPast(tx, { ...upTo, table: 'kpi_past' });
    await foldPast(tx, { ...upTo, day: until, from: upTo.day + 1, table: 'kpi_later' });
    return heldOutOf(tx, upTo.day);
  });
}

interface Folded {
  /** A table with the columns of `customer_kpis` that say when somebody bought, and what a repeat was worth. */
  readonly table: string;
  readonly day: number;
}

async function statisticsOf(tx: Tx, folded: Folded): Promise<PurchaseStatistics> {
  return {
    histories: await historiesOf(tx, folded),
    spends: await spendsOf(tx, folded),
    secondOrders: await secondOrdersOf(tx, folded),
  };
}

/** A clock that is behind a source's may see a purchase of tomorrow: nobody is younger than their last purchase. */
const ageOf = (tx: Tx, day: number) => tx`greatest(${day}::int, last_purchase_day) - first_purchase_day`;

interface HistoryRow {
  repeats: number;
  recency: number;
  age: number;
  customers: number;
}

async function historiesOf(tx: Tx, { table, day }: Folded): Promise<HistoryTable> {
  const columns = { repeats: [] as number[], recency: [] as number[], age: [] as number[], customers: [] as number[] };
  await tx<HistoryRow[]>`
    select purchase_days - 1 as repeats, last_purchase_day - first_purchase_day as recency, ${ageOf(tx, day)} as age,
           count(*)::int as customers
    from ${tx(table)} where purchase_days > 0
    group by 1, 2, 3`.cursor(pageSize, (page) => {
    for (const { repeats, recency, age, customers } of page) {
      columns.repeats.push(repeats);
      columns.recency.push(recency);
      columns.age.push(age);
      columns.customers.push(customers);
    }
  });
  return whole(columns);
}

function whole<Name extends string>(columns: Record<Name, number[]>): Record<Name, Int32Array> {
  const entries = Object.entries<number[]>(columns).map(([name, values]) => [name, Int32Array.from(values)]);
  return Object.fromEntries(entries) as Record<Name, Int32Array>;
}

interface SpendRow {
  currency: string;
  repeats: number;
  mean: number;
  customers: number;
}

async function spendsOf(tx: Tx, { table }: Folded): Promise<SpendTable[]> {
  const tables = new Map<string, { repeats: number[]; mean: number[]; customers: number[] }>();
  await tx<SpendRow[]>`
    select currency, purchase_days - 1 as repeats, mean_repeat_minor as mean, count(*)::int as customers
    from ${tx(table)} where purchase_days > 1 and mean_repeat_minor > 0
    group by 1, 2, 3`.cursor(pageSize, (page) => {
    for (const { currency, repeats, mean, customers } of page) {
      const columns = tables.get(currency) ?? { repeats: [], mean: [], customers: [] };
      tables.set(currency, columns);
      columns.repeats.push(repeats);
      columns.mean.push(mean);
      columns.customers.push(customers);
    }
  });
  const names = [...tables.keys()].sort();
  return names.map((currency) => {
    const { mean, ...columns } = tables.get(currency)!;
    return { currency, ...whole(columns), mean: Float64Array.from(mean) };
  });
}

async function secondOrdersOf(tx: Tx, { table, day }: Folded): Promise<SecondOrderGroup[]> {
  const rows = await tx<SecondOrderGroup[]>`
    select coalesce(second_purchase_day, greatest(${day}::int, last_purchase_day)) - first_purchase_day as days,
           second_purchase_day is not null as "boughtAgain", count(*)::int as customers
    from ${tx(table)} where purchase_days > 0
    group by 1, 2`;
  return [...rows];
}

/** In an order, as sums of fractions depend on it. */
async function heldOutOf(tx: Tx, day: number): Promise<HeldOutTable> {
  const columns = {
    ...{ repeats: [] as number[], recency: [] as number[], age: [] as number[], customers: [] as number[] },
    actual: [] as number[],
  };
  await tx<(HistoryRow & { actual: number })[]>`
    select past.purchase_days - 1 as repeats, past.last_purchase_day - past.first_purchase_day as recency,
           ${day}::int - past.first_purchase_day as age, coalesce(later.purchase_days, 0) as actual,
           count(*)::int as customers
    from kpi_past past left join kpi_later later on later.customer_id = past.customer_id
    group by 1, 2, 3, 4 order by 1, 2, 3, 4`.cursor(pageSize, (page) => {
    for (const { repeats, recency, age, actual, customers } of page) {
      columns.repeats.push(repeats);
      columns.recency.push(recency);
      columns.age.push(age);
      columns.actual.push(actual);
      columns.customers.push(customers);
    }
  });
  return whole(columns);
}

/** Tables of what was bought up to a day: `bought`; and what of it was kept, shipment by shipment: `shipped`. */
const shipments = (tx: Tx, { day, timeZone }: UpTo) => tx`
  bought as materialized (
    select r.customer_id, p.id, p.kind, p.occurred_at, p.order_id, p.opens_order, p.currency, p.value_minor,
           (p.occurred_at at time zone ${timeZone}::text)::date - date '1970-01-01' as day
    from purchases p join records r on r.id = p.record_id
    where r.customer_id is not null
      and (p.occurred_at at time zone ${timeZone}::text)::date - date '1970-01-01' <= ${day}::int
  ), brought_back as (
    select customer_id, order_id, currency, sum(value_minor) as value from bought
    where kind = 'RETURN' and order_id is not null
    group by customer_id, order_id, currency
  ), shipped as (
    -- A return takes from the first shipment of its order first.
    select b.customer_id, b.day, b.currency, true as ordered,
           b.value_minor - greatest(0, least(b.value_minor, back.value + b.value_minor - sum(b.value_minor) over up_to))
             as kept,
           b.value_minor = 0 and not (sum(b.value_minor) over whole > 0 and back.value >= sum(b.value_minor) over whole)
             as free
    from bought b
    join brought_back back on back.customer_id = b.customer_id and back.order_id = b.order_id
      and back.currency = b.currency
    where b.kind = 'ORDER'
    window whole as (partition by b.customer_id, b.order_id, b.currency), up_to as (whole order by b.occurred_at, b.id)
    union all
    select b.customer_id, b.day, b.currency, true, b.value_minor, b.value_minor = 0
    from bought b
    where b.kind = 'ORDER' and not exists (
      select from brought_back back
      where back.customer_id = b.customer_id and back.order_id = b.order_id and back.currency = b.currency)
    union all
    select b.customer_id, b.day, b.currency, false, -b.value_minor, false
    from bought b
    where b.kind = 'RETURN' and not exists (
      select from bought o
      where o.kind = 'ORDER' and o.customer_id = b.customer_id and o.order_id = b.order_id and o.currency = b.currency)
  )`;

/**
 * What `foldPurchases` makes of each customer, in SQL and for everybody at once, from purchases up to a day: into a table that
 * ends with the transaction. `from`: only days from it on are counted, though returns of earlier orders are put to these.
 */
async function foldPast(
  tx: Tx,
  { table, day, timeZone, from = null }: UpTo & { table: string; from?: number | null },
): Promise<void> {
  await tx`
    create temp table ${tx(table)} on commit drop as
    with ${shipments(tx, { day, timeZone })}, worths as (
      select customer_id, day, currency, sum(kept) as worth, bool_or(ordered) as ordered, bool_or(free) as free
      from shipped group by customer_id, day, currency
    ), days as (
      select customer_id, day from worths
      where ${from === null ? tx`true` : tx`day >= ${from}::int`}
      group by customer_id, day having bool_or(ordered) and (max(worth) > 0 or bool_or(free))
    ), main as (
      select distinct on (customer_id) customer_id, currency from bought
      group by customer_id, currency
      order by customer_id, count(*) filter (where kind = 'ORDER' and opens_order) desc,
               count(*) filter (where kind = 'RETURN') desc, currency collate "C"
    ), purchasers as (
      select customer_id, count(*)::int as purchase_days, min(day) as first_purchase_day,
             (array_agg(day order by day))[2] as second_purchase_day, max(day) as last_purchase_day
      from days group by customer_id
    )
    select p.*, main.currency, spent.mean::float8 as mean_repeat_minor
    from purchasers p
    join main on main.customer_id = p.customer_id
    left join (
      select w.customer_id, w.currency, avg(w.worth) as mean
      from worths w
      join days d on d.customer_id = w.customer_id and d.day = w.day
      join purchasers p on p.customer_id = w.customer_id and w.day > p.first_purchase_day
      where w.worth > 0 or w.free
      group by w.customer_id, w.currency
    ) as spent on spent.customer_id = p.customer_id and spent.currency = main.currency`;
}
