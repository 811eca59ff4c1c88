import type { Database, Tx } from '../kernel/database.ts';
import { column, idColumn } from '../kernel/sql-array.ts';
import type { IdentityRules } from './rules.ts';

export async function findIdentifierKind(db: Database, id: string): Promise<string | undefined> {
  const [row] = await db<{ kind: string }[]>`select kind from identifiers where id = ${id}`;
  return row?.kind;
}

/** Counts the records that claim each identifier anew, up to `stopAt` (just past the limit); none of a blocked one. */
export async function recountClaimants(
  tx: Tx,
  identifiers: readonly { id: string; stopAt: number }[],
  now: Date,
): Promise<void> {
  await tx`
    update identifiers
    set records = counted.records,
        cut_at = case when counted.records >= counted.stop_at then coalesce(identifiers.cut_at, ${now}) end
    from (
      select asked.id, asked.stop_at, case when known.blocked then 0 else (
        select count(*) from (
          select from claims
          where identifier_id = asked.id and removed_by is null
          limit asked.stop_at) as claimants) end as records
      from unnest(
        ${idColumn(identifiers, (identifier) => identifier.id)}::uuid[],
        ${column(identifiers, (identifier) => identifier.stopAt)}::integer[]
      ) as asked (id, stop_at)
      join identifiers known on known.id = asked.id
    ) as counted
    where identifiers.id = counted.id
      and (identifiers.records, identifiers.cut_at is not null)
          is distinct from (counted.records::integer, counted.records >= counted.stop_at)`;
}

export interface KnownIdentifier {
  readonly id: string;
  readonly kind: string;
  readonly value: string;
  readonly blocked: boolean;
}

/** The next identifiers in order of id. */
export async function listIdentifiers(db: Database, after: string | null, limit: number): Promise<KnownIdentifier[]> {
  return db<KnownIdentifier[]>`
    select id, kind, value, blocked from identifiers
    where id > ${after ?? '00000000-0000-0000-0000-000000000000'} order by id limit ${limit}`;
}

/** Has the claims on these identifiers join somebody again, or nobody any more. */
export async function toggleBlocked(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`update identifiers set blocked = not blocked where id = any(${ids as string[]}::uuid[])`;
}

/** Sees anew whether records carry an identifier that names a person; answers those for which that has changed. */
export async function recheckNames(
  tx: Tx,
  recordIds: readonly string[],
  { kinds, custom }: IdentityRules,
): Promise<string[]> {
  const naming = [...kinds.values()].filter(({ namesPerson }) => namesPerson).map(({ kind }) => kind);
  const rows = await tx<{ id: string }[]>`
    update records
    set identified = not records.identified
    where id = any(${recordIds as string[]}::uuid[])
      and identified <> exists (
        select from claims c join identifiers i on i.id = c.identifier_id
        where c.record_id = records.id and c.removed_by is null and not i.blocked
          and (c.kind = any(${naming}::text[])
            or (${custom.namesPerson} and not c.kind = any(${[...kinds.keys()]}::text[]))))
    returning id`;
  return rows.map(({ id }) => id);
}

/**
 * The records of a customer, by id. Not locked: under the identity lock nobody else takes a record from one customer to
 * another, and claims are locked before records.
 */
export async function findMembers(tx: Tx, customerId: string): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`select id from records where customer_id = ${customerId} order by id`;
  return rows.map(({ id }) => id);
}

/** To whom these records belong now, each customer once, sorted. */
export async function findOwners(db: Database, recordIds: readonly string[]): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select distinct customer_id as id from records
    where id = any(${recordIds as string[]}::uuid[]) and customer_id is not null
    order by 1`;
  return rows.map(({ id }) => id);
}
