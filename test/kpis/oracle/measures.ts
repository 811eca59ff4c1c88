import { type Ask, type Dimensions, keysOf } from './ask.ts';
import { customersSql } from './customers.ts';
import type { Definition } from './definition.ts';
import { loyalty } from './loyalty.ts';
import { stages } from './stages.ts';
import { voice } from './voice.ts';

const told: Dimensions = { CHANNEL: 'b.channel', SOURCE: 'b.source' };
const bought: Dimensions = { ...told, CAMPAIGN: 'b.campaign', CURRENCY: 'b.currency', STORE: 'b.store' };

/** With returns where they happened, or where what they take back was ordered. */
const sales = {
  dimensions: { ...bought, TOUCHPOINT_TYPE: 'b.type' },
  rows: ({ returns }: Ask) =>
    returns === 'RETURN_DATE'
      ? 'select * from kept_sales'
      : 'select * replace (case when is_return then coalesce(ordered_at, occurred) else occurred end as occurred) from kept_sales',
};

const gross = 'coalesce(sum(value_minor) filter (where not is_return), 0)';
const returned = 'coalesce(sum(value_minor) filter (where is_return), 0)';
const net = `(${gross} - ${returned})`;
const orders = 'count(*) filter (where opens)';
const buyers = 'count(distinct customer_id) filter (where opens)';
const cost = 'coalesce(sum(case when is_return then -cost_minor else cost_minor end), 0)';
const costed = `coalesce(sum(case when is_return then -value_minor else value_minor end) filter (where cost_minor is not null), 0)`;
const items = 'coalesce(sum(case when is_return then -items else items end), 0)';
const identifiedOrders = 'count(*) filter (where opens and customer_id is not null)';

/** Customers by whether they were new, and whether they came again, in each group. */
const buyersWithin = (scoped: string, ask: Ask) => `
  select ${[...keysOf(ask), 'b.customer_id'].join(', ')}, count(*) filter (where kept) as kept_orders,
         bool_or(b.id = f.id) as is_new
  from (${scoped}) as b left join (
    select customer_id, id from kept_sales where not is_return and customer_id is not null
    qualify row_number() over (partition by customer_id order by occurred, id) = 1
  ) as f on f.customer_id = b.customer_id
  where opens and b.customer_id is not null group by all`;

const purchases: Record<string, Definition> = {
  GROSS_REVENUE: { ...sales, sum: gross, money: true },
  RETURNED_REVENUE: { ...sales, sum: returned, money: true },
  NET_REVENUE: { ...sales, sum: net, money: true },
  ORDERS: { ...sales, sum: orders },
  RETURNS: { ...sales, sum: 'count(*) filter (where is_return)' },
  ITEMS: { ...sales, sum: items },
  AVERAGE_ORDER_VALUE: { ...sales, ratio: [net, orders], money: true },
  BUYERS: { ...sales, sum: buyers },
  PURCHASE_FREQUENCY: { ...sales, ratio: [identifiedOrders, buyers] },
  RETURN_RATE: { ...sales, ratio: [returned, gross], n: orders, money: true, ofMoney: true },
  COST: { ...sales, sum: cost, money: true },
  MARGIN: { ...sales, sum: `(${costed} - ${cost})`, money: true },
  MARGIN_RATE: {
    ...sales,
    ratio: [`(${costed} - ${cost})`, costed],
    n: 'count(*) filter (where opens and cost_minor is not null)',
    money: true,
    ofMoney: true,
  },
  COST_COVERAGE: {
    ...sales,
    ratio: ['coalesce(sum(value_minor) filter (where not is_return and cost_minor is not null), 0)', gross],
    n: orders,
    money: true,
    ofMoney: true,
  },
  IDENTIFIED_ORDERS: { ...sales, sum: identifiedOrders },
  UNIDENTIFIED_ORDERS: { ...sales, sum: 'count(*) filter (where opens and customer_id is null)' },
  UNIDENTIFIED_REVENUE: {
    ...sales,
    sum: `coalesce(sum(case when is_return then -value_minor else value_minor end) filter (where customer_id is null), 0)`,
    money: true,
  },
  IDENTIFIED_SHARE: { ...sales, ratio: [identifiedOrders, orders] },
  NEW_BUYERS: { ...sales, within: buyersWithin, sum: 'count(*) filter (where is_new)' },
  RETURNING_BUYERS: { ...sales, within: buyersWithin, sum: 'count(*) filter (where not is_new)' },
  REPEAT_PURCHASE_RATE: {
    ...sales,
    within: buyersWithin,
    ratio: ['count(*) filter (where kept_orders >= 2)', 'count(*) filter (where kept_orders >= 1)'],
  },
};

/** The same of articles: an order counts wherever one of its shipments has a line. */
const articles = {
  dimensions: { ...bought, TOUCHPOINT_TYPE: 'b.type', CATEGORY: 'b.category', SKU: 'b.sku' },
  rows: (ask: Ask) => sales.rows(ask).replace('from kept_sales', 'from articles'),
};
const anOrder = '(record_id, coalesce(order_id, id::varchar))';
const articleOrders = `count(distinct ${anOrder}) filter (where not is_return)`;
const articleBuyers = 'count(distinct customer_id) filter (where not is_return)';
const articleIdentified = `count(distinct ${anOrder}) filter (where not is_return and customer_id is not null)`;

const ofArticles: Record<string, Definition> = {
  GROSS_REVENUE: { ...articles, sum: gross, money: true },
  RETURNED_REVENUE: { ...articles, sum: returned, money: true },
  NET_REVENUE: { ...articles, sum: net, money: true },
  ORDERS: { ...articles, sum: articleOrders },
  RETURNS: { ...articles, sum: 'count(distinct id) filter (where is_return)' },
  ITEMS: { ...articles, sum: items },
  AVERAGE_ORDER_VALUE: { ...articles, ratio: [net, articleOrders], money: true },
  BUYERS: { ...articles, sum: articleBuyers },
  PURCHASE_FREQUENCY: { ...articles, ratio: [articleIdentified, articleBuyers] },
  RETURN_RATE: { ...articles, ratio: [returned, gross], n: articleOrders, money: true, ofMoney: true },
  IDENTIFIED_ORDERS: { ...articles, sum: articleIdentified },
  IDENTIFIED_SHARE: { ...articles, ratio: [articleIdentified, articleOrders] },
};

const touchpoints = {
  dimensions: {
    ...told,
    CAMPAIGN: 'b.campaign',
    TOUCHPOINT_TYPE: 'b.type',
    CURRENCY: `case when b.type in ('order.completed', 'order.returned') then b.currency end`,
  },
  rows: () => 'select * from told',
};

const interactions: Record<string, Definition> = {
  TOUCHPOINTS: { ...touchpoints, sum: 'count(*)' },
  ACTIVE_CUSTOMERS: {
    ...touchpoints,
    sum: `count(distinct customer_id) filter (where identified and direction = 'INBOUND')`,
  },
  ACTIVE_ANONYMOUS: {
    ...touchpoints,
    sum: `count(distinct customer_id) filter (where not identified and direction = 'INBOUND')`,
  },
};

const everybody = { dimensions: {}, rows: () => 'select *, first_seen_at as occurred from people' };
const scored = {
  dimensions: { CURRENCY: 'b.currency' },
  rows: () =>
    'select *, first_seen_at as occurred, score_currency as currency from people where score_currency is not null',
};
const spending = {
  dimensions: { CURRENCY: 'b.currency' },
  rows: ({ zone }: Ask) => `
    select p.*, p.first_seen_at as occurred, k.currency, k.gross::bigint - k.returned::bigint as net
    from people p join (${customersSql(zone)}) k on k.customer_id = p.customer_id::varchar`,
};

const customers: Record<string, Definition> = {
  CUSTOMERS: { ...everybody, sum: 'count(*)' },
  IDENTIFIED_CUSTOMERS: { ...everybody, sum: 'count(*) filter (where identified)' },
  NEW_CUSTOMERS: { ...everybody, sum: 'count(*) filter (where identified)' },
  IDENTIFIED_CUSTOMER_SHARE: { ...everybody, ratio: ['count(*) filter (where identified)', 'count(*)'] },
  AVERAGE_CHURN_RISK: { ...scored, ratio: ['sum(churn_risk)', 'count(churn_risk)'] },
  AVERAGE_CLV: { ...scored, ratio: ['sum(clv_minor)', 'count(clv_minor)'], money: true },
  TOTAL_CLV: { ...scored, sum: 'coalesce(sum(clv_minor), 0)', money: true },
  AVERAGE_REVENUE_PER_CUSTOMER: { ...spending, ratio: ['sum(net)', 'count(*)'], money: true },
};

export const definitions: Readonly<Record<string, Definition>> = {
  ...purchases,
  ...interactions,
  ...customers,
  ...loyalty,
  ...voice,
  ...stages,
};

export function definitionOf(measure: string, { byArticle }: Pick<Ask, 'byArticle'>): Definition {
  const definition = (byArticle ? ofArticles : definitions)[measure];
  if (!definition) throw new Error(`The oracle does not know ${measure}.`);
  return definition;
}
