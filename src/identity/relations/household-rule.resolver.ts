import { Arg, Ctx, FieldResolver, Float, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { SetHouseholdRuleInput } from './household-rule.input.ts';
import { findHouseholdRule, getHouseholdLag, listTooLarge, setHouseholdRule } from './household-rule.service.ts';
import { HouseholdRule, SetHouseholdRulePayload, TooLargeHousehold } from './household-rule.type.ts';

@Resolver(() => HouseholdRule)
export class HouseholdRuleResolver {
  @Query(() => HouseholdRule, {
    description: 'The rule by which households are made. As shipped it is off. Needs the scope `identity:read`.',
  })
  async householdRule(@Ctx() ctx: Context): Promise<HouseholdRule> {
    return new HouseholdRule(await findHouseholdRule(ctx));
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'Seconds by which households are behind the customers: the age of the oldest change that is waiting, 0 if none is. ' +
      'Null while the rule is off.',
  })
  lagSeconds(@Ctx() ctx: Context): Promise<number | null> {
    return getHouseholdLag(ctx);
  }

  @FieldResolver(() => [TooLargeHousehold], {
    description: 'Customers with equal traits who are too many for a household, the most first. They are in none.',
  })
  async tooLarge(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 200.' }) first: number,
  ): Promise<TooLargeHousehold[]> {
    const rows = await listTooLarge(ctx, first);
    return rows.map((row) => new TooLargeHousehold(row));
  }

  @Mutation(() => SetHouseholdRulePayload, {
    description:
      'Sets the rule, as a new version, and applies it to everybody in the background; `householdRule` tells how far. ' +
      'Memberships by hand, and "not in this household", stay and win. Needs the scope `identity:manage`.',
  })
  async setHouseholdRule(
    @Ctx() ctx: Context,
    @Arg('input', () => SetHouseholdRuleInput, { description: 'The whole rule.' }) input: SetHouseholdRuleInput,
  ): Promise<SetHouseholdRulePayload> {
    return new SetHouseholdRulePayload(await setHouseholdRule(ctx, input));
  }
}
