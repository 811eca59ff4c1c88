import {
  type CandidateStatus,
  candidateId,
  type FoundPair,
  pairKey,
  type ScoredPair,
  type StoredCandidate,
} from './match-candidate.ts';
import type { Thresholds } from './match-model.ts';

/** What there is to know about the records of some pairs. */
export interface Surroundings {
  /** Record → its customer now. */
  readonly customerOf: ReadonlyMap<string, string>;
  /** Keys of two customers that a steward keeps apart. */
  readonly parted: ReadonlySet<string>;
  /** Keys of two records that a steward has said are not a match after all. */
  readonly withdrawn: ReadonlySet<string>;
  /** Records that the matcher has linked to another. */
  readonly linked: ReadonlySet<string>;
}

export interface JudgedPair extends StoredCandidate {
  readonly id: string;
  /** The status that it had; null where it is new. */
  readonly before: CandidateStatus | null;
}

export interface Judgement {
  /** What is to be written. Those to be linked have no decision yet. */
  readonly candidates: readonly JudgedPair[];
  /** Pairs that the matcher links from now on. */
  readonly toLink: readonly ScoredPair[];
  /** Decisions of the matcher that no longer have a reason. */
  readonly toRevoke: readonly string[];
}

/**
 * Decides what becomes of pairs that a model has scored, and of those it knew before and no longer finds. A function of
 * the weights and of what stewards have said, so that scoring record by record ends where scoring all at once does.
 */
export function judgePairs(
  found: readonly FoundPair[],
  known: readonly StoredCandidate[],
  around: Surroundings,
  thresholds: Thresholds,
): Judgement {
  const before = new Map(known.map((candidate) => [pairKey(candidate.recordA, candidate.recordB), candidate]));
  const scored = new Set(found.map(({ recordA, recordB }) => pairKey(recordA, recordB)));
  const lost = known.filter(({ recordA, recordB }) => !scored.has(pairKey(recordA, recordB)));
  const judged = [
    ...found.map((pair) => judge(pair, before.get(pairKey(pair.recordA, pair.recordB)), around, thresholds)),
    ...lost.map(judgeLost),
  ].filter((pair) => pair !== undefined);
  return {
    candidates: judged,
    toLink: judged.filter(({ status, decisionId }) => status === 'LINKED' && decisionId === null),
    toRevoke: known.filter((candidate) => isMatchersOwn(candidate) && !staysLinked(candidate, judged)).map(decisionOf),
  };
}

function judge(
  pair: FoundPair,
  known: StoredCandidate | undefined,
  around: Surroundings,
  thresholds: Thresholds,
): JudgedPair | undefined {
  if (known === undefined && !isNews(pair, around)) return undefined;
  const status = statusOf(pair, known, around, thresholds);
  const linkedBefore = known !== undefined && isMatchersOwn(known);
  const decisionId = status === 'LINKED' && !linkedBefore ? null : (known?.decisionId ?? null);
  return {
    recordA: pair.recordA,
    recordB: pair.recordB,
    weight: pair.weight,
    id: candidateId(pair.recordA, pair.recordB),
    status,
    decisionId: linkedBefore && status !== 'LINKED' ? null : decisionId,
    before: known?.status ?? null,
  };
}

/**
 * Records that identifiers make one customer need no match, and a pair that stewards keep apart is no candidate. Where
 * the matcher has joined a customer, its other pairs count: one of them may have to carry what another one does now.
 */
function isNews({ recordA, recordB }: ScoredPair, { customerOf, parted, withdrawn, linked }: Surroundings): boolean {
  const [a, b] = [customerOf.get(recordA), customerOf.get(recordB)];
  if (a === undefined || b === undefined || parted.has(pairKey(a, b)) || withdrawn.has(pairKey(recordA, recordB))) {
    return false;
  }
  return a !== b || linked.has(recordA) || linked.has(recordB);
}

function statusOf(
  { recordA, recordB, weight, together }: FoundPair,
  known: StoredCandidate | undefined,
  { customerOf, parted, withdrawn }: Surroundings,
  { link }: Thresholds,
): CandidateStatus {
  const [a, b] = [customerOf.get(recordA) ?? '', customerOf.get(recordB) ?? ''];
  if (withdrawn.has(pairKey(recordA, recordB)) || parted.has(pairKey(a, b))) return 'REJECTED';
  if (known?.status === 'ACCEPTED') return 'ACCEPTED';
  return weight >= link && together ? 'LINKED' : 'PENDING';
}

/** Nobody's word any more but the matcher's own, and that says nothing now. */
function judgeLost(known: StoredCandidate): JudgedPair | undefined {
  if (known.status !== 'PENDING' && known.status !== 'LINKED') return undefined;
  const id = candidateId(known.recordA, known.recordB);
  return { ...known, id, status: 'OBSOLETE', decisionId: null, before: known.status };
}

/** Linked by the matcher; one that waits for a steward is, where a limit refused the link. */
function isMatchersOwn({ status, decisionId }: StoredCandidate): boolean {
  return decisionId !== null && (status === 'LINKED' || status === 'PENDING');
}

function staysLinked({ decisionId }: StoredCandidate, judged: readonly JudgedPair[]): boolean {
  return judged.some((pair) => pair.decisionId === decisionId);
}

function decisionOf({ decisionId }: StoredCandidate): string {
  return decisionId!;
}
