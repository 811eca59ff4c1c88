import type { CohortBasis } from '../../../src/kpis/analyses/cohorts/retention.queries.ts';
import type { AnalysisGrain } from '../../../src/kpis/analyses/period.ts';
import { text } from './duck.ts';
import { present } from './world-arbitrary.ts';

export interface CohortsAsked {
  readonly by: CohortBasis;
  readonly grain: AnalysisGrain;
  readonly zone: string;
  readonly from: Date;
  readonly to: Date;
}

/** Who came when, and how many of them were active so many buckets later; period null: how many they are. */
export function cohortsSql({ by, grain, zone, from, to }: CohortsAsked): string {
  const unit = grain.toLowerCase();
  const bucket = (moment: string) => `date_trunc('${unit}', timezone(${text(zone)}, ${moment}))`;
  const moment = (at: Date) => `timestamptz ${text(at.toISOString())}`;
  const first =
    by === 'ORDER'
      ? 'select customer_id, first_order_at as came from people where first_order_at is not null'
      : 'select customer_id, first_seen_at as came from people where identified';
  const active =
    by === 'ORDER'
      ? 'select customer_id, occurred from sales where not is_return'
      : `select customer_id, occurred from told where direction = 'INBOUND'`;
  return `
    with member as (
      select customer_id, ${bucket('came')} as cohort from (${first})
      where came >= ${moment(from)} and came < ${moment(to)} and came < ${moment(present)}
    ), seen as (
      select distinct m.customer_id, m.cohort, date_diff('${unit}', m.cohort, ${bucket('a.occurred')}) as period
      from (${active}) a join member m on m.customer_id = a.customer_id where a.occurred < ${moment(present)}
    )
    select strftime(cohort, '%Y-%m-%d') as cohort, null as period, count(*)::int as customers from member group by 1
    union all
    select strftime(cohort, '%Y-%m-%d'), period::int, count(*)::int from seen group by 1, 2`;
}
