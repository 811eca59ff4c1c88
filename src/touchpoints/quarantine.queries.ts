import type { Database } from '../kernel/database.ts';
import { column, idColumn } from '../kernel/sql-array.ts';
import type { TouchpointDraft } from './touchpoint.ts';

export interface NewQuarantineItem {
  readonly id: string;
  readonly draft: TouchpointDraft;
  readonly receivedAt: Date;
  readonly code: string;
  readonly reason: string;
}

/** Keeps failed touchpoints; a repeat of one that waits already only counts as another attempt. */
export async function insertQuarantined(db: Database, items: readonly NewQuarantineItem[], now: Date): Promise<void> {
  await db`
    insert into quarantine (id, source, message_id, body, code, reason, attempts, received_at, quarantined_at,
                            last_attempt_at)
    select id, source, message_id, body::jsonb, code, reason, 1, received_at, ${now}, ${now}
    from unnest(
      ${idColumn(items, (item) => item.id)}::uuid[],
      ${column(items, (item) => item.draft.source)}::text[],
      ${column(items, (item) => item.draft.messageId)}::text[],
      ${column(items, (item) => JSON.stringify(item.draft))}::text[],
      ${column(items, (item) => item.code)}::text[],
      ${column(items, (item) => item.reason)}::text[],
      ${column(items, (item) => item.receivedAt)}::timestamptz[]
    ) as new (id, source, message_id, body, code, reason, received_at)
    on conflict (id) do update
    set attempts = quarantine.attempts + 1, code = excluded.code, reason = excluded.reason,
        last_attempt_at = excluded.last_attempt_at`;
}

export interface QuarantineRow {
  readonly id: string;
  readonly source: string;
  readonly messageId: string;
  readonly body: TouchpointDraft;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly receivedAt: Date;
  readonly quarantinedAt: Date;
  readonly lastAttemptAt: Date;
}

/**
 * Not replayed yet, nor stored since because its sender repeated it (or sent another body under its message id: the id
 * is taken then). Told by the receipt, so that storing needn't look into the quarantine.
 */
function isWaiting(db: Database) {
  return db`resolved_at is null and not exists (select from receipts where receipts.id = quarantine.id)`;
}

/** Waiting items, oldest first, after a position. */
export async function findQuarantined(
  db: Database,
  { after, limit }: { after: { quarantinedAt: Date; id: string } | null; limit: number },
): Promise<QuarantineRow[]> {
  return db<QuarantineRow[]>`
    select id, source, message_id as "messageId", body, code, reason, attempts, received_at as "receivedAt",
           quarantined_at as "quarantinedAt", last_attempt_at as "lastAttemptAt"
    from quarantine
    where ${isWaiting(db)}
      ${after ? db`and (quarantined_at, id) > (${after.quarantinedAt}, ${after.id}::uuid)` : db``}
    order by quarantined_at, id
    limit ${limit}`;
}

export async function findQuarantinedByIds(db: Database, ids: readonly string[]): Promise<QuarantineRow[]> {
  return db<QuarantineRow[]>`
    select id, source, message_id as "messageId", body, code, reason, attempts, received_at as "receivedAt",
           quarantined_at as "quarantinedAt", last_attempt_at as "lastAttemptAt"
    from quarantine
    where ${isWaiting(db)} and id = any(${ids as string[]}::uuid[])`;
}

export async function countQuarantined(db: Database): Promise<number> {
  const [row] = await db<{ waiting: number }[]>`
    select count(*)::int as waiting from quarantine where ${isWaiting(db)}`;
  return row!.waiting;
}

export async function resolveQuarantined(db: Database, ids: readonly string[], now: Date): Promise<void> {
  await db`
    update quarantine set resolved_at = ${now}, last_attempt_at = ${now}
    where id = any(${ids as string[]}::uuid[]) and resolved_at is null`;
}
