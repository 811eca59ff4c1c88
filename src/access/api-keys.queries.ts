import type { Boundary } from '../kernel/boundary.ts';
import type { Database, Tx } from '../kernel/database.ts';
import type { PageRequest } from '../kernel/paging.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import type { CheckedSettings } from './key-request.ts';

export async function insertApiKey(db: Database, key: ApiKeyRow): Promise<void> {
  await db`
    insert into api_keys (
      id, name, secret_hash, scopes, owner, created_at, expires_at, revoked_at, last_used_at, test, allowed_networks,
      requests_per_minute, requests_per_day, boundary, write_only, allowed_origins, cost_per_minute,
      trusted_documents_only, max_connections, max_subscriptions
    )
    values (${key.id}, ${key.name}, ${key.secretHash}, ${key.scopes as string[]}, ${key.owner}, ${key.createdAt},
            ${key.expiresAt}, ${key.revokedAt}, ${key.lastUsedAt}, ${key.test}, ${key.allowedNetworks as string[]},
            ${key.requestsPerMinute}, ${key.requestsPerDay}, ${boundaryOf(db, key.boundary)}, ${key.writeOnly},
            ${key.allowedOrigins as string[]}, ${key.costPerMinute}, ${key.trustedDocumentsOnly},
            ${key.maxConnections}, ${key.maxSubscriptions})`;
}

/** The key, until the end of the transaction nobody else's to change. */
export async function lockApiKey(tx: Tx, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await tx<ApiKeyRow[]>`select ${columns(tx)} from api_keys where id = ${id} for update`;
  return row;
}

/** The secret in force becomes the one before; the one before that ends. */
export async function replaceSecret(
  tx: Tx,
  { id, secretHash, previousUntil }: { id: string; secretHash: Buffer; previousUntil: Date },
): Promise<void> {
  await tx`
    update api_keys
    set secret_hash = ${secretHash}, previous_secret_hash = secret_hash, previous_secret_until = ${previousUntil}
    where id = ${id}`;
}

export async function updateKeySettings(tx: Tx, id: string, settings: CheckedSettings): Promise<void> {
  await tx`
    update api_keys
    set name = ${settings.name}, expires_at = ${settings.expiresAt},
        allowed_networks = ${settings.allowedNetworks as string[]},
        requests_per_minute = ${settings.requestsPerMinute}, requests_per_day = ${settings.requestsPerDay},
        boundary = ${boundaryOf(tx, settings.boundary)}, allowed_origins = ${settings.allowedOrigins as string[]},
        cost_per_minute = ${settings.costPerMinute}, trusted_documents_only = ${settings.trustedDocumentsOnly},
        max_connections = ${settings.maxConnections}, max_subscriptions = ${settings.maxSubscriptions}
    where id = ${id}`;
}

/** A key with what was done with it in the minute and on the day that were asked for, on all nodes. */
export interface KeyInUse extends ApiKeyRow {
  readonly inMinute: number;
  readonly onDay: number;
  readonly costInMinute: number;
}

export async function findKeysInUse(
  db: Database,
  ids: readonly string[],
  { minute, day }: { minute: Date; day: string },
): Promise<KeyInUse[]> {
  return db<KeyInUse[]>`
    select ${columns(db)},
      coalesce((select requests from api_key_minutes where key_id = id and minute = ${minute}), 0)::float8 as "inMinute",
      coalesce((select requests from api_key_days where key_id = id and day = ${day}::date), 0)::float8 as "onDay",
      coalesce((select cost from api_key_minutes where key_id = id and minute = ${minute}), 0)::float8 as "costInMinute"
    from api_keys where id = any(${ids as string[]}::uuid[])`;
}

export async function findApiKeys(db: Database, ids: readonly string[]): Promise<ApiKeyRow[]> {
  return db<ApiKeyRow[]>`select ${columns(db)} from api_keys where id = any(${ids as string[]}::uuid[])`;
}

/** All keys, newest first, behind a position; one more than the page holds. */
export async function listApiKeys(db: Database, { size, after }: PageRequest): Promise<ApiKeyRow[]> {
  const behind = after ? db`where (created_at, id) < (${after.at}, ${after.id})` : db``;
  return db<ApiKeyRow[]>`
    select ${columns(db)} from api_keys ${behind}
    order by created_at desc, id desc
    limit ${size + 1}`;
}

/** The owner keys that still open the door; behind {@link lockOwnerKey} there is never more than one. */
export async function findActiveOwnerKeys(tx: Tx): Promise<ApiKeyRow[]> {
  return tx<ApiKeyRow[]>`
    select ${columns(tx)} from api_keys where owner and revoked_at is null order by created_at, id`;
}

/** Revokes those that are not revoked yet, and answers their ids: the first revocation stays on record. */
export async function revokeApiKeys(db: Database, ids: readonly string[], now: Date): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    update api_keys set revoked_at = ${now}
    where id = any(${ids as string[]}::uuid[]) and revoked_at is null
    returning id`;
  return rows.map(({ id }) => id);
}

/**
 * Notes when keys were last used, unless that is known to the minute already. One statement for all keys; a busy key's
 * row changes once a minute, not once a request. A row that another node is writing just now is skipped: it writes the
 * same thing, and two nodes that wait for each other's rows would be a deadlock.
 */
export async function touchApiKeys(db: Database, uses: ReadonlyMap<string, Date>): Promise<void> {
  // As text: postgres.js takes an array of dates for one date.
  const times = [...uses.values()].map((at) => at.toISOString());
  await db`
    update api_keys set last_used_at = due.at
    from (
      select id, used.at
      from unnest(${[...uses.keys()]}::uuid[], ${times}::timestamptz[]) as used(id, at)
      join api_keys using (id)
      where last_used_at is null or last_used_at <= used.at - interval '1 minute'
      for update of api_keys skip locked
    ) as due
    where api_keys.id = due.id`;
}

/** The origins of web pages from which some key that works may be used. */
export async function findListedOrigins(db: Database, now: Date): Promise<string[]> {
  const rows = await db<{ origin: string }[]>`
    select distinct unnest(allowed_origins) as origin from api_keys
    where allowed_origins <> '{}' and revoked_at is null and (expires_at is null or expires_at > ${now})`;
  return rows.map(({ origin }) => origin);
}

/** Until the end of the transaction, only one node may decide about the owner key. */
export async function lockOwnerKey(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('rundum.owner-key', 0))`;
}

function columns(db: Database) {
  return db`
    id, name, secret_hash as "secretHash", scopes, owner, created_at as "createdAt", expires_at as "expiresAt",
    revoked_at as "revokedAt", last_used_at as "lastUsedAt", test, previous_secret_hash as "previousSecretHash",
    previous_secret_until as "previousSecretUntil", allowed_networks as "allowedNetworks",
    requests_per_minute as "requestsPerMinute", requests_per_day as "requestsPerDay", boundary,
    write_only as "writeOnly", allowed_origins as "allowedOrigins", cost_per_minute as "costPerMinute",
    trusted_documents_only as "trustedDocumentsOnly", max_connections as "maxConnections",
    max_subscriptions as "maxSubscriptions"`;
}

/** `null` as SQL has it: the JSON null would be a boundary of its own. */
function boundaryOf(db: Database, boundary: Boundary | null) {
  return boundary === null ? db`null::jsonb` : db`${db.json(boundary as never)}`;
}
