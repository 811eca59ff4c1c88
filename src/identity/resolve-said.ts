import { type ActiveDecision, evidenceOf, somebodysAmong } from './decision.ts';
import type { ClaimEvidence, RecordEvidence, Resolution } from './resolution.ts';
import { resolve } from './resolve.ts';
import type { IdentityRules } from './rules.ts';

/** A closed set of records and all that counts of what is said of them. */
export interface Said {
  readonly records: readonly (RecordEvidence & { readonly owned: boolean })[];
  /** Without those that a decision took away or a rule blocks. */
  readonly claims: readonly ClaimEvidence[];
  /** In force. */
  readonly decisions: readonly ActiveDecision[];
}

/** Who is who among these records; receipts of nobody are left out. */
export function resolveSaid({ records, claims, decisions }: Said, rules: IdentityRules): Resolution {
  const { links, separations } = evidenceOf(decisions);
  return resolve({ records: somebodysAmong(records, claims, links), claims, links, separations }, rules);
}
