import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { MembershipView } from './membership.queries.ts';
import type { MembershipOrigin } from './membership.ts';

export const MembershipOriginEnum = { HAND: 'HAND', RULE: 'RULE' } as const satisfies {
  [Origin in MembershipOrigin]: Origin;
};

registerEnumType(MembershipOriginEnum, {
  name: 'MembershipOrigin',
  description: 'How a household, or a membership, came about.',
  valuesConfig: {
    HAND: { description: 'Somebody said so. It wins over the rule.' },
    RULE: { description: 'By the rule for households (`householdRule`), from traits that customers share.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'Who said something about a household or account, and why.' })
export class RelationStatement {
  @Field(() => DateTime, { description: 'When it was said.' })
  readonly at: Date;

  @Field(() => String, { description: 'Name of the API key at that time.' })
  readonly actor: string;

  @Field(() => String, { description: 'The reason that was given.' })
  readonly reason: string;

  constructor(statement: { at: Date; actor: string; reason: string }) {
    this.at = statement.at;
    this.actor = statement.actor;
    this.reason = statement.reason;
  }
}

/** What memberships of both kinds say. */
@ObjectType({ simpleResolvers: true })
export abstract class Membership {
  readonly row: MembershipView;

  @Field(() => ID, { description: 'The customer (`cus_…`) to whom the membership belongs now.' })
  readonly customerId: string;

  @Field(() => String, { description: 'In which role, such as `HEAD` or `BUYER`: an open vocabulary.' })
  readonly role: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'The first instant at which it holds. Null for one by rule: it holds as long as the data say so.',
  })
  readonly since: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The first instant at which it no longer holds; null: open.' })
  readonly until: Date | null;

  @Field(() => RelationStatement, { nullable: true, description: 'Who added it and why; null for one by rule.' })
  readonly added: RelationStatement | null;

  @Field(() => RelationStatement, { nullable: true, description: 'Who set its end and why; null if nobody did later.' })
  readonly ended: RelationStatement | null;

  constructor(row: MembershipView) {
    this.row = row;
    this.customerId = toPublicId('cus', row.customerId);
    this.role = row.role;
    this.since = row.since;
    this.until = row.until;
    this.added = statementOf(row.addedAt, row.addedBy, row.addReason);
    this.ended = statementOf(row.endedAt, row.endedBy, row.endReason);
  }
}

function statementOf(at: Date | null, actor: string | null, reason: string | null): RelationStatement | null {
  return at && actor !== null && reason !== null ? new RelationStatement({ at, actor, reason }) : null;
}
