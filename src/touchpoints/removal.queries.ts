import type { Fragment } from 'postgres';
import type { Database, Tx } from '../kernel/database.ts';
import { column, idColumn, idList } from '../kernel/sql-array.ts';
import type { TouchpointRow } from './removal.events.ts';

/** These touchpoints, with the columns of their table. */
export const leavingRows = (db: Database, leaving: readonly TouchpointRow[]): Fragment => db`(
  select t.*
  from unnest(
    ${idColumn(leaving, ({ recordId }) => recordId)}::uuid[],
    ${column(leaving, ({ occurredAt }) => occurredAt)}::timestamptz[],
    ${idColumn(leaving, ({ id }) => id)}::uuid[]) as k (record_id, occurred_at, id)
  join touchpoints t using (record_id, occurred_at, id))`;

/** What is to be folded anew: that of which some leaving touchpoint told. */
export interface Told {
  readonly recordId: string;
  readonly orders: boolean;
  readonly traits: boolean;
}

export async function findTold(tx: Tx, leaving: readonly TouchpointRow[]): Promise<Told[]> {
  return tx<Told[]>`
    select record_id as "recordId", bool_or(type in ('order.completed', 'order.returned') and value_minor is not null) as orders,
           bool_or(traits is not null) as traits
    from ${leavingRows(tx, leaving)} as t group by record_id order by record_id`;
}

export interface ClaimName {
  readonly identifierId: string;
  readonly recordId: string;
}

/** Claims that a leaving touchpoint may be the evidence of. One that tells nothing of its identifiers may be that of any. */
export async function findDoubtfulClaims(tx: Tx, leaving: readonly TouchpointRow[]): Promise<ClaimName[]> {
  return tx<ClaimName[]>`
    select distinct c.identifier_id as "identifierId", c.record_id as "recordId"
    from ${leavingRows(tx, leaving)} as t join claims c on c.record_id = t.record_id
    where c.first_touchpoint_id = t.id or c.identifier_id = any(t.identifier_ids) or t.identifier_ids is null
    order by 1, 2`;
}

export async function deleteTouchpoints(tx: Tx, leaving: readonly TouchpointRow[]): Promise<number> {
  const deleted = await tx`
    delete from touchpoints t
    using unnest(
      ${idColumn(leaving, ({ recordId }) => recordId)}::uuid[],
      ${column(leaving, ({ occurredAt }) => occurredAt)}::timestamptz[],
      ${idColumn(leaving, ({ id }) => id)}::uuid[]) as k (record_id, occurred_at, id)
    where t.record_id = k.record_id and t.occurred_at = k.occurred_at and t.id = k.id`;
  return deleted.count;
}

/** In the order in which ingestion takes them, before anything else of the records. */
export async function lockRevenue(tx: Tx, recordIds: readonly string[]): Promise<void> {
  await tx`
    select from record_revenue where record_id = any(${idList(recordIds)}::uuid[])
    order by record_id, currency collate "C" for update`;
}

/** Sums of orders and returns of these records, anew from the touchpoints that they have. */
export async function refoldRecordRevenue(tx: Tx, recordIds: readonly string[]): Promise<number> {
  const deleted = await tx`delete from record_revenue where record_id = any(${idList(recordIds)}::uuid[])`;
  await tx`
    insert into record_revenue (record_id, currency, orders, returns, gross, returned, first_order_at, last_order_at)
    select t.record_id, t.currency, count(*) filter (where t.type = 'order.completed'),
           count(*) filter (where t.type = 'order.returned'),
           coalesce(sum(t.value_minor) filter (where t.type = 'order.completed'), 0),
           coalesce(sum(t.value_minor) filter (where t.type = 'order.returned'), 0),
           min(t.occurred_at) filter (where t.type = 'order.completed'),
           max(t.occurred_at) filter (where t.type = 'order.completed')
    from touchpoints t
    where t.record_id = any(${idList(recordIds)}::uuid[]) and t.type in ('order.completed', 'order.returned')
      and t.value_minor is not null
    group by t.record_id, t.currency`;
  return deleted.count;
}

/** Takes back what these touchpoints said of traits; what was said before them counts again. */
export async function withdrawTraits(tx: Tx, leaving: readonly TouchpointRow[]): Promise<number> {
  const names = await tx<{ recordId: string; name: string }[]>`
    delete from record_traits s
    using unnest(
      ${idColumn(leaving, ({ recordId }) => recordId)}::uuid[],
      ${idColumn(leaving, ({ id }) => id)}::uuid[]) as k (record_id, id)
    where s.record_id = k.record_id and s.touchpoint_id = k.id
    returning s.record_id as "recordId", s.name`;
  if (names.length === 0) return 0;
  await tx`
    insert into record_traits (record_id, name, value, set_at, touchpoint_id)
    select k.record_id, k.name, latest.value, latest.occurred_at, latest.id
    from unnest(
      ${idColumn(names, ({ recordId }) => recordId)}::uuid[],
      ${column(names, ({ name }) => name)}::text[]) as k (record_id, name)
    cross join lateral (
      select t.traits -> k.name as value, t.occurred_at, t.id from touchpoints t
      where t.record_id = k.record_id and t.traits ? k.name
      order by t.occurred_at desc, t.id desc limit 1) as latest`;
  return names.length;
}

const named = (db: Database, claims: readonly ClaimName[]): Fragment => db`
  unnest(
    ${idColumn(claims, ({ identifierId }) => identifierId)}::uuid[],
    ${idColumn(claims, ({ recordId }) => recordId)}::uuid[])`;

/**
 * A touchpoint that is left and that the claim `c` may rest on: one that carried the identifier, or that nobody knows of
 * whether it did. `t.id = c.first_touchpoint_id` first: the evidence stays what it was as long as it is there.
 */
const evidence = (db: Database, order: Fragment): Fragment => db`(
  select t.occurred_at, t.id, t.given ->> c.identifier_id::text as given from touchpoints t
  where t.record_id = c.record_id and t.occurred_at >= c.first_seen_at
    and t.occurred_at < (c.last_seen_on + 1)::timestamp at time zone 'UTC'
    and (t.identifier_ids is null or c.identifier_id = any(t.identifier_ids))
  order by ${order} limit 1)`;

/** Deletes those of these claims that no touchpoint is left for. Answers their identifiers. */
export async function withdrawClaims(tx: Tx, claims: readonly ClaimName[]): Promise<{ identifierIds: string[] }> {
  const rows = await tx<{ id: string }[]>`
    delete from claims c
    using ${named(tx, claims)} as k (identifier_id, record_id)
    where c.identifier_id = k.identifier_id and c.record_id = k.record_id
      and not exists (select from ${evidence(tx, tx`t.occurred_at`)} as left_over)
    returning c.identifier_id as id`;
  return { identifierIds: rows.map(({ id }) => id) };
}

/** Rests these claims on the touchpoints that are left. */
export async function redateClaims(tx: Tx, claims: readonly ClaimName[]): Promise<number> {
  const first = tx`t.id = c.first_touchpoint_id desc, t.occurred_at, t.id`;
  const changed = await tx`
    update claims
    set first_seen_at = rested.first_at, first_touchpoint_id = rested.first_id, given = rested.given,
        last_seen_on = rested.last_on
    from (
      select c.identifier_id, c.record_id, f.occurred_at as first_at, f.id as first_id,
             case when f.id = c.first_touchpoint_id then c.given else f.given end as given,
             (l.occurred_at at time zone 'UTC')::date as last_on
      from ${named(tx, claims)} as k (identifier_id, record_id)
      join claims c on c.identifier_id = k.identifier_id and c.record_id = k.record_id
      cross join lateral ${evidence(tx, first)} as f
      cross join lateral ${evidence(tx, tx`t.occurred_at desc, t.id desc`)} as l
    ) as rested
    where claims.identifier_id = rested.identifier_id and claims.record_id = rested.record_id
      and (claims.first_seen_at, claims.first_touchpoint_id, claims.last_seen_on)
          is distinct from (rested.first_at, rested.first_id, rested.last_on)`;
  return changed.count;
}

/**
 * Brings the totals of these records up to date with the touchpoints that are left; answers those without any. What they
 * are called, since when and until when, stays as it was there.
 */
export async function refoldRecords(tx: Tx, recordIds: readonly string[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update records
    set touchpoints = folded.touchpoints, first_at = coalesce(folded.first_at, records.first_at),
        last_at = coalesce(folded.last_at, records.last_at),
        owned = records.owned and (folded.touchpoints = 0 or folded.owning)
    from unnest(${idList(recordIds)}::uuid[]) as k (id)
    join records known on known.id = k.id
    cross join lateral (
      select count(*) as touchpoints, min(t.occurred_at) as first_at, max(t.occurred_at) as last_at,
             -- What carries no identifier, and whose own id names the record, is a receipt of nobody.
             coalesce(bool_or(t.identifier_ids is null or t.identifier_ids <> '{}'
                              or known.key <> 'receipt:' || t.message_id), false) as owning
      from touchpoints t where t.record_id = k.id) as folded
    where records.id = k.id
    returning records.id, records.touchpoints = 0 as empty`;
  return rows.filter((row) => (row as { id: string; empty?: boolean }).empty === true).map(({ id }) => id);
}
