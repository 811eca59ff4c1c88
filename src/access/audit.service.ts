import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import type { JsonObject } from '../kernel/json.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../kernel/paging.ts';
import { type AuditFilter, findAuditEntries, insertAuditEntries, listAuditEntries } from './audit.queries.ts';
import { type AuditEntry, entryDigest } from './audit-chain.ts';
import { insertPending } from './audit-seals.queries.ts';
import { requireScope } from './scopes.ts';

export interface AuditedAct {
  /** What was done, such as `identity.decided`. */
  readonly action: string;
  /** What it was done to, as a public id where it has one. */
  readonly subject: string;
  readonly reason?: string | null;
  /** Ids and settings, never personal values. */
  readonly detail?: JsonObject | null;
}

/** Enters an act in the audit log, in the transaction that does it: neither is without the other. */
export async function audit(tx: Tx, ctx: Context, act: AuditedAct): Promise<void> {
  await auditAll(tx, ctx, [act]);
}

/** The same for several acts at once. */
export async function auditAll(tx: Tx, ctx: Context, acts: readonly AuditedAct[]): Promise<void> {
  const by = { at: ctx.clock.now(), keyId: ctx.viewer.keyId, actor: ctx.viewer.name, requestId: ctx.requestId };
  const entries = acts.map(({ action, subject, reason = null, detail = null }): AuditEntry => {
    return { ...by, id: ctx.ids.uuid(), action, subject, reason, detail };
  });
  await insertAuditEntries(tx, entries);
  // Sealed after the commit: a chain extended in here would make every audited transaction wait for the one before it.
  await insertPending(
    tx,
    entries.map((entry) => ({ id: entry.id, digest: entryDigest(entry) })),
  );
}

/** Who did what, the latest first. */
export async function listAudit<N>(
  ctx: Context,
  args: Pick<PageArguments, 'first' | 'after'> & { readonly filter?: AuditFilter },
  node: (entry: AuditEntry) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'admin');
  const page = readPageArguments('auditLog', args);
  const rows = await listAuditEntries(ctx.pool, { filter: args.filter ?? {}, page });
  return toPage(page, rows, { position: ({ at, id }) => ({ at, id }), node });
}

export async function findAuditEntry(ctx: Context, id: string): Promise<AuditEntry | null> {
  requireScope(ctx, 'admin');
  const [entry] = await findAuditEntries(ctx.pool, [id]);
  return entry ?? null;
}
