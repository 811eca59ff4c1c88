import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { badInput, notFound } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../kernel/paging.ts';
import { formatApiKey, hashSecret } from './api-key.ts';
import {
  findApiKeys,
  insertApiKey,
  listApiKeys,
  lockApiKey,
  replaceSecret,
  revokeApiKeys,
  updateKeySettings,
} from './api-keys.queries.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import { audit } from './audit.service.ts';
import { checkBoundaryChange, checkTogether } from './boundary-request.ts';
import { whyRefused } from './errors.ts';
import {
  type CheckedKeyRequest,
  type CheckedSettings,
  checkKeyRequest,
  checkKeySettings,
  type KeyRequest,
  type KeySettings,
} from './key-request.ts';
import { newApiKey, newSecret, toApiKeyRow } from './new-api-key.ts';
import { isScope, requireScope } from './scopes.ts';

export interface CreatedKey {
  readonly row: ApiKeyRow;
  /** The whole key. It exists here and with the caller; afterwards with the caller only. */
  readonly text: string;
}

export async function createKey(ctx: Context, request: KeyRequest): Promise<CreatedKey> {
  requireScope(ctx, 'admin');
  const now = ctx.clock.now();
  const facts = checkKeyRequest(request, now);
  const key = newApiKey(ctx.ids, facts);
  const row = toApiKeyRow(key, { ...facts, owner: false }, now);
  await ctx.pool.begin(async (tx) => {
    if (row.boundary) await ctx.boundaries?.check(tx, row.boundary);
    await insertApiKey(tx, row);
    await audit(tx, ctx, { action: 'key.created', subject: toPublicId('key', row.id), detail: settingsOf(row) });
  });
  ctx.log.info({ keyId: row.id, scopes: row.scopes, by: ctx.viewer.keyId }, 'API key created');
  return { row, text: formatApiKey(key) };
}

export interface Rotation {
  /** UUID. */
  readonly id: string;
  /** How long the secret until now goes on working; 0: not at all. Left out: a day. */
  readonly overlapSeconds?: number | null;
}

const usualOverlap = 86_400;
/** Longer than that it is two keys. */
const longestOverlap = 30 * 86_400;

/**
 * Gives a key another secret. For the overlap both work, so that whoever uses the key can change over without a gap; then
 * the former ends, with what is open under it. Of a key that is rotated again meanwhile the former secret ends at once.
 */
export async function rotateKey(ctx: Context, { id, overlapSeconds }: Rotation): Promise<CreatedKey> {
  requireScope(ctx, 'admin');
  const overlap = checkOverlap(overlapSeconds ?? usualOverlap);
  const secret = newSecret();
  const row = await changeKey(ctx, id, async (tx, known) => {
    const previousUntil = new Date(ctx.clock.now().getTime() + overlap * 1_000);
    await replaceSecret(tx, { id, secretHash: hashSecret(secret), previousUntil });
    const detail = { name: known.name, previousSecretUntil: previousUntil.toISOString() };
    await audit(tx, ctx, { action: 'key.rotated', subject: toPublicId('key', id), detail });
  });
  ctx.log.info({ keyId: id, by: ctx.viewer.keyId }, 'API key rotated');
  return { row, text: formatApiKey({ id, secret, test: row.test }) };
}

export interface KeyUpdate extends Partial<KeySettings> {
  /** UUID. */
  readonly id: string;
}

/**
 * Changes what is given and leaves the rest. What a key allows never changes, nor by what its data are limited: who gave it
 * away must be able to rely on it. The entries of a limit do change, because segments and purposes come and go.
 */
export async function updateKey(ctx: Context, { id, ...update }: KeyUpdate): Promise<ApiKeyRow> {
  requireScope(ctx, 'admin');
  const row = await changeKey(ctx, id, async (tx, known) => {
    const given = Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined));
    const settings = checkKeySettings({ ...known, ...given }, ctx.clock.now());
    checkBoundaryChange(known.boundary, settings.boundary);
    checkTogether(known.writeOnly, known.scopes.filter(isScope), settings);
    if (update.boundary && settings.boundary) await ctx.boundaries?.check(tx, settings.boundary);
    await updateKeySettings(tx, id, settings);
    const detail = settingsOf({ ...known, ...settings });
    await audit(tx, ctx, { action: 'key.updated', subject: toPublicId('key', id), detail });
  });
  ctx.log.info({ keyId: id, by: ctx.viewer.keyId }, 'API key updated');
  return row;
}

/** Changes a key that works, one at a time, and answers what it is then. */
async function changeKey(
  ctx: Context,
  id: string,
  change: (tx: Tx, known: ApiKeyRow) => Promise<void>,
): Promise<ApiKeyRow> {
  return ctx.pool.begin(async (tx) => {
    const known = await lockApiKey(tx, id);
    if (!known) throw notFound('API key', toPublicId('key', id));
    if (known.owner) {
      throw badInput(
        'Expected another key than the owner key: that one is changed by RUNDUM_OWNER_KEY, or by revoking it.',
        'input.id',
      );
    }
    const why = whyRefused(known, ctx.clock.now());
    if (why) throw badInput(`Expected a key that works. ${why.message}`, 'input.id');
    await change(tx, known);
    const [row] = await findApiKeys(tx, [id]);
    return row!;
  });
}

function checkOverlap(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= longestOverlap) return seconds;
  throw badInput(`Expected an overlap of 0 to ${longestOverlap} seconds, got ${seconds}.`, 'input.overlapSeconds');
}

/** For the audit log: all that the key may do, and nothing that lets one in. */
function settingsOf(
  key: CheckedKeyRequest | (CheckedSettings & Pick<ApiKeyRow, 'scopes' | 'test' | 'writeOnly'>),
): JsonObject {
  const { name, scopes, expiresAt, test, allowedNetworks, requestsPerMinute, requestsPerDay } = key;
  const { boundary, writeOnly, allowedOrigins, costPerMinute, trustedDocumentsOnly } = key;
  const { maxConnections, maxSubscriptions } = key;
  return {
    name,
    scopes: [...scopes],
    expiresAt: expiresAt?.toISOString() ?? null,
    ...(test ? { test } : {}),
    allowedNetworks: [...allowedNetworks],
    requestsPerMinute,
    requestsPerDay,
    ...(boundary ? { boundary: boundary as unknown as JsonObject } : {}),
    ...(writeOnly ? { writeOnly } : {}),
    ...(allowedOrigins.length > 0 ? { allowedOrigins: [...allowedOrigins] } : {}),
    ...(costPerMinute === null ? {} : { costPerMinute }),
    ...(trustedDocumentsOnly ? { trustedDocumentsOnly } : {}),
    ...(maxConnections === null ? {} : { maxConnections }),
    ...(maxSubscriptions === null ? {} : { maxSubscriptions }),
  };
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
