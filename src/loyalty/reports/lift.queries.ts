import { buckets } from '../../conditions/bucket-leaf.ts';
import type { Database } from '../../kernel/database.ts';
import { holdoutSeed } from '../earning/holdout.ts';
import type { ReportPeriod } from './cost-benefit.queries.ts';
import type { GroupSums } from './lift.ts';

export interface LiftQuestion extends ReportPeriod {
  readonly currency: string;
  /** See `heldOutIn`. */
  readonly least: number;
  readonly most: number;
}

/** Null: held out in a part of the period only. */
export type LiftGroup = 'HELD_OUT' | 'TAKING_PART' | null;

/**
 * What identified customers brought who were first seen before the end of a period, by group. Everybody counts, whether they
 * bought anything or not.
 */
export async function sumGroups(db: Database, asked: LiftQuestion): Promise<({ group: LiftGroup } & GroupSums)[]> {
  const { programId, from, to, currency, least, most } = asked;
  const rows = await db<({ group: LiftGroup; revenue: string; squares: string } & GroupSums)[]>`
    select case when bucket < ${least} then 'HELD_OUT' when bucket >= ${most} then 'TAKING_PART' end as group,
           count(*)::int as customers, (count(*) filter (where orders > 0))::int as buyers,
           coalesce(sum(orders), 0)::int as orders, coalesce(sum(revenue), 0)::text as revenue,
           coalesce(sum(revenue * revenue), 0)::text as squares
    from (
      select ${bucketOf(db, programId)} as bucket, b.orders, b.revenue
      from customers c left join (
        select r.customer_id, count(*) filter (where t.type = 'order.completed') as orders,
               sum(case when t.type = 'order.completed' then t.value_minor else -t.value_minor end) as revenue
        from touchpoints t join records r on r.id = t.record_id
        where t.occurred_at >= ${from} and t.occurred_at < ${to} and t.type in ('order.completed', 'order.returned')
          and t.currency = ${currency}
        group by 1
      ) as b on b.customer_id = c.id
      where c.identified and c.first_seen_at < ${to}
    ) as one
    group by 1`;
  return rows.map((row) => ({ ...row, revenue: BigInt(row.revenue), squares: BigInt(row.squares) }));
}

/** As `isHeldOut` draws it. */
const bucketOf = (db: Database, programId: string) => db`
  ('x' || left(encode(sha256(convert_to(${`${holdoutSeed(programId)}:`}::text || c.id::text, 'UTF8')), 'hex'), 12))::bit(48)::bigint
    % ${buckets}::int`;
