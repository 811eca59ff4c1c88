import { DomainError } from '../kernel/errors.ts';

/** Why a caller was not let in. Sent as `extensions.reason`, so that a client can tell "ask for a key" from "renew it". */
export type RefusalReason = 'MISSING' | 'MALFORMED' | 'UNKNOWN' | 'REVOKED' | 'EXPIRED' | 'ROTATED' | 'ADDRESS';

// None of these takes the key: what never gets in can't leak out.

export function missingKey(): DomainError {
  return refusal(
    'MISSING',
    'An API key is needed: send the header "authorization: Bearer rundum_live_…" (over a websocket: { "authorization": "Bearer rundum_live_…" } as the connection_init payload).',
  );
}

export function malformedKey(): DomainError {
  return refusal(
    'MALFORMED',
    'This is not a whole API key: one is rundum_live_ or rundum_test_ and 60 letters and digits, and its checksum must match. Was it cut off or mistyped?',
  );
}

/** Also for a known id with another secret: the difference is nobody's business. */
export function unknownKey(): DomainError {
  return refusal('UNKNOWN', 'There is no such API key here. Does it belong to another installation?');
}

function revokedKey(revokedAt: Date): DomainError {
  return refusal('REVOKED', `This API key was revoked at ${revokedAt.toISOString()}.`);
}

function expiredKey(expiresAt: Date): DomainError {
  return refusal('EXPIRED', `This API key expired at ${expiresAt.toISOString()}.`);
}

/** The secret is not the one in force, and its time is over. */
export function rotatedKey(until: Date | null): DomainError {
  const since = until ? ` since ${until.toISOString()}` : '';
  return refusal('ROTATED', `This API key has another secret${since}: use the one that its rotation answered.`);
}

/** The key is good, but not from there. */
export function wrongAddress(address: string | undefined): DomainError {
  return refusal('ADDRESS', `This API key may not be used from ${address ?? 'an address that is not known'}.`);
}

export interface Overuse {
  readonly period: 'MINUTE' | 'DAY';
  readonly limit: number;
  readonly resetsAt: Date;
  readonly retryAfterMs: number;
}

export function rateLimited({ period, limit, resetsAt, retryAfterMs }: Overuse): DomainError {
  const at = resetsAt.toISOString();
  return new DomainError(
    'RATE_LIMITED',
    `This API key may make ${limit} requests a ${period.toLowerCase()}, and has; the next is let in at ${at}.`,
    { period, limit, resetsAt: at, retryAfterMs },
  );
}

/** Why a key that exists can't be used at this moment; `undefined` when it can. */
export function whyRefused(
  key: { revokedAt: Date | null; expiresAt: Date | null },
  now: Date,
): DomainError | undefined {
  if (key.revokedAt !== null) return revokedKey(key.revokedAt);
  if (key.expiresAt !== null && key.expiresAt <= now) return expiredKey(key.expiresAt);
  return undefined;
}

function refusal(reason: RefusalReason, message: string): DomainError {
  return new DomainError('UNAUTHENTICATED', message, { reason });
}
