import type { Database, Tx } from '../kernel/database.ts';
import type { PageRequest } from '../kernel/paging.ts';
import { column, idColumn, jsonLines } from '../kernel/sql-array.ts';
import type { AuditEntry } from './audit-chain.ts';

/** Which entries; what is left out doesn't matter. */
export interface AuditFilter {
  readonly subject?: string | null;
  /** An action, or how it begins, up to a dot: `key` means all of `key.…`. */
  readonly action?: string | null;
  readonly actor?: string | null;
  /** UUID. */
  readonly keyId?: string | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
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

export const entryColumns = (db: Database) => db`
  id, at, key_id as "keyId", actor, request_id as "requestId", action, subject, reason, detail`;

export async function findAuditEntries(db: Database, ids: readonly string[]): Promise<AuditEntry[]> {
  return db<AuditEntry[]>`select ${entryColumns(db)} from audit_entries where id = any(${ids as string[]}::uuid[])`;
}

/** The latest first; one more than the page holds. */
export async function listAuditEntries(
  db: Database,
  { filter, page: { size, after } }: { filter: AuditFilter; page: PageRequest },
): Promise<AuditEntry[]> {
  return db<AuditEntry[]>`
    select ${entryColumns(db)} from audit_entries
    where ${matches(db, filter)} ${after ? db`and id < ${after.id}` : db``}
    order by id desc
    limit ${size + 1}`;
}

/** A condition on columns of `audit_entries`. */
export function matches(db: Database, { subject, action, actor, keyId, from, to }: AuditFilter) {
  return db`true
    ${subject == null ? db`` : db`and subject = ${subject}`}
    ${action == null ? db`` : db`and (action = ${action} or action like ${`${escapeLike(action)}.%`})`}
    ${actor == null ? db`` : db`and actor = ${actor}`}
    ${keyId == null ? db`` : db`and key_id = ${keyId}`}
    ${from == null ? db`` : db`and at >= ${from}`}
    ${to == null ? db`` : db`and at < ${to}`}`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
