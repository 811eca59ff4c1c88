import type { KpiSettings } from '../../../src/kpis/settings/kpi-settings.ts';
import { customersSql } from './customers.ts';
import { text } from './duck.ts';

export interface ScoredOn {
  readonly zone: string;
  readonly now: Date;
  readonly settings: Pick<KpiSettings, 'abc' | 'clv'>;
}

/**
 * Scores by shares and ABC classes of everybody who ever ordered, each among those who pay in the same currency. A value's score
 * is the fifth of the customers in which the middle of those lies who have it; a class follows from what those have together
 * who are worth more.
 */
export const scoresSql = ({ zone, now, settings: { abc, clv } }: ScoredOn) => `
  with mine as (
    select customer_id, currency, net_orders, gross::bigint - returned::bigint as net,
           costed::bigint - cost::bigint
             + round(${clv.marginRate ?? 0}::decimal(20, 10) * (gross::bigint - returned::bigint - costed::bigint))::bigint as margin,
           ${dayOf(zone, `timestamptz ${text(now.toISOString())}`)}
             - coalesce(last_purchase_day, ${dayOf(zone, 'make_timestamp((last_order_at * 1000)::bigint)::timestamptz')}) as silent
    from (${customersSql(zone)}) where orders > 0
  ), valued as (
    select *, ${abc.basis === 'MARGIN' ? 'margin' : 'net'} as worth from mine
  ), ranked as (
    select *, count(*) over everybody as n,
           rank() over (everybody order by silent desc) - 1 as staler, count(*) over (partition by currency, silent) as as_stale,
           rank() over (everybody order by net_orders) - 1 as rarer, count(*) over (partition by currency, net_orders) as as_rare,
           rank() over (everybody order by net) - 1 as poorer, count(*) over (partition by currency, net) as as_poor,
           sum(greatest(worth, 0)) over everybody as whole
    from valued window everybody as (partition by currency)
  )
  select r.customer_id, r.currency, ${score('staler', 'as_stale')} as recency, ${score('rarer', 'as_rare')} as frequency,
         ${score('poorer', 'as_poor')} as monetary,
         case when r.worth <= 0 then 'C' when above < ${abc.a}::decimal(10, 6) * whole then 'A'
              when above < ${abc.b}::decimal(10, 6) * whole then 'B' else 'C' end as abc_class
  from ranked r cross join lateral (
    select coalesce(sum(b.worth), 0) as above from valued b where b.currency = r.currency and b.worth > r.worth and b.worth > 0
  ) order by 1`;

const dayOf = (zone: string, moment: string) =>
  `date_diff('day', date '1970-01-01', timezone(${text(zone)}, ${moment})::date)`;

/** In tenths of customers, so that nothing is rounded. */
const score = (before: string, tied: string) => `(1 + (5 * (2 * ${before} + ${tied})) // (2 * n))::int`;
