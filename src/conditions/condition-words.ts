import type { CustomerFact, Measure, MembersCondition, MessageEvent, NumberTest, ValueOperator } from './condition.ts';
import type { Duration } from './duration.ts';
import type { KpiName } from './kpi-names.ts';
import type { PeriodUnit } from './window.ts';

/** How the vocabulary reads in the text of a condition: what the printer writes and the grammar reads. */

/** Followed by one value. */
export const testsOfOne = {
  EQUALS: 'is',
  NOT_EQUALS: 'is not',
  LESS: 'is less than',
  LESS_OR_EQUAL: 'is at most',
  GREATER: 'is more than',
  GREATER_OR_EQUAL: 'is at least',
  CONTAINS: 'contains',
  STARTS_WITH: 'starts with',
  ENDS_WITH: 'ends with',
  MATCHES: 'matches',
} as const;

/** Followed by values with commas between them. */
export const testsOfSeveral = {
  IN: 'is one of',
  NOT_IN: 'is not one of',
  ANY_OF: 'has any of',
  ALL_OF: 'has all of',
  NONE_OF: 'has none of',
} as const;

export const testsOfNone = { EXISTS: 'is set', MISSING: 'was never set', IS_NULL: 'is set to nothing' } as const;

/** Followed by `a and b`. */
export const testOfTwo = 'is between';

/** Every operator is in one of the tables. */
export type WordedOperator =
  | keyof typeof testsOfOne
  | keyof typeof testsOfSeveral
  | keyof typeof testsOfNone
  | 'BETWEEN';
export const everyOperatorHasWords: ValueOperator extends WordedOperator ? true : never = true;

export const comparisonWords: { readonly [C in Exclude<NumberTest['comparison'], 'BETWEEN'>]: string } = {
  EQUALS: 'is',
  NOT_EQUALS: 'is not',
  LESS: 'is less than',
  AT_MOST: 'is at most',
  MORE: 'is more than',
  AT_LEAST: 'is at least',
};

export const factWords: { readonly [Fact in CustomerFact]: string } = {
  TOUCHPOINTS: 'number of touchpoints',
  RECORDS: 'number of records',
  ORDERS: 'number of orders',
  RETURNS: 'number of returns',
  NET_REVENUE: 'net revenue',
  AVERAGE_ORDER_VALUE: 'average order value',
  DAYS_SINCE_FIRST_SEEN: 'days since first seen',
  DAYS_SINCE_LAST_SEEN: 'days since last seen',
  DAYS_SINCE_LAST_ORDER: 'days since last order',
};

/** All begin with the same word: the others stay free for names. */
export const kpiWords: { readonly [Kpi in KpiName]: string } = {
  ORDERS: 'kpi orders',
  NET_ORDERS: 'kpi net orders',
  NET_REVENUE: 'kpi net revenue',
  MARGIN: 'kpi margin',
  AVERAGE_ORDER_VALUE: 'kpi average order value',
  PURCHASE_DAYS: 'kpi purchase days',
  GAP_MEDIAN_DAYS: 'kpi median gap',
  RECENCY_SCORE: 'kpi recency score',
  FREQUENCY_SCORE: 'kpi frequency score',
  MONETARY_SCORE: 'kpi monetary score',
  CLV: 'kpi lifetime value',
  EXPECTED_ORDERS: 'kpi expected orders',
  PROBABILITY_ALIVE: 'kpi probability alive',
  CHURN_RISK: 'kpi churn risk',
};

/** Followed by a property. NET_REVENUE has none. */
export const measureWords: { readonly [M in Exclude<Measure, 'NET_REVENUE'>]: string } = {
  SUM: 'sum of',
  AVERAGE: 'average of',
  MINIMUM: 'minimum of',
  MAXIMUM: 'maximum of',
  DISTINCT: 'number of different',
};

export const messageWords: { readonly [Event in MessageEvent]: string } = {
  SENT: 'sent',
  DELIVERED: 'delivered',
  OPENED: 'opened',
  CLICKED: 'clicked',
  BOUNCED: 'bounced',
  REPLIED: 'replied',
  UNSUBSCRIBED: 'unsubscribed',
};

export const quantifierWords: { readonly [Q in MembersCondition['quantifier']]: string } = {
  ANY: 'any member of the',
  ALL: 'all members of the',
  NONE: 'no member of the',
};

export const groupWords: { readonly [Group in MembersCondition['of']]: string } = {
  HOUSEHOLD: 'household',
  ACCOUNT: 'account',
};

/** Of durations, calendars and periods. More than one: with an s. */
export const unitWords: { readonly [Unit in Duration['unit'] | PeriodUnit]: string } = {
  MINUTE: 'minute',
  HOUR: 'hour',
  DAY: 'day',
  WEEK: 'week',
  MONTH: 'month',
  QUARTER: 'quarter',
  YEAR: 'year',
};
