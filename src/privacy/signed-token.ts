import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** What a token is for: one of them never passes for another. */
export type TokenUse = 'consent confirmation' | 'preference link';

const macBytes = 16;
const uuidBytes = 16;

/** Ids that nobody can make up: they open what they name, for whoever holds them. URL-safe text. */
export function signIds(secret: string, use: TokenUse, ids: readonly string[]): string {
  const payload = Buffer.from(ids.map((id) => id.replaceAll('-', '')).join(''), 'hex');
  return Buffer.concat([payload, macOf(secret, use, payload)]).toString('base64url');
}

/** The ids, so many of them; `undefined` for whatever was not made by {@link signIds} with this secret and for this use. */
export function readIds(secret: string, use: TokenUse, token: string, count: number): string[] | undefined {
  const length = count * uuidBytes + macBytes;
  // Each byte in one spelling only.
  const bytes = token.length > 2 * length ? Buffer.alloc(0) : Buffer.from(token, 'base64url');
  if (bytes.length !== length || bytes.toString('base64url') !== token) return undefined;
  const payload = bytes.subarray(0, count * uuidBytes);
  if (!timingSafeEqual(bytes.subarray(payload.length), macOf(secret, use, payload))) return undefined;
  return Array.from({ length: count }, (_, index) => uuidOf(payload.subarray(index * uuidBytes)));
}

function macOf(secret: string, use: TokenUse, payload: Buffer): Buffer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `rundum ${use}`, 32));
  return createHmac('sha256', key).update(payload).digest().subarray(0, macBytes);
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, uuidBytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
