import { Field, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import { mask, type Sight } from '../masking.ts';
import type { HouseholdView } from './household.queries.ts';
import type { MembershipView } from './membership.queries.ts';
import type { MembershipOrigin } from './membership.ts';
import { Membership, MembershipOriginEnum } from './membership.type.ts';

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'Customers who live together. They stay customers of their own: nothing of them is merged.',
})
export class Household implements Node {
  readonly id: string;
  /** UUID, for the resolvers of further fields. */
  readonly uuid: string;

  @Field(() => MembershipOriginEnum, { description: 'Whether somebody made it, or the rule.' })
  readonly origin: MembershipOrigin;

  @Field(() => String, {
    nullable: true,
    description: 'Given by hand; null if nobody has. Masked without the scope `pii:read`: names of people stand in it.',
  })
  readonly name: string | null;

  @Field(() => DateTime, { description: 'When it was made.' })
  readonly createdAt: Date;

  @Field(() => DateTime, { description: 'When it was last changed; members coming and going do not count.' })
  readonly updatedAt: Date;

  constructor(row: HouseholdView, sight: Sight) {
    this.id = toPublicId('hh', row.id);
    this.uuid = row.id;
    this.origin = row.origin;
    this.name = row.name === null || sight.full ? row.name : mask;
    this.createdAt = row.createdAt;
    this.updatedAt = row.updatedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of households.' })
export class HouseholdConnection extends connectionType(Household, 'Household') {}

@ObjectType({ simpleResolvers: true, description: 'A customer in a household.' })
export class HouseholdMember extends Membership {
  @Field(() => MembershipOriginEnum, { description: 'Whether somebody said so, or the rule.' })
  readonly origin: MembershipOrigin;

  @Field(() => Int, { nullable: true, description: 'Version of the rule that put them there; null for one by hand.' })
  readonly ruleVersion: number | null;

  constructor(row: MembershipView) {
    super(row);
    this.origin = row.origin;
    this.ruleVersion = row.ruleVersion;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of the members of a household.' })
export class HouseholdMemberConnection extends connectionType(HouseholdMember, 'HouseholdMember') {}

@ObjectType({ simpleResolvers: true, description: 'The household that was changed.' })
export class HouseholdPayload {
  @Field(() => Household, { description: 'As it is now.' })
  readonly household: Household;

  constructor(row: HouseholdView, sight: Sight) {
    this.household = new Household(row, sight);
  }
}
