import {
  bigint,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/**
 * What customers' orders and returns come to: a cache, folded anew from their purchases in every transaction that adds to
 * these or moves records. Only customers with an order or a return have a row. Amounts are those of `currency`.
 */
export const customerKpis = pgTable('customer_kpis', {
  customerId: uuid('customer_id').primaryKey(),
  /** The one with the most orders, then the most returns, then the first by name. */
  currency: text('currency').notNull(),
  /** In all currencies, as are all counts and times. Shipments of one order are one. */
  orders: integer('orders').notNull(),
  /** Orders of which something was kept. */
  netOrders: integer('net_orders').notNull(),
  returns: integer('returns').notNull(),
  grossMinor: bigint('gross_minor', { mode: 'bigint' }).notNull(),
  returnedMinor: bigint('returned_minor', { mode: 'bigint' }).notNull(),
  /** Value of orders less that of returns whose cost is known, and that cost. */
  costedMinor: bigint('costed_minor', { mode: 'bigint' }).notNull(),
  costMinor: bigint('cost_minor', { mode: 'bigint' }).notNull(),
  items: doublePrecision('items').notNull(),
  firstOrderAt: instant('first_order_at'),
  lastOrderAt: instant('last_order_at'),
  /** Days in the organisation's zone on which something was ordered and not wholly returned, as days since 1970-01-01. */
  purchaseDays: integer('purchase_days').notNull(),
  firstPurchaseDay: integer('first_purchase_day'),
  /** The next one after the first: what the wait for a second order is measured by; null with fewer than two. */
  secondPurchaseDay: integer('second_purchase_day'),
  lastPurchaseDay: integer('last_purchase_day'),
  /** Mean worth of a purchase day after the first, in minor units, returns netted; null without one. */
  meanRepeatMinor: doublePrecision('mean_repeat_minor'),
  /** Days between purchase days: type-7 quantiles; null with fewer than two purchase days. */
  gapMedian: doublePrecision('gap_median'),
  gapQ80: doublePrecision('gap_q80'),
  gapQ95: doublePrecision('gap_q95'),
  updatedAt: instant('updated_at').notNull(),
});

/** What customers are compared with all others, and what models say of them: as of the time of a run. */
export const customerScores = pgTable(
  'customer_scores',
  {
    customerId: uuid('customer_id').primaryKey(),
    scoredAt: instant('scored_at').notNull(),
    /** The run, see `kpi_scales`. */
    scaleId: uuid('scale_id').notNull(),
    currency: text('currency').notNull(),
    recency: smallint('recency').notNull(),
    frequency: smallint('frequency').notNull(),
    monetary: smallint('monetary').notNull(),
    /** Key of the RFM segment. */
    rfmSegment: text('rfm_segment').notNull(),
    /** A, B or C. */
    abcClass: text('abc_class').notNull(),
    /** The model that the rest is from; null: there was none, and nothing of it. */
    modelId: uuid('model_id'),
    probabilityAlive: doublePrecision('probability_alive'),
    churnRisk: doublePrecision('churn_risk'),
    expectedOrders: doublePrecision('expected_orders'),
    clvMinor: bigint('clv_minor', { mode: 'bigint' }),
  },
  (table) => [index('customer_scores_segment').on(table.rfmSegment, table.customerId)],
);

/** How a run scored: what the bins were. One for each run and currency. With them any customer can be scored at any time. */
export const kpiScales = pgTable(
  'kpi_scales',
  {
    id: uuid('id').notNull(),
    currency: text('currency').notNull(),
    at: instant('at').notNull(),
    /** Version of the settings, see `kpi_settings`. */
    settingsVersion: integer('settings_version').notNull(),
    customers: integer('customers').notNull(),
    /** Days since the last order: upper ends of the bins, the best score's first. */
    recencyCuts: doublePrecision('recency_cuts').array().notNull(),
    /** Net orders: upper ends of the bins, the lowest score's first. */
    frequencyCuts: doublePrecision('frequency_cuts').array().notNull(),
    /** Net revenue in minor units: upper ends of the bins, the lowest score's first. */
    monetaryCuts: doublePrecision('monetary_cuts').array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.id, table.currency] }), index('kpi_scales_time').on(table.at, table.id)],
);
