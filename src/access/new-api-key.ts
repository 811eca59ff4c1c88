import { randomInt } from 'node:crypto';
import type { Ids } from '../kernel/ids.ts';
import { type ApiKeyText, base62, hashSecret, secretLength } from './api-key.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import type { Scope } from './scopes.ts';

/** Straight from the system's random source, unlike other chance here: nothing may foresee a secret, tests included. */
export function newApiKey(ids: Ids): ApiKeyText {
  const secret = Array.from({ length: secretLength }, () => base62.charAt(randomInt(base62.length))).join('');
  return { id: ids.uuid(), secret };
}

export interface ApiKeyFacts {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
  readonly owner: boolean;
}

/** What is stored of a key: everything but the secret. */
export function toApiKeyRow({ id, secret }: ApiKeyText, facts: ApiKeyFacts, now: Date): ApiKeyRow {
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
  };
}
