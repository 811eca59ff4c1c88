import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor, DateTime } from '../../kernel/scalars.ts';
import { findCustomerByUuid } from '../customer.service.ts';
import { Customer } from '../customer.type.ts';
import { sightOf } from '../masking.ts';
import {
  AddHouseholdMemberInput,
  CreateHouseholdInput,
  RemoveHouseholdMemberInput,
  UpdateHouseholdInput,
} from './household.input.ts';
import { createHousehold, findHousehold, listAllHouseholds, updateHousehold } from './household.service.ts';
import {
  Household,
  HouseholdConnection,
  HouseholdMember,
  HouseholdMemberConnection,
  HouseholdPayload,
} from './household.type.ts';
import { addHouseholdMember, removeHouseholdMember } from './household-members.service.ts';
import { countMembersOf, membersOf } from './members.service.ts';
import type { MembershipView } from './membership.queries.ts';

/** For `node(id)` with an `hh_…`. */
export async function findHouseholdNode(ctx: Context, uuid: string): Promise<Household | null> {
  const row = await findHousehold(ctx, uuid);
  return row && new Household(row, sightOf(ctx));
}

@Resolver(() => Household)
export class HouseholdResolver {
  @Query(() => Household, { nullable: true, description: 'A household. Needs the scope `identity:read`.' })
  household(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { description: 'Its id, `hh_…`.' }) id: string,
  ): Promise<Household | null> {
    return findHouseholdNode(ctx, fromPublicId('hh', id));
  }

  @Query(() => HouseholdConnection, { description: 'All households, newest first. Needs the scope `identity:read`.' })
  households(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<HouseholdConnection> {
    return listAllHouseholds(ctx, { first, after }, (row) => new Household(row, sightOf(ctx)));
  }

  @FieldResolver(() => HouseholdMemberConnection, {
    description:
      'Who is in it, each customer once, the longest first. Needs the scope `identity:read`; `customer` of a member ' +
      'needs `customers:read` too.',
  })
  members(
    @Root() household: Household,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('at', () => DateTime, {
      nullable: true,
      description: 'As it was, or will be, at this instant; now, if left out. Members by rule count at any time.',
    })
    at: Date | null,
    @Arg('includeEnded', () => Boolean, {
      defaultValue: false,
      description: 'The history instead: every membership there ever was, ended and future ones too, as it was said.',
    })
    includeEnded: boolean,
  ): Promise<HouseholdMemberConnection> {
    const args = { first, after, at, includeEnded };
    const node = (row: MembershipView) => new HouseholdMember(row);
    return membersOf(ctx, { kind: 'household', id: household.uuid }, { args, node });
  }

  @FieldResolver(() => Int, { description: 'Customers in it now. Needs the scope `identity:read`.' })
  memberCount(@Root() household: Household, @Ctx() ctx: Context): Promise<number> {
    return countMembersOf(ctx, { kind: 'household', id: household.uuid });
  }

  @Mutation(() => HouseholdPayload, {
    description: 'Makes a household by hand, without members yet. Needs the scope `identity:manage`.',
  })
  async createHousehold(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateHouseholdInput, { description: 'Which.' }) input: CreateHouseholdInput,
  ): Promise<HouseholdPayload> {
    return new HouseholdPayload(await createHousehold(ctx, input), sightOf(ctx));
  }

  @Mutation(() => HouseholdPayload, {
    description:
      'Names a household. One by rule then stays when its last member leaves. Needs the scope `identity:manage`. ' +
      'Codes: `NOT_FOUND`.',
  })
  async updateHousehold(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateHouseholdInput, { description: 'Which, and how.' }) input: UpdateHouseholdInput,
  ): Promise<HouseholdPayload> {
    const householdId = fromPublicId('hh', input.householdId, 'input.householdId');
    return new HouseholdPayload(await updateHousehold(ctx, { ...input, householdId }), sightOf(ctx));
  }

  @Mutation(() => HouseholdPayload, {
    description:
      'Puts a customer into a household by hand. While it holds, the rule puts them into no other. Needs the scope ' +
      '`identity:manage`. Codes: `NOT_FOUND`, `MEMBERSHIP_OVERLAPS` for one who is in it by hand already, ' +
      '`HOUSEHOLD_FULL` beyond 100 members.',
  })
  async addHouseholdMember(
    @Ctx() ctx: Context,
    @Arg('input', () => AddHouseholdMemberInput, { description: 'Who, where and when.' })
    input: AddHouseholdMemberInput,
  ): Promise<HouseholdPayload> {
    const row = await addHouseholdMember(ctx, withIds(input));
    return new HouseholdPayload(row, sightOf(ctx));
  }

  @Mutation(() => HouseholdPayload, {
    description:
      'Ends the membership of a customer. In a household by rule it also says "not in this one": the rule does not put ' +
      'them in again, until they are added by hand. Needs the scope `identity:manage`. Codes: `NOT_FOUND`.',
  })
  async removeHouseholdMember(
    @Ctx() ctx: Context,
    @Arg('input', () => RemoveHouseholdMemberInput, { description: 'Who and where.' })
    input: RemoveHouseholdMemberInput,
  ): Promise<HouseholdPayload> {
    const row = await removeHouseholdMember(ctx, withIds(input));
    return new HouseholdPayload(row, sightOf(ctx));
  }
}

@Resolver(() => HouseholdMember)
export class HouseholdMemberResolver {
  @FieldResolver(() => Customer, { description: 'The member. Needs the scope `customers:read`.' })
  customer(@Root() member: HouseholdMember, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, member.row.customerId);
  }
}

function withIds<I extends { readonly householdId: string; readonly customerId: string }>(input: I): I {
  return {
    ...input,
    householdId: fromPublicId('hh', input.householdId, 'input.householdId'),
    customerId: fromPublicId('cus', input.customerId, 'input.customerId'),
  };
}
