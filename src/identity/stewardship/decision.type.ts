import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { DecisionKind } from '../decision.ts';
import type { DecisionRow } from '../decisions.queries.ts';

export const IdentityDecisionKind = {
  LINK: 'LINK',
  MERGE: 'MERGE',
  MATCH: 'MATCH',
  VETO: 'VETO',
  UNMERGE: 'UNMERGE',
  REMOVE_IDENTIFIER: 'REMOVE_IDENTIFIER',
} as const satisfies { [Kind in DecisionKind]: Kind };

registerEnumType(IdentityDecisionKind, {
  name: 'IdentityDecisionKind',
  description: 'What a decision says about who is who.',
  valuesConfig: {
    LINK: { description: 'Somebody: these records are one person. No limit stands against it.' },
    MERGE: { description: 'Somebody: these customers are one person. No limit stands against it.' },
    MATCH: { description: 'The matcher: two records are one person. Respects limits and other decisions.' },
    VETO: { description: 'Somebody: two records are never one person.' },
    UNMERGE: {
      description: 'Somebody undid a merge, or took records out of a customer: the two sides are not one person.',
    },
    REMOVE_IDENTIFIER: { description: 'Somebody took a wrong identifier away from the records of a customer.' },
  },
});

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    "Somebody's or the matcher's word about who is who. Decisions are kept for ever; one that was revoked has no effect.",
})
export class IdentityDecision implements Node {
  readonly id: string;
  /** UUID, and those of what it is about: for the resolvers of further fields. */
  readonly uuid: string;
  readonly identifierId: string | null;
  readonly regroupingId: string | null;

  @Field(() => IdentityDecisionKind, { description: 'What it says.' })
  readonly kind: DecisionKind;

  @Field(() => String, { description: 'Who decided: the name of the API key.' })
  readonly actor: string;

  @Field(() => String, { description: 'Why, in their words.' })
  readonly reason: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  readonly decidedAt: Date;

  @Field(() => Boolean, { description: 'It counts: nobody has revoked it.' })
  readonly inForce: boolean;

  @Field(() => DateTime, { nullable: true, description: 'When it was revoked; null while it is in force.' })
  readonly revokedAt: Date | null;

  @Field(() => String, { nullable: true, description: 'Who revoked it.' })
  readonly revokedBy: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was revoked.' })
  readonly revokeReason: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Of a MATCH: log2 of the odds that both records are one person; 10 is a thousand to one.',
  })
  readonly weight: number | null;

  @Field(() => Int, { nullable: true, description: 'Of a MATCH: the version of the model that found it.' })
  readonly modelVersion: number | null;

  constructor(row: DecisionRow) {
    this.id = toPublicId('dec', row.id);
    this.uuid = row.id;
    this.identifierId = row.identifierId;
    this.regroupingId = row.regroupingId;
    this.kind = row.kind;
    this.actor = row.actor;
    this.reason = row.reason;
    this.decidedAt = row.decidedAt;
    this.inForce = row.revokedAt === null;
    this.revokedAt = row.revokedAt;
    this.revokedBy = row.revokedBy;
    this.revokeReason = row.revokeReason;
    this.weight = row.weight;
    this.modelVersion = row.modelVersion;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of decisions.' })
export class IdentityDecisionConnection extends connectionType(IdentityDecision, 'IdentityDecision') {}

@ObjectType({ simpleResolvers: true, description: 'A record that a decision is about.' })
export class DecisionRecord {
  /** UUID, for the resolvers of further fields. */
  readonly recordId: string;

  @Field(() => Int, {
    description: 'Of VETO and UNMERGE: 0 or 1, and records of different sides are not one person. Else 0.',
  })
  readonly side: number;

  constructor({ recordId, side }: { readonly recordId: string; readonly side: number }) {
    this.recordId = recordId;
    this.side = side;
  }
}

/** What mutations have in common that answer with the customers concerned. */
@ObjectType({ simpleResolvers: true })
abstract class ConcernedCustomers {
  /** UUIDs, for the resolvers of further fields. */
  readonly uuids: readonly string[];

  @Field(() => [ID], { description: 'The customers, as they are now, of the records that it is about (`cus_…`).' })
  readonly customerIds: readonly string[];

  constructor(customerIds: readonly string[]) {
    this.uuids = customerIds;
    this.customerIds = customerIds.map((id) => toPublicId('cus', id));
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'A decision, and what has become of the customers that it is about.',
})
export class IdentityDecisionPayload extends ConcernedCustomers {
  @Field(() => IdentityDecision, { description: 'The decision, as it is recorded.' })
  readonly decision: IdentityDecision;

  constructor({ decision, customerIds }: { decision: DecisionRow; customerIds: readonly string[] }) {
    super(customerIds);
    this.decision = new IdentityDecision(decision);
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'The links that were taken back, and what has become of the customers.',
})
export class UnlinkRecordsPayload extends ConcernedCustomers {
  @Field(() => [IdentityDecision], { description: 'Every link, merge and match between the records: all are revoked.' })
  readonly decisions: readonly IdentityDecision[];

  constructor({ decisions, customerIds }: { decisions: readonly DecisionRow[]; customerIds: readonly string[] }) {
    super(customerIds);
    this.decisions = decisions.map((row) => new IdentityDecision(row));
  }
}
