import { hash } from 'node:crypto';
import { toPublicId } from '../kernel/ids.ts';
import { isoInstant } from '../kernel/iso-day.ts';
import { canonicalJson, type JsonObject } from '../kernel/json.ts';

/** What somebody did, as it is stored. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly keyId: string;
  readonly actor: string;
  readonly requestId: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly detail: JsonObject | null;
}

/** A link of the chain: it says what the entry was, and which link came before. */
export interface AuditSeal {
  /** 1, 2, 3, … */
  readonly position: number;
  readonly entryId: string;
  readonly digest: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
  readonly sealedAt: Date;
}

export interface ChainHead {
  readonly position: number;
  readonly hash: Buffer;
}

/** Before the first link. */
export const emptyChain: ChainHead = { position: 0, hash: Buffer.alloc(32) };

const nobodysKey = '00000000-0000-0000-0000-000000000000';

/** An entry as it leaves the platform: what is exported is what is hashed. */
export function publicEntry(entry: AuditEntry): JsonObject {
  const { id, at, keyId, actor, requestId, action, subject, reason, detail } = entry;
  return {
    id: toPublicId('aud', id),
    at: isoInstant(at),
    keyId: publicKeyId(keyId),
    actor,
    requestId,
    action,
    subject,
    reason,
    detail,
  };
}

/** `null` for an operator on the server's machine, who needs no key. */
export function publicKeyId(keyId: string): string | null {
  return keyId === nobodysKey ? null : toPublicId('key', keyId);
}

/** SHA-256 of the entry's canonical JSON (RFC 8785: sorted keys, no blanks), so that others can check it without us. */
export function entryDigest(entry: AuditEntry): Buffer {
  return hash('sha256', canonicalJson(publicEntry(entry)), 'buffer');
}

/** The next link behind `head`. */
export function sealEntry(head: ChainHead, entry: { id: string; digest: Buffer }, sealedAt: Date): AuditSeal {
  const said = {
    position: head.position + 1,
    entryId: entry.id,
    digest: entry.digest,
    previous: head.hash,
    sealedAt,
  };
  return { ...said, hash: sealHash(said) };
}

/** SHA-256 over everything that a seal says: none of it can be changed alone. */
export function sealHash({ position, digest, previous, sealedAt }: Omit<AuditSeal, 'hash' | 'entryId'>): Buffer {
  const said = {
    digest: digest.toString('hex'),
    position,
    previous: previous.toString('hex'),
    sealedAt: isoInstant(sealedAt),
  };
  return hash('sha256', canonicalJson(said), 'buffer');
}
