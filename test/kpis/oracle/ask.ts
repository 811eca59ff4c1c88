import type { MetricFilter, MetricGrain, MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import { text } from './duck.ts';

/** A question about one measure, with everything said that a query may leave out. */
export interface Ask {
  /** Of lines of purchases: where a query names an article or a category. */
  readonly byArticle: boolean;
  readonly dimensions: readonly string[];
  readonly time: {
    readonly grain: MetricGrain | null;
    /** RFC 3339. */
    readonly from: string;
    readonly to: string;
    readonly zone: string;
  } | null;
  /** Where days and months of customers begin that no period is asked of. */
  readonly zone: string;
  readonly filter: readonly MetricFilter[];
  readonly segments: readonly string[];
  /** Whose tiers are meant. */
  readonly programId: string;
  readonly returns: NonNullable<MetricQuery['returns']>;
}

/** What rows are grouped by: columns of {@link scoped}. */
export function keysOf({ dimensions, time }: Ask): string[] {
  return [...dimensions.map(columnOf), ...(time?.grain ? ['bucket'] : [])];
}

/** Rows have columns of their own that are called as dimensions are. */
function columnOf(dimension: string): string {
  return `dim_${dimension.toLowerCase()}`;
}

/** Dimension → SQL over a row of the relation, as `b`, and its customer, as `p` (see `people`). */
export type Dimensions = Readonly<Record<string, string>>;

const ofPeople = ({ time, zone, programId }: Ask): Dimensions => ({
  IDENTIFIED: `case when coalesce(p.identified, false) then 'true' else 'false' end`,
  COUNTRY: 'p.country',
  TIER: `(select t.tier from tiers t where t.customer_id = p.customer_id and t.program_id = ${text(programId)}::uuid)`,
  LIFECYCLE_STAGE: `coalesce(p.stage, case when not p.identified then 'ANONYMOUS' end)`,
  RISK_BAND: 'p.risk_band',
  RFM_SEGMENT: 'p.rfm_segment',
  ABC_CLASS: 'p.abc_class',
  ACQUISITION_MONTH: `strftime(timezone(${text(time?.zone ?? zone)}, p.first_order_at), '%Y-%m')`,
  ACQUISITION_CHANNEL: 'p.acquisition_channel',
});

const manifold = ['PROGRAM', 'SEGMENT'];

/** The rows that an ask is about, with a column for each dimension and, where time is cut, one for the bucket. */
export function scoped(ask: Ask, relation: string, dimensions: Dimensions): string {
  const { time, filter, segments } = ask;
  const named: Dimensions = { ...ofPeople(ask), ...dimensions };
  const isSeveral = (key: string) => named[key] === undefined && manifold.includes(key);
  const valueSql = (key: string) => {
    const sql = isSeveral(key) ? `"m${key}".value` : named[key];
    if (sql === undefined) throw new Error(`The oracle does not know ${key} here.`);
    return sql;
  };
  const columns = ask.dimensions.map((key) => `, ${valueSql(key)} as ${columnOf(key)}`);
  if (time?.grain) columns.push(`, ${bucketOf(time.grain, time.zone, 'b.occurred')} as bucket`);
  // Who has several values counts under each; who has none, under none.
  const joins = ask.dimensions.filter(isSeveral).map(
    (key) => `left join (select customer_id, value from manifold where dimension = ${text(key)}) as "m${key}"
              on "m${key}".customer_id = b.customer_id`,
  );
  const conditions = [
    ...(time ? [`b.occurred >= timestamptz ${text(time.from)}`, `b.occurred < timestamptz ${text(time.to)}`] : []),
    ...segments.map(
      (id) => `b.customer_id in (select customer_id from segment_members where segment_id = ${text(id)}::uuid)`,
    ),
    ...filter.flatMap((one) => {
      const { dimension, operator } = one;
      if (!isSeveral(dimension)) return [holds(one, valueSql(dimension))];
      const isSplit = ask.dimensions.includes(dimension) && operator === 'IN';
      return [holdsOfSeveral(one), ...(isSplit ? [holds(one, valueSql(dimension))] : [])];
    }),
  ];
  return `
    select b.*${columns.join('')}
    from (${relation}) as b left join people as p on p.customer_id = b.customer_id ${joins.join(' ')}
    where ${['true', ...conditions].join(' and ')}`;
}

/** One of somebody's values is enough, and for `NOT_IN` one of them is too many. */
function holdsOfSeveral({ dimension, operator, values }: MetricFilter): string {
  const wanted = values ? `and value in (${values.map(text).join(', ')})` : '';
  const some = `b.customer_id in (select customer_id from manifold where dimension = ${text(dimension)} ${wanted})`;
  return operator === 'IN' || operator === 'IS_NOT_NULL' ? `coalesce(${some}, false)` : `not coalesce(${some}, false)`;
}

function holds({ operator, values }: MetricFilter, column: string): string {
  const list = (values ?? []).map(text).join(', ');
  if (operator === 'IS_NULL') return `${column} is null`;
  if (operator === 'IS_NOT_NULL') return `${column} is not null`;
  // What has no value is none of the values.
  return operator === 'IN' ? `coalesce(${column} in (${list}), false)` : `coalesce(${column} not in (${list}), true)`;
}

/** When the bucket begins in which something happened: an hour of the clock, or days of the zone. */
export function bucketOf(grain: MetricGrain, zone: string, moment: string): string {
  const local = (at: string) => `timezone(${text(zone)}, ${at})`;
  if (grain !== 'HOUR') return `timezone(${text(zone)}, date_trunc('${grain.toLowerCase()}', ${local(moment)}))`;
  // The first minute with the same hour on the clock: an hour that comes twice in autumn is two.
  const offset = (at: string) => `epoch_ms(${local(at)}) - epoch_ms(${at})`;
  return `(
    select min(minute) from (select unnest(generate_series(
      date_trunc('minute', ${moment}) - interval 1 hour, ${moment}, interval 1 minute)) as minute)
    where date_trunc('hour', ${local('minute')}) = date_trunc('hour', ${local(moment)})
      and ${offset('minute')} = ${offset(moment)})`;
}
