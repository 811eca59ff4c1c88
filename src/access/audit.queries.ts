import type { Tx } from '../kernel/database.ts';
import type { JsonObject } from '../kernel/json.ts';

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

export async function insertAuditEntry(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx`
    insert into audit_entries (id, at, key_id, actor, request_id, action, subject, reason, detail)
    values (${entry.id}, ${entry.at}, ${entry.keyId}, ${entry.actor}, ${entry.requestId}, ${entry.action},
            ${entry.subject}, ${entry.reason}, ${entry.detail === null ? null : JSON.stringify(entry.detail)}::text::jsonb)`;
}
