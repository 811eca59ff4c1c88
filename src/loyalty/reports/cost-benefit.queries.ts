import type { Database } from '../../kernel/database.ts';

export interface ReportPeriod {
  readonly programId: string;
  /** Half-open. */
  readonly from: Date;
  readonly to: Date;
}

export interface MemberRevenue {
  readonly currency: string;
  /** Orders less returns, in minor units. */
  readonly revenue: bigint;
  readonly orders: number;
  /** Customers with an order. */
  readonly customers: number;
  readonly ofMembers: boolean;
}

/** Orders less returns of a period, of customers who are members now and of all others. */
export async function sumRevenue(db: Database, { programId, from, to }: ReportPeriod): Promise<MemberRevenue[]> {
  return db`
    select t.currency, m.customer_id is not null as "ofMembers",
           sum(case when t.type = 'order.completed' then t.value_minor else -t.value_minor end)::bigint as revenue,
           (count(*) filter (where t.type = 'order.completed'))::int as orders,
           (count(distinct r.customer_id) filter (where t.type = 'order.completed'))::int as customers
    from touchpoints t join records r on r.id = t.record_id
    left join (${membersOf(db, programId)}) as m on m.customer_id = r.customer_id
    where t.occurred_at >= ${from} and t.occurred_at < ${to} and t.type in ('order.completed', 'order.returned')
      and t.currency is not null
    group by 1, 2 order by 1, 2`;
}

/** Customers of whose records one carries a membership now. */
const membersOf = (db: Database, programId: string) => db`
  select distinct carrier.customer_id from loyalty_memberships s join records carrier on carrier.id = s.record_id
  where s.program_id = ${programId} and s.status = 'ACTIVE' and carrier.customer_id is not null`;

export async function countMembers(db: Database, programId: string): Promise<number> {
  const [row] = await db<{ members: number }[]>`
    select count(*)::int as members from (${membersOf(db, programId)}) as member`;
  return row!.members;
}

export interface RewardCost {
  readonly currency: string | null;
  readonly cost: bigint | null;
  readonly rewards: number;
  readonly points: bigint;
}

/** Rewards that were redeemed in a period and not taken back, by what they cost now; of some nobody said it. */
export async function sumRewards(db: Database, { programId, from, to }: ReportPeriod): Promise<RewardCost[]> {
  return db`
    select r.cost_currency as currency, sum(r.cost_minor)::bigint as cost, count(*)::int as rewards,
           sum(d.points)::bigint as points
    from loyalty_decisions d left join loyalty_rewards r on r.id = d.subject_id
    where d.program_id = ${programId} and d.kind = 'REWARD' and d.status = 'DONE' and d.at >= ${from} and d.at < ${to}
    group by 1 order by 1 nulls last`;
}

export interface GrantedPoints {
  readonly wallet: string;
  /** Null: somebody decided it. */
  readonly rule: string | null;
  readonly points: bigint;
}

/** Points of what happened or was decided in a period, net of what was taken back since; transfers grant nothing. */
export async function sumGranted(db: Database, { programId, from, to }: ReportPeriod): Promise<GrantedPoints[]> {
  return db`
    select l.wallet, case when l.source = 'TOUCHPOINT' then part ->> 'rule' end as rule, sum((part ->> 'points')::bigint)::bigint as points
    from loyalty_lots l
    left join loyalty_decisions d on l.source = 'DECISION' and d.program_id = l.program_id and d.id = l.source_id
    cross join jsonb_array_elements(l.grants) as part
    where l.program_id = ${programId} and l.source <> 'DEBT' and l.earned_at >= ${from} and l.earned_at < ${to}
      and d.kind is distinct from 'TRANSFER'
    group by 1, 2 order by 1, 2`;
}
