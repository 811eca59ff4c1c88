// What conditions, and all that shows KPIs, call the same. What the names stand for is told by `src/kpis`.

/** A number of one customer. */
export const kpiNames = [
  'ORDERS',
  'NET_ORDERS',
  'NET_REVENUE',
  'MARGIN',
  'AVERAGE_ORDER_VALUE',
  'PURCHASE_DAYS',
  'GAP_MEDIAN_DAYS',
  'RECENCY_SCORE',
  'FREQUENCY_SCORE',
  'MONETARY_SCORE',
  'CLV',
  'EXPECTED_ORDERS',
  'PROBABILITY_ALIVE',
  'CHURN_RISK',
] as const;
export type KpiName = (typeof kpiNames)[number];

/** Where a customer is in their life cycle. */
export const lifecycleStages = [
  'ANONYMOUS',
  'PROSPECT',
  'ARCHIVED',
  'NEW',
  'ACTIVE',
  'LOYAL',
  'ADVOCATE',
  'AT_RISK',
  'DORMANT',
  'LOST',
  'REACTIVATED',
  'WON_BACK',
] as const;
export type LifecycleStage = (typeof lifecycleStages)[number];

/** Of the churn risk, the lowest first. */
export const riskBands = ['LOW', 'ELEVATED', 'HIGH'] as const;
export type RiskBand = (typeof riskBands)[number];

export const abcClasses = ['A', 'B', 'C'] as const;
export type AbcClass = (typeof abcClasses)[number];
