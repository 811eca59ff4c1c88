import type { ClaimEvidence, JoinedLink, Resolution } from '../resolution.ts';
import { resolveSaid, type Said } from '../resolve-said.ts';
import { type IdentityRule, type IdentityRules, isCut, ruleFor } from '../rules.ts';

/** A claim with what tells whether it counts. */
export interface ExplainedClaim extends ClaimEvidence {
  /** The touchpoint that carried it first. */
  readonly firstTouchpointId: string;
  readonly blocked: boolean;
  /** The decision that took it away. */
  readonly removedBy: string | null;
}

/** Resolves a neighbourhood as ingestion does, from all that is known of it. */
export function resolveTold(
  { claims, ...told }: Omit<Said, 'claims'> & { readonly claims: readonly ExplainedClaim[] },
  rules: IdentityRules,
): Resolution {
  const counting = claims.filter(({ blocked, removedBy }) => !blocked && removedBy === null);
  return resolveSaid({ ...told, claims: counting }, rules);
}

/** One piece of evidence on the way from a record to another. */
export interface PathStep {
  readonly recordId: string;
  readonly otherRecordId: string;
  readonly evidenceId: string;
  /** The identifier's kind, or `decision`. */
  readonly kind: string;
}

export interface Path {
  readonly from: string;
  readonly to: string;
  readonly steps: readonly PathStep[];
}

/**
 * The ways from a record to others over the unions that resolution made. These form a tree for each customer, so there is
 * one way at most, and none to a record of somebody else. Stops before `most` steps are passed.
 */
export function findPaths(
  joined: readonly JoinedLink[],
  from: string,
  { to, most }: { readonly to: readonly string[]; readonly most: number },
): { paths: Path[]; complete: boolean } {
  const arrivals = walkFrom(from, joined);
  const paths: Path[] = [];
  let left = most;
  for (const target of to) {
    const steps = stepsTo(target, arrivals);
    left -= steps.length;
    if (left < 0) return { paths, complete: false };
    if (steps.length > 0) paths.push({ from, to: target, steps });
  }
  return { paths, complete: true };
}

/** Every record that can be reached → the step that leads to it. */
function walkFrom(start: string, joined: readonly JoinedLink[]): Map<string, PathStep> {
  const neighbours = new Map<string, PathStep[]>();
  const connect = (step: PathStep) => {
    const known = neighbours.get(step.recordId);
    if (known) known.push(step);
    else neighbours.set(step.recordId, [step]);
  };
  for (const { recordId, otherRecordId, evidenceId, kind } of joined) {
    connect({ recordId, otherRecordId, evidenceId, kind });
    connect({ recordId: otherRecordId, otherRecordId: recordId, evidenceId, kind });
  }
  const arrivals = new Map<string, PathStep>();
  const queue = [start];
  for (const at of queue) {
    for (const step of neighbours.get(at) ?? []) {
      if (step.otherRecordId === start || arrivals.has(step.otherRecordId)) continue;
      arrivals.set(step.otherRecordId, step);
      queue.push(step.otherRecordId);
    }
  }
  return arrivals;
}

function stepsTo(target: string, arrivals: ReadonlyMap<string, PathStep>): PathStep[] {
  const steps: PathStep[] = [];
  for (let step = arrivals.get(target); step; step = arrivals.get(step.recordId)) steps.push(step);
  return steps.reverse();
}

export const reasonsForUnused = ['REMOVED', 'BLOCKED', 'OVERUSED', 'EVIDENCE_ONLY', 'TOO_MANY_VALUES'] as const;
/** Why a claim joins nobody. */
export type UnusedReason = (typeof reasonsForUnused)[number];

export interface UnusedClaim {
  readonly claim: ExplainedClaim;
  readonly reason: UnusedReason;
}

/** Claims of these records that join nobody, in the order in which they were first seen. */
export function unusedClaims(
  claims: readonly ExplainedClaim[],
  { members, resolution, rules }: { members: ReadonlySet<string>; resolution: Resolution; rules: IdentityRules },
): UnusedClaim[] {
  const overfull = new Set(
    resolution.refused
      .filter(({ refusal }) => refusal === 'TOO_MANY_VALUES')
      .map(({ recordId, kind }) => `${recordId} ${kind}`),
  );
  return claims
    .filter(({ recordId }) => members.has(recordId))
    .flatMap((claim) => {
      const reason = whyUnused(claim, ruleFor(rules, claim.kind), overfull.has(`${claim.recordId} ${claim.kind}`));
      return reason === undefined ? [] : [{ claim, reason }];
    })
    .sort((a, b) => a.claim.firstSeenAt.getTime() - b.claim.firstSeenAt.getTime() || compareIds(a.claim, b.claim));
}

function whyUnused(claim: ExplainedClaim, rule: IdentityRule, overfull: boolean): UnusedReason | undefined {
  if (claim.removedBy !== null) return 'REMOVED';
  if (claim.blocked) return 'BLOCKED';
  if (rule.strength === 'EVIDENCE_ONLY') return 'EVIDENCE_ONLY';
  if (overfull) return 'TOO_MANY_VALUES';
  return isCut(rule, claim.claimants) ? 'OVERUSED' : undefined;
}

function compareIds(a: ExplainedClaim, b: ExplainedClaim): number {
  const [one, other] = [a.identifierId + a.recordId, b.identifierId + b.recordId];
  return one < other ? -1 : one > other ? 1 : 0;
}
