import { canonicalJson } from '../kernel/json.ts';
import { publicEntry } from './audit-chain.ts';
import type { AuditLink } from './audit-check.ts';

/**
 * One line of the export: the entry and its seal. The text of `entry` is what its `digest` is the SHA-256 of, so that
 * whoever has the file can check it without this program.
 */
export function linkLine({ seal, entry }: AuditLink): string {
  const { position, digest, previous, hash, sealedAt } = seal;
  return canonicalJson({
    position,
    digest: digest.toString('hex'),
    previous: previous.toString('hex'),
    hash: hash.toString('hex'),
    sealedAt: sealedAt.toISOString(),
    entry: entry && publicEntry(entry),
  });
}
