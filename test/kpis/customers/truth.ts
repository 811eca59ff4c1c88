import type { Pool } from '../../../src/kernel/database.ts';

/**
 * `customer_kpis` as its comments describe it, in SQL that shares nothing with the fold: purchases of all records of a customer,
 * returns put to orders by running sums.
 */
export async function expectedKpis(pool: Pool, timeZone: string) {
  return pool`
    with p as (
      select r.customer_id, p.*, (p.occurred_at at time zone ${timeZone})::date - date '1970-01-01' as day
      from purchases p join records r on r.id = p.record_id where r.customer_id is not null
    ), returned as (
      select customer_id, currency, order_id, sum(value_minor) as back from p
      where kind = 'RETURN' and order_id is not null group by 1, 2, 3
    ), ordered as (
      select customer_id, currency, order_id, sum(value_minor) as worth from p
      where kind = 'ORDER' and order_id is not null group by 1, 2, 3
    ), kept as (
      select p.*, o.worth > 0 and b.back >= o.worth as gone,
             case when p.kind = 'RETURN' then case when o.order_id is null then -p.value_minor else 0 end
                  else p.value_minor - least(p.value_minor, greatest(0,
                    coalesce(b.back, 0) - coalesce(sum(p.value_minor) filter (where p.kind = 'ORDER') over (
                      partition by p.customer_id, p.currency, p.order_id, p.kind order by p.occurred_at, p.id
                      rows between unbounded preceding and 1 preceding), 0))) end as left_minor
      from p
      left join ordered o on (o.customer_id, o.currency, o.order_id) = (p.customer_id, p.currency, p.order_id)
      left join returned b on (b.customer_id, b.currency, b.order_id) = (p.customer_id, p.currency, p.order_id)
    ), day_worth as (
      select customer_id, day, currency, sum(left_minor) as worth, bool_or(kind = 'ORDER') as ordered,
             bool_or(kind = 'ORDER' and value_minor = 0 and gone is not true) as free
      from kept group by 1, 2, 3
    ), days as (
      select customer_id, day, day - lag(day) over (partition by customer_id order by day) as gap
      from day_worth group by customer_id, day having bool_or(ordered) and bool_or(worth > 0 or free)
    ), spans as (
      select customer_id, count(*)::int as n, min(day) as first, (array_agg(day order by day))[2] as second, max(day) as last,
             percentile_cont(array[.5, .8, .95]) within group (order by gap::float8) as gaps
      from days group by 1
    ), main as (
      select distinct on (customer_id) customer_id, currency from p group by customer_id, currency
      order by customer_id, count(*) filter (where opens_order) desc, count(*) filter (where kind = 'RETURN') desc,
               currency collate "C"
    )
    select m.customer_id as "customerId", m.currency,
           count(*) filter (where k.opens_order)::int as orders,
           count(*) filter (where k.opens_order and k.gone is not true)::int as "netOrders",
           count(*) filter (where k.kind = 'RETURN')::int as returns,
           coalesce(sum(k.value_minor) filter (where k.kind = 'ORDER' and k.currency = m.currency), 0)::bigint as "grossMinor",
           coalesce(sum(k.value_minor) filter (where k.kind = 'RETURN' and k.currency = m.currency), 0)::bigint
             as "returnedMinor",
           coalesce(sum(case k.kind when 'ORDER' then k.value_minor else -k.value_minor end)
             filter (where k.cost_minor is not null and k.currency = m.currency), 0)::bigint as "costedMinor",
           coalesce(sum(case k.kind when 'ORDER' then k.cost_minor else -k.cost_minor end)
             filter (where k.currency = m.currency), 0)::bigint as "costMinor",
           sum(case k.kind when 'ORDER' then k.items else -k.items end)::float8 as items,
           min(k.occurred_at) filter (where k.opens_order) as "firstOrderAt",
           max(k.occurred_at) filter (where k.opens_order) as "lastOrderAt",
           coalesce(s.n, 0) as "purchaseDays", s.first as "firstPurchaseDay", s.second as "secondPurchaseDay", s.last as "lastPurchaseDay",
           (select sum(worth)::float8 / count(*) from day_worth w
            where w.customer_id = m.customer_id and w.currency = m.currency and (w.worth > 0 or w.free) and w.day > s.first
              and exists (select from days d where d.customer_id = w.customer_id and d.day = w.day)) as "meanRepeatMinor",
           s.gaps[1] as "gapMedian", s.gaps[2] as "gapQ80", s.gaps[3] as "gapQ95"
    from main m join kept k using (customer_id) left join spans s using (customer_id)
    group by m.customer_id, m.currency, s.n, s.first, s.second, s.last, s.gaps
    order by m.customer_id`;
}
