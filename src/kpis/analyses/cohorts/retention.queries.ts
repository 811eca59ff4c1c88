import type { Fragment } from 'postgres';
import type { Database } from '../../../kernel/database.ts';
import { column } from '../../../kernel/sql-array.ts';
import { inSegments, type SegmentScope } from '../../segment-scope.queries.ts';
import type { CohortCount } from './retention.ts';

export const cohortBases = ['ORDER', 'ACTIVITY'] as const;
/** What makes a customer one of a cohort, and what counts as being active later. */
export type CohortBasis = (typeof cohortBases)[number];

export interface CohortQuestion {
  readonly by: CohortBasis;
  /** Of all buckets; cohorts are the first ones. */
  readonly edges: readonly Date[];
  readonly cohorts: number;
  readonly periods: number;
  /** What happens later has not happened yet. */
  readonly now: Date;
  readonly scope: SegmentScope;
  readonly segmentIds: readonly string[];
}

/** How many came in each bucket, and how many of them were active in it and in those that follow. */
export async function countCohorts(db: Database, asked: CohortQuestion): Promise<CohortCount[]> {
  const { edges, cohorts, periods } = asked;
  const bucketOf = (at: Fragment) => db`(width_bucket(${at}, ${column(edges, (edge) => edge)}::timestamptz[]) - 1)`;
  const { first, active } = asked.by === 'ORDER' ? byOrder(db, asked) : byActivity(db, asked);
  return db`
    with member as materialized (
      select customer_id, ${bucketOf(db`at`)} as cohort from (${first}) as first
      where at >= ${edges[0]!} and at < ${edges[cohorts]!}
    ),
    active as (
      select distinct m.customer_id, m.cohort, ${bucketOf(db`a.at`)} as bucket
      from (${active}) as a join member m on m.customer_id = a.customer_id
    )
    select cohort, null::int as bucket, count(*)::int as customers from member group by 1
    union all
    select cohort, bucket, count(*)::int from active where bucket between cohort and cohort + ${periods}::int group by 1, 2`;
}

interface Parts {
  /** When each customer came. */
  readonly first: Fragment;
  /** When they were active. */
  readonly active: Fragment;
}

function byOrder(db: Database, { edges, now, scope, segmentIds }: CohortQuestion): Parts {
  const ordered = db`
    from purchases p join records r on r.id = p.record_id
    where p.kind = 'ORDER' and p.occurred_at < ${now} and r.customer_id is not null`;
  return {
    first: db`
      select r.customer_id, min(p.occurred_at) as at ${ordered}
        and ${inSegments(db, scope, { customer: db`r.customer_id`, segmentIds })}
      group by 1`,
    active: db`
      select r.customer_id, p.occurred_at as at ${ordered}
        and p.occurred_at >= ${edges[0]!} and p.occurred_at < ${edges.at(-1)!}`,
  };
}

function byActivity(db: Database, { edges, now, scope, segmentIds }: CohortQuestion): Parts {
  return {
    first: db`
      select c.id as customer_id, c.first_seen_at as at from customers c
      where c.identified and c.first_seen_at < ${now}
        and ${inSegments(db, scope, { customer: db`c.id`, segmentIds })}`,
    active: db`
      select r.customer_id, t.occurred_at as at from touchpoints t join records r on r.id = t.record_id
      where t.direction = 'INBOUND' and t.occurred_at >= ${edges[0]!} and t.occurred_at < least(${edges.at(-1)!}, ${now})
        and r.customer_id is not null`,
  };
}
