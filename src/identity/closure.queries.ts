import type { Database } from '../kernel/database.ts';
import { column } from '../kernel/sql-array.ts';
import type { NeighbourhoodClaim } from './identity.queries.ts';

/** The next records in order of id. */
export async function listRecordIds(db: Database, after: string | null, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from records where id > ${after ?? '00000000-0000-0000-0000-000000000000'} order by id limit ${limit}`;
  return rows.map(({ id }) => id);
}

export interface Tied {
  readonly id: string;
  /** Not only by an identifier, on which the record itself has a say. */
  readonly firmly: boolean;
}

/**
 * Whatever is one step from these records and identifiers: records that carry the identifiers, the rest of the records'
 * customers and neighbourhoods as they are stored, and what decisions join them to.
 */
export async function findTied(
  db: Database,
  { recordIds, identifierIds }: { recordIds: readonly string[]; identifierIds: readonly string[] },
): Promise<Tied[]> {
  const ids = recordIds as string[];
  return db<Tied[]>`
    select id, bool_or(firmly) as firmly
    from (
      select record_id as id, false as firmly from claims
      where identifier_id = any(${identifierIds as string[]}::uuid[]) and removed_by is null
      union all
      select id, true from records
      where customer_id in (select customer_id from records where id = any(${ids}::uuid[]))
      union all
      select id, true from records
      where component_id in (select component_id from records where id = any(${ids}::uuid[]))
      union all
      select other.record_id, true
      from decision_records own
      join decisions d on d.id = own.decision_id
      join decision_records other on other.decision_id = own.decision_id
      where own.record_id = any(${ids}::uuid[]) and d.revoked_at is null and d.kind in ('LINK', 'MERGE', 'MATCH')
    ) as tied
    group by id`;
}

export interface CountedClaim extends NeighbourhoodClaim {
  readonly value: string;
  /** As it is stored, which is not what counts. */
  readonly storedBlocked: boolean;
  readonly storedCut: boolean;
}

/** `stopAt` by kind, and for all kinds that are not named: claimants are counted no further. */
export interface CountLimits {
  readonly kinds: ReadonlyMap<string, number>;
  readonly others: number;
}

/** All claims of these records, with how many records really claim each identifier, whatever is stored. */
export async function findCountedClaims(
  db: Database,
  recordIds: readonly string[],
  { kinds, others }: CountLimits,
): Promise<CountedClaim[]> {
  const limits = [...kinds].map(([kind, stopAt]) => ({ kind, stopAt }));
  return db<CountedClaim[]>`
    with carried as materialized (
      select identifier_id, record_id, kind, first_seen_at
      from claims where record_id = any(${recordIds as string[]}::uuid[]) and removed_by is null
    ), counted as (
      select asked.identifier_id, (
        select count(*)::integer from (
          select from claims c
          where c.identifier_id = asked.identifier_id and c.removed_by is null
          limit asked.stop_at) as claimants) as claimants
      from (
        select distinct carried.identifier_id, coalesce(limits.stop_at, ${others}) as stop_at
        from carried
        left join unnest(
          ${column(limits, ({ kind }) => kind)}::text[],
          ${column(limits, ({ stopAt }) => stopAt)}::integer[]) as limits (kind, stop_at) using (kind)
      ) as asked
    )
    select c.identifier_id as "identifierId", c.record_id as "recordId", c.kind, c.first_seen_at as "firstSeenAt",
           counted.claimants, i.value, i.blocked as "storedBlocked", i.cut_at is not null as "storedCut"
    from carried c
    join counted using (identifier_id)
    join identifiers i on i.id = c.identifier_id`;
}
