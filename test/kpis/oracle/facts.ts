import type { Duck } from './duck.ts';

/** A name in `properties`: text of 1 to 200 characters, or a whole number. */
const named = (property: string) => `
  case json_type(properties, '$.${property}')
    when 'VARCHAR' then case when length(properties ->> '$.${property}') between 1 and 200 then properties ->> '$.${property}' end
    when 'UBIGINT' then properties ->> '$.${property}' when 'BIGINT' then properties ->> '$.${property}' end`;

/** Whose touchpoints are, as of now. A receipt of nobody has no customer. */
const told = `
  create table told as
  select t.*, r.customer_id, coalesce(r.customer_id, t.record_id) as owner, coalesce(c.identified, false) as identified
  from touchpoints t join records r on r.id = t.record_id left join customers c on c.id = r.customer_id`;

const digits = `case currency when 'JPY' then 1 when 'KWD' then 1000 else 100 end`;

/** Orders and returns, with what their properties say. A return takes back as many pieces as its lines name, whatever their sign. */
const sales = `
  create table sales as
  with read as (
    select id, record_id, customer_id, owner, identified, occurred, source, channel, campaign, currency, type, value_minor,
           type = 'order.returned' as is_return, ${named('orderId')} as order_id, ${named('store')} as store,
           case when regexp_full_match(properties ->> '$.cost', '\\d{1,12}(\\.\\d{1,8})?')
                then (properties ->> '$.cost')::decimal(30, 8) * ${digits} end as cost,
           coalesce((select sum(round((line ->> '$.quantity')::decimal(30, 9), 6))
                     from unnest(json_extract(lines, '$[*]')) as given (line)), 0) as pieces
    from told where type in ('order.completed', 'order.returned')
  )
  select * exclude (cost, pieces), case when cost = trunc(cost) then cost::bigint end as cost_minor,
         case when is_return then abs(pieces) else pieces end as items,
         not is_return and (order_id is null or
           row_number() over (partition by record_id, is_return, order_id order by occurred, id) = 1) as opens
  from read`;

/** Answers to surveys on their scales; the satisfaction with a case is an answer too. */
const answers = `
  create table answers as
  with read as (
    select *, properties ->> '$.survey' as kind, ${named('variant')} as variant,
           case when json_type(properties, '$.score') in ('UBIGINT', 'BIGINT') then (properties ->> '$.score')::int end as score
    from told where type = 'survey.answered'
    union all
    select *, 'CSAT', 'CASE',
           case when json_type(properties, '$.satisfaction') in ('UBIGINT', 'BIGINT')
                then (properties ->> '$.satisfaction')::int end
    from told where type = 'case.resolved'
  )
  select * from read
  where case kind when 'NPS' then score between 0 and 10 when 'CSAT' then score between 1 and 5
                  when 'CES' then score between 1 and 7 else false end`;

const caseEvents = `
  create table case_events as
  select *, ${named('caseId')} as case_id, split_part(type, '.', 2) as what
  from told where type in ('case.opened', 'case.waiting', 'case.resumed', 'case.resolved', 'case.reopened')`;

/**
 * What became of orders: an order is what one owner named by one number in one currency, or a purchase without a number. It was
 * given back wholly if returns that name it come to what it was worth, and that was more than nothing.
 */
const orders = `
  create table orders as
  select owner, currency, order_id, min(occurred) filter (where not is_return) as ordered_at,
         coalesce(sum(value_minor) filter (where not is_return), 0) as worth,
         coalesce(sum(value_minor) filter (where is_return), 0) as given_back,
         coalesce(worth > 0 and given_back >= worth and bool_or(is_return), false) as wholly
  from sales where order_id is not null group by owner, currency, order_id having bool_or(not is_return)`;

/** `kept_minor`: of a shipment, what did not come back, the first ones giving first; of a return of no order, less than nothing. */
const keptSales = `
  create table kept_sales as
  select s.*, o.ordered_at, not coalesce(o.wholly, false) as kept,
         case when is_return then case when o.order_id is null then -value_minor else 0 end
              else value_minor - greatest(0, least(value_minor, coalesce(o.given_back, 0) - (
                coalesce(sum(value_minor) filter (where not is_return and order_id is not null) over (
                  partition by s.owner, s.currency, s.order_id order by s.occurred, s.id
                  rows between unbounded preceding and 1 preceding), 0)))) end as kept_minor
  from sales s left join orders o using (owner, currency, order_id)`;

/** Articles of purchases, those of one kind together; a purchase without lines is one of no article. */
const articles = `
  create table articles as
  with given as (
    select id, line ->> '$.sku' as sku, line ->> '$.category' as category,
           sum(round(((line ->> '$.price')::decimal(20, 8) * (line ->> '$.quantity')::decimal(12, 6))::decimal(38, 14) * ${digits})) as minor,
           sum(round((line ->> '$.quantity')::decimal(30, 9), 6)) as pieces
    from told, unnest(json_extract(lines, '$[*]')) as given (line)
    where type in ('order.completed', 'order.returned') group by all
  )
  select s.* exclude (value_minor, items), g.sku, g.category,
         case when g.id is null then s.value_minor else abs(g.minor)::bigint end as value_minor,
         case when g.id is null then 0 when s.is_return then abs(g.pieces) else g.pieces end as items
  from kept_sales s left join given g on g.id = s.id`;

/** Customers as they are now. */
const people = `
  create table people as
  select c.id as customer_id, c.identified, c.country, t.first_seen_at, b.first_order_at, b.acquisition_channel,
         s.stage, s.risk_band, k.rfm_segment, k.abc_class, k.currency as score_currency, k.churn_risk, k.clv_minor,
         exists (
           select 1 from memberships m join records r on r.id = m.record_id where r.customer_id = c.id and m.status = 'ACTIVE'
         ) as is_member
  from customers c
  left join (select customer_id, min(occurred) as first_seen_at from told group by 1) t on t.customer_id = c.id
  left join (
    select customer_id, occurred as first_order_at, channel as acquisition_channel
    from sales where not is_return and customer_id is not null
    qualify row_number() over (partition by customer_id order by occurred, id) = 1
  ) b on b.customer_id = c.id
  left join stages s on s.customer_id = c.id
  left join scores k on k.customer_id = c.id`;

/** Dimensions of which a customer can have several values, or none. */
const manifold = `
  create table manifold as
  select distinct 'PROGRAM' as dimension, r.customer_id, p.name as value
  from memberships m join records r on r.id = m.record_id join programs p on p.id = m.program_id
  where m.status = 'ACTIVE' and r.customer_id is not null
  union all
  select 'SEGMENT', s.customer_id, g.name from segment_members s join segments g on g.id = s.segment_id`;

/** Everything that measures are made of, from what was told. */
export async function deriveFacts(duck: Duck): Promise<void> {
  const statements = [told, sales, answers, caseEvents, orders, keptSales, articles, people, manifold];
  for (const statement of statements) await duck.run(statement);
}
