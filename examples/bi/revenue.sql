-- psql "postgresql://bi_reader@127.0.0.1:5432/rundum" -f revenue.sql
-- Net revenue by month and channel, in the zone of the organisation, with a row for months without any.
\pset null '-'
select m.month_start as month, channel, currency,
       sum(case r.kind when 'ORDER' then r.amount else -r.amount end) as net_revenue,
       count(*) filter (where r.opens_order) as orders
from (select distinct month_start from bi.calendar where day >= '2026-01-01' and day < '2027-01-01') as m
left join bi.orders_and_returns as r
  on date_trunc('month', r.occurred_at at time zone 'Europe/Zurich')::date = m.month_start
group by month, channel, currency
order by month, channel, currency;
