import type { Json } from '../kernel/json.ts';
import type { Condition, LeafName, Leaves } from './condition.ts';
import type { CustomerFacts } from './facts.ts';
import type { Moment } from './moment.ts';

/** What a leaf found, and whether that fulfils it. `found` is for people: a count, a value, a time. */
export interface Finding {
  readonly verdict: boolean;
  readonly found: Json;
}

/** Judges a condition inside of a leaf for another customer. */
export type JudgeCondition = (condition: Condition, facts: CustomerFacts, moment: Moment) => boolean;

/** What the answer of a condition depends on, beside the present. */
export interface Needs {
  /** Touchpoints of these types; `ANY` of every type. */
  readonly types: ReadonlySet<string> | 'ANY';
  /** Golden traits, by name. */
  readonly traits: ReadonlySet<string>;
  /** Traits in the touchpoints that set them. */
  readonly traitHistories: ReadonlySet<string>;
  /** Counts and times of the customer's own row, which every touchpoint moves. */
  readonly customer: boolean;
  /** Records, identifiers and merges. */
  readonly identity: boolean;
  /** Other members of households and accounts. */
  readonly members: boolean;
  /** Memberships, tiers and points of loyalty programmes. */
  readonly loyalty: boolean;
  /** KPIs, scores, stages of the life cycle and churn risk. */
  readonly kpis: boolean;
  /** Segments and lists, by id. */
  readonly segments: ReadonlySet<string>;
}

export const needsNothing: Needs = {
  types: new Set(),
  traits: new Set(),
  traitHistories: new Set(),
  customer: false,
  identity: false,
  members: false,
  loyalty: false,
  kpis: false,
  segments: new Set(),
};

/**
 * What one kind of leaf means, without the database. `check` answers the leaf as it is stored: complete, in one spelling,
 * nothing undefined in it; it throws `BAD_USER_INPUT` with the path of the fault.
 */
export interface LeafKind<Name extends LeafName = LeafName> {
  readonly name: Name;
  check(given: Leaves[Name], field: string, nested: CheckNested): Leaves[Name];
  needs(leaf: Leaves[Name], nested: (condition: Condition) => Needs): Partial<Needs>;
  /**
   * Touchpoints that occurred then or before are not looked at, and never will be. Null, or left out: all of `needs.types` are.
   * Those of the next moment are later, or the same.
   */
  since?(leaf: Leaves[Name], moment: Moment): Date | null;
  /** Points of work that it costs to evaluate for one customer: 1 for a look at the customer's row. */
  cost(leaf: Leaves[Name], nested: (condition: Condition) => number): number;
  /** By the facts alone and independent of the SQL that does the same: the oracle of tests, and what explains. */
  judge(leaf: Leaves[Name], facts: CustomerFacts, moment: Moment, nested: JudgeCondition): Finding;
}

/** Touchpoints that an answer depends on. */
export interface Dependence {
  readonly types: Needs['types'];
  /** Only those that occurred behind it; null: all. */
  since(moment: Moment): Date | null;
}

/** Checks a condition inside of a leaf. */
export type CheckNested = (given: Condition, field: string) => Condition;

export function union(parts: readonly Partial<Needs>[]): Needs {
  const any = parts.some(({ types }) => types === 'ANY');
  return {
    types: any ? 'ANY' : merged(parts.map(({ types }) => types as ReadonlySet<string> | undefined)),
    traits: merged(parts.map(({ traits }) => traits)),
    traitHistories: merged(parts.map(({ traitHistories }) => traitHistories)),
    customer: parts.some(({ customer }) => customer),
    identity: parts.some(({ identity }) => identity),
    members: parts.some(({ members }) => members),
    loyalty: parts.some(({ loyalty }) => loyalty),
    kpis: parts.some(({ kpis }) => kpis),
    segments: merged(parts.map(({ segments }) => segments)),
  };
}

function merged(sets: readonly (ReadonlySet<string> | undefined)[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...(set ?? [])]));
}
