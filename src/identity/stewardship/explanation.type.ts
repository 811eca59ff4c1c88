import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { DateTime } from '../../kernel/scalars.ts';
import { IdentityRule } from '../identity-rules.type.ts';
import { IdentityDecision } from './decision.type.ts';
import { IdentityEvidence } from './evidence.type.ts';
import type { ExplainedStep, Explanation } from './explanation.service.ts';
import { reasonsForUnused, type UnusedClaim, type UnusedReason } from './explanation.ts';
import { RefusedLink } from './refused-link.type.ts';
import { IdentityRegrouping } from './regrouping.type.ts';

export const UnusedClaimReason = Object.fromEntries(reasonsForUnused.map((reason) => [reason, reason])) as {
  [Reason in UnusedReason]: Reason;
};

registerEnumType(UnusedClaimReason, {
  name: 'UnusedClaimReason',
  description: 'Why an identifier that a record carries joins it to nobody.',
  valuesConfig: {
    REMOVED: { description: 'A decision took it away from the record.' },
    BLOCKED: { description: 'A rule says that its value identifies nobody.' },
    OVERUSED: { description: 'More records carry it than its rule allows.' },
    EVIDENCE_ONLY: { description: 'Its kind is only kept and shown.' },
    TOO_MANY_VALUES: { description: 'The record carries more values of its kind than one customer may hold.' },
  },
});

/** Parts of an explanation that are lists. */
export const ExplainedPart = {
  RECORDS: 'RECORDS',
  PATHS: 'PATHS',
  REFUSED: 'REFUSED',
  UNUSED: 'UNUSED',
  DECISIONS: 'DECISIONS',
  REGROUPINGS: 'REGROUPINGS',
} as const;

registerEnumType(ExplainedPart, {
  name: 'IdentityExplanationPart',
  description: 'A list of an explanation.',
  valuesConfig: {
    RECORDS: { description: '`records`.' },
    PATHS: { description: '`paths`: more than 200, or of more than 2,000 steps together.' },
    REFUSED: { description: '`refused`.' },
    UNUSED: { description: '`unused`.' },
    DECISIONS: { description: '`decisions`.' },
    REGROUPINGS: { description: '`regroupings`.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'One piece of evidence on the way from a record to another.' })
export class IdentityStep {
  /** UUIDs, for the resolvers of further fields. */
  readonly step: ExplainedStep;

  @Field(() => IdentityEvidence, { description: 'The identifier that both records carry, or the decision.' })
  readonly evidence: IdentityEvidence;

  @Field(() => IdentityRule, { nullable: true, description: 'The rule of the identifier; null for a decision.' })
  readonly rule: IdentityRule | null;

  @Field(() => DateTime, {
    description: 'Since when it holds: when both records had carried the identifier, or when it was decided.',
  })
  readonly since: Date;

  @Field(() => [ID], {
    description: 'The touchpoints (`tp_…`) that carried the identifier first, of either record; none for a decision.',
  })
  readonly touchpointIds: readonly string[];

  constructor(step: ExplainedStep) {
    this.step = step;
    this.evidence = new IdentityEvidence(step);
    this.rule = step.rule && new IdentityRule(step.rule);
    this.since = step.since;
    this.touchpointIds = step.touchpointIds.map((id) => toPublicId('tp', id));
  }
}

@ObjectType({ simpleResolvers: true, description: 'Why two records are one customer.' })
export class IdentityPath {
  /** UUIDs, for the resolvers of further fields. */
  readonly ends: { readonly from: string; readonly to: string };

  @Field(() => [IdentityStep], {
    description: 'Step by step: each begins with the record at which the last one ended.',
  })
  readonly steps: readonly IdentityStep[];

  constructor(ends: { readonly from: string; readonly to: string }, steps: readonly IdentityStep[]) {
    this.ends = ends;
    this.steps = steps;
  }
}

@ObjectType({ simpleResolvers: true, description: 'An identifier that a record carries and that joins it to nobody.' })
export class UnusedIdentifier {
  /** UUID, for the resolvers of further fields. */
  readonly recordId: string;
  readonly removedBy: string | null;

  @Field(() => UnusedClaimReason, { description: 'Why.' })
  readonly reason: UnusedReason;

  @Field(() => IdentityEvidence, { description: 'Which identifier.' })
  readonly evidence: IdentityEvidence;

  @Field(() => DateTime, { description: 'When the record was first seen with it.' })
  readonly firstSeenAt: Date;

  constructor({ claim, reason }: UnusedClaim) {
    this.recordId = claim.recordId;
    this.removedBy = claim.removedBy;
    this.reason = reason;
    this.evidence = new IdentityEvidence({ evidenceId: claim.identifierId, kind: claim.kind });
    this.firstSeenAt = claim.firstSeenAt;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Why the records of a customer are theirs, and everything that was decided about it. Lists hold at most 200.',
})
export class IdentityExplanation {
  /** UUIDs, for the resolvers of further fields. */
  readonly customerUuid: string;
  readonly recordIds: readonly string[];

  @Field(() => ID, { description: 'The customer whom the id names now (`cus_…`).' })
  readonly customerId: string;

  @Field(() => Int, { description: 'Records of the customer.' })
  readonly recordCount: number;

  @Field(() => Int, {
    description: 'Records that were looked at: those of the customer, and all that refused evidence ties to them.',
  })
  readonly neighbourhoodSize: number;

  @Field(() => Int, { description: 'Version of the identity rules that it was explained by; 0: the shipped ones.' })
  readonly rulesVersion: number;

  @Field(() => Boolean, {
    description: 'False only while changed rules are still being applied to these records.',
  })
  readonly settled: boolean;

  @Field(() => [IdentityPath], {
    description:
      'From the founding record, or `from`, to each other record, or `to`: the evidence that makes them one.',
  })
  readonly paths: readonly IdentityPath[];

  @Field(() => [RefusedLink], {
    description: 'Evidence that would join them to others and is refused, the latest first.',
  })
  readonly refused: readonly RefusedLink[];

  @Field(() => [UnusedIdentifier], {
    description: 'Identifiers of their records that join nobody, in the order in which they were first seen.',
  })
  readonly unused: readonly UnusedIdentifier[];

  @Field(() => [IdentityDecision], {
    description: 'Every decision about their records, revoked ones included, the latest first.',
  })
  readonly decisions: readonly IdentityDecision[];

  @Field(() => [IdentityRegrouping], {
    description: 'Every merge, split and move of theirs, the latest first. `unmergeCustomer` takes the id of a merge.',
  })
  readonly regroupings: readonly IdentityRegrouping[];

  @Field(() => [ExplainedPart], { description: 'Lists of which there is more than is shown.' })
  readonly truncated: readonly (keyof typeof ExplainedPart)[];

  constructor(told: Explanation) {
    this.customerUuid = told.customerId;
    this.recordIds = told.recordIds;
    this.customerId = toPublicId('cus', told.customerId);
    this.recordCount = told.recordCount;
    this.neighbourhoodSize = told.neighbourhood;
    this.rulesVersion = told.rules.version;
    this.settled = told.settled;
    this.paths = told.paths.map(({ from, to, steps }) => {
      return new IdentityPath(
        { from, to },
        steps.map((step) => new IdentityStep(step)),
      );
    });
    this.refused = told.refused.map((row) => new RefusedLink(row));
    this.unused = told.unused.map((claim) => new UnusedIdentifier(claim));
    this.decisions = told.decisions.map((row) => new IdentityDecision(row));
    this.regroupings = told.regroupings.map((row) => new IdentityRegrouping(row));
    this.truncated = told.truncated;
  }
}
