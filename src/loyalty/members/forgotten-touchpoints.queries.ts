import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn, idList } from '../../kernel/sql-array.ts';
import type { TouchpointRow } from '../../touchpoints/removal.events.ts';
import type { Verdicts } from '../earning/member-fold.ts';

/** By whom memberships are made that come by themselves: see `MemberFolder`. */
const earnersActor = 'loyalty';

/** What was decided about touchpoints that are no more; what budgets have given to them, they can give again. */
export async function deleteVerdicts(tx: Tx, leaving: readonly TouchpointRow[]): Promise<number> {
  const rows = await tx<{ programId: string; verdicts: Verdicts }[]>`
    delete from loyalty_verdicts v
    using unnest(
      ${idColumn(leaving, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(leaving, ({ id }) => id)}::uuid[]) as k (record_id, id)
    where v.record_id = k.record_id and v.touchpoint_id = k.id
    returning v.program_id as "programId", v.verdicts`;
  const given = rows.flatMap(({ programId, verdicts }) =>
    Object.entries(verdicts).flatMap(([rule, { budget }]) =>
      budget === undefined ? [] : [{ programId, rule, budget }],
    ),
  );
  if (given.length > 0) await giveBack(tx, given);
  return rows.length;
}

async function giveBack(tx: Tx, given: readonly { programId: string; rule: string; budget: number }[]): Promise<void> {
  await tx`
    update loyalty_budgets b set granted = b.granted - back.points
    from (
      select program_id, rule, sum(points) as points from unnest(
        ${idColumn(given, ({ programId }) => programId)}::uuid[],
        ${column(given, ({ rule }) => rule)}::text[],
        ${column(given, ({ budget }) => budget)}::bigint[]) as k (program_id, rule, points)
      group by program_id, rule
    ) as back
    where b.program_id = back.program_id and b.rule = back.rule`;
}

/** Records with a card that somebody handed out, or about whose points somebody has decided. */
export async function findRecordsInLoyalty(db: Database, recordIds: readonly string[]): Promise<string[]> {
  const ids = idList(recordIds);
  const rows = await db<{ id: string }[]>`
    select record_id as id from loyalty_memberships
    where record_id = any(${ids}::uuid[]) and (how <> 'AUTOMATIC' or status <> 'ACTIVE')
    union select record_id from loyalty_tier_overrides where record_id = any(${ids}::uuid[])
    union select record_id from loyalty_decisions where record_id = any(${ids}::uuid[])
    union select record_id from loyalty_consumptions where record_id = any(${ids}::uuid[])
    union select record_id from loyalty_lots where record_id = any(${ids}::uuid[]) and source = 'DECISION'
    union select record_id from loyalty_pool_members where record_id = any(${ids}::uuid[])
    union select record_id from loyalty_referrals where record_id = any(${ids}::uuid[])
    union select referrer_record_id from loyalty_referrals where referrer_record_id = any(${ids}::uuid[])
    union select record_id from loyalty_vouchers where record_id = any(${ids}::uuid[])
    union select record_id from loyalty_presentations where record_id = any(${ids}::uuid[])`;
  return rows.map(({ id }) => id);
}

/**
 * Brings memberships that came by themselves up to date with what is left that opened them: since the first touchpoint that
 * earned something, whatever became of it; without one they end as if they had never been.
 */
export async function redateMemberships(tx: Tx, recordIds: readonly string[]): Promise<number> {
  const opened = tx`
    select m.record_id, m.program_id, min(l.earned_at) as first_at
    from loyalty_memberships m
    left join loyalty_lots l
      on l.record_id = m.record_id and l.program_id = m.program_id and l.source = 'TOUCHPOINT' and l.issued > 0
      and exists (
        select from touchpoints t where t.record_id = l.record_id and t.occurred_at = l.earned_at and t.id = l.source_id)
    where m.record_id = any(${idList(recordIds)}::uuid[]) and m.how = 'AUTOMATIC' and m.status = 'ACTIVE'
      and m.actor = ${earnersActor} and m.away_since = '{}'
      and not exists (select from loyalty_consumptions c where c.record_id = m.record_id and c.program_id = m.program_id)
    group by m.record_id, m.program_id`;
  const ended = await tx`
    delete from loyalty_memberships m using (${opened}) as o
    where m.record_id = o.record_id and m.program_id = o.program_id and o.first_at is null`;
  await tx`
    update loyalty_memberships m set enrolled_at = o.first_at from (${opened}) as o
    where m.record_id = o.record_id and m.program_id = o.program_id and m.enrolled_at <> o.first_at`;
  return ended.count;
}

/** Memberships that came by themselves, with what they were earned by. The ledger stays: it says that nothing is left. */
export async function deleteMemberships(tx: Tx, recordIds: readonly string[]): Promise<number> {
  const deleted = await tx`delete from loyalty_memberships where record_id = any(${idList(recordIds)}::uuid[])`;
  return deleted.count;
}
