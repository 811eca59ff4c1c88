import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { Refusal } from '../resolution.ts';
import { IdentityEvidence } from './evidence.type.ts';
import type { RefusedLinkRow } from './steward.queries.ts';

export const LinkRefusal = {
  VALUES_PER_CUSTOMER: 'VALUES_PER_CUSTOMER',
  BOTH_KNOWN: 'BOTH_KNOWN',
  TOO_MANY_VALUES: 'TOO_MANY_VALUES',
  SEPARATED: 'SEPARATED',
  ONE_PER_SOURCE: 'ONE_PER_SOURCE',
} as const satisfies { [R in Refusal]: R };

registerEnumType(LinkRefusal, {
  name: 'LinkRefusal',
  description: 'Why evidence did not join two customers.',
  valuesConfig: {
    VALUES_PER_CUSTOMER: {
      description: 'Together they would hold more values of the kind that `limitedBy` names than its rule allows.',
    },
    BOTH_KNOWN: {
      description: 'The identifier may be shared, and both are known by identifiers of their own.',
    },
    TOO_MANY_VALUES: {
      description:
        'The record alone carries more values of the kind that `limitedBy` names than one customer may hold: none of ' +
        'them joins it to anybody.',
    },
    SEPARATED: { description: 'A decision, `limitingDecision`, says that they are not one person.' },
    ONE_PER_SOURCE: { description: 'A match, and the source that `limitedBy` names holds each person once.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'Evidence that would have joined two customers, and was refused.' })
export class RefusedLink {
  /** UUIDs, for the resolvers of further fields. */
  readonly row: RefusedLinkRow;

  @Field(() => LinkRefusal, { description: 'Why it was refused.' })
  readonly refusal: Refusal;

  @Field(() => String, {
    nullable: true,
    description: 'What stood in the way: a kind of identifier or a source. See `refusal`.',
  })
  readonly limitedBy: string | null;

  @Field(() => IdentityEvidence, { description: 'What would have joined them.' })
  readonly evidence: IdentityEvidence;

  @Field(() => ID, {
    nullable: true,
    description: 'To whom `record` belongs now (`cus_…`); null while it is of nobody.',
  })
  readonly customerId: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'To whom `otherRecord` belongs now (`cus_…`); null with `TOO_MANY_VALUES`, which is about one record.',
  })
  readonly otherCustomerId: string | null;

  @Field(() => DateTime, { description: 'When it was refused first.' })
  readonly refusedAt: Date;

  constructor(row: RefusedLinkRow) {
    this.row = row;
    this.refusal = row.refusal;
    this.limitedBy = row.refusal === 'SEPARATED' ? null : row.limitedBy;
    this.evidence = new IdentityEvidence(row);
    this.customerId = row.customerId === null ? null : toPublicId('cus', row.customerId);
    this.otherCustomerId = row.otherCustomerId === null ? null : toPublicId('cus', row.otherCustomerId);
    this.refusedAt = row.refusedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of refused evidence.' })
export class RefusedLinkConnection extends connectionType(RefusedLink, 'RefusedLink') {}
