import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn, idList } from '../../kernel/sql-array.ts';
import type { AbcSettings } from '../settings/kpi-settings.ts';
import type { RfmCuts } from './rfm.ts';

/** Of what day scores are, and by what ABC classes go. */
export interface ScoringQuestion {
  /** Days since 1970-01-01, in the organisation's zone. */
  readonly today: number;
  readonly timeZone: string;
  readonly abc: AbcSettings;
  /** Margin where costs are not known, as a part of 1; null: nothing there counts. */
  readonly marginRate: number | null;
}

/**
 * What customers are compared by: everybody who ever ordered. Where nothing of it was kept or worth anything, the day of the
 * last order stands for that of the last purchase.
 */
const valuesOf = (db: Database, { today, timeZone, abc, marginRate }: ScoringQuestion): Fragment => {
  const net = db`gross_minor - returned_minor`;
  const worth = db`
    costed_minor - cost_minor + round(${marginRate ?? 0}::float8::numeric * (${net} - costed_minor))::bigint`;
  return db`
    select customer_id, currency, net_orders, ${net} as net_minor, ${abc.basis === 'MARGIN' ? worth : net} as worth_minor,
           ${today}::int - coalesce(last_purchase_day,
             (last_order_at at time zone ${timeZone})::date - date '1970-01-01') as recency_days
    from customer_kpis where orders > 0`;
};

const measures = { recency: 'recency_days', frequency: 'net_orders', monetary: 'net_minor' } as const;
export type RfmMeasure = keyof typeof measures;

export interface CurrencyCuts {
  readonly currency: string;
  readonly customers: number;
  readonly cuts: number[];
}

/**
 * Upper ends of the bins of one measure in each currency, by shares of customers: a value's score is the fifth in which the
 * middle of those with that value lies, counted in halves of customers, so that nothing is rounded. −∞ where a bin and all
 * below it are empty.
 */
export async function findShareCuts(
  db: Database,
  measure: RfmMeasure,
  question: ScoringQuestion,
): Promise<CurrencyCuts[]> {
  const isBestFirst = measure === 'recency';
  const order = isBestFirst ? db`desc` : db`asc`;
  // Of recency, the least is best: its ends are counted from there.
  const until = (place: number) =>
    isBestFirst
      ? db`max(value) filter (where score >= ${6 - place}::int)`
      : db`max(value) filter (where score <= ${place}::int)`;
  const end = (place: number) => db`coalesce(${until(place)}, '-infinity')`;
  return db`
    select currency, sum(n)::int as customers, array[${end(1)}, ${end(2)}, ${end(3)}, ${end(4)}] as cuts
    from (
      select currency, value::float8 as value, n, 1 + div(5 * (2 * upto - n), 2 * total) as score
      from (
        select currency, value, n, sum(n) over (partition by currency order by value ${order}) as upto,
               sum(n) over (partition by currency) as total
        from (
          select currency, ${db(measures[measure])} as value, count(*) as n from (${valuesOf(db, question)}) as v group by 1, 2
        ) as counted
      ) as summed
    ) as scored
    group by currency order by currency`;
}

/** The same as type-7 quantiles at .2 .4 .6 .8. */
export async function findQuantiles(
  db: Database,
  measure: RfmMeasure,
  question: ScoringQuestion,
): Promise<CurrencyCuts[]> {
  return db`
    select currency, count(*)::int as customers,
           percentile_cont(array[.2, .4, .6, .8]) within group (order by ${db(measures[measure])}) as cuts
    from (${valuesOf(db, question)}) as v group by currency order by currency`;
}

/** From which worth on a customer is A, and B; null: nobody is. */
export interface AbcEdges {
  readonly currency: string;
  readonly leastA: bigint | null;
  readonly leastB: bigint | null;
}

/**
 * By the share of the whole that those have who are worth more: A below the first share, B below the second. Ties share a
 * class, as nobody of them stands before another; who is worth nothing, or less, is neither.
 */
export async function findAbcEdges(db: Database, question: ScoringQuestion): Promise<AbcEdges[]> {
  const { a, b } = question.abc;
  return db`
    select currency, min(worth) filter (where before < ${a}::float8::numeric * total) as "leastA",
           min(worth) filter (where before < ${b}::float8::numeric * total) as "leastB"
    from (
      select currency, worth, sum(worth * n) over (partition by currency) as total,
             coalesce(sum(worth * n) over (partition by currency order by worth desc
                                           rows between unbounded preceding and 1 preceding), 0) as before
      from (
        select currency, worth_minor as worth, count(*) as n from (${valuesOf(db, question)}) as v
        where worth_minor > 0 group by 1, 2
      ) as counted
    ) as summed
    group by currency order by currency`;
}

export interface NewScale extends RfmCuts {
  readonly currency: string;
  readonly customers: number;
}

export async function insertScales(
  tx: Tx,
  { id, at, settingsVersion }: { id: string; at: Date; settingsVersion: number },
  scales: readonly NewScale[],
): Promise<void> {
  const list = (cuts: readonly number[]) => `{${cuts.join(',')}}`;
  await tx`
    insert into kpi_scales (id, currency, at, settings_version, customers, recency_cuts, frequency_cuts, monetary_cuts)
    select ${id}::uuid, currency, ${at}::timestamptz, ${settingsVersion}::int, customers, recency::float8[], frequency::float8[],
           monetary::float8[]
    from unnest(
      ${column(scales, ({ currency }) => currency)}::text[],
      ${column(scales, ({ customers }) => customers)}::int[],
      ${column(scales, ({ recencyCuts }) => list(recencyCuts))}::text[],
      ${column(scales, ({ frequencyCuts }) => list(frequencyCuts))}::text[],
      ${column(scales, ({ monetaryCuts }) => list(monetaryCuts))}::text[]
    ) as new (currency, customers, recency, frequency, monetary)`;
}

/** Those who are scored, in order of id. */
export async function listScored(db: Database, after: string | null, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select customer_id as id from customer_kpis
    where customer_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000') and orders > 0
    order by customer_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** What a run goes by. */
export interface ScoringRunTerms {
  readonly scaleId: string;
  readonly at: Date;
  readonly question: ScoringQuestion;
  readonly edges: readonly AbcEdges[];
  /** Key of the RFM segment of each triple of scores, 111 first, then 112. */
  readonly segments: readonly string[];
}

/** Nobody's, once another run has begun: then its bins count. */
const ranksOf = (db: Database, customerIds: readonly string[], terms: ScoringRunTerms): Fragment => {
  const above = (value: Fragment, cuts: Fragment) => db`(
    (${value} > ${cuts}[1])::int + (${value} > ${cuts}[2])::int + (${value} > ${cuts}[3])::int + (${value} > ${cuts}[4])::int)`;
  return db`
    select customer_id, currency, recency, frequency, monetary, abc_class,
           (${column(terms.segments, (key) => key)}::text[])[25 * recency + 5 * frequency + monetary - 30] as rfm_segment
    from (
      select v.customer_id, v.currency, 5 - ${above(db`v.recency_days`, db`s.recency_cuts`)} as recency,
             1 + ${above(db`v.net_orders`, db`s.frequency_cuts`)} as frequency,
             1 + ${above(db`v.net_minor`, db`s.monetary_cuts`)} as monetary,
             case when v.worth_minor >= e.least_a then 'A' when v.worth_minor >= e.least_b then 'B' else 'C' end as abc_class
      from (${valuesOf(db, terms.question)} and customer_id = any(${idList(customerIds)}::uuid[])) as v
      join kpi_scales s on s.id = ${terms.scaleId} and s.currency = v.currency
      left join unnest(
        ${column(terms.edges, ({ currency }) => currency)}::text[],
        ${column(terms.edges, ({ leastA }) => leastA)}::bigint[],
        ${column(terms.edges, ({ leastB }) => leastB)}::bigint[]) as e (currency, least_a, least_b)
        on e.currency = v.currency
    ) as scored
    where not exists (select from kpi_scales later where later.at > ${terms.at})`;
};

/** Whose scores or class are others than those that are stored. */
export async function findMovedRanks(
  db: Database,
  customerIds: readonly string[],
  terms: ScoringRunTerms,
): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select fresh.customer_id as id
    from (${ranksOf(db, customerIds, terms)}) as fresh
    -- One look for each: a plan from when nobody had been scored yet would go over all scores for each customer.
    left join lateral (select * from customer_scores where customer_id = fresh.customer_id offset 0) as s on true
    where (s.currency, s.recency, s.frequency, s.monetary, s.rfm_segment, s.abc_class) is distinct from
      (fresh.currency, fresh.recency, fresh.frequency, fresh.monetary, fresh.rfm_segment, fresh.abc_class)
    order by 1`;
  return rows.map(({ id }) => id);
}

/**
 * Writes scores and classes, with when they are from. What a model said stays until it says something else, unless it was of
 * another currency. Answers of whom.
 */
export async function upsertRanks(tx: Tx, customerIds: readonly string[], terms: ScoringRunTerms): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    insert into customer_scores as stored (customer_id, scored_at, scale_id, currency, recency, frequency, monetary,
                                           rfm_segment, abc_class)
    select customer_id, ${terms.at}, ${terms.scaleId}, currency, recency, frequency, monetary, rfm_segment, abc_class
    from (${ranksOf(tx, customerIds, terms)}) as fresh
    on conflict (customer_id) do update
    set scored_at = excluded.scored_at, scale_id = excluded.scale_id, recency = excluded.recency,
        frequency = excluded.frequency, monetary = excluded.monetary, rfm_segment = excluded.rfm_segment,
        abc_class = excluded.abc_class, currency = excluded.currency,
        clv_minor = case when stored.currency = excluded.currency then stored.clv_minor end
    where (stored.currency, stored.recency, stored.frequency, stored.monetary, stored.rfm_segment, stored.abc_class)
      is distinct from
          (excluded.currency, excluded.recency, excluded.frequency, excluded.monetary, excluded.rfm_segment,
           excluded.abc_class)
    returning customer_id as id`;
  return rows.map(({ id }) => id).sort();
}

/** What the model in force says of a customer; nulls where it says nothing. */
export interface ModelScore {
  readonly customerId: string;
  readonly modelId: string | null;
  readonly probabilityAlive: number | null;
  readonly churnRisk: number | null;
  readonly expectedOrders: number | null;
  readonly clvMinor: bigint | null;
}

/** Writes what differs, and answers of whom. */
export async function updateModelScores(tx: Tx, scores: readonly ModelScore[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update customer_scores s
    set model_id = new.model_id, probability_alive = new.probability_alive, churn_risk = new.churn_risk,
        expected_orders = new.expected_orders, clv_minor = new.clv_minor
    from unnest(
      ${idColumn(scores, (score) => score.customerId)}::uuid[],
      ${idColumn(scores, (score) => score.modelId)}::uuid[],
      ${column(scores, (score) => score.probabilityAlive)}::float8[],
      ${column(scores, (score) => score.churnRisk)}::float8[],
      ${column(scores, (score) => score.expectedOrders)}::float8[],
      ${column(scores, (score) => score.clvMinor)}::bigint[]
    ) as new (customer_id, model_id, probability_alive, churn_risk, expected_orders, clv_minor)
    where s.customer_id = new.customer_id
      and (s.model_id, s.probability_alive, s.churn_risk, s.expected_orders, s.clv_minor)
        is distinct from (new.model_id, new.probability_alive, new.churn_risk, new.expected_orders, new.clv_minor)
    returning s.customer_id as id`;
  return rows.map(({ id }) => id).sort();
}

export interface ScoresView extends Omit<ModelScore, 'modelId'> {
  readonly scoredAt: Date;
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
  readonly rfmSegment: string;
  readonly abcClass: 'A' | 'B' | 'C';
}

export async function findScores(db: Database, customerIds: readonly string[]): Promise<ScoresView[]> {
  return db`
    select customer_id as "customerId", scored_at as "scoredAt", recency, frequency, monetary, rfm_segment as "rfmSegment",
           abc_class as "abcClass", probability_alive as "probabilityAlive", churn_risk as "churnRisk",
           expected_orders as "expectedOrders", clv_minor as "clvMinor"
    from customer_scores where customer_id = any(${idList(customerIds)}::uuid[])`;
}
