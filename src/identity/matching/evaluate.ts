import type { Thresholds } from './match-model.ts';

/** Two records of which a steward has said whether they are the same person, and what a model says. */
export interface LabelledPair {
  readonly same: boolean;
  readonly weight: number;
}

/** How a model judges the pairs that stewards have decided on. */
export interface Evaluation {
  /** Pairs that stewards have decided on. */
  readonly pairs: number;
  /** Of these, that they accepted. */
  readonly same: number;
  /** Would be linked, rightly and wrongly. */
  readonly linkedRightly: number;
  readonly linkedWrongly: number;
  /** Would be proposed for review, rightly and wrongly. */
  readonly proposedRightly: number;
  readonly proposedWrongly: number;
  /** Are the same person, and would not even be proposed. */
  readonly missed: number;
}

/** Null without anything to judge by. The pairs are those that were hard enough to be looked at: not a random sample. */
export function evaluate(labelled: readonly LabelledPair[], { link, review }: Thresholds): Evaluation | null {
  if (labelled.length === 0) return null;
  const count = (accepts: (pair: LabelledPair) => boolean) => labelled.filter(accepts).length;
  const isLinked = ({ weight }: LabelledPair) => weight >= link;
  const isProposed = ({ weight }: LabelledPair) => weight >= review && weight < link;
  return {
    pairs: labelled.length,
    same: count(({ same }) => same),
    linkedRightly: count((pair) => pair.same && isLinked(pair)),
    linkedWrongly: count((pair) => !pair.same && isLinked(pair)),
    proposedRightly: count((pair) => pair.same && isProposed(pair)),
    proposedWrongly: count((pair) => !pair.same && isProposed(pair)),
    missed: count(({ same, weight }) => same && weight < review),
  };
}
