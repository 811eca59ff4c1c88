import type { Database } from '../../kernel/database.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import type { SubjectRequest, TableReceipt } from '../subject-requests.queries.ts';

export interface RequestFilter {
  readonly kinds?: readonly SubjectRequest['kind'][] | null;
  /** UUIDs: ids that lead, or led, to one customer. */
  readonly customerIds?: readonly string[] | null;
}

/** The latest first; one more than the page holds. */
export async function listSubjectRequests(
  db: Database,
  { filter: { kinds, customerIds }, page: { size, after } }: { filter: RequestFilter; page: PageRequest },
): Promise<SubjectRequest[]> {
  return db`
    select id, kind, status, customer_id as "customerId", key_id as "keyId", actor, reason, detail, fingerprint,
           requested_at as "requestedAt", finished_at as "finishedAt", expires_at as "expiresAt"
    from data_subject_requests
    where true
      ${kinds == null ? db`` : db`and kind = any(${kinds as string[]}::text[])`}
      ${customerIds == null ? db`` : db`and customer_id = any(${customerIds as string[]}::uuid[])`}
      ${after ? db`and (requested_at, id) < (${after.at}, ${after.id}::uuid)` : db``}
    order by requested_at desc, id desc
    limit ${size + 1}`;
}

/** In the order of the tables' names. */
export async function findReceiptsOf(
  db: Database,
  requestIds: readonly string[],
): Promise<(TableReceipt & { readonly requestId: string })[]> {
  const rows = await db<(Omit<TableReceipt, 'rows'> & { rows: bigint; requestId: string })[]>`
    select request_id as "requestId", table_name as "table", effect, rows, what
    from data_subject_receipts where request_id = any(${requestIds as string[]}::uuid[])
    order by request_id, table_name`;
  return rows.map((row) => ({ ...row, rows: Number(row.rows) }));
}
