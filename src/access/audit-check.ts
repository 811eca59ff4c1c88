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

/** Kept of a log that is damaged all over: the first ones tell the story. */
const maximumProblems = 1_000;

/**
 * Follows the chain from its beginning. Each link is held against what stands before it, not against what should have, so
 * that one damage is told once and not once for every link behind it.
 */
export class ChainCheck {
  readonly #awaited: Set<string>;
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
    else if (!entryDigest(entry).equals(seal.digest)) this.report('CHANGED', `the entry at ${at}`);
    this.#awaited.delete(seal.hash.toString('hex'));
    this.#head = seal;
  }

  report(damage: AuditDamage, what: string): void {
    this.#found += 1;
    if (this.#problems.length < maximumProblems) this.#problems.push({ damage, what });
  }

  /** After the last link. */
  end(): { head: ChainHead; problems: readonly AuditProblem[]; found: number } {
    for (const head of this.#awaited) this.report('TRUNCATED', head);
    return {
      head: { position: this.#head.position, hash: this.#head.hash },
      problems: this.#problems,
      found: this.#found,
    };
  }

  #followsOn(seal: AuditSeal, at: string): void {
    const expected = this.#head.position + 1;
    if (seal.position > expected) {
      const until = seal.position - 1;
      this.report('MISSING', expected === until ? `position ${until}` : `positions ${expected} to ${until}`);
    } else if (!seal.previous.equals(this.#head.hash)) this.report('REORDERED', `the seal at ${at}`);
  }
}
