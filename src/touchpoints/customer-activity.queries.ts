import type { Database } from '../kernel/database.ts';
import type { ActivityDay, ActivityPeriod } from './customer-activity.ts';

/** What each customer did on each day of the period; days without activity are left out. */
export async function countActivity(
  db: Database,
  customerIds: readonly string[],
  { from, to, timeZone }: ActivityPeriod,
): Promise<(ActivityDay & { customerId: string })[]> {
  return db`
    select r.customer_id as "customerId",
           (t.occurred_at at time zone ${timeZone}::text)::date::text as day,
           count(*)::int as touchpoints,
           (count(*) filter (where t.type = 'order.completed'))::int as orders
    from records r
    join touchpoints t
      on t.record_id = r.id
      and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at
      and t.occurred_at >= ${from}::text::timestamp at time zone ${timeZone}::text
      and t.occurred_at < ${to}::text::timestamp at time zone ${timeZone}::text
    where r.customer_id = any(${customerIds as string[]}::uuid[])
    group by 1, 2`;
}
