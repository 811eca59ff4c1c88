import type { Json } from '../kernel/json.ts';

/** One record's share of a batch. */
export interface RecordFold {
  readonly id: string;
  readonly source: string;
  readonly key: string;
  /** Somebody's: at least one touchpoint gave a key or an identifier. */
  owned: boolean;
  /** Carries an identifier that names a person. */
  namesPerson: boolean;
  firstAt: Date;
  lastAt: Date;
  touchpoints: number;
  /** Which types of touchpoints there are among them, as bits that are or-ed together. */
  typesSeen: bigint;
}

/** "Record carries identifier", as one batch saw it. */
export interface ClaimFold {
  readonly identifierId: string;
  readonly recordId: string;
  readonly kind: string;
  readonly value: string;
  /** A rule says that the value identifies nobody. */
  readonly blocked: boolean;
  given: string | null;
  firstSeenAt: Date;
  firstTouchpointId: string;
  /** ISO day, UTC. */
  lastSeenOn: string;
}

/** The latest value of one trait of one record in a batch. */
export interface TraitFold {
  readonly recordId: string;
  readonly name: string;
  readonly value: Json;
  readonly setAt: Date;
  readonly touchpointId: string;
}

/** What a batch says about who is who. Sorted by id. */
export interface Evidence {
  readonly records: readonly RecordFold[];
  readonly claims: readonly ClaimFold[];
}
