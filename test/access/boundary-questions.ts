/** Everything that a key with limited data may ask, as far as the answer does not say when the platform itself did something. */

const customerFields = `
  id identified recordCount firstSeenAt lastSeenAt touchpointCount
  identifiers { kind value given firstSeenAt lastSeenOn }
  traits { name value source setAt strategy record { id source } losers { value reason } otherValues { value } contributions { value } }
  records { id source key firstAt lastAt touchpointCount customer { id } identifiers { value } traits { name value setAt } }
  touchpoints(first: 3) { nodes { id type record { id } customer { id } } pageInfo { hasNextPage endCursor } }
  orders { orders returns firstOrderAt lastOrderAt revenue { currency orders gross { amount } net { amount } } }
  activity(from: "2026-06-01", to: "2026-09-15") { day touchpoints orders }
  segments { segment { name } customerId customer { id } version }
  segmentHistory { nodes { entered customerId segment { name } } }
  kpis { orders netOrders returns currency grossRevenue { amount } items firstOrderAt lastOrderAt purchaseDays medianGapDays }
  consents { purpose channel status source statedAt conflict statements { status channel statedAt source } }
  preferences { name value }
  loyalty { balances { wallet } }
  offers { id }`;

const page = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

export const listQuestions: Readonly<Record<string, string>> = {
  'all customers': `{ customers(first: 40) { totalCount nodes { ${customerFields} } ${page} } }`,
  'a page of customers': `{ customers(first: 2) { totalCount nodes { id } ${page} } }`,
  'the last customers': `{ customers(last: 2) { nodes { id } ${page} } }`,
  'the first seen':
    '{ customers(first: 3, orderBy: { field: FIRST_SEEN, direction: ASC }) { nodes { id firstSeenAt } } }',
  'by a trait':
    '{ customers(filter: { trait: { name: "language", operator: EQUALS, value: "de" } }) { totalCount nodes { id } } }',
  'not by a trait':
    '{ customers(filter: { not: { trait: { name: "vip", operator: EQUALS, value: true } } }) { totalCount nodes { id } } }',
  'by numbers':
    '{ customers(filter: { or: [{ orders: { gte: 2 } }, { touchpoints: { lt: 3 } }] }) { totalCount nodes { id } } }',
  'by revenue': '{ customers(filter: { netRevenue: { currency: "CHF", gt: "200" } }) { totalCount nodes { id } } }',
  'by source': '{ customers(filter: { source: "pos" }) { totalCount nodes { id } } }',
  'all touchpoints': `{ touchpoints(first: 200) { nodes { id messageId source type channel occurredAt campaign traits properties value { amount }
    record { id customer { id } } customer { id firstSeenAt } } ${page} } }`,
  'a page of touchpoints': `{ touchpoints(first: 3) { nodes { id } ${page} } }`,
  'touchpoints of a type':
    '{ touchpoints(filter: { types: ["order.completed"], sources: ["web"] }) { nodes { id customer { id } } } }',
  'segments and who is in them':
    '{ segments { nodes { name memberCount members { nodes { customerId customer { id } version } } } } }',
  'who is in them at an instant':
    '{ segments { nodes { members(at: "2100-01-01T00:00:00Z") { nodes { customerId customer { id } } } } } }',
  'a page of members': '{ segments { nodes { members(first: 2) { nodes { customerId } pageInfo { hasNextPage } } } } }',
};

/** About one customer, by any id, inside or not. */
export const personQuestions: Readonly<Record<string, string>> = {
  'by id': `query ($id: ID!, $email: String!) { customer(id: $id) { ${customerFields} } }`,
  'by identifier':
    'query ($id: ID!, $email: String!) { customer(identifier: { kind: "email", value: $email }) { id } }',
  'by filter':
    'query ($id: ID!, $email: String!) { customers(filter: { identifier: { kind: "email", value: $email } }) { totalCount nodes { id } } }',
  'as a node': 'query ($id: ID!) { node(id: $id) { __typename id ... on Customer { touchpointCount } } }',
  'touchpoints of one':
    'query ($id: ID!) { touchpoints(filter: { customerId: $id }) { nodes { id } pageInfo { hasNextPage } } }',
};

export const nodeQuestion = `query ($id: ID!) { node(id: $id) { __typename id
  ... on SourceRecord { source key customer { id } } ... on Touchpoint { type record { id } customer { id } } } }`;

export const metricQuestion = `query ($query: MetricQueryInput!) { metrics(query: $query) { columns { name } objects totals suppressedRows } }`;

const time = { from: '2026-06-01', to: '2026-09-15' };

export const metricQueries: readonly Record<string, unknown>[] = [
  { measures: ['TOUCHPOINTS', 'ORDERS', 'GROSS_REVENUE', 'RETURNED_REVENUE', 'NET_REVENUE', 'ITEMS'], totals: true },
  { measures: ['TOUCHPOINTS'], dimensions: ['TOUCHPOINT_TYPE', 'SOURCE'], totals: true },
  {
    measures: ['GROSS_REVENUE', 'ORDERS', 'AVERAGE_ORDER_VALUE'],
    dimensions: ['STORE'],
    time: { ...time, grain: 'MONTH', timezone: 'UTC' },
  },
  { measures: ['NET_REVENUE'], returns: 'ORDER_DATE', time: { ...time, grain: 'WEEK', timezone: 'UTC' } },
  { measures: ['CUSTOMERS', 'IDENTIFIED_CUSTOMERS', 'NEW_CUSTOMERS', 'ACTIVE_CUSTOMERS'] },
  { measures: ['BUYERS', 'NEW_BUYERS', 'RETURNING_BUYERS', 'REPEAT_PURCHASE_RATE', 'PURCHASE_FREQUENCY'], time },
  { measures: ['CUSTOMERS'], dimensions: ['SEGMENT'] },
  { measures: ['NET_REVENUE', 'TOUCHPOINTS'], dimensions: ['SEGMENT', 'IDENTIFIED'] },
  { measures: ['GROSS_REVENUE'], dimensions: ['SKU'] },
  { measures: ['AVERAGE_REVENUE_PER_CUSTOMER', 'UNIDENTIFIED_ORDERS', 'IDENTIFIED_SHARE'] },
  { measures: ['GROSS_REVENUE'], compareTo: { previous: 'PERIOD' }, time: { from: '2026-07-01', to: '2026-08-01' } },
  {
    measures: ['TOUCHPOINTS'],
    filter: [{ dimension: 'SOURCE', values: ['web'] }],
    time: { ...time, grain: 'DAY', timezone: 'Europe/Zurich' },
  },
];

export const downloads: readonly string[] = [
  '/exports/customers?columns=customer_id,identified,records,first_seen_at,last_seen_at,touchpoints,orders,traits',
  '/exports/customer-kpis?columns=customer_id,currency,orders,gross_revenue,purchase_days',
  '/exports/purchases',
  '/exports/signals',
  '/exports/touchpoints?columns=touchpoint_id,record_id,customer_id,occurred_at,type,source,amount,properties,traits',
  '/exports/segment-members?columns=segment,customer_id,version',
  '/exports/loyalty-accounts',
  '/exports/lifecycle-transitions?columns=customer_id,ordinal,to_stage,cause',
];
