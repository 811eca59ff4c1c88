import { count, date, decimal, type EntityList, flag, float, id, json, shared, text, time } from './entity-list.ts';
import { loyaltyLists } from './loyalty-lists.ts';

const filter = true;

const customers: EntityList = {
  name: 'customers',
  view: 'customers',
  description: 'Everybody who is somebody, one row each, without personal values.',
  scopes: ['customers:read'],
  time: 'updated_at',
  order: ['customer_id'],
  columns: [
    shared.customer,
    flag('identified', 'Known by an identifier that names a person, not only by a device.', { filter }),
    count('records', 'Source records that belong to the customer now.'),
    time('first_seen_at', 'Time of the first touchpoint.'),
    time('last_seen_at', 'Time of the latest touchpoint.'),
    count('touchpoints', 'Touchpoints of all records.'),
    count('orders', 'Orders, returns not taken off. Shipments of one order are one.'),
    time('first_order_at', 'Time of the first order.'),
    time('last_order_at', 'Time of the latest order.'),
    time('updated_at', 'When anything in this row changed last.'),
    json('traits', 'Golden values of the traits, as a JSON object.', { personal: 'TRAITS' }),
  ],
};

const purchases: EntityList = {
  name: 'purchases',
  view: 'orders_and_returns',
  description: 'Orders and returns: one row for each shipment and each return.',
  scopes: ['customers:read', 'metrics:read'],
  time: 'occurred_at',
  order: ['occurred_at', 'touchpoint_id'],
  columns: [
    id('touchpoint_id', 'tp', 'The touchpoint that told of it.'),
    shared.record,
    shared.owner,
    time('occurred_at', 'When it happened.'),
    text('kind', 'ORDER or RETURN.', { filter }),
    text('order_id', "The order's number at its source; of a return: the order that it is from.", { filter }),
    flag('opens_order', 'The first shipment of its order: what is counted as an order.', { filter }),
    shared.source,
    shared.channel,
    shared.campaign,
    text('store', 'The shop.', { filter }),
    shared.currency,
    decimal('amount', 'Its worth in units of the currency, never negative: of returns, what was given back.'),
    decimal('cost', 'What the goods cost the organisation, in the same currency; null: not known.'),
    float('items', 'Sum of the quantities of its lines; 0 without lines.'),
  ],
};

const touchpoints: EntityList = {
  name: 'touchpoints',
  view: 'touchpoints',
  description: 'Every interaction, without what it carried.',
  scopes: ['customers:read'],
  time: 'occurred_at',
  order: ['occurred_at', 'touchpoint_id'],
  columns: [
    id('touchpoint_id', 'tp', 'The touchpoint.'),
    shared.record,
    shared.owner,
    time('occurred_at', 'When it happened, corrected for a wrong clock of the sender.'),
    time('received_at', 'When this platform accepted it.'),
    text('type', 'What happened, such as order.completed or page.viewed.', { filter }),
    shared.channel,
    text('direction', 'INBOUND: the customer did something. OUTBOUND: the organisation turned to the customer.', {
      filter,
    }),
    shared.source,
    shared.campaign,
    shared.currency,
    decimal('amount', 'What it was worth, in units of the currency.'),
    json('properties', 'What the source said about it, as a JSON object.', { personal: 'FREE_FORM' }),
    json('traits', 'The traits that it set, as a JSON object.', { personal: 'TRAITS' }),
    json('context', 'Where it came from (page, device, …), as a JSON object.', { personal: 'FREE_FORM' }),
  ],
};

const customerKpis: EntityList = {
  name: 'customer-kpis',
  view: 'customer_kpis',
  description: "What customers' orders and returns come to. Only customers with an order or a return have a row.",
  scopes: ['customers:read', 'metrics:read'],
  time: 'updated_at',
  order: ['customer_id'],
  columns: [
    shared.customer,
    text('currency', 'ISO 4217 code of the amounts: the currency of most of their orders. Others are not in them.', {
      filter,
    }),
    count('orders', 'Orders in all currencies. Shipments of one order are one.'),
    count('net_orders', 'Orders of which something was kept.'),
    count('returns', 'Returns.'),
    decimal('gross_revenue', 'Value of the orders.'),
    decimal('returned_revenue', 'Value of the returns.'),
    decimal('net_revenue', 'Gross less returned revenue.'),
    decimal('costed_revenue', 'Value of orders less returns whose cost is known.'),
    decimal('cost', 'That cost.'),
    decimal('margin', 'Costed revenue less cost.'),
    float('items', 'Items ordered, less those returned.'),
    time('first_order_at', 'Time of the first order.'),
    time('last_order_at', 'Time of the latest order.'),
    count(
      'purchase_days',
      "Days, in the organisation's time zone, on which something was ordered and not wholly returned.",
    ),
    date('first_purchase_day', 'The first of them.'),
    date('last_purchase_day', 'The latest of them.'),
    float('mean_repeat_amount', 'Mean worth of a purchase day after the first; null without one.'),
    float('gap_median', 'Days between purchase days: median.'),
    float('gap_q80', 'Days between purchase days: four of five are not longer.'),
    float('gap_q95', 'Days between purchase days: nineteen of twenty are not longer.'),
    time('updated_at', 'When it was folded last.'),
  ],
};

const customerScores: EntityList = {
  name: 'customer-scores',
  view: 'customer_scores',
  description: 'How customers compare with all others and what models foresee, as of the last scoring run.',
  scopes: ['customers:read', 'metrics:read'],
  time: 'scored_at',
  order: ['customer_id'],
  columns: [
    shared.customer,
    time('scored_at', 'As of when.'),
    shared.currency,
    count('recency', 'RFM: 1 to 5, 5 the most recent.'),
    count('frequency', 'RFM: 1 to 5, 5 the most orders.'),
    count('monetary', 'RFM: 1 to 5, 5 the most revenue.'),
    text('rfm_segment', 'Name of the RFM segment.', { filter }),
    text('abc_class', 'A, B or C by revenue.', { filter }),
    id('model_id', 'mdl', 'The CLV model that the rest is from; null: there was none.', { filter: false }),
    float('probability_alive', 'Probability that they will buy again.'),
    float('churn_risk', 'From 0 to 1.'),
    float('expected_orders', 'Orders expected within the horizon of the settings.'),
    decimal('clv', 'Customer lifetime value foreseen for that horizon, discounted.'),
  ],
};

const lifecycles: EntityList = {
  name: 'lifecycles',
  view: 'lifecycle',
  description: 'Where customers are in their life cycle. Who is anonymous has no row.',
  scopes: ['customers:read', 'metrics:read'],
  time: 'since',
  order: ['customer_id'],
  columns: [
    shared.customer,
    text('stage', 'Stage of the life cycle, such as NEW, ACTIVE or LOST.', { filter }),
    time('since', 'Since when.'),
    text('risk_band', 'LOW, ELEVATED or HIGH; null where there is nothing to lose.', { filter }),
    time('risk_since', 'Since when.'),
    time('updated_at', 'When it was looked at last.'),
  ],
};

const lifecycleTransitions: EntityList = {
  name: 'lifecycle-transitions',
  view: 'lifecycle_transitions',
  description: 'How customers got there. Derived from what happened and when, so a late event can rewrite it.',
  scopes: ['customers:read', 'metrics:read'],
  time: 'at',
  order: ['at', 'customer_id', 'ordinal'],
  columns: [
    shared.customer,
    count('ordinal', '0, 1, … in order of time.'),
    time('at', 'When.'),
    text('from_stage', 'The stage before; null: the beginning.', { filter }),
    text('to_stage', 'The stage after.', { filter }),
    text('cause', 'Why.', { filter }),
    count('settings_version', 'Version of the settings that it follows from.'),
  ],
};

const signals: EntityList = {
  name: 'signals',
  view: 'signals',
  description: 'Answers to surveys, cases, contracts: what customers say and what befalls them.',
  scopes: ['customers:read', 'metrics:read'],
  time: 'occurred_at',
  order: ['occurred_at', 'touchpoint_id'],
  columns: [
    id('touchpoint_id', 'tp', 'The touchpoint that told of it.'),
    shared.record,
    shared.owner,
    time('occurred_at', 'When it happened.'),
    text('kind', 'What it is, such as NPS, CSAT, CES or CASE_OPENED.', { filter }),
    text('subject', "A survey's variant; of cases and contracts, which one.", { filter }),
    float('score', "A survey's score. Of a case: 1 where it is severe or a complaint, else 0."),
    time('ends_at', 'When a contract ends.'),
    shared.source,
    shared.channel,
  ],
};

const touchpointsHourly: EntityList = {
  name: 'touchpoints-hourly',
  view: 'touchpoints_hourly',
  description: 'Touchpoints rolled up by the hour, whoever they are of: what revenue series are read from.',
  scopes: ['metrics:read'],
  time: 'hour',
  order: ['hour', 'type', 'channel', 'source', 'campaign', 'currency'],
  columns: [
    time('hour', 'Start of the hour, UTC.'),
    text('type', 'What happened, such as order.completed or page.viewed.', { filter }),
    shared.channel,
    shared.source,
    shared.campaign,
    text('currency', 'ISO 4217 code of the amounts; null for all that is no order or return.', { filter }),
    count('touchpoints', 'How many.'),
    count('orders', 'Orders: first shipments.'),
    decimal('amount', 'Their worth.'),
    decimal('costed_amount', 'The worth of those whose cost is known.'),
    decimal('cost', 'That cost.'),
    float('items', 'Sum of the quantities of their lines.'),
  ],
};

const segmentMembers: EntityList = {
  name: 'segment-members',
  view: 'segment_members',
  description: 'Who is in which segment now.',
  scopes: ['customers:read', 'segments:read'],
  time: 'since',
  order: ['segment_id', 'since', 'customer_id'],
  columns: [
    id('segment_id', 'seg', 'The segment.'),
    text('segment', 'Its name.', { filter }),
    shared.customer,
    time('since', 'Since when.'),
    count('version', 'Version of the definition that says so.'),
  ],
};

/** Everything that can be downloaded as a list. */
export const entityLists: readonly EntityList[] = [
  customers,
  customerKpis,
  customerScores,
  lifecycles,
  lifecycleTransitions,
  purchases,
  signals,
  touchpoints,
  touchpointsHourly,
  segmentMembers,
  ...loyaltyLists,
];
