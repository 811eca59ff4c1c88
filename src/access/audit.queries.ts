import type { Database, Tx } from '../kernel/database.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { PageRequest } from '../kernel/paging.ts';
import { column, idColumn, jsonLines } from '../kernel/sql-array.ts';

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly keyId: string;
  readonly actor: string;
  readonly requestId: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly detail: JsonObject | null;
}

export async function insertAuditEntries(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
  await tx`
    insert into audit_entries (id, at, key_id, actor, request_id, action, subject, reason, detail)
    select id, at, key_id, actor, request_id, action, subject, reason, detail::jsonb
    from rows from (
      unnest(
        ${idColumn(entries, (entry) => entry.id)}::uuid[],
        ${column(entries, (entry) => entry.at)}::timestamptz[],
        ${idColumn(entries, (entry) => entry.keyId)}::uuid[],
        ${column(entries, (entry) => entry.actor)}::text[],
        ${column(entries, (entry) => entry.requestId)}::text[],
        ${column(entries, (entry) => entry.action)}::text[],
        ${column(entries, (entry) => entry.subject)}::text[],
        ${column(entries, (entry) => entry.reason)}::text[]),
      string_to_table(${jsonLines(entries, (entry) => entry.detail)}::text, E'\\n', 'null')
    ) as new (id, at, key_id, actor, request_id, action, subject, reason, detail)`;
}

const entryColumns = (db: Database) => db`
  id, at, key_id as "keyId", actor, request_id as "requestId", action, subject, reason, detail`;

export async function findAuditEntries(db: Database, ids: readonly string[]): Promise<AuditEntry[]> {
  return db<AuditEntry[]>`select ${entryColumns(db)} from audit_entries where id = any(${ids as string[]}::uuid[])`;
}

/** Entries, those about one subject or all, the latest first; one more than the page holds. */
export async function listAuditEntries(
  db: Database,
  { subject, page: { size, after } }: { subject: string | null; page: PageRequest },
): Promise<AuditEntry[]> {
  return db<AuditEntry[]>`
    select ${entryColumns(db)} from audit_entries
    where ${subject === null ? db`true` : db`subject = ${subject}`} ${after ? db`and id < ${after.id}` : db``}
    order by id desc
    limit ${size + 1}`;
}
