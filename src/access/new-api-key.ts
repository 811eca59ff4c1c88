import { randomInt } from 'node:crypto';
import type { Ids } from '../kernel/ids.ts';
import { type ApiKeyText, base62, hashSecret, secretLength } from './api-key.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import type { KeyLimits } from './key-request.ts';
import type { Scope } from './scopes.ts';

/** Straight from the system's random source, unlike other chance here: nothing may foresee a secret, tests included. */
export function newSecret(): string {
  return Array.from({ length: secretLength }, () => base62.charAt(randomInt(base62.length))).join('');
}

export function newApiKey(ids: Ids, { test = false } = {}): ApiKeyText {
  return { id: ids.uuid(), secret: newSecret(), ...(test ? { test } : {}) };
}

export interface ApiKeyFacts extends Partial<KeyLimits> {
  readonly writeOnly?: boolean;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
  readonly owner: boolean;
}

/** What is stored of a key: everything but the secret. */
export function toApiKeyRow({ id, secret, test = false }: ApiKeyText, facts: ApiKeyFacts, now: Date): ApiKeyRow {
  return {
    id,
    name: facts.name,
    secretHash: hashSecret(secret),
    scopes: [...facts.scopes],
    owner: facts.owner,
    createdAt: now,
    expiresAt: facts.expiresAt,
    revokedAt: null,
    lastUsedAt: null,
    test,
    previousSecretHash: null,
    previousSecretUntil: null,
    allowedNetworks: [...(facts.allowedNetworks ?? [])],
    requestsPerMinute: facts.requestsPerMinute ?? null,
    requestsPerDay: facts.requestsPerDay ?? null,
    boundary: facts.boundary ?? null,
    writeOnly: facts.writeOnly ?? false,
    allowedOrigins: [...(facts.allowedOrigins ?? [])],
    costPerMinute: facts.costPerMinute ?? null,
    trustedDocumentsOnly: facts.trustedDocumentsOnly ?? false,
    maxConnections: facts.maxConnections ?? null,
    maxSubscriptions: facts.maxSubscriptions ?? null,
  };
}
