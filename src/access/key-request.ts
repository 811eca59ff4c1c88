import { badInput } from '../kernel/errors.ts';
import { isScope, type Scope, scopes } from './scopes.ts';

/** What is asked for, before anything has been checked. The same from the API and from the command line. */
export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: Date | null;
}

export interface CheckedKeyRequest {
  readonly name: string;
  /** Each once, in the order of the catalogue. */
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
}

const longestName = 100;

export function checkKeyRequest(request: KeyRequest, now: Date): CheckedKeyRequest {
  return {
    name: checkName(request.name),
    scopes: checkScopes(request.scopes),
    expiresAt: checkExpiry(request.expiresAt ?? null, now),
  };
}

function checkName(given: string): string {
  const name = given.trim();
  // Control characters would let a name rewrite the terminal that lists it.
  if (name !== '' && name.length <= longestName && !/\p{Cc}/u.test(name)) return name;
  throw badInput(
    `Expected a name of 1 to ${longestName} characters, without line breaks, got ${name.length}.`,
    'input.name',
  );
}

function checkScopes(given: readonly string[]): Scope[] {
  const unknown = given.filter((scope) => !isScope(scope));
  if (unknown.length > 0) {
    const named = unknown.map((scope) => JSON.stringify(scope.slice(0, 80))).join(', ');
    throw badInput(`There is no scope ${named}; there are ${scopes.join(', ')}.`, 'input.scopes');
  }
  if (given.length === 0)
    throw badInput('Expected at least one scope: a key without any could do nothing.', 'input.scopes');
  return scopes.filter((scope) => given.includes(scope));
}

function checkExpiry(expiresAt: Date | null, now: Date): Date | null {
  if (expiresAt === null || expiresAt > now) return expiresAt;
  throw badInput(
    `Expected an expiry in the future, got ${expiresAt.toISOString()}; it is ${now.toISOString()}.`,
    'input.expiresAt',
  );
}
