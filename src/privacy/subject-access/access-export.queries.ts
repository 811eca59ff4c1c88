import { openAside } from '../../kernel/connect.ts';
import type { Pool, Tx } from '../../kernel/database.ts';
import { column } from '../../kernel/sql-array.ts';
import type { TableReceipt } from '../subject-requests.queries.ts';

/** A transaction of one instant that only reads, on a connection of its own, for as long as a reader takes its time. */
export interface Snapshot {
  readonly db: Pool;
  end(): Promise<void>;
}

export async function openSnapshot(pool: Pool): Promise<Snapshot> {
  const own = openAside(pool);
  try {
    // One connection: every statement that follows is in this transaction.
    await own`begin isolation level repeatable read read only`;
    await own`select set_config('idle_in_transaction_session_timeout', '0', true),
                     set_config('statement_timeout', '600s', true), set_config('TimeZone', 'UTC', true)`;
  } catch (error) {
    await own.end({ timeout: 0 });
    throw error;
  }
  return { db: own, end: () => own.end({ timeout: 0 }) };
}

/** Those whose time is over can't be fetched any more. */
export async function expireExports(tx: Tx, now: Date): Promise<void> {
  await tx`
    update data_subject_requests set status = 'EXPIRED'
    where kind = 'ACCESS' and status = 'READY' and expires_at <= ${now}`;
}

/** What was handed over the last time, to the end. */
export async function saveExported(
  tx: Tx,
  requestId: string,
  { receipts, now }: { receipts: readonly TableReceipt[]; now: Date },
): Promise<void> {
  await tx`update data_subject_requests set finished_at = coalesce(finished_at, ${now}) where id = ${requestId}`;
  await tx`
    insert into data_subject_receipts (request_id, table_name, effect, rows, what)
    select ${requestId}, * from unnest(
      ${column(receipts, ({ table }) => table)}::text[], ${column(receipts, ({ effect }) => effect)}::text[],
      ${column(receipts, ({ rows }) => rows)}::bigint[], ${column(receipts, ({ what }) => what)}::text[])
    on conflict (request_id, table_name) do update set rows = excluded.rows, what = excluded.what`;
}
