import type { Database, Tx } from '../kernel/database.ts';
import { idList } from '../kernel/sql-array.ts';
import type { KnownIdentifier } from './recount.queries.ts';

/** Records that a steward or an administrator has decided something about: what a matcher found rests on their touchpoints. */
export async function findRecordsDecidedOn(db: Database, recordIds: readonly string[]): Promise<string[]> {
  const ids = idList(recordIds);
  const rows = await db<{ id: string }[]>`
    select r.record_id as id from decision_records r join decisions d on d.id = r.decision_id
    where r.record_id = any(${ids}::uuid[]) and d.revoked_at is null and d.kind <> 'MATCH'
    union select record_id from household_members where record_id = any(${ids}::uuid[]) and origin = 'HAND'
    union select record_id from household_exclusions where record_id = any(${ids}::uuid[])
    union select record_id from account_members where record_id = any(${ids}::uuid[])`;
  return rows.map(({ id }) => id);
}

/** Takes from records everything that they said of who they are; answers the identifiers that they carried. */
export async function silenceRecords(tx: Tx, recordIds: readonly string[]): Promise<string[]> {
  const ids = idList(recordIds);
  const [claims] = await Promise.all([
    tx<{ id: string }[]>`delete from claims where record_id = any(${ids}::uuid[]) returning identifier_id as id`,
    tx`delete from record_traits where record_id = any(${ids}::uuid[])`,
    tx`update records set owned = false, identified = false where id = any(${ids}::uuid[])`,
  ]);
  return [...new Set(claims.map(({ id }) => id))];
}

export interface StoredIdentifier extends KnownIdentifier {
  readonly cut: boolean;
}

export async function findIdentifiers(tx: Tx, ids: readonly string[]): Promise<StoredIdentifier[]> {
  return tx<StoredIdentifier[]>`
    select id, kind, value, blocked, cut_at is not null as cut from identifiers
    where id = any(${idList(ids)}::uuid[]) order by id`;
}

/** Forgets the values of those of these identifiers that no record carries any more. */
export async function deleteUnclaimed(tx: Tx, ids: readonly string[]): Promise<number> {
  const deleted = await tx`
    delete from identifiers i
    where id = any(${idList(ids)}::uuid[]) and not exists (select from claims c where c.identifier_id = i.id)`;
  return deleted.count;
}

/** The rows that hang on these records, by table. Nothing else rests on them: see {@link findRecordsDecidedOn}. */
export async function deleteRecords(tx: Tx, recordIds: readonly string[]): Promise<{ table: string; rows: number }[]> {
  const ids = idList(recordIds);
  const statements = {
    decision_records: tx`delete from decision_records where record_id = any(${ids}::uuid[])`,
    refused_links: tx`delete from refused_links where record_id = any(${ids}::uuid[])`,
    household_members: tx`delete from household_members where record_id = any(${ids}::uuid[])`,
    match_blocks: tx`
      delete from match_blocks b using match_records m, unnest(m.keys) as k (key)
      where m.record_id = any(${ids}::uuid[]) and b.key = k.key and b.record_id = m.record_id`,
    match_records: tx`delete from match_records where record_id = any(${ids}::uuid[])`,
    match_candidates: tx`
      delete from match_candidates where record_a = any(${ids}::uuid[]) or record_b = any(${ids}::uuid[])`,
    records: tx`delete from records where id = any(${ids}::uuid[])`,
  };
  const done = await Promise.all(Object.values(statements));
  return Object.keys(statements).map((table, place) => ({ table, rows: done[place]!.count }));
}
