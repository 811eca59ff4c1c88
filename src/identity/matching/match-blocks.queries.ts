import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn } from '../../kernel/sql-array.ts';

export interface IndexedRecord {
  readonly recordId: string;
  readonly fingerprint: string;
  readonly keys: readonly number[];
}

export async function findIndexed(db: Database, recordIds: readonly string[]): Promise<IndexedRecord[]> {
  return db<IndexedRecord[]>`
    select record_id as "recordId", fingerprint, keys
    from match_records where record_id = any(${recordIds as string[]}::uuid[])`;
}

export async function upsertIndexed(tx: Tx, records: readonly IndexedRecord[]): Promise<void> {
  await tx`
    insert into match_records (record_id, fingerprint, keys)
    select record_id, fingerprint, keys::integer[] from unnest(
      ${idColumn(records, (record) => record.recordId)}::uuid[],
      ${idColumn(records, (record) => record.fingerprint)}::uuid[],
      ${column(records, (record) => `{${record.keys.join(',')}}`)}::text[]
    ) as new (record_id, fingerprint, keys)
    on conflict (record_id) do update set fingerprint = excluded.fingerprint, keys = excluded.keys`;
}

export async function deleteIndexed(tx: Tx, records: readonly IndexedRecord[]): Promise<void> {
  await tx`delete from match_records where record_id = any(${idColumn(records, (record) => record.recordId)}::uuid[])`;
}

export interface BlockMember {
  readonly key: number;
  readonly recordId: string;
}

export async function insertMembers(tx: Tx, members: readonly BlockMember[]): Promise<void> {
  await tx`
    insert into match_blocks (key, record_id)
    select * from unnest(
      ${column(members, (member) => member.key)}::integer[],
      ${idColumn(members, (member) => member.recordId)}::uuid[])
    on conflict do nothing`;
}

export async function deleteMembers(tx: Tx, members: readonly BlockMember[]): Promise<void> {
  await tx`
    delete from match_blocks b
    using unnest(
      ${column(members, (member) => member.key)}::integer[],
      ${idColumn(members, (member) => member.recordId)}::uuid[]
    ) as gone (key, record_id)
    where b.key = gone.key and b.record_id = gone.record_id`;
}

/** The records in each of these blocks; of a block with more than `limit` none, but that it is larger. */
export async function findMembers(
  db: Database,
  keys: readonly number[],
  limit: number,
): Promise<{ key: number; recordIds: string[] | null }[]> {
  return db`
    select wanted.key, case when count(*) <= ${limit} then array_agg(member.record_id) end as "recordIds"
    from unnest(${`{${keys.join(',')}}`}::integer[]) as wanted (key)
    cross join lateral (
      select record_id from match_blocks where key = wanted.key limit ${limit + 1}
    ) member
    group by wanted.key`;
}

export async function emptyIndex(db: Database): Promise<void> {
  await db`truncate match_records, match_blocks`;
}
