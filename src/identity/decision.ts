import type { LinkEvidence, SeparationEvidence } from './resolution.ts';

export const decisionKinds = ['LINK', 'MERGE', 'MATCH', 'VETO', 'UNMERGE', 'REMOVE_IDENTIFIER'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

/** A decision in force, as resolution needs it. */
export interface ActiveDecision {
  readonly id: string;
  readonly kind: DecisionKind;
  readonly decidedAt: Date;
  readonly weight: number | null;
  /** The records of its two sides; a link has all on the first. */
  readonly sideA: readonly string[];
  readonly sideB: readonly string[];
}

const linking: ReadonlySet<DecisionKind> = new Set(['LINK', 'MERGE', 'MATCH']);
const separating: ReadonlySet<DecisionKind> = new Set(['VETO', 'UNMERGE']);

export function isLinking(kind: DecisionKind): boolean {
  return linking.has(kind);
}

export function isSeparating(kind: DecisionKind): boolean {
  return separating.has(kind);
}

/** What decisions say to resolution: who is, and who is not, one person. */
export function evidenceOf(decisions: readonly ActiveDecision[]): {
  links: LinkEvidence[];
  separations: SeparationEvidence[];
} {
  return {
    links: decisions
      .filter(({ kind }) => linking.has(kind))
      .map(({ id, sideA, decidedAt, weight }) => ({ id, recordIds: sideA, decidedAt, weight })),
    separations: decisions
      .filter(({ kind }) => separating.has(kind))
      .map(({ id, sideA, sideB }) => ({ id, sides: [sideA, sideB] })),
  };
}

/** Records that a person's decision joins to others. They are somebody's even if they are receipts of nobody. */
export function firmlyLinked(links: readonly LinkEvidence[]): Set<string> {
  return new Set(links.filter(({ weight }) => weight === null).flatMap(({ recordIds }) => recordIds));
}

/**
 * Records that are somebody's: on their own evidence, by a person's decision, or since a value that they carry is not
 * blocked any more. The others are receipts of nobody.
 */
export function somebodysAmong<R extends { readonly id: string; readonly owned: boolean }>(
  records: readonly R[],
  claims: readonly { readonly recordId: string }[],
  links: readonly LinkEvidence[],
): R[] {
  const linked = firmlyLinked(links);
  const carrying = new Set(claims.map(({ recordId }) => recordId));
  return records.filter(({ id, owned }) => owned || linked.has(id) || carrying.has(id));
}
