import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import type { JsonObject } from '../kernel/json.ts';
import { insertAuditEntry } from './audit.queries.ts';

export interface AuditedAct {
  /** What was done, such as `identity.merge`. */
  readonly action: string;
  /** What it was done to, as a public id where it has one. */
  readonly subject: string;
  readonly reason?: string | null;
  /** Ids and settings, never personal values. */
  readonly detail?: JsonObject | null;
}

/** Enters an act in the audit log, in the transaction that does it: neither is without the other. */
export async function audit(tx: Tx, ctx: Context, { action, subject, reason, detail }: AuditedAct): Promise<void> {
  await insertAuditEntry(tx, {
    id: ctx.ids.uuid(),
    at: ctx.clock.now(),
    keyId: ctx.viewer.keyId,
    actor: ctx.viewer.name,
    requestId: ctx.requestId,
    action,
    subject,
    reason: reason ?? null,
    detail: detail ?? null,
  });
}
