import type { Aggregate, Measure } from './measure.ts';

const ordersOnly = `f.kind = 'ORDER'`;
const returnsOnly = `f.kind = 'RETURN'`;
const orderCells = `f.type = 'order.completed'`;
const returnCells = `f.type = 'order.returned'`;

/** Orders less returns of a column that both have. */
const lessReturns = (column: string): Aggregate => ({
  facts: `sum(case when ${ordersOnly} then ${column} else -${column} end)`,
  cells: `sum(case when ${orderCells} then ${column} else -${column} end)`,
});

const gross: Aggregate = {
  facts: `sum(f.value_minor) filter (where ${ordersOnly})`,
  cells: `sum(f.value_minor) filter (where ${orderCells})`,
  lines: `sum(f.value_minor) filter (where ${ordersOnly})`,
};
const returned: Aggregate = {
  facts: `sum(f.value_minor) filter (where ${returnsOnly})`,
  cells: `sum(f.value_minor) filter (where ${returnCells})`,
  lines: `sum(f.value_minor) filter (where ${returnsOnly})`,
};
const net: Aggregate = { ...lessReturns('f.value_minor'), lines: lessReturns('f.value_minor').facts };
const lineOrders = `count(distinct (f.record_id, coalesce(f.order_id, f.id::text))) filter (where ${ordersOnly})`;
const orders: Aggregate = {
  facts: 'count(*) filter (where f.opens_order)',
  cells: `sum(f.orders) filter (where ${orderCells})`,
  lines: lineOrders,
};
const returns: Aggregate = {
  facts: `count(*) filter (where ${returnsOnly})`,
  cells: `sum(f.touchpoints) filter (where ${returnCells})`,
  lines: `count(distinct f.id) filter (where ${returnsOnly})`,
};
const cost: Aggregate = lessReturns('f.cost_minor');
const costed: Aggregate = {
  facts: `sum(case when ${ordersOnly} then f.value_minor else -f.value_minor end) filter (where f.cost_minor is not null)`,
  cells: lessReturns('f.costed_minor').cells!,
};
const costedOrders: Aggregate = {
  facts: `sum(f.value_minor) filter (where ${ordersOnly} and f.cost_minor is not null)`,
  cells: `sum(f.costed_minor) filter (where ${orderCells})`,
};
/** Unlike their parts, differences of two sums must not become null with one of them. */
const margin: Aggregate = {
  facts: `coalesce(${costed.facts}, 0) - coalesce(${cost.facts}, 0)`,
  cells: `coalesce(${costed.cells}, 0) - coalesce(${cost.cells}, 0)`,
};
const ofCustomers: Aggregate = {
  facts: 'count(*) filter (where f.opens_order and r.customer_id is not null)',
  lines: `count(distinct (f.record_id, coalesce(f.order_id, f.id::text))) filter (where ${ordersOnly} and r.customer_id is not null)`,
};
const buyers: Aggregate = {
  facts: 'count(distinct r.customer_id) filter (where f.opens_order)',
  lines: `count(distinct r.customer_id) filter (where ${ordersOnly})`,
};

const purchases = { base: 'PURCHASES', owner: 'Finance' } as const;
const sales = { base: 'PURCHASES', owner: 'Sales' } as const;
const buying = { base: 'BUYERS', owner: 'CRM', format: 'COUNT', additive: false, aboutCustomers: true } as const;

/** Orders, returns, and who buys. */
export const purchaseMeasures: readonly Measure[] = [
  {
    ...purchases,
    key: 'GROSS_REVENUE',
    title: 'Gross revenue',
    description: 'Value of orders, whatever was returned.',
    kind: 'SUM',
    format: 'MONEY',
    additive: true,
    value: gross,
  },
  {
    ...purchases,
    key: 'RETURNED_REVENUE',
    title: 'Returned revenue',
    description: 'Value of what was returned.',
    kind: 'SUM',
    format: 'MONEY',
    additive: true,
    value: returned,
  },
  {
    ...purchases,
    key: 'NET_REVENUE',
    title: 'Net revenue',
    description: 'Value of orders less that of what was returned.',
    kind: 'SUM',
    format: 'MONEY',
    additive: true,
    value: net,
  },
  {
    ...sales,
    key: 'ORDERS',
    title: 'Orders',
    description: 'Orders. Shipments of one order are one, counted with the first.',
    kind: 'SUM',
    format: 'COUNT',
    additive: true,
    value: orders,
  },
  {
    ...sales,
    key: 'RETURNS',
    title: 'Returns',
    description: 'Times that something was returned.',
    kind: 'SUM',
    format: 'COUNT',
    additive: true,
    value: returns,
  },
  {
    ...sales,
    key: 'ITEMS',
    title: 'Items',
    description: 'Pieces in the lines of orders less those in the lines of returns.',
    kind: 'SUM',
    format: 'QUANTITY',
    additive: true,
    value: { ...lessReturns('f.items'), lines: lessReturns('f.items').facts },
  },
  {
    ...sales,
    key: 'AVERAGE_ORDER_VALUE',
    title: 'Average order value',
    description: 'Net revenue ÷ orders.',
    kind: 'RATIO',
    format: 'MONEY',
    additive: false,
    numerator: net,
    denominator: orders,
    n: orders,
  },
  {
    ...sales,
    owner: 'CRM',
    key: 'BUYERS',
    title: 'Buyers',
    description: 'Customers with an order, each once. Receipts of nobody are not counted.',
    kind: 'SUM',
    format: 'COUNT',
    additive: false,
    aboutCustomers: true,
    value: buyers,
  },
  {
    ...sales,
    owner: 'CRM',
    key: 'PURCHASE_FREQUENCY',
    title: 'Purchase frequency',
    description: 'Orders of customers ÷ buyers.',
    kind: 'RATIO',
    format: 'AVERAGE',
    additive: false,
    aboutCustomers: true,
    numerator: ofCustomers,
    denominator: buyers,
    n: buyers,
  },
  {
    ...purchases,
    key: 'RETURN_RATE',
    title: 'Return rate',
    description: 'Returned revenue ÷ gross revenue.',
    kind: 'RATIO',
    format: 'PERCENT',
    additive: false,
    moneyParts: true,
    numerator: returned,
    denominator: gross,
    n: orders,
  },
  {
    ...purchases,
    key: 'COST',
    title: 'Cost of goods',
    description: 'What the goods of orders cost, less what returned goods had cost; as far as costs are known.',
    kind: 'SUM',
    format: 'MONEY',
    additive: true,
    value: cost,
  },
  {
    ...purchases,
    key: 'MARGIN',
    title: 'Margin',
    description: 'Net revenue of what has a known cost, less that cost. See COST_COVERAGE for how much that is.',
    kind: 'SUM',
    format: 'MONEY',
    additive: true,
    value: margin,
  },
  {
    ...purchases,
    key: 'MARGIN_RATE',
    title: 'Margin rate',
    description: 'Margin ÷ net revenue of what has a known cost.',
    kind: 'RATIO',
    format: 'PERCENT',
    additive: false,
    moneyParts: true,
    numerator: margin,
    denominator: costed,
    n: {
      facts: 'count(*) filter (where f.opens_order and f.cost_minor is not null)',
    },
  },
  {
    ...purchases,
    key: 'COST_COVERAGE',
    title: 'Cost coverage',
    description: 'Value of orders whose cost is known ÷ gross revenue.',
    kind: 'RATIO',
    format: 'PERCENT',
    additive: false,
    moneyParts: true,
    numerator: costedOrders,
    denominator: gross,
    n: orders,
  },
  {
    ...sales,
    owner: 'CRM',
    key: 'IDENTIFIED_ORDERS',
    title: 'Identified orders',
    description: 'Orders of customers: of a visitor whom only a device tells apart, too. All but receipts of nobody.',
    kind: 'SUM',
    format: 'COUNT',
    additive: true,
    aboutCustomers: true,
    value: ofCustomers,
  },
  {
    ...sales,
    owner: 'CRM',
    key: 'UNIDENTIFIED_ORDERS',
    title: 'Unidentified orders',
    description: 'Receipts of nobody: orders without a customer.',
    kind: 'SUM',
    format: 'COUNT',
    additive: true,
    aboutCustomers: true,
    value: { facts: 'count(*) filter (where f.opens_order and r.customer_id is null)' },
  },
  {
    ...purchases,
    key: 'UNIDENTIFIED_REVENUE',
    title: 'Unidentified revenue',
    description: 'Net revenue of receipts of nobody.',
    kind: 'SUM',
    format: 'MONEY',
    additive: true,
    aboutCustomers: true,
    value: { facts: `${lessReturns('f.value_minor').facts} filter (where r.customer_id is null)` },
  },
  {
    ...sales,
    owner: 'CRM',
    key: 'IDENTIFIED_SHARE',
    title: 'Identified share of orders',
    description: 'Identified orders ÷ orders.',
    kind: 'RATIO',
    format: 'PERCENT',
    additive: false,
    aboutCustomers: true,
    numerator: ofCustomers,
    denominator: orders,
    n: orders,
  },
  {
    ...buying,
    key: 'NEW_BUYERS',
    title: 'New buyers',
    description:
      'Customers whose first order ever it is. Their other orders, in other rows, are those of returning buyers.',
    kind: 'SUM',
    value: { facts: 'count(*) filter (where f.is_new)' },
  },
  {
    ...buying,
    key: 'RETURNING_BUYERS',
    title: 'Returning buyers',
    description: 'Buyers less new buyers.',
    kind: 'SUM',
    value: { facts: 'count(*) filter (where not coalesce(f.is_new, false))' },
  },
  {
    ...buying,
    key: 'REPEAT_PURCHASE_RATE',
    title: 'Repeat purchase rate',
    description:
      'Customers with at least two orders ÷ those with at least one. Orders that were returned wholly, at any time, are left out.',
    kind: 'RATIO',
    format: 'PERCENT',
    numerator: { facts: 'count(*) filter (where f.kept >= 2)' },
    denominator: { facts: 'count(*) filter (where f.kept >= 1)' },
    n: { facts: 'count(*) filter (where f.kept >= 1)' },
  },
];
