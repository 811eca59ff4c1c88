import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn } from '../../kernel/sql-array.ts';

export interface Observing {
  /** What is found counts from then on. */
  readonly at: Date;
  readonly timeZone: string;
  /** `days` are compared with three times as many before: from the first instant of the first of them to the beginning of today. */
  readonly since: Date;
  readonly until: Date;
  /** The first of the days that are compared, as an ISO date. */
  readonly recentFrom: string;
  /** Tiers that end by then are about to. */
  readonly dropUntil: Date;
  /** Key of the lowest tier of each programme: nobody falls from it. */
  readonly lowestTiers: readonly { readonly programId: string; readonly tier: string }[];
}

/** So many days of the time before it takes to say what is usual: two in as many days as are compared. */
const leastDays = 6;

/**
 * Looks at everybody who has bought something: how often they are here, and whether they are about to lose a tier. Writes what is
 * something else than the last time; whose levers count stays as it was. Answers how many that were. One statement, as days on
 * which customers were here are grouped once, and not looked up by customer.
 */
export async function insertObservations(tx: Tx, observing: Observing): Promise<number> {
  const { at, timeZone, since, until, recentFrom, dropUntil, lowestTiers } = observing;
  const { count } = await tx`
    insert into customer_observations (customer_id, at, engagement_fall, tier_drop_at, lever_group)
    with here as (
      select r.customer_id, (t.occurred_at at time zone ${timeZone}::text)::date as day
      from touchpoints t join records r on r.id = t.record_id
      where t.occurred_at >= ${since} and t.occurred_at < ${until} and t.direction = 'INBOUND' and r.customer_id is not null
      group by 1, 2
    ), counted as (
      select customer_id, count(*) filter (where day >= ${recentFrom}::text::date) as recent,
             count(*) filter (where day < ${recentFrom}::text::date) as before
      from here group by 1
    ), falling as (
      -- In quarters, and below a half nothing: what changes every day says little, and is written every day.
      select customer_id, floor(4 * (1 - 3.0 * recent / before)) / 4 as fall
      from counted where before >= ${leastDays} and 6 * recent <= before
    ), lowest as (
      select * from unnest(
        ${idColumn(lowestTiers, ({ programId }) => programId)}::uuid[],
        ${column(lowestTiers, ({ tier }) => tier)}::text[]) as given (program_id, tier)
    ), dropping as (
      select m.customer_id, min(m.due_at) as drop_at
      from loyalty_members m
      where m.due_at > ${at} and m.due_at <= ${dropUntil} and m.tier is not null
        and not exists (select from lowest where lowest.program_id = m.program_id and lowest.tier = m.tier)
        -- Then somebody gives them another one.
        and not exists (
          select from records r join loyalty_tier_overrides o on o.record_id = r.id
          where r.customer_id = m.customer_id and o.program_id = m.program_id and o.valid_from = m.due_at
            and o.revoked_at is null)
      group by 1
    ), last as (
      select distinct on (customer_id) * from customer_observations order by customer_id, at desc
    ), regrouped as (
      select id, max(at) as at
      from (select customer_id as id, at from regroupings union all select other_id, at from regroupings) as both_sides
      group by 1
    )
    select k.customer_id, ${at}, coalesce(falling.fall, 0), dropping.drop_at, last.lever_group
    from customer_kpis k
    left join falling on falling.customer_id = k.customer_id
    left join dropping on dropping.customer_id = k.customer_id
    left join last on last.customer_id = k.customer_id
    left join regrouped on regrouped.id = k.customer_id
    where k.orders > 0
      -- What was written before somebody was merged or parted may count no longer: see isUndone of tier-history.ts.
      and (last.at <= regrouped.at
           or (coalesce(falling.fall, 0)::float8, dropping.drop_at) is distinct from
              (coalesce(last.engagement_fall, 0)::float8, last.tier_drop_at))
    on conflict do nothing`;
  return count;
}

/** Who has a stage, in order of id. */
export async function listStaged(db: Database, after: string | null, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select customer_id as id from customer_lifecycles
    where customer_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000')
    order by customer_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** Whether the levers of a group count for anybody, as was found last. */
export async function isAnybodyGrouped(db: Database): Promise<boolean> {
  const [row] = await db<{ grouped: boolean }[]>`
    select exists (select from customer_observations where lever_group is not null) as grouped`;
  return row!.grouped;
}

/** Writes whose levers count for these customers, where it is something else than before; answers how many that were. */
export async function insertLeverGroups(
  tx: Tx,
  at: Date,
  groups: readonly { readonly customerId: string; readonly group: string | null }[],
): Promise<number> {
  const { count } = await tx`
    insert into customer_observations (customer_id, at, engagement_fall, tier_drop_at, lever_group)
    select given.customer_id, ${at}, coalesce(last.engagement_fall, 0), last.tier_drop_at, given.lever_group
    from unnest(
      ${idColumn(groups, ({ customerId }) => customerId)}::uuid[],
      ${column(groups, ({ group }) => group)}::text[]) as given (customer_id, lever_group)
    left join lateral (
      select * from customer_observations where customer_id = given.customer_id order by at desc limit 1
    ) as last on true
    where given.lever_group is distinct from last.lever_group
      or exists (select from regroupings where customer_id = given.customer_id and at >= last.at)
      or exists (select from regroupings where other_id = given.customer_id and at >= last.at)
    on conflict (customer_id, at) do update set lever_group = excluded.lever_group`;
  return count;
}
