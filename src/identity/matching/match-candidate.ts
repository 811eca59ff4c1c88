import { fingerprintUuid } from '../../kernel/ids.ts';

export const candidateStatuses = ['PENDING', 'LINKED', 'ACCEPTED', 'REJECTED', 'OBSOLETE'] as const;
export type CandidateStatus = (typeof candidateStatuses)[number];

/** Two records in order of their ids, with the weight of the evidence that they are one person. */
export interface ScoredPair {
  readonly recordA: string;
  readonly recordB: string;
  readonly weight: number;
}

/** A pair that a model has found. */
export interface FoundPair extends ScoredPair {
  /** Not only these two, but all that hangs together with them, look like one person. */
  readonly together: boolean;
}

/** A pair that matching knows already. */
export interface StoredCandidate extends ScoredPair {
  readonly status: CandidateStatus;
  /** The MATCH, LINK or VETO that came of it. */
  readonly decisionId: string | null;
}

/** The same for the same two records, whichever model found them. */
export function candidateId(recordA: string, recordB: string): string {
  return fingerprintUuid(`match candidate\n${recordA}\n${recordB}`);
}

export function pairKey(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
