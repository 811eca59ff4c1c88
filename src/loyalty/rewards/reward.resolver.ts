import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { givenMember, givenProgram } from '../redeeming/redeeming.input.ts';
import type { RewardDesk } from './redeem-reward.service.ts';
import { CreateRewardInput, RedeemRewardInput, UpdateRewardInput } from './reward.input.ts';
import { findReward, type RewardService } from './reward.service.ts';
import { LoyaltyReward, LoyaltyRewardConnection, LoyaltyRewardPayload, RedeemRewardPayload } from './reward.type.ts';

/** For `node(id)` with an `rwd_…`. */
export async function findRewardNode(ctx: Context, uuid: string): Promise<LoyaltyReward | null> {
  const reward = await findReward(ctx, uuid);
  return reward && new LoyaltyReward(reward);
}

@Resolver()
export class RewardResolver {
  readonly #rewards: RewardService;
  readonly #desk: RewardDesk;

  constructor(rewards: RewardService, desk: RewardDesk) {
    this.#rewards = rewards;
    this.#desk = desk;
  }

  @Query(() => LoyaltyRewardConnection, {
    description: 'The catalogue of rewards, the newest first. Needs the scope `loyalty:read`.',
  })
  async loyaltyRewards(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, {
      nullable: true,
      description: 'The programme, `prg_…`. Left out: the only one there is.',
    })
    programId: string | null,
    @Arg('activeOnly', () => Boolean, { defaultValue: true, description: 'Without those that are not offered.' })
    activeOnly: boolean,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<LoyaltyRewardConnection> {
    const program = givenProgram(programId, 'programId');
    const page = await this.#rewards.list(ctx, { programId: program, activeOnly, first, after });
    const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: new LoyaltyReward(node) }));
    return { edges, nodes: edges.map(({ node }) => node), pageInfo: page.pageInfo };
  }

  @Mutation(() => LoyaltyRewardPayload, {
    description:
      'Adds a reward to the catalogue. Needs the scope `loyalty:manage`. Codes: `NOT_FOUND`, `BAD_USER_INPUT`, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  async createReward(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateRewardInput, { description: 'Which.' }) input: CreateRewardInput,
  ): Promise<LoyaltyRewardPayload> {
    const reward = await this.#rewards.create(ctx, { ...input, programId: givenProgram(input.programId) });
    return new LoyaltyRewardPayload(reward);
  }

  @Mutation(() => LoyaltyRewardPayload, {
    description:
      'Changes a reward. What was redeemed before stays as it was. Needs the scope `loyalty:manage`. Codes: `NOT_FOUND`, ' +
      '`BAD_USER_INPUT`.',
  })
  async updateReward(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateRewardInput, { description: 'Which, and how.' }) input: UpdateRewardInput,
  ): Promise<LoyaltyRewardPayload> {
    const rewardId = fromPublicId('rwd', input.rewardId, 'input.rewardId');
    return new LoyaltyRewardPayload(await this.#rewards.update(ctx, { ...input, rewardId }));
  }

  @Mutation(() => RedeemRewardPayload, {
    description:
      'Gives a member a reward for points: once for each idempotency key, never more than there are. Needs the scope ' +
      '`loyalty:operate`. Codes: `NOT_FOUND`, `NOT_A_MEMBER`, `PROGRAM_NOT_OPEN`, `REWARD_UNAVAILABLE` with `reason` ' +
      '(`INACTIVE`, `NOT_YET_VALID`, `ENDED`, `TIER`, `PER_MEMBER`), `OUT_OF_STOCK`, `INSUFFICIENT_POINTS` with `available` ' +
      'and `requested`, `BAD_USER_INPUT`, `IDEMPOTENCY_CONFLICT`.',
  })
  async redeemReward(
    @Ctx() ctx: Context,
    @Arg('input', () => RedeemRewardInput, { description: 'Who, and which.' }) input: RedeemRewardInput,
  ): Promise<RedeemRewardPayload> {
    const redeemed = await this.#desk.redeemReward(ctx, {
      ...input,
      programId: givenProgram(input.programId),
      member: givenMember(input.member),
      rewardId: fromPublicId('rwd', input.rewardId, 'input.rewardId'),
    });
    return new RedeemRewardPayload(redeemed);
  }
}
