import type { Database, Tx } from '../kernel/database.ts';
import type { JsonObject } from '../kernel/json.ts';
import { column } from '../kernel/sql-array.ts';

export interface SubjectRequest {
  readonly id: string;
  readonly kind: 'ACCESS' | 'ERASURE' | 'PARTIAL_DELETION';
  readonly status: 'PREPARING' | 'READY' | 'EXPIRED' | 'FAILED' | 'DONE';
  readonly customerId: string;
  readonly keyId: string;
  readonly actor: string;
  readonly reason: string;
  readonly detail: JsonObject;
  readonly fingerprint: string;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
  readonly expiresAt: Date | null;
}

export interface TableReceipt {
  readonly table: string;
  readonly effect: 'DELETED' | 'ANONYMISED' | 'KEPT' | 'EXPORTED';
  readonly rows: number;
  readonly what: string;
}

export async function findSubjectRequest(db: Database, id: string): Promise<SubjectRequest | undefined> {
  const [row] = await db<SubjectRequest[]>`
    select id, kind, status, customer_id as "customerId", key_id as "keyId", actor, reason, detail, fingerprint,
           requested_at as "requestedAt", finished_at as "finishedAt", expires_at as "expiresAt"
    from data_subject_requests where id = ${id}`;
  return row;
}

export async function insertSubjectRequest(tx: Tx, request: SubjectRequest): Promise<void> {
  await tx`
    insert into data_subject_requests (id, kind, status, customer_id, key_id, actor, reason, detail, fingerprint, requested_at,
                                       finished_at, expires_at)
    values (${request.id}, ${request.kind}, ${request.status}, ${request.customerId}, ${request.keyId}, ${request.actor},
            ${request.reason}, ${JSON.stringify(request.detail)}::text::jsonb, ${request.fingerprint}, ${request.requestedAt},
            ${request.finishedAt}, ${request.expiresAt})`;
}

export async function insertTableReceipts(tx: Tx, requestId: string, receipts: readonly TableReceipt[]): Promise<void> {
  await tx`
    insert into data_subject_receipts (request_id, table_name, effect, rows, what)
    select ${requestId}, * from unnest(
      ${column(receipts, ({ table }) => table)}::text[],
      ${column(receipts, ({ effect }) => effect)}::text[],
      ${column(receipts, ({ rows }) => rows)}::bigint[],
      ${column(receipts, ({ what }) => what)}::text[])
    on conflict (request_id, table_name) do nothing`;
}

export async function findTableReceipts(db: Database, requestId: string): Promise<TableReceipt[]> {
  const rows = await db<(Omit<TableReceipt, 'rows'> & { rows: bigint })[]>`
    select table_name as table, effect, rows, what from data_subject_receipts
    where request_id = ${requestId} order by table_name`;
  return rows.map((row) => ({ ...row, rows: Number(row.rows) }));
}
