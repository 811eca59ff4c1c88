/**
 * The words of probabilistic matching (Fellegi & Sunter, "A Theory for Record Linkage", JASA 64, 1969).
 *
 * λ is the probability that two records drawn at random are the same person. m and u are the probabilities that two
 * records agree at some level if they are the same person, and if they are not. A weight is `log2(m / u)`, in bits;
 * the weights of a pair and of λ add up: `M = log2(λ / (1 − λ)) + Σ log2(m / u)`, `P = 2^M / (1 + 2^M)`.
 */

/** What a field means. It decides how values are normalised, compared and blocked. */
export type FieldKind =
  | 'givenName'
  | 'familyName'
  | 'fullName'
  | 'birthDate'
  | 'email'
  | 'phone'
  /** A number that one person has: social security, passport, loyalty card. */
  | 'identityNumber'
  /** The street, with or without the number of the house. */
  | 'street'
  | 'houseNumber'
  /** A second line of an address: flat, building, care of. */
  | 'addressLine'
  | 'postalCode'
  | 'city'
  | 'region'
  | 'country'
  | 'gender'
  | 'company'
  /** Anything else that people write: compared by its words and its spelling. */
  | 'text';

export interface MatchField {
  readonly name: string;
  readonly kind: FieldKind;
}

export type MatchSchema = readonly MatchField[];

/** A record as the caller has it. `values` stand in the order of the schema; null, undefined and '' are unknown. */
export interface MatchRow {
  readonly id: string;
  /** Where the record comes from; needed only for constraints such as "one record per source". */
  readonly source?: string | null;
  readonly values: readonly (string | null | undefined)[];
}

/** How two records are compared in one respect. Comparators are found by name, so that a model can be stored as JSON. */
export interface ComparisonSpec {
  readonly name: string;
  readonly comparator: string;
  /** Names of the fields whose agreement it measures. A training pass that blocks on one of them can't learn it. */
  readonly fields: readonly string[];
  /** Names of the fields that it looks at only to know what their agreement is worth. */
  readonly context: readonly string[];
}

/** One part of a blocking key: what `transform` makes of the value of `field`. */
export interface KeyPart {
  readonly field: string;
  /** A second field that may have been exchanged with the first: both are needed, their order doesn't count. */
  readonly orField?: string;
  readonly transform: string;
}

/**
 * Only records with the same key are compared. A block that has become too large is divided by the parts of `refine`,
 * one after the other; what is too large even then is left out.
 */
export interface BlockingRule {
  readonly name: string;
  readonly parts: readonly KeyPart[];
  readonly refine: readonly KeyPart[];
}

/** What follows from a schema alone: which comparisons, which blocks. It knows nothing about the data. */
export interface MatchSpec {
  readonly schema: MatchSchema;
  readonly comparisons: readonly ComparisonSpec[];
  /** The pairs to predict: the union of these rules. */
  readonly blocking: readonly BlockingRule[];
  /** The passes of the training, each on the pairs of one rule. */
  readonly training: readonly BlockingRule[];
}

export interface LevelParameters {
  readonly label: string;
  readonly m: number;
  readonly u: number;
  /** The probability of this level between two members of one household. */
  readonly household: number;
}

export interface ComparisonParameters extends ComparisonSpec {
  /** From the closest agreement to none. A value that is unknown has no level and adds no weight. */
  readonly levels: readonly LevelParameters[];
}

/** How common the values of a field are, as shares of those known. */
export interface TermFrequencies {
  /** Of the most common values. */
  readonly shares: Readonly<Record<string, number>>;
  /** Of any other value. */
  readonly rest: number;
  /** The probability that two values drawn at random are equal: the share that the average u stands for. */
  readonly collision: number;
}

export interface TrainingPass {
  readonly rule: string;
  readonly pairs: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** How many of its pairs are the same person, as the pass believes. */
  readonly expectedMatches: number;
}

export interface TrainingFacts {
  readonly records: number;
  readonly randomPairs: number;
  /** Rounds of passes; each starts from the u and λ that the round before found. */
  readonly rounds: number;
  readonly passes: readonly TrainingPass[];
  readonly candidatePairs: number;
  readonly expectedMatches: number;
}

/** Weights in bits. From `link` on two records are linked; between `review` and `link` a person decides. */
export interface Thresholds {
  readonly link: number;
  readonly review: number;
}

/** Everything needed to score two records, as plain JSON. */
export interface MatchModel {
  /** Changes when the same parameters would mean something else: a stored model of another version must be retrained. */
  readonly engine: number;
  readonly spec: MatchSpec;
  readonly lambda: number;
  /** The probability that two records drawn at random are different people of one household. */
  readonly household: number;
  readonly comparisons: readonly ComparisonParameters[];
  /** By field name. */
  readonly frequencies: Readonly<Record<string, TermFrequencies>>;
  readonly thresholds: Thresholds;
  readonly facts: TrainingFacts;
}

/** Pairs of rows in columns: `left[i]` and `right[i]` agree with `weight[i]` bits, and `left[i] < right[i]`. */
export interface PairList {
  readonly count: number;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly weight: Float32Array;
}

export interface WaterfallStep {
  readonly comparison: string;
  readonly fields: readonly string[];
  /** Null where a value is unknown. */
  readonly level: number | null;
  readonly label: string;
  readonly m: number;
  readonly u: number;
  /** Bits, the adjustment for the frequency of the value included. */
  readonly weight: number;
  /** Bits that the value's being rarer (+) or more common (−) than the average adds. */
  readonly frequencyAdjustment: number;
}

/** Why two records match: `prior` plus the weights of the steps plus `household` is `weight`. */
export interface Waterfall {
  readonly prior: number;
  readonly steps: readonly WaterfallStep[];
  /** Bits (≤ 0) that the evidence loses because members of one household would agree in it as well. */
  readonly household: number;
  readonly weight: number;
  readonly probability: number;
}

/** What clusters must respect, whatever the weights say. */
export interface ClusterConstraints {
  /** Rows that are never the same person. */
  readonly vetoes?: Iterable<readonly [number, number]>;
  /** Rows that are one person already. */
  readonly links?: Iterable<readonly [number, number]>;
  /** Sources that hold a person at most once. */
  readonly uniqueSources?: ReadonlySet<string>;
}
