import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { Customer } from '../customer.type.ts';
import { accountsOfCustomer, householdsOfCustomer } from './customer-relations.service.ts';
import { AccountRelation, CustomerRelations, HouseholdRelation } from './customer-relations.type.ts';
import { countOthers } from './members.service.ts';

/** What households and accounts add to a customer. */
@Resolver(() => Customer)
export class CustomerRelationsResolver {
  @FieldResolver(() => CustomerRelations, {
    description: 'The households in which they are and the accounts for which they act.',
  })
  relations(
    @Root() customer: Customer,
    @Arg('includeEnded', () => Boolean, {
      defaultValue: false,
      description: 'Those that have ended, and those that are to come, too.',
    })
    includeEnded: boolean,
  ): CustomerRelations {
    return new CustomerRelations(customer.uuid, includeEnded);
  }
}

@Resolver(() => CustomerRelations)
export class RelationsResolver {
  @FieldResolver(() => [HouseholdRelation], { description: 'Their households, the longest first; at most 200.' })
  households(@Root() relations: CustomerRelations, @Ctx() ctx: Context): Promise<HouseholdRelation[]> {
    return householdsOfCustomer(ctx, relations);
  }

  @FieldResolver(() => [AccountRelation], {
    description: 'Their accounts, one for each role, the longest first; at most 200.',
  })
  accounts(@Root() relations: CustomerRelations, @Ctx() ctx: Context): Promise<AccountRelation[]> {
    return accountsOfCustomer(ctx, relations);
  }
}

@Resolver(() => HouseholdRelation)
export class HouseholdRelationResolver {
  @FieldResolver(() => Int, { description: 'How many other customers are in it now.' })
  otherMemberCount(@Root() relation: HouseholdRelation, @Ctx() ctx: Context): Promise<number> {
    return countOthers(ctx, 'household', relation.row);
  }
}

@Resolver(() => AccountRelation)
export class AccountRelationResolver {
  @FieldResolver(() => Int, { description: 'How many other customers act for it now.' })
  otherMemberCount(@Root() relation: AccountRelation, @Ctx() ctx: Context): Promise<number> {
    return countOthers(ctx, 'account', relation.row);
  }
}
