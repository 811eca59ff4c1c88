import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The text of an API key, `rundum_live_<id><secret><checksum>`: after the prefix 60 letters and digits, so that a
 * double click selects it whole and `rundum_live_[0-9A-Za-z]{60}` finds a leaked one. Keys for tests begin with
 * `rundum_test_`.
 *
 * - id, 22 characters: the UUID under which the key is stored. Not secret.
 * - secret, 32 characters: 190 random bits. Only its SHA-256 is stored; a slow hash would add nothing, since nobody
 *   can try 2^190 secrets.
 * - checksum, 6 characters: CRC-32 of everything before it. It finds typos and lets a scanner dismiss look-alikes
 *   without asking us. No protection against forgery, and not meant as one.
 */
export interface ApiKeyText {
  /** UUID. */
  readonly id: string;
  readonly secret: string;
  /** It is a key for tests. */
  readonly test?: boolean;
}

export const secretLength = 32;
export const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const idLength = 22;
const checksumLength = 6;
const pattern = new RegExp(
  `^rundum_(live|test)_([${base62}]{${idLength}})([${base62}]{${secretLength}})([${base62}]{${checksumLength}})$`,
);

export function formatApiKey({ id, secret, test }: ApiKeyText): string {
  const prefix = test ? 'rundum_test_' : 'rundum_live_';
  const body = prefix + toBase62(BigInt(`0x${id.replaceAll('-', '')}`), idLength) + secret;
  return body + checksum(body);
}

/** `undefined` for everything that was never a key: wrong shape or wrong checksum. */
export function parseApiKey(text: string): ApiKeyText | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, kind, encodedId = '', secret = '', given = ''] = match;
  if (checksum(text.slice(0, -checksumLength)) !== given) return undefined;
  const id = decodeUuid(encodedId);
  return id === undefined ? undefined : { id, secret, ...(kind === 'test' ? { test: true } : {}) };
}

export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Takes the same time wherever the two differ, so that no one can guess a hash byte by byte. */
export function isSecretOf(secretHash: Uint8Array, secret: string): boolean {
  const given = hashSecret(secret);
  return given.length === secretHash.length && timingSafeEqual(given, secretHash);
}

function checksum(body: string): string {
  return toBase62(BigInt(crc32(body)), checksumLength);
}

function decodeUuid(encoded: string): string | undefined {
  const hex = fromBase62(encoded).toString(16).padStart(32, '0');
  // 22 characters can hold a little more than 128 bits.
  if (hex.length > 32) return undefined;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function toBase62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; rest > 0n; rest /= 62n) text = base62.charAt(Number(rest % 62n)) + text;
  return text.padStart(length, '0');
}

function fromBase62(text: string): bigint {
  let value = 0n;
  for (const digit of text) value = value * 62n + BigInt(base62.indexOf(digit));
  return value;
}
