import type { BaseKey } from './base.ts';
import type { Dimension } from './dimension.ts';

/** The same SQL for several bases. */
const same = (sql: string, ...keys: BaseKey[]) => Object.fromEntries(keys.map((key) => [key, sql]));

const events = ['PURCHASES', 'LINES', 'BUYERS', 'TOUCHPOINTS'] as const satisfies BaseKey[];
const voice = ['NPS', 'CSAT', 'CES', 'CASES', 'RESOLUTIONS'] as const satisfies BaseKey[];
const ledger = ['POSTINGS', 'LOTS', 'MEMBERSHIPS'] as const satisfies BaseKey[];

const stage = 'left join customer_lifecycles l on l.customer_id = c.id';
const scores = 'left join customer_scores scored on scored.customer_id = c.id';
const first = 'left join first_orders acquired on acquired.customer_id = c.id';

/** Of what happened, and of whom it happened to. */
export const coreDimensions: readonly Dimension[] = [
  {
    key: 'CHANNEL',
    title: 'Channel',
    description: 'Channel of the touchpoint, such as WEB or POS.',
    owner: 'Marketing',
    own: same('f.channel', ...events, ...voice),
    cells: 'f.channel',
  },
  {
    key: 'SOURCE',
    title: 'Source',
    description: 'Source that sent the touchpoint.',
    owner: 'IT',
    own: same('f.source', ...events, ...voice),
    cells: 'f.source',
  },
  {
    key: 'CAMPAIGN',
    title: 'Campaign',
    description: 'Campaign that the touchpoint names; null: none.',
    owner: 'Marketing',
    own: same(`nullif(f.campaign, '')`, ...events),
    cells: `nullif(f.campaign, '')`,
  },
  {
    key: 'CURRENCY',
    title: 'Currency',
    description:
      'ISO 4217 code: of orders and returns (null for all other touchpoints), of scores, of what customers pay with mostly.',
    owner: 'Finance',
    own: {
      ...same('f.currency', 'PURCHASES', 'LINES', 'BUYERS', 'SCORES', 'SPENDING'),
      TOUCHPOINTS: `case when f.type in ('order.completed', 'order.returned') then f.currency end`,
    },
    cells: `nullif(f.currency, '')`,
  },
  {
    key: 'STORE',
    title: 'Store',
    description: 'Store that the order or return names (`properties.store`); null: none.',
    owner: 'Sales',
    own: same('f.store', 'PURCHASES', 'LINES', 'BUYERS'),
  },
  {
    key: 'TOUCHPOINT_TYPE',
    title: 'Type of touchpoint',
    description: 'Such as `page.viewed` or `order.completed`.',
    owner: 'IT',
    own: {
      TOUCHPOINTS: 'f.type',
      ...same(`case f.kind when 'ORDER' then 'order.completed' else 'order.returned' end`, 'PURCHASES', 'LINES'),
    },
    cells: 'f.type',
  },
  {
    key: 'CATEGORY',
    title: 'Product category',
    description:
      'Category of the lines of orders and returns. Amounts are then those of the lines, not of the whole order; what has no lines stands under null.',
    owner: 'Merchandising',
    own: { LINES: 'f.category' },
    lines: true,
  },
  {
    key: 'SKU',
    title: 'Article',
    description: 'Article of the lines of orders and returns. As with CATEGORY, amounts are those of the lines.',
    owner: 'Merchandising',
    own: { LINES: 'f.sku' },
    lines: true,
  },
  {
    key: 'IDENTIFIED',
    title: 'Identified',
    description:
      '`true` where the customer carries an identifier that names a person, else `false`: also of receipts of nobody.',
    owner: 'CRM',
    customer: { value: `case when coalesce(c.identified, false) then 'true' else 'false' end` },
  },
  {
    key: 'COUNTRY',
    title: 'Country',
    description: "The customer's trait `country`, as of now; null: not known.",
    owner: 'CRM',
    customer: { value: `c.traits ->> 'country'` },
    trait: 'country',
  },
  {
    key: 'PROGRAM',
    title: 'Loyalty programme',
    description:
      'Name of the programme: of points their own, else those of which the customer is a member as of now. Who is in several counts in each.',
    owner: 'Loyalty',
    own: same('g.name', ...ledger),
    values: `select distinct program.name as value
      from records carrier join loyalty_memberships s on s.record_id = carrier.id and s.status = 'ACTIVE'
      join loyalty_programs program on program.id = s.program_id
      where carrier.customer_id = c.id`,
    topics: ['loyalty.changed', 'loyalty.tier_changed', 'loyalty.program_changed'],
  },
  {
    key: 'TIER',
    title: 'Tier',
    description:
      "Key of the customer's tier as of now, null: none. Of one programme: name it by a filter on PROGRAM, unless there is only one.",
    owner: 'Loyalty',
    customer: {
      join: 'left join loyalty_members standing on standing.customer_id = c.id and standing.program_id = $program::uuid',
      value: 'standing.tier',
    },
    topics: ['loyalty.changed', 'loyalty.tier_changed', 'loyalty.program_changed'],
    needs: ['PROGRAM'],
  },
  {
    key: 'LIFECYCLE_STAGE',
    title: 'Stage of the life cycle',
    description: "The customer's stage as of now; ANONYMOUS: not identified; null: receipts of nobody.",
    owner: 'CRM',
    customer: { join: stage, value: `coalesce(l.stage, case when not c.identified then 'ANONYMOUS' end)` },
    topics: ['lifecycle.changed'],
  },
  {
    key: 'RISK_BAND',
    title: 'Band of the churn risk',
    description: 'LOW, ELEVATED or HIGH as of now; null: there is nothing to lose.',
    owner: 'CRM',
    customer: { join: stage, value: 'l.risk_band' },
    topics: ['lifecycle.changed', 'churn_risk.raised'],
  },
  {
    key: 'RFM_SEGMENT',
    title: 'RFM segment',
    description: 'By recency, frequency and monetary value, as of the last scoring; null: not scored.',
    owner: 'CRM',
    customer: { join: scores, value: 'scored.rfm_segment' },
    needs: ['SCORES'],
  },
  {
    key: 'ABC_CLASS',
    title: 'ABC class',
    description: 'A, B or C as of the last scoring; null: not scored.',
    owner: 'CRM',
    customer: { join: scores, value: 'scored.abc_class' },
    needs: ['SCORES'],
  },
  {
    key: 'ACQUISITION_MONTH',
    title: 'Month of acquisition',
    description: "Month of the customer's first order, such as `2026-03`, in the zone of the query; null: none yet.",
    owner: 'Marketing',
    customer: { join: first, value: `to_char(acquired.at at time zone $zone::text, 'YYYY-MM')` },
    needs: ['FIRST_ORDERS'],
  },
  {
    key: 'ACQUISITION_CHANNEL',
    title: 'Channel of acquisition',
    description: "Channel of the customer's first order; null: none yet.",
    owner: 'Marketing',
    customer: { join: first, value: 'acquired.channel' },
    needs: ['FIRST_ORDERS'],
  },
  {
    key: 'SURVEY_VARIANT',
    title: 'Variant of the survey',
    description: 'Which questionnaire; `CASE` for the satisfaction with how a case was resolved; null: none was named.',
    owner: 'Customer experience',
    own: same('f.subject', 'NPS', 'CSAT', 'CES'),
  },
  {
    key: 'WALLET',
    title: 'Wallet',
    description: 'Key of the wallet that points lie in.',
    owner: 'Loyalty',
    own: same('f.wallet', 'POSTINGS', 'LOTS'),
  },
  {
    key: 'LOSS_CAUSE',
    title: 'Cause of the loss',
    description:
      'Why the customer became LOST: `PROBABILITY_ALIVE`, `LONG_SILENT`, `CONTRACT_ENDED` or `EXIT`; of a win-back, why they had been.',
    owner: 'CRM',
    own: same('f.cause', 'LOSSES', 'WIN_BACKS'),
  },
];
