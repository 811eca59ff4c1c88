import type { Database, Tx } from '../kernel/database.ts';
import { column, idColumn, idList } from '../kernel/sql-array.ts';
import type { RefusedLink } from './resolution.ts';

/** Refused evidence of these records as it is remembered. */
export async function findRefusedLinks(db: Database, recordIds: readonly string[]): Promise<RefusedLink[]> {
  return db<RefusedLink[]>`
    select record_id as "recordId", evidence_id as "evidenceId", kind, other_record_id as "otherRecordId", refusal,
           limited_by as "limitedBy"
    from refused_links where record_id = any(${idList(recordIds)}::uuid[])`;
}

export async function upsertRefusedLinks(tx: Tx, links: readonly RefusedLink[], now: Date): Promise<void> {
  await tx`
    insert into refused_links (record_id, evidence_id, kind, other_record_id, refusal, limited_by, refused_at)
    select record_id, evidence_id, kind, other_record_id, refusal, limited_by, ${now}
    from unnest(
      ${idColumn(links, (link) => link.recordId)}::uuid[],
      ${idColumn(links, (link) => link.evidenceId)}::uuid[],
      ${column(links, (link) => link.kind)}::text[],
      ${idColumn(links, (link) => link.otherRecordId)}::uuid[],
      ${column(links, (link) => link.refusal)}::text[],
      ${column(links, (link) => link.limitedBy)}::text[]
    ) as new (record_id, evidence_id, kind, other_record_id, refusal, limited_by)
    on conflict (record_id, evidence_id, kind) do update
    set other_record_id = excluded.other_record_id, refusal = excluded.refusal, limited_by = excluded.limited_by`;
}

export async function deleteRefusedLinks(
  tx: Tx,
  links: readonly Pick<RefusedLink, 'recordId' | 'evidenceId' | 'kind'>[],
): Promise<void> {
  await tx`
    delete from refused_links
    where (record_id, evidence_id, kind) in (
      select * from unnest(
        ${idColumn(links, (link) => link.recordId)}::uuid[],
        ${idColumn(links, (link) => link.evidenceId)}::uuid[],
        ${column(links, (link) => link.kind)}::text[]))`;
}
