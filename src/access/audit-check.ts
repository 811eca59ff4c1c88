import { toPublicId } from '../kernel/ids.ts';
import { type AuditEntry, type AuditSeal, type ChainHead, emptyChain, entryDigest, sealHash } from './audit-chain.ts';

/** What can have been done to a log that should only grow. */
export const auditDamages = {
  CHANGED: 'An entry or its seal is not what was written',
  MISSING: 'Something that was sealed is gone',
  INSERTED: 'An entry did not come in through the platform',
  REORDERED: 'A seal does not follow the one before it',
  TRUNCATED: 'A head that was noted down is not in the chain: its end was cut off, or it was written anew',
} as const;

export type AuditDamage = keyof typeof auditDamages;

export interface AuditProblem {
  readonly damage: AuditDamage;
  /** Where: an entry, a position, a hash. */
  readonly what: string;
}

/** A seal with its entry, `null` when that is gone. */
export interface AuditLink {
  readonly seal: AuditSeal;
  readonly entry: AuditEntry | null;
}

/** Its entries say in `detail.withheld` what is left of others: `{aud_…: SHA-256 of the entry without its reason}`. */
export const erasureAction = 'privacy.customer_erased';

/** Kept of a log that is damaged all over: the first ones tell the story. */
const maximumProblems = 1_000;

/**
 * Follows the chain from its beginning. Each link is held against what stands before it, not against what should have, so
 * that one damage is told once and not once for every link behind it.
 */
export class ChainCheck {
  readonly #awaited: Set<string>;
  /** Entries that say something else than what was sealed, and have no reason, with what they say and where. */
  readonly #withheld = new Map<string, { readonly digest: string; readonly at: string }>();
  /** What the log itself says that erasures have left of entries whose reasons they took away. */
  readonly #told = new Map<string, string>();
  readonly #problems: AuditProblem[] = [];
  #found = 0;
  #head: ChainHead = emptyChain;

  /** `heads`: hashes, in hexadecimal, that must be in the chain. */
  constructor(heads: readonly string[] = []) {
    this.#awaited = new Set(heads);
    this.#awaited.delete(emptyChain.hash.toString('hex'));
  }

  /** Takes the next link, in the order of positions. */
  take({ seal, entry }: AuditLink): void {
    const at = `position ${seal.position}, ${toPublicId('aud', seal.entryId)}`;
    this.#followsOn(seal, at);
    if (!sealHash(seal).equals(seal.hash)) this.report('CHANGED', `the seal at ${at}`);
    if (entry === null) this.report('MISSING', `the entry at ${at}`);
    else this.#holdAgainst(entry, { seal, at });
    this.#awaited.delete(seal.hash.toString('hex'));
    this.#head = seal;
  }

  report(damage: AuditDamage, what: string): void {
    this.#found += 1;
    if (this.#problems.length < maximumProblems) this.#problems.push({ damage, what });
  }

  /** After the last link: an erasure comes behind the entries whose reasons it withholds. */
  end(): { head: ChainHead; problems: readonly AuditProblem[]; found: number } {
    for (const [id, { digest, at }] of this.#withheld) {
      if (this.#told.get(id) !== digest) this.report('CHANGED', `the entry at ${at}`);
    }
    for (const head of this.#awaited) this.report('TRUNCATED', head);
    return {
      head: { position: this.#head.position, hash: this.#head.hash },
      problems: this.#problems,
      found: this.#found,
    };
  }

  #holdAgainst(entry: AuditEntry, { seal, at }: { seal: AuditSeal; at: string }): void {
    const digest = entryDigest(entry);
    if (digest.equals(seal.digest)) {
      if (entry.action === erasureAction) this.#hear(entry.detail?.withheld);
    } else if (entry.reason === null) {
      this.#withheld.set(toPublicId('aud', entry.id), { digest: digest.toString('hex'), at });
    } else this.report('CHANGED', `the entry at ${at}`);
  }

  #hear(withheld: unknown): void {
    for (const [id, digest] of Object.entries(withheld ?? {})) this.#told.set(id, String(digest));
  }

  #followsOn(seal: AuditSeal, at: string): void {
    const expected = this.#head.position + 1;
    if (seal.position > expected) {
      const until = seal.position - 1;
      this.report('MISSING', expected === until ? `position ${until}` : `positions ${expected} to ${until}`);
    } else if (!seal.previous.equals(this.#head.hash)) this.report('REORDERED', `the seal at ${at}`);
  }
}
