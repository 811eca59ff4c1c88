import type { Measure } from './measure.ts';

const identified = { facts: 'count(*) filter (where c.identified)' };
const everybody = { facts: 'count(*)' };
const people = { base: 'CUSTOMERS', owner: 'CRM' } as const;
const scored = { base: 'SCORES', owner: 'CRM' } as const;
const revenue = { facts: 'sum(f.gross_minor - f.returned_minor)' };

/** Customers as they are now. A time is that at which they were first seen. */
export const customerMeasures: readonly Measure[] = [
  {
    ...people,
    key: 'CUSTOMERS',
    title: 'Customers',
    description: 'Customers as of now, identified or not, by when they were first seen.',
    kind: 'SUM',
    format: 'COUNT',
    additive: true,
    value: everybody,
  },
  {
    ...people,
    key: 'IDENTIFIED_CUSTOMERS',
    title: 'Identified customers',
    description: 'Customers as of now who carry an identifier that names a person, by when they were first seen.',
    kind: 'SUM',
    format: 'COUNT',
    additive: true,
    value: identified,
  },
  {
    ...people,
    key: 'IDENTIFIED_CUSTOMER_SHARE',
    title: 'Identified share of customers',
    description: 'Identified customers ÷ customers.',
    kind: 'RATIO',
    format: 'PERCENT',
    additive: false,
    numerator: identified,
    denominator: everybody,
    n: everybody,
  },
  {
    ...scored,
    key: 'AVERAGE_CHURN_RISK',
    title: 'Average churn risk',
    description: 'Mean churn risk of the customers who have one, from 0 to 1, as of the last scoring.',
    kind: 'RATIO',
    format: 'PERCENT',
    additive: false,
    numerator: { facts: 'sum(f.churn_risk::numeric)' },
    denominator: { facts: 'count(f.churn_risk)' },
    n: { facts: 'count(f.churn_risk)' },
  },
  {
    ...scored,
    owner: 'Finance',
    key: 'AVERAGE_CLV',
    title: 'Average customer lifetime value',
    description: 'Mean predicted value of the customers who have one, as of the last scoring.',
    kind: 'RATIO',
    format: 'MONEY',
    additive: false,
    numerator: { facts: 'sum(f.clv_minor)' },
    denominator: { facts: 'count(f.clv_minor)' },
    n: { facts: 'count(f.clv_minor)' },
  },
  {
    ...scored,
    owner: 'Finance',
    key: 'TOTAL_CLV',
    title: 'Total customer lifetime value',
    description: 'Sum of the predicted values of customers, as of the last scoring.',
    kind: 'SUM',
    format: 'MONEY',
    additive: true,
    value: { facts: 'sum(f.clv_minor)' },
  },
  {
    base: 'SPENDING',
    owner: 'Finance',
    key: 'AVERAGE_REVENUE_PER_CUSTOMER',
    title: 'Average revenue per customer',
    description:
      'Net revenue of all time ÷ customers with an order or a return, each in the currency of most of their orders; by when they were first seen.',
    kind: 'RATIO',
    format: 'MONEY',
    additive: false,
    numerator: revenue,
    denominator: everybody,
    n: everybody,
  },
];
