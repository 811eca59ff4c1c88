import { exponentOf } from './money.ts';

/** What measures are computed from: each has a kind of row of its own. Measures of one base share a pass over its rows. */
export const baseKeys = [
  'PURCHASES',
  'LINES',
  'BUYERS',
  'TOUCHPOINTS',
  'CUSTOMERS',
  'SCORES',
  'SPENDING',
  'POSTINGS',
  'LOTS',
  'MEMBERSHIPS',
  'NPS',
  'CSAT',
  'CES',
  'CASES',
  'RESOLUTIONS',
  'LOSSES',
  'WIN_BACKS',
] as const;
export type BaseKey = (typeof baseKeys)[number];

/** Values that must not be added up: amounts of several currencies, answers to different questions. */
export interface Unmixed {
  /** The dimension that keeps them apart. */
  readonly dimension: 'CURRENCY' | 'SURVEY_VARIANT';
  /** SQL over the rows that are aggregated. */
  readonly value: string;
}

/** Relations that a statement makes once, whoever reads them. */
export type Relation = 'first_orders' | 'wholly_returned';

export interface Base {
  readonly key: BaseKey;
  /** What follows `from`: rows `f`, records `r` where they come into it, and customers `c`. `$now`: the instant of the question. */
  readonly from: string;
  /** The same where what is returned is taken off on the day of its order. */
  readonly fromOrderDate?: string;
  readonly needs?: readonly Relation[];
  /** When a row took place. */
  readonly at: string;
  /** Says who a row is about: what is counted to tell whether a number is about few people only. */
  readonly person: string;
  /** Rows are about customers as such. */
  readonly aboutCustomers: boolean;
  /** Rows are what happened in a period, whatever happens at other times. */
  readonly closed: boolean;
  readonly unmixed?: Unmixed;
  /** Touchpoints of other types change nothing. */
  readonly types?: readonly string[];
  /** What else does. */
  readonly topics?: readonly ('loyalty' | 'scores' | 'lifecycle')[];
  /** Where rows are made of rows: further columns of the inner ones, and the statement over them, within groups of `keys`. */
  readonly within?: { readonly columns: string; readonly rows: (inner: string, keys: readonly string[]) => string };
  /** Cells of the roll-up that hold the same. Null: all of them. */
  readonly cells?: { readonly types: readonly string[] | null };
}

const purchaseTypes = ['order.completed', 'order.returned'];
const surveyTypes = ['survey.answered', 'case.resolved'];
const caseTypes = ['case.opened', 'case.waiting', 'case.resumed', 'case.resolved', 'case.reopened'];

const whose = 'left join records r on r.id = f.record_id left join customers c on c.id = r.customer_id';

const bought = 'select p.*, p.occurred_at as at from purchases p';

/** A return without an order, or of one that is not known, stays where it is. */
const boughtByOrderDate = `
  ${bought} where p.kind = 'ORDER'
  union all
  select p.*, coalesce(o.at, p.occurred_at) as at
  from purchases p join records own on own.id = p.record_id
  left join lateral (
    select min(shipment.occurred_at) as at
    from records other cross join lateral (
      select occurred_at from purchases
      where record_id = other.id and order_id = p.order_id and kind = 'ORDER' and currency = p.currency offset 0
    ) as shipment
    where p.order_id is not null and (other.id = own.id or other.customer_id = own.customer_id)
  ) as o on true
  where p.kind = 'RETURN'`;

/** One row for each article of a purchase. A purchase without lines is one row, of no article, with its whole value. */
const linesOf = (purchases: string) => `(
  select f.record_id, f.at, f.id, f.kind, f.order_id, f.source, f.channel, f.campaign, f.store, f.currency,
         line.sku, line.category, case when line.listed then line.value_minor else f.value_minor end as value_minor,
         line.items
  from (${purchases}) f
  left join touchpoints t on t.record_id = f.record_id and t.occurred_at = f.occurred_at and t.id = f.id
  cross join lateral (
    select piece ->> 'sku' as sku, piece ->> 'category' as category, true as listed,
           abs(sum(round((piece ->> 'price')::numeric * (piece ->> 'quantity')::numeric * power(10::numeric, ${exponentOf('f.currency')})))) as value_minor,
           case when f.kind = 'RETURN' then abs(sum((piece ->> 'quantity')::numeric))
                else sum((piece ->> 'quantity')::numeric) end as items
    from jsonb_array_elements(t.lines) as piece group by 1, 2
    union all
    select null, null, false, null, 0 where coalesce(jsonb_array_length(t.lines), 0) = 0
  ) as line) f ${whose}`;

const surveys = (kind: string) => `(select * from signals where kind = '${kind}') f ${whose}`;

/** The latest answer of a customer counts; without a customer, each one. */
const latestAnswers = {
  columns: 'f.occurred_at as at, f.id, f.score, f.subject, coalesce(r.customer_id, f.id) as person',
  rows: (inner: string, keys: readonly string[]) => `
    select distinct on (${[...keys, 'person'].join(', ')}) * from (${inner}) as answers
    order by ${[...keys, 'person', 'at desc', 'id desc'].join(', ')}`,
};

const survey = (key: 'NPS' | 'CSAT' | 'CES'): Base => ({
  key,
  from: surveys(key),
  at: 'f.occurred_at',
  person: 'f.person',
  aboutCustomers: true,
  closed: true,
  unmixed: { dimension: 'SURVEY_VARIANT', value: `coalesce(f.subject, '')` },
  types: surveyTypes,
  within: latestAnswers,
});

/** What names a case: its number, with one customer. */
const caseOf = `coalesce(s.subject, s.id::text)`;

/**
 * Cases, with the hours for which the organisation was at work on them: from when they were opened, or reopened, until they were
 * resolved, without what passed while it waited for the customer. Of a case that is not resolved: until now.
 */
const cases = `(
  select told.owner, told.customer_id, told.number,
         min(told.occurred_at) filter (where told.kind = 'CASE_OPENED') as opened_at,
         (array_agg(told.channel order by told.occurred_at, told.id) filter (where told.kind = 'CASE_OPENED'))[1] as channel,
         (array_agg(told.source order by told.occurred_at, told.id) filter (where told.kind = 'CASE_OPENED'))[1] as source,
         sum(told.seconds) / 3600 as hours, bool_or(told.is_last and told.kind = 'CASE_RESOLVED') as resolved
  from (
    select s.*, r.customer_id, coalesce(r.customer_id, s.record_id) as owner, ${caseOf} as number,
           lead(s.id) over steps is null as is_last,
           case when s.kind in ('CASE_OPENED', 'CASE_RESUMED', 'CASE_REOPENED')
                then greatest(extract(epoch from coalesce(lead(s.occurred_at) over steps, $now::timestamptz) - s.occurred_at), 0)
                else 0 end as seconds
    from signals s left join records r on r.id = s.record_id
    where s.kind in ('CASE_OPENED', 'CASE_WAITING', 'CASE_RESUMED', 'CASE_RESOLVED', 'CASE_REOPENED')
    window steps as (partition by coalesce(r.customer_id, s.record_id), ${caseOf} order by s.occurred_at, s.id, s.kind)
  ) as told
  group by told.owner, told.customer_id, told.number
  having bool_or(told.kind = 'CASE_OPENED')) f left join customers c on c.id = f.customer_id`;

/**
 * Kaplan and Meier's estimate: `survival` is the part of cases that takes longer than `hours`. Cases that are not resolved yet
 * are at risk for as long as they have been worked on.
 */
const survival = {
  columns: 'f.owner as person, f.hours, f.resolved',
  rows: (inner: string, keys: readonly string[]) => {
    const within = keys.length === 0 ? '' : `partition by ${keys.join(', ')}`;
    const tied = keys.length === 0 ? 'partition by hours' : `${within}, hours`;
    return `
      select steps.*, case when bool_or(rate = 1) over passed then 0 else exp(sum(ln(1 - rate)) filter (where rate < 1) over passed) end as survival
      from (
        select risky.*, case when row_number() over (${tied} order by person) = 1 then events / at_risk else 0 end as rate
        from (
          select cases.*, count(*) over (${within} order by hours desc)::float8 as at_risk,
                 count(*) filter (where resolved) over (${tied})::float8 as events
          from (${inner}) as cases
        ) as risky
      ) as steps
      window passed as (${within} order by hours)`;
  },
};

/** Times that customers became LOST, with the next move of their life cycle: how each ended. Of the erased too, as nobody's. */
const losses = `
  select lost.customer_id, lost.at, lost.cause, came.at as ended_at, coalesce(came.to_stage = 'WON_BACK', false) as is_won_back
  from lifecycle_transitions lost
  left join lifecycle_transitions came on came.customer_id = lost.customer_id and came.ordinal = lost.ordinal + 1
  where lost.to_stage = 'LOST'`;

const all: readonly Base[] = [
  {
    key: 'PURCHASES',
    from: `(${bought}) f ${whose}`,
    fromOrderDate: `(${boughtByOrderDate}) f ${whose}`,
    at: 'f.at',
    person: 'coalesce(r.customer_id, f.record_id)',
    aboutCustomers: false,
    closed: true,
    unmixed: { dimension: 'CURRENCY', value: 'f.currency' },
    types: purchaseTypes,
    cells: { types: purchaseTypes },
  },
  {
    key: 'LINES',
    from: linesOf(bought),
    fromOrderDate: linesOf(boughtByOrderDate),
    at: 'f.at',
    person: 'coalesce(r.customer_id, f.record_id)',
    aboutCustomers: true,
    closed: true,
    unmixed: { dimension: 'CURRENCY', value: 'f.currency' },
    types: purchaseTypes,
  },
  {
    key: 'BUYERS',
    from: `(select * from purchases where opens_order) f
      join records r on r.id = f.record_id join customers c on c.id = r.customer_id
      left join first_orders on first_orders.customer_id = c.id
      left join wholly_returned w on w.owner = c.id and w.currency = f.currency and w.order_id = f.order_id`,
    needs: ['first_orders', 'wholly_returned'],
    at: 'f.occurred_at',
    person: 'f.person',
    aboutCustomers: true,
    closed: false,
    types: purchaseTypes,
    within: {
      columns: 'c.id as person, first_orders.id = f.id as is_first, w.owner is null as is_kept',
      rows: (inner, keys) => `
        select ${[...keys, 'person'].join(', ')}, bool_or(is_first) as is_new, count(*) filter (where is_kept) as kept
        from (${inner}) as orders group by ${[...keys, 'person'].join(', ')}`,
    },
  },
  {
    key: 'TOUCHPOINTS',
    from: `touchpoints f ${whose}`,
    at: 'f.occurred_at',
    person: 'coalesce(r.customer_id, f.record_id)',
    aboutCustomers: false,
    closed: true,
    cells: { types: null },
  },
  {
    key: 'CUSTOMERS',
    from: 'customers c',
    at: 'c.first_seen_at',
    person: 'c.id',
    aboutCustomers: true,
    closed: false,
    topics: ['loyalty'],
  },
  {
    key: 'SCORES',
    from: 'customers c join customer_scores f on f.customer_id = c.id',
    at: 'c.first_seen_at',
    person: 'c.id',
    aboutCustomers: true,
    closed: false,
    unmixed: { dimension: 'CURRENCY', value: 'f.currency' },
    topics: ['scores'],
  },
  {
    key: 'SPENDING',
    from: 'customers c join customer_kpis f on f.customer_id = c.id',
    at: 'c.first_seen_at',
    person: 'c.id',
    aboutCustomers: true,
    closed: false,
    unmixed: { dimension: 'CURRENCY', value: 'f.currency' },
    topics: ['scores'],
  },
  {
    key: 'POSTINGS',
    from: `loyalty_postings f left join loyalty_programs g on g.id = f.program_id ${whose}`,
    at: 'f.at',
    person: 'coalesce(r.customer_id, f.record_id)',
    aboutCustomers: true,
    closed: false,
    topics: ['loyalty'],
  },
  {
    key: 'LOTS',
    from: `(select * from loyalty_lots where source <> 'DEBT') f left join loyalty_programs g on g.id = f.program_id ${whose}`,
    at: 'f.earned_at',
    person: 'coalesce(r.customer_id, f.record_id)',
    aboutCustomers: true,
    closed: false,
    topics: ['loyalty'],
  },
  {
    key: 'MEMBERSHIPS',
    from: `(select * from loyalty_memberships where status = 'ACTIVE') f left join loyalty_programs g on g.id = f.program_id ${whose}`,
    at: 'f.enrolled_at',
    person: 'coalesce(r.customer_id, f.record_id)',
    aboutCustomers: true,
    closed: false,
    topics: ['loyalty'],
  },
  survey('NPS'),
  survey('CSAT'),
  survey('CES'),
  {
    key: 'CASES',
    from: `(select s.*, ${caseOf} as number from signals s where s.kind in ('CASE_OPENED', 'CASE_RESOLVED')) f ${whose}`,
    at: 'f.occurred_at',
    person: 'coalesce(r.customer_id, f.record_id)',
    aboutCustomers: true,
    closed: true,
    types: caseTypes,
  },
  {
    key: 'RESOLUTIONS',
    from: cases,
    at: 'f.opened_at',
    person: 'f.person',
    aboutCustomers: true,
    closed: false,
    types: caseTypes,
    within: survival,
  },
  {
    key: 'LOSSES',
    from: `(${losses}) f left join customers c on c.id = f.customer_id`,
    at: 'f.at',
    person: 'f.customer_id',
    aboutCustomers: true,
    closed: false,
    topics: ['lifecycle'],
  },
  {
    key: 'WIN_BACKS',
    from: `(select * from (${losses}) as lost where is_won_back) f left join customers c on c.id = f.customer_id`,
    at: 'f.ended_at',
    person: 'f.customer_id',
    aboutCustomers: true,
    closed: false,
    topics: ['lifecycle'],
  },
];

export const bases: Readonly<Record<BaseKey, Base>> = Object.fromEntries(all.map((base) => [base.key, base])) as Record<
  BaseKey,
  Base
>;

/** See {@link Relation}. */
export const relations: Readonly<Record<Relation, string>> = {
  first_orders: `
    select distinct on (o.customer_id) o.customer_id, p.occurred_at as at, p.id, p.channel
    from purchases p join records o on o.id = p.record_id
    where p.kind = 'ORDER' and o.customer_id is not null
    order by o.customer_id, p.occurred_at, p.id`,
  // From the returns, which are few, to what they take back.
  wholly_returned: `
    select back.owner, back.currency, back.order_id
    from (
      select coalesce(o.customer_id, o.id) as owner, p.currency, p.order_id, sum(p.value_minor) as value_minor
      from purchases p join records o on o.id = p.record_id
      where p.kind = 'RETURN' and p.order_id is not null group by 1, 2, 3
    ) as back
    cross join lateral (
      select sum(shipment.value_minor) as value_minor
      from records o cross join lateral (
        select value_minor from purchases
        where record_id = o.id and order_id = back.order_id and kind = 'ORDER' and currency = back.currency offset 0
      ) as shipment
      where (o.id = back.owner or o.customer_id = back.owner) and coalesce(o.customer_id, o.id) = back.owner
    ) as ordered
    where ordered.value_minor > 0 and back.value_minor >= ordered.value_minor`,
};
