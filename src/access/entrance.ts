import type { DomainError } from '../kernel/errors.ts';
import { isSecretOf } from './api-key.ts';
import { rotatedKey, whyRefused, wrongAddress } from './errors.ts';
import type { CachedKey } from './key-cache.ts';

/** Asked only when a key is let in from some networks alone. `undefined`: not known. */
export type AddressSource = () => string | undefined;

/** How somebody came in. */
export interface Entrance {
  /** As it was known then. */
  readonly key: CachedKey;
  /** The hash of the secret that was given. */
  readonly secretHash: Uint8Array;
}

/** The secret in force, or the one before: which of them this is, as its hash. */
export function matchSecret({ row }: CachedKey, secret: string): Uint8Array | undefined {
  const hashes = row.previousSecretHash ? [row.secretHash, row.previousSecretHash] : [row.secretHash];
  return hashes.find((hash) => isSecretOf(hash, secret));
}

export function isFormer({ row }: CachedKey, secretHash: Uint8Array): boolean {
  return !row.secretHash.equals(secretHash);
}

/** Why nobody may come or stay with this key, this secret or from this address; `undefined` when they may. */
export function whyShut(
  key: CachedKey,
  { secretHash, address }: { secretHash?: Uint8Array | undefined; address?: AddressSource | undefined },
  now: Date,
): DomainError | undefined {
  return whyRefused(key.row, now) ?? whySecretEnded(key, secretHash, now) ?? whyElsewhere(key, address);
}

function whySecretEnded(key: CachedKey, secretHash: Uint8Array | undefined, now: Date): DomainError | undefined {
  if (secretHash === undefined || !isFormer(key, secretHash)) return undefined;
  const { previousSecretHash, previousSecretUntil } = key.row;
  // Rotated twice: only the last secret has an overlap.
  if (!previousSecretHash?.equals(secretHash)) return rotatedKey(null);
  return previousSecretUntil === null || previousSecretUntil <= now ? rotatedKey(previousSecretUntil) : undefined;
}

function whyElsewhere({ networks }: CachedKey, address: AddressSource | undefined): DomainError | undefined {
  if (!networks) return undefined;
  const from = address?.();
  return networks.has(from) ? undefined : wrongAddress(from);
}
