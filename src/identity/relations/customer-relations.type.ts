import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import type { Sight } from '../masking.ts';
import type { AccountView } from './account.queries.ts';
import { Account } from './account.type.ts';
import type { HouseholdView } from './household.queries.ts';
import { Household } from './household.type.ts';
import type { MembershipView } from './membership.queries.ts';
import type { MembershipOrigin } from './membership.ts';
import { MembershipOriginEnum } from './membership.type.ts';

/** What a customer's relation says, whatever it is to. */
@ObjectType({ simpleResolvers: true })
export abstract class Relation {
  readonly row: MembershipView;

  @Field(() => String, { description: 'In which role, such as `HEAD` or `BUYER`: an open vocabulary.' })
  readonly role: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'The first instant at which it holds. Null for one by rule: it holds as long as the data say so.',
  })
  readonly since: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The first instant at which it no longer holds; null: open.' })
  readonly until: Date | null;

  constructor(row: MembershipView) {
    this.row = row;
    this.role = row.role;
    this.since = row.since;
    this.until = row.until;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A household in which a customer is.' })
export class HouseholdRelation extends Relation {
  @Field(() => Household, { description: 'The household.' })
  readonly household: Household;

  @Field(() => MembershipOriginEnum, { description: 'Whether somebody said so, or the rule.' })
  readonly origin: MembershipOrigin;

  constructor(row: MembershipView, household: HouseholdView, sight: Sight) {
    super(row);
    this.household = new Household(household, sight);
    this.origin = row.origin;
  }
}

@ObjectType({ simpleResolvers: true, description: 'An account for which a customer acts.' })
export class AccountRelation extends Relation {
  @Field(() => Account, { description: 'The account.' })
  readonly account: Account;

  constructor(row: MembershipView, account: AccountView) {
    super(row);
    this.account = new Account(account);
  }
}

@ObjectType({ description: 'With whom a customer belongs together, without being the same person.' })
export class CustomerRelations {
  /** UUID of the customer as they are now. */
  readonly customerId: string;
  readonly includeEnded: boolean;

  constructor(customerId: string, includeEnded: boolean) {
    this.customerId = customerId;
    this.includeEnded = includeEnded;
  }
}
