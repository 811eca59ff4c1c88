import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/**
 * Orders and returns, one narrow row for each of their touchpoints: what KPIs read instead of whole histories. Not
 * partitioned, so that a customer's are one look into an index.
 */
export const purchases = pgTable(
  'purchases',
  {
    recordId: uuid('record_id').notNull(),
    occurredAt: instant('occurred_at').notNull(),
    /** The touchpoint. */
    id: uuid('id').notNull(),
    /** `ORDER` or `RETURN`. */
    kind: text('kind').notNull(),
    /** `properties.orderId`: shipments of one order share it, and a return names its order by it. */
    orderId: text('order_id'),
    /** The first shipment, by (time, id), of its order within its record: what is counted as an order. Never a return. */
    opensOrder: boolean('opens_order').notNull(),
    source: text('source').notNull(),
    channel: text('channel').notNull(),
    campaign: text('campaign'),
    /** `properties.store`. */
    store: text('store'),
    currency: text('currency').notNull(),
    /** Minor units, never negative. */
    valueMinor: bigint('value_minor', { mode: 'bigint' }).notNull(),
    /** `properties.cost` in minor units: what the goods cost the organisation; null: not known. */
    costMinor: bigint('cost_minor', { mode: 'bigint' }),
    /** Sum of the quantities of its lines, of a return without its sign; 0 without lines. */
    items: numeric('items', { precision: 20, scale: 6 }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.occurredAt, table.id] }),
    index('purchases_occurred').on(table.occurredAt, table.id),
    index('purchases_order').on(table.recordId, table.orderId).where(sql`${table.orderId} is not null`),
  ],
);

/** What customers say and what befalls them, as far as KPIs ask for it: answers to surveys, cases, contracts. Rare, and narrow. */
export const signals = pgTable(
  'signals',
  {
    recordId: uuid('record_id').notNull(),
    occurredAt: instant('occurred_at').notNull(),
    /** The touchpoint. */
    id: uuid('id').notNull(),
    /** See `signal.ts`. */
    kind: text('kind').notNull(),
    /** A survey's variant; for cases and contracts, which one. */
    subject: text('subject'),
    /** A survey's score. For a case: 1 where it is severe or a complaint, else 0. */
    score: doublePrecision('score'),
    /** When a contract ends. */
    endsAt: instant('ends_at'),
    source: text('source').notNull(),
    channel: text('channel').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.recordId, table.occurredAt, table.id, table.kind] }),
    index('signals_kind').on(table.kind, table.occurredAt, table.id),
  ],
);

const cell = {
  /** Start of the hour, UTC. */
  hour: instant('hour').notNull(),
  type: text('type').notNull(),
  channel: text('channel').notNull(),
  source: text('source').notNull(),
  /** Empty text: none. */
  campaign: text('campaign').notNull(),
  /** Of orders and returns; empty text for everything else. */
  currency: text('currency').notNull(),
};

const sums = {
  touchpoints: bigint('touchpoints', { mode: 'bigint' }).notNull(),
  /** First shipments: orders. 0 for returns. */
  orders: bigint('orders', { mode: 'bigint' }).notNull(),
  valueMinor: bigint('value_minor', { mode: 'bigint' }).notNull(),
  /** Of those whose cost is known: their value, and the cost. */
  costedMinor: bigint('costed_minor', { mode: 'bigint' }).notNull(),
  costMinor: bigint('cost_minor', { mode: 'bigint' }).notNull(),
  /** Ordered, or brought back. */
  items: numeric('items', { precision: 24, scale: 6 }).notNull(),
};

/**
 * Touchpoints by the hour, whoever they are of: merging and parting customers moves nothing here. The truth is the sum of
 * `metric_cells` and `metric_cell_changes`, at every instant.
 */
export const metricCells = pgTable('metric_cells', { ...cell, ...sums }, (table) => [
  primaryKey({
    columns: [table.type, table.hour, table.channel, table.source, table.campaign, table.currency],
  }),
]);

/**
 * What transactions add to cells. Nobody waits for anybody: all would meet in the cells of the present hour. Moved there a
 * little later.
 */
export const metricCellChanges = pgTable(
  'metric_cell_changes',
  { id: uuid('id').notNull(), ordinal: integer('ordinal').notNull(), ...cell, ...sums },
  (table) => [primaryKey({ columns: [table.id, table.ordinal] })],
);
