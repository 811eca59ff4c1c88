import type { Database } from '../kernel/database.ts';
import type { ActivityDay, ActivityPeriod } from './customer-activity.ts';

/**
 * What each customer did on each day of the period; days without activity are left out.
 *
 * Counted record by record, in a lateral subquery that PostgreSQL can't flatten: as a plain join it would (for a
 * prepared statement, whose parameters it doesn't know) rather read everybody's touchpoints of the period and hash them.
 */
export async function countActivity(
  db: Database,
  customerIds: readonly string[],
  { from, to, timeZone }: ActivityPeriod,
): Promise<(ActivityDay & { customerId: string })[]> {
  return db`
    select r.customer_id as "customerId", active.day::text as day, sum(active.touchpoints)::int as touchpoints,
           sum(active.orders)::int as orders
    from records r
    cross join lateral (
      select (t.occurred_at at time zone ${timeZone}::text)::date as day, count(*) as touchpoints,
             count(*) filter (where t.type = 'order.completed') as orders
      from touchpoints t
      where t.record_id = r.id
        and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at
        and t.occurred_at >= ${from}::text::timestamp at time zone ${timeZone}::text
        and t.occurred_at < ${to}::text::timestamp at time zone ${timeZone}::text
      group by 1
    ) active
    where r.customer_id = any(${customerIds as string[]}::uuid[])
    group by 1, 2`;
}
