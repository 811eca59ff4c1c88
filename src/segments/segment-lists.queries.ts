import type { CustomerCut } from '../kernel/boundary.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { idColumn } from '../kernel/sql-array.ts';

/** Whose these records are now; those of nobody are left out. */
export async function findOwnersOfRecords(
  db: Database,
  recordIds: readonly string[],
  cut?: CustomerCut,
): Promise<{ id: string; customerId: string }[]> {
  return db`
    select r.id, r.customer_id as "customerId" from records r
    where r.id = any(${idColumn(recordIds, (id) => id)}::uuid[]) and r.customer_id is not null
      ${cut ? db`and ${cut(db, db`r.customer_id`)}` : db``}`;
}

/** Who carries these identifiers now: of several customers the one who was seen with it first. */
export async function findCarriers(
  db: Database,
  identifierIds: readonly string[],
): Promise<{ id: string; customerId: string }[]> {
  return db`
    select distinct on (c.identifier_id) c.identifier_id as id, r.customer_id as "customerId"
    from claims c
    join records r on r.id = c.record_id
    join identifiers i on i.id = c.identifier_id
    where c.identifier_id = any(${idColumn(identifierIds, (id) => id)}::uuid[])
      and c.removed_by is null and not i.blocked and r.customer_id is not null
    order by c.identifier_id, c.first_seen_at, c.record_id`;
}

export interface NewEntries {
  readonly segmentId: string;
  /** Their rows are locked. */
  readonly customerIds: readonly string[];
  readonly actor: string;
  readonly now: Date;
}

/** Puts customers on a list by their founding records; answers those who were not on it by any record of theirs. */
export async function insertEntries(tx: Tx, { segmentId, customerIds, actor, now }: NewEntries): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    insert into segment_list_entries (record_id, segment_id, actor, added_at)
    select c.id, ${segmentId}, ${actor}, ${now}
    from unnest(${idColumn(customerIds, (id) => id)}::uuid[]) as c (id)
    where not exists (
      select from records r join segment_list_entries l on l.record_id = r.id and l.segment_id = ${segmentId}
      where r.customer_id = c.id)
    returning record_id as id`;
  return rows.map(({ id }) => id);
}

/** Takes customers off a list, by whichever of their records they are on it; answers who was. */
export async function deleteEntries(
  tx: Tx,
  { segmentId, customerIds }: Pick<NewEntries, 'segmentId' | 'customerIds'>,
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    delete from segment_list_entries l using records r
    where r.customer_id = any(${idColumn(customerIds, (id) => id)}::uuid[])
      and l.record_id = r.id and l.segment_id = ${segmentId}
    returning r.customer_id as id`;
  return [...new Set(rows.map(({ id }) => id))];
}
