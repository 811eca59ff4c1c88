import type { Fragment } from 'postgres';
import type { LoyaltyCondition, LoyaltyPointsTest } from '../../conditions/condition.ts';
import { type RegisteredLeaf, register } from '../../conditions/core-leaves.queries.ts';
import { durationInterval } from '../../conditions/duration.ts';
import { numberTestSql } from '../../conditions/number-test.queries.ts';
import { type LeafSql, never, type SqlScope } from '../../conditions/sql-scope.queries.ts';
import type { Database } from '../../kernel/database.ts';
import { column } from '../../kernel/sql-array.ts';
import { loyaltyLeaf } from './loyalty-leaf.ts';

/** What loyalty adds to the condition language. */
export const loyaltyLeaves: readonly RegisteredLeaf[] = [register(loyaltyLeaf, compileLoyalty)];

export function compileLoyalty(leaf: LoyaltyCondition, scope: SqlScope): LeafSql {
  if (leaf.tiers) return tierSql(leaf, scope);
  return leaf.points ? pointsSql(leaf, leaf.points, scope) : memberSql(leaf, scope);
}

/** The earliest membership is the first one that has lasted long enough. */
function memberSql({ program, memberFor }: LoyaltyCondition, scope: SqlScope): LeafSql {
  const { now } = scope;
  const ofProgram = program === undefined ? '' : ` and m.program_id = ${scope.value(program, 'uuid')}`;
  const length = memberFor ? ` + ${scope.value(durationInterval(memberFor), 'interval')}` : '';
  const first = `min(m.enrolled_at)${length}`;
  const from = `
    from records r join loyalty_memberships m on m.record_id = r.id and m.status = 'ACTIVE'${ofProgram}
    where r.customer_id = c.id`;
  return {
    verdict: `(select coalesce(${first} <= ${now}, false) ${from})`,
    next: `(select case when ${first} > ${now} then ${first} else ${never} end ${from})`,
  };
}

/**
 * The tier as it is stored: the loyalty clock moves it when it is due, and whoever was moved is evaluated again. Past that
 * instant, there is nothing to wait for here.
 */
function tierSql({ program, tiers }: LoyaltyCondition, scope: SqlScope): LeafSql {
  const keys = scope.value(
    column(tiers!, (key) => key),
    'text[]',
  );
  const from = `from loyalty_members m where m.customer_id = c.id and m.program_id = ${scope.value(program!, 'uuid')}`;
  return {
    verdict: `exists (select ${from} and m.tier = any(${keys}))`,
    next: `coalesce((select m.due_at ${from} and m.due_at > ${scope.now}), ${never})`,
  };
}

/** What a lot holds is a sum of steps, each from some instant on. So is what a customer has. */
function pointsSql({ program }: LoyaltyCondition, test: LoyaltyPointsTest, scope: SqlScope): LeafSql {
  const { now } = scope;
  const passes = (points: string) => numberTestSql(`coalesce(${points}, 0)`, test, scope);
  const held = `sum(step.points) filter (where step.at <= ${now})`;
  const row = scope.lookUp(`
    select ${passes('max(held)')} as passes, min(at) filter (where at > ${now} and then_passes <> ${passes('held')}) as next
    from (
      select step.at, ${passes('sum(step.points) over (order by step.at)')} as then_passes, ${held} over () as held
      from records r
      join loyalty_lots l on l.record_id = r.id and l.program_id = ${scope.value(program!, 'uuid')}
        and l.wallet = ${scope.value(test.wallet, 'text')} and (l.available <> 0 or l.pending <> 0)
      cross join lateral (values ${test.expiringWithin ? expiringSteps(test, scope) : spendableSteps}) as step (at, points)
      where r.customer_id = c.id and step.at is not null
    ) as steps`);
  return { verdict: `${row}.passes`, next: `coalesce(${row}.next, ${never})` };
}

/** Points that become available only when they have expired never do. */
const spendableSteps = `
      ('-infinity'::timestamptz, l.available),
      (case when l.expires_at <= l.available_at then null else l.available_at end, l.pending),
      (l.expires_at, -l.available - case when l.expires_at <= l.available_at then 0 else l.pending end)`;

function expiringSteps({ expiringWithin }: LoyaltyPointsTest, scope: SqlScope): string {
  const length = scope.value(durationInterval(expiringWithin!), 'interval');
  return `
      (l.expires_at - ${length}, l.available + l.pending),
      (l.expires_at, -l.available - l.pending)`;
}

/** What customers are and have, as `LoyaltyFacts`, for conditions that are judged outside the database. */
export function loyaltyOf(db: Database, customers: Fragment): Fragment {
  return db`
    select c.id, jsonb_build_object(
      'memberships', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'program', m.program_id, 'enrolledAt', extract(epoch from m.enrolled_at) * 1000)), '[]')
        from records r join loyalty_memberships m on m.record_id = r.id
        where r.customer_id = c.id and m.status = 'ACTIVE'),
      'tiers', (
        select coalesce(jsonb_object_agg(m.program_id, m.tier), '{}')
        from loyalty_members m where m.customer_id = c.id and m.tier is not null),
      'lots', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'program', l.program_id, 'wallet', l.wallet, 'available', l.available::text, 'pending', l.pending::text,
          'availableAt', extract(epoch from l.available_at) * 1000, 'expiresAt', extract(epoch from l.expires_at) * 1000)), '[]')
        from records r join loyalty_lots l on l.record_id = r.id
        where r.customer_id = c.id and (l.available <> 0 or l.pending <> 0))) as facts
    from unnest(${customers}) as c (id)`;
}
