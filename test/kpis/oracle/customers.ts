import { text } from './duck.ts';

/** What `customer_kpis` should hold, from sales alone. `zone`: where days begin. */
export const customersSql = (zone: string) => `
  with mine as (
    select *, date_diff('day', date '1970-01-01', timezone(${text(zone)}, occurred)::date) as day
    from kept_sales where customer_id is not null
  ), currencies as (
    select customer_id, currency from mine group by customer_id, currency
    qualify row_number() over (partition by customer_id
      order by count(*) filter (where opens) desc, count(*) filter (where is_return) desc, currency) = 1
  ), counted as (
    select customer_id, count(*) filter (where opens) as orders, count(*) filter (where opens and kept) as net_orders,
           count(*) filter (where is_return) as returns, sum(case when is_return then -items else items end) as items,
           min(occurred) filter (where opens) as first_order_at, max(occurred) filter (where opens) as last_order_at
    from mine group by all
  ), summed as (
    select customer_id, coalesce(sum(value_minor) filter (where not is_return), 0) as gross,
           coalesce(sum(value_minor) filter (where is_return), 0) as returned,
           coalesce(sum(case when is_return then -value_minor else value_minor end) filter (where cost_minor is not null), 0)
             as costed,
           coalesce(sum(case when is_return then -cost_minor else cost_minor end), 0) as cost
    from mine join currencies using (customer_id, currency) group by all
  ), worth as (
    select customer_id, day, currency, sum(kept_minor) as minor, bool_or(not is_return) as ordered,
           bool_or(not is_return and value_minor = 0 and kept) as free
    from mine group by all
  ), days as (
    select customer_id, day, row_number() over (partition by customer_id order by day) as nth,
           day - lag(day) over (partition by customer_id order by day) as gap
    from worth group by customer_id, day having bool_or(ordered) and (max(minor) > 0 or bool_or(free))
  ), described as (
    select customer_id, count(*) as purchase_days, min(day) as first_purchase_day, max(day) as last_purchase_day,
           min(day) filter (where nth = 2) as second_purchase_day,
           quantile_cont(gap::double, 0.5) as gap_median, quantile_cont(gap::double, 0.8) as gap_q80,
           quantile_cont(gap::double, 0.95) as gap_q95
    from days group by all
  ), repeats as (
    select customer_id, avg(minor::double) as mean_repeat_minor
    from days join worth using (customer_id, day) join currencies using (customer_id, currency)
    where nth > 1 and (minor > 0 or free) group by all
  )
  select c.customer_id::varchar as customer_id, currency, orders::int as orders, net_orders::int as net_orders,
         returns::int as returns, gross::varchar as gross, returned::varchar as returned, costed::varchar as costed,
         cost::varchar as cost, items::double as items, epoch_ms(first_order_at)::double as first_order_at,
         epoch_ms(last_order_at)::double as last_order_at, coalesce(purchase_days, 0)::int as purchase_days,
         first_purchase_day::int as first_purchase_day,
         second_purchase_day::int as second_purchase_day, last_purchase_day::int as last_purchase_day, mean_repeat_minor,
         gap_median, gap_q80, gap_q95
  from currencies c join counted using (customer_id) join summed using (customer_id)
  left join described using (customer_id) left join repeats using (customer_id)
  order by 1`;
