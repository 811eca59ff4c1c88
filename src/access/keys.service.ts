import type { Context } from '../kernel/context.ts';
import { notFound } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../kernel/paging.ts';
import { formatApiKey } from './api-key.ts';
import { findApiKeys, insertApiKey, listApiKeys, revokeApiKeys } from './api-keys.queries.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import { audit } from './audit.service.ts';
import { checkKeyRequest, type KeyRequest } from './key-request.ts';
import { newApiKey, toApiKeyRow } from './new-api-key.ts';
import { requireScope } from './scopes.ts';

export interface CreatedKey {
  readonly row: ApiKeyRow;
  /** The whole key. It exists here and with the caller; afterwards with the caller only. */
  readonly text: string;
}

export async function createKey(ctx: Context, request: KeyRequest): Promise<CreatedKey> {
  requireScope(ctx, 'admin');
  const now = ctx.clock.now();
  const key = newApiKey(ctx.ids);
  const row = toApiKeyRow(key, { ...checkKeyRequest(request, now), owner: false }, now);
  const { name, scopes, expiresAt } = row;
  const detail = { name, scopes: [...scopes], expiresAt: expiresAt?.toISOString() ?? null };
  await ctx.pool.begin(async (tx) => {
    await insertApiKey(tx, row);
    await audit(tx, ctx, { action: 'key.created', subject: toPublicId('key', row.id), detail });
  });
  ctx.log.info({ keyId: row.id, scopes: row.scopes, by: ctx.viewer.keyId }, 'API key created');
  return { row, text: formatApiKey(key) };
}

/** All keys ever made, newest first, revoked and expired ones included: the list is a record of who had access. */
export async function listKeys<N>(
  ctx: Context,
  args: Pick<PageArguments, 'first' | 'after'>,
  node: (row: ApiKeyRow) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'admin');
  const request = readPageArguments('apiKeys', args);
  const rows = await listApiKeys(ctx.pool, request);
  return toPage(request, rows, { position: (row) => ({ at: row.createdAt, id: row.id }), node });
}

/** `undefined` when there is none. Throws `FORBIDDEN` without the scope `admin`. */
export async function findKey(ctx: Context, id: string): Promise<ApiKeyRow | undefined> {
  requireScope(ctx, 'admin');
  const [row] = await findApiKeys(ctx.pool, [id]);
  return row;
}

/** For good: a revoked key never works again. Revoking twice changes nothing. */
export async function revokeKey(ctx: Context, id: string): Promise<ApiKeyRow> {
  requireScope(ctx, 'admin');
  await ctx.pool.begin(async (tx) => {
    const revoked = await revokeApiKeys(tx, [id], ctx.clock.now());
    if (revoked.length > 0) await audit(tx, ctx, { action: 'key.revoked', subject: toPublicId('key', id) });
  });
  const [row] = await findApiKeys(ctx.pool, [id]);
  if (!row) throw notFound('API key', toPublicId('key', id));
  ctx.log.info({ keyId: id, by: ctx.viewer.keyId }, 'API key revoked');
  return row;
}

/** The caller's own key. Needs no scope: everyone may know who they are. */
export async function getOwnKey(ctx: Context): Promise<ApiKeyRow> {
  const [row] = await findApiKeys(ctx.pool, [ctx.viewer.keyId]);
  if (!row) throw notFound('API key', toPublicId('key', ctx.viewer.keyId));
  return row;
}
