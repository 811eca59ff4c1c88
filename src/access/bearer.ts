import { type ApiKeyText, parseApiKey } from './api-key.ts';
import { malformedKey, missingKey } from './errors.ts';

/**
 * Reads the value of an `authorization` header: `Bearer <key>`, the scheme in any case (RFC 9110, 11.1).
 * Throws `UNAUTHENTICATED` when there is none or when it can't be a key.
 */
export function readBearer(authorization: unknown): ApiKeyText {
  if (typeof authorization !== 'string' || authorization.trim() === '') throw missingKey();
  const [, token] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
  const key = token === undefined ? undefined : parseApiKey(token);
  if (!key) throw malformedKey();
  return key;
}

/**
 * The same value from the payload of a websocket's `connection_init`: a header by another road, so it has the header's
 * name, in any case. Anything but an object with that member counts as missing.
 */
export function authorizationFrom(connectionParams: unknown): string | undefined {
  if (connectionParams === null || typeof connectionParams !== 'object') return undefined;
  for (const [name, value] of Object.entries(connectionParams)) {
    if (name.toLowerCase() === 'authorization' && typeof value === 'string') return value;
  }
  return undefined;
}
