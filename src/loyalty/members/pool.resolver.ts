import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { LoyaltyWalletBalance } from '../redeeming/decision.type.ts';
import { givenMember, givenProgram } from '../redeeming/redeeming.input.ts';
import { ChangeLoyaltyPoolInput, CreateLoyaltyPoolInput } from './pool.input.ts';
import { balancesOfPool, type ChangePool, findPool, type PoolService } from './pool.service.ts';
import { LoyaltyPool, LoyaltyPoolPayload } from './pool.type.ts';

const codes =
  'Needs the scope `loyalty:operate`. Codes: `NOT_FOUND`, `NOT_A_MEMBER`, `BAD_USER_INPUT` for who is in another pool of the ' +
  'programme and for a pool of 20; `SERVICE_UNAVAILABLE` while customers are being merged: try again.';

/** For `node(id)` with a `pool_…`. */
export async function findPoolNode(ctx: Context, uuid: string): Promise<LoyaltyPool | null> {
  const pool = await findPool(ctx, uuid);
  return pool && new LoyaltyPool(pool);
}

@Resolver(() => LoyaltyPool)
export class LoyaltyPoolResolver {
  readonly #pools: PoolService;

  constructor(pools: PoolService) {
    this.#pools = pools;
  }

  @Query(() => LoyaltyPool, {
    nullable: true,
    description: 'A pool by its id; null when there is none. Needs the scope `loyalty:read` or `loyalty:operate`.',
  })
  loyaltyPool(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { description: 'Its id, `pool_…`.' }) id: string,
  ): Promise<LoyaltyPool | null> {
    return findPoolNode(ctx, fromPublicId('pool', id));
  }

  @Mutation(() => LoyaltyPoolPayload, {
    description: `Creates a pool with its first member. ${codes} And \`IDEMPOTENCY_CONFLICT\`.`,
  })
  async createLoyaltyPool(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateLoyaltyPoolInput, { description: 'Whose, and what it is called.' })
    input: CreateLoyaltyPoolInput,
  ): Promise<LoyaltyPoolPayload> {
    const pool = await this.#pools.createPool(ctx, {
      ...input,
      programId: givenProgram(input.programId),
      member: givenMember(input.member),
    });
    return new LoyaltyPoolPayload(pool);
  }

  @Mutation(() => LoyaltyPoolPayload, {
    description: `Puts a member into a pool: from now on everybody in it spends from all accounts. Repeating it changes nothing. ${codes}`,
  })
  async joinLoyaltyPool(
    @Ctx() ctx: Context,
    @Arg('input', () => ChangeLoyaltyPoolInput, { description: 'Who, and which.' }) input: ChangeLoyaltyPoolInput,
  ): Promise<LoyaltyPoolPayload> {
    return new LoyaltyPoolPayload(await this.#pools.joinPool(ctx, withIds(input)));
  }

  @Mutation(() => LoyaltyPoolPayload, {
    description: `Takes a customer out of a pool, with what is left of their points. Repeating it changes nothing. ${codes}`,
  })
  async leaveLoyaltyPool(
    @Ctx() ctx: Context,
    @Arg('input', () => ChangeLoyaltyPoolInput, { description: 'Who, and which.' }) input: ChangeLoyaltyPoolInput,
  ): Promise<LoyaltyPoolPayload> {
    return new LoyaltyPoolPayload(await this.#pools.leavePool(ctx, withIds(input)));
  }

  @FieldResolver(() => [LoyaltyWalletBalance], { description: 'What all in it have together, of each wallet.' })
  async balances(@Root() { of }: LoyaltyPool, @Ctx() ctx: Context): Promise<LoyaltyWalletBalance[]> {
    return (await balancesOfPool(ctx, of)).map((balance) => new LoyaltyWalletBalance(balance));
  }
}

function withIds(input: ChangeLoyaltyPoolInput): ChangePool {
  return {
    ...input,
    poolId: fromPublicId('pool', input.poolId, 'input.poolId'),
    member: givenMember(input.member),
  };
}
