import { DomainError } from '../kernel/errors.ts';

/** Why a caller was not let in. Sent as `extensions.reason`, so that a client can tell "ask for a key" from "renew it". */
export type RefusalReason =
  | 'MISSING'
  | 'MALFORMED'
  | 'UNKNOWN'
  | 'REVOKED'
  | 'EXPIRED'
  | 'ROTATED'
  | 'ADDRESS'
  | 'CHANGED';

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

/** The key is good, but allows something else than it did when this began. */
export function changedKey(): DomainError {
  return refusal('CHANGED', 'What this API key allows has changed: connect again, and go on with what it allows now.');
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

/** Somebody tries out keys. */
export function tooManyGuesses(retryAfterMs: number): DomainError {
  const seconds = Math.ceil(retryAfterMs / 1_000);
  return new DomainError(
    'RATE_LIMITED',
    `Too many keys that do not exist came from this address; the next is looked at in ${seconds} s.`,
    { retryAfterMs },
  );
}

export interface Overspending {
  readonly requested: number;
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAt: Date;
  readonly retryAfterMs: number;
}

export function costLimited({ requested, limit, remaining, resetsAt, retryAfterMs }: Overspending): DomainError {
  const at = resetsAt.toISOString();
  return new DomainError(
    'RATE_LIMITED',
    `This operation may cost ${requested} points; of the ${limit} that this API key has a minute ${remaining} are left ` +
      `until ${at}.`,
    { period: 'MINUTE', policy: 'cost', requested, limit, remaining, resetsAt: at, retryAfterMs },
  );
}

/** It will never be let in, however long its caller waits. */
export function tooExpensive(requested: number, limit: number): DomainError {
  return new DomainError(
    'OPERATION_TOO_EXPENSIVE',
    `This operation may cost ${requested} points; the most is ${limit}. Ask for shorter lists, or for less of each object.`,
    { requested, limit },
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
