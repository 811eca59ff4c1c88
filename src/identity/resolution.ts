/** What resolution is given and what it answers: all of it plain facts, so that it can be a pure function. */

export interface RecordEvidence {
  readonly id: string;
  /** When the record's first touchpoint occurred. */
  readonly firstAt: Date;
  /** Needed only where matches join records and sources hold each person once. */
  readonly source?: string;
}

/** "Record R carries identifier I", unless a decision took it away or its value is blocked. */
export interface ClaimEvidence {
  readonly identifierId: string;
  readonly recordId: string;
  readonly kind: string;
  readonly firstSeenAt: Date;
  /** How many records claim this identifier, here and elsewhere. */
  readonly claimants: number;
}

/** Somebody's or a matcher's word that records are one person. */
export interface LinkEvidence {
  readonly id: string;
  readonly recordIds: readonly string[];
  readonly decidedAt: Date;
  /** `null`: a person decided, and no limit counts. Else a matcher's: heard last, the heaviest first. */
  readonly weight: number | null;
}

/** Somebody's word that no record of the one side is the same person as one of the other. */
export interface SeparationEvidence {
  readonly id: string;
  readonly sides: readonly [readonly string[], readonly string[]];
}

/** Records and all that is said of them: closed, so that no evidence that can join leads outside. */
export interface Neighbourhood {
  readonly records: readonly RecordEvidence[];
  readonly claims: readonly ClaimEvidence[];
  readonly links?: readonly LinkEvidence[];
  readonly separations?: readonly SeparationEvidence[];
}

export const refusals = [
  /** The customer would hold too many values of the kind that `limitedBy` names. */
  'VALUES_PER_CUSTOMER',
  /** A shared identifier, and both are known by identifiers of their own. */
  'BOTH_KNOWN',
  /** The record alone carries more values of the kind than one customer may hold. */
  'TOO_MANY_VALUES',
  /** Somebody decided that they are not the same; `limitedBy` is that decision. */
  'SEPARATED',
  /** A match, and the source that `limitedBy` names holds each person once. */
  'ONE_PER_SOURCE',
] as const;
export type Refusal = (typeof refusals)[number];

/** What stood in the way of a union. */
export interface Obstacle {
  readonly refusal: Refusal;
  readonly limitedBy: string | null;
}

/** Evidence that would have joined a record to another, refused. */
export interface RefusedLink extends Obstacle {
  readonly recordId: string;
  /** The identifier or the link; the record itself with `TOO_MANY_VALUES`. */
  readonly evidenceId: string;
  /** The identifier's kind, or `decision`. */
  readonly kind: string;
  /** A record of the first customer that could not take it in. */
  readonly otherRecordId: string | null;
}

/** A union that was made: the evidence path between two records consists of these. */
export interface JoinedLink {
  readonly recordId: string;
  readonly otherRecordId: string;
  readonly evidenceId: string;
  readonly kind: string;
}

export interface Resolution {
  /** Record → customer. A customer's id is the id of its founding record: earliest first touchpoint, then smallest id. */
  readonly customerOf: ReadonlyMap<string, string>;
  /** Record → smallest record id of its neighbourhood, only where refused evidence ties several customers together. */
  readonly componentOf: ReadonlyMap<string, string>;
  readonly refused: readonly RefusedLink[];
  /** In the order in which they were made. */
  readonly joined: readonly JoinedLink[];
}
