import type { Database } from '../../kernel/database.ts';
import type { StoredRecord } from './record-fields.ts';

/** What is to be read of each record. */
export interface Wanted {
  readonly traits: readonly string[];
  readonly identifiers: readonly string[];
}

/** The values of the records in `chosen (id, source)`. Receipts of nobody are never among them. */
const valuesOf = (db: Database, { traits, identifiers }: Wanted) => db`
  select chosen.id, chosen.source, held.traits, carried.identifiers
  from chosen
  left join lateral (
    select jsonb_object_agg(t.name, t.value) as traits
    from record_traits t
    where t.record_id = chosen.id and t.name = any(${traits as string[]}::text[])
  ) held on true
  left join lateral (
    select jsonb_object_agg(first.kind, first.value) as identifiers
    from (
      select distinct on (c.kind) c.kind, i.value
      from claims c join identifiers i on i.id = c.identifier_id
      where c.record_id = chosen.id and c.kind = any(${identifiers as string[]}::text[]) and c.removed_by is null
      order by c.kind, c.first_seen_at, c.identifier_id
    ) first
  ) carried on true`;

/** The next `limit` records behind `after`, in order of id. */
export async function readRecords(
  db: Database,
  wanted: Wanted,
  { after, limit }: { after: string | null; limit: number },
): Promise<StoredRecord[]> {
  return db<StoredRecord[]>`
    with chosen as materialized (
      select id, source from records
      where id > ${after ?? '00000000-0000-0000-0000-000000000000'} and customer_id is not null
      order by id
      limit ${limit}
    )
    ${valuesOf(db, wanted)}
    order by chosen.id`;
}

export async function readRecordsByIds(db: Database, wanted: Wanted, ids: readonly string[]): Promise<StoredRecord[]> {
  return db<StoredRecord[]>`
    with chosen as materialized (
      select id, source from records where id = any(${ids as string[]}::uuid[]) and customer_id is not null
    )
    ${valuesOf(db, wanted)}
    order by chosen.id`;
}

/** About how many records there are, at no cost; exact enough to show how far a run has come. */
export async function estimateRecords(db: Database): Promise<number> {
  const [row] = await db<{ estimate: number }[]>`
    select greatest(reltuples, 0)::int as estimate from pg_class where oid = 'records'::regclass`;
  return row?.estimate ?? 0;
}
