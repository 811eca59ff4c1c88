import { registerEnumType } from 'type-graphql';
import type { KpiName, LifecycleStage, RiskBand } from './kpi-names.ts';

type Names<Name extends string> = { readonly [Key in Name]: Key };

export const KpiNameEnum = {
  ORDERS: 'ORDERS',
  NET_ORDERS: 'NET_ORDERS',
  NET_REVENUE: 'NET_REVENUE',
  MARGIN: 'MARGIN',
  AVERAGE_ORDER_VALUE: 'AVERAGE_ORDER_VALUE',
  PURCHASE_DAYS: 'PURCHASE_DAYS',
  GAP_MEDIAN_DAYS: 'GAP_MEDIAN_DAYS',
  RECENCY_SCORE: 'RECENCY_SCORE',
  FREQUENCY_SCORE: 'FREQUENCY_SCORE',
  MONETARY_SCORE: 'MONETARY_SCORE',
  CLV: 'CLV',
  EXPECTED_ORDERS: 'EXPECTED_ORDERS',
  PROBABILITY_ALIVE: 'PROBABILITY_ALIVE',
  CHURN_RISK: 'CHURN_RISK',
} as const satisfies Names<KpiName>;

registerEnumType(KpiNameEnum, {
  name: 'KpiName',
  description: 'A KPI of one customer. Scores, and what models say, are those of the last scoring.',
  valuesConfig: {
    ORDERS: { description: 'Orders; shipments of one order are one.' },
    NET_ORDERS: { description: 'Orders of which something was kept.' },
    NET_REVENUE: { description: 'Orders less returns. Needs a currency.' },
    MARGIN: { description: 'What of that is left after the cost of goods, where costs are known. Needs a currency.' },
    AVERAGE_ORDER_VALUE: { description: 'Net revenue of an average order. Needs a currency.' },
    PURCHASE_DAYS: { description: 'Days on which something was bought and kept.' },
    GAP_MEDIAN_DAYS: { description: 'Half of the gaps between purchase days are no longer than so many days.' },
    RECENCY_SCORE: { description: '1 to 5; 5: bought most recently.' },
    FREQUENCY_SCORE: { description: '1 to 5; 5: bought most often.' },
    MONETARY_SCORE: { description: '1 to 5; 5: spent most.' },
    CLV: { description: 'Predicted customer lifetime value. Needs a currency.' },
    EXPECTED_ORDERS: { description: 'Orders expected over the horizon of the settings.' },
    PROBABILITY_ALIVE: { description: 'The probability that they still are customers, from 0 to 1.' },
    CHURN_RISK: { description: 'The risk that they never buy again, from 0 to 1.' },
  },
});

export const LifecycleStageEnum = {
  ANONYMOUS: 'ANONYMOUS',
  PROSPECT: 'PROSPECT',
  ARCHIVED: 'ARCHIVED',
  NEW: 'NEW',
  ACTIVE: 'ACTIVE',
  LOYAL: 'LOYAL',
  ADVOCATE: 'ADVOCATE',
  AT_RISK: 'AT_RISK',
  DORMANT: 'DORMANT',
  LOST: 'LOST',
  REACTIVATED: 'REACTIVATED',
  WON_BACK: 'WON_BACK',
} as const satisfies Names<LifecycleStage>;

registerEnumType(LifecycleStageEnum, {
  name: 'LifecycleStage',
  description: 'Where a customer is in their life cycle. What leads from one stage to another is in docs/lifecycle.md.',
  valuesConfig: {
    ANONYMOUS: { description: 'Nobody knows who it is.' },
    PROSPECT: { description: 'Known, and has not bought, or has brought everything back.' },
    ARCHIVED: { description: 'A prospect who has been silent for long: 365 days, unless the settings say otherwise.' },
    NEW: { description: 'Has ordered once.' },
    ACTIVE: { description: 'Has ordered twice or more, and is not overdue.' },
    LOYAL: { description: 'Active, with top scores or a high tier.' },
    ADVOCATE: { description: 'Loyal, and recommends us.' },
    AT_RISK: { description: 'Overdue by their own habit, with a high churn risk, or with a severe case open.' },
    DORMANT: { description: 'Overdue for long.' },
    LOST: { description: 'Most likely gone for good, has said so, or the last contract has ended.' },
    REACTIVATED: { description: 'Was dormant, and has ordered again.' },
    WON_BACK: { description: 'Was lost, and has ordered again.' },
  },
});

export const RiskBandEnum = {
  LOW: 'LOW',
  ELEVATED: 'ELEVATED',
  HIGH: 'HIGH',
} as const satisfies Names<RiskBand>;

registerEnumType(RiskBandEnum, {
  name: 'RiskBand',
  description: 'How high the churn risk is. The settings say where bands begin.',
  valuesConfig: {
    LOW: { description: 'Below 0.3, unless the settings say otherwise.' },
    ELEVATED: { description: 'From 0.3 on.' },
    HIGH: { description: 'From 0.6 on.' },
  },
});
