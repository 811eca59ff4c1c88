import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { givenMember, givenProgram, type LoyaltyMemberInput } from '../redeeming/redeeming.input.ts';
import { usePrefix, type VoucherDesk } from './redeem-voucher.service.ts';
import {
  CancelVoucherInput,
  CreateVoucherPoolInput,
  IssueVoucherInput,
  RedeemVoucherInput,
  ReverseVoucherUseInput,
} from './voucher.input.ts';
import { findVoucher, type VoucherService } from './voucher.service.ts';
import {
  LoyaltyVoucher,
  LoyaltyVoucherConnection,
  LoyaltyVoucherPayload,
  VoucherPoolPayload,
  VoucherUsePayload,
} from './voucher.type.ts';

/** For `node(id)` with a `vch_…`. */
export async function findVoucherNode(ctx: Context, uuid: string): Promise<LoyaltyVoucher | null> {
  const voucher = await findVoucher(ctx, { id: uuid });
  return voucher && new LoyaltyVoucher(voucher);
}

@Resolver()
export class VoucherResolver {
  readonly #vouchers: VoucherService;
  readonly #desk: VoucherDesk;

  constructor(vouchers: VoucherService, desk: VoucherDesk) {
    this.#vouchers = vouchers;
    this.#desk = desk;
  }

  @Query(() => LoyaltyVoucher, {
    nullable: true,
    description:
      'A voucher, by id or by code: exactly one of them. Null when there is none. Needs the scope `loyalty:read`.',
  })
  async loyaltyVoucher(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { nullable: true, description: 'Its id, `vch_…`.' }) id: string | null,
    @Arg('code', () => String, { nullable: true, description: 'Its code, in any spelling.' }) code: string | null,
  ): Promise<LoyaltyVoucher | null> {
    const voucher = await findVoucher(ctx, { id: id == null ? null : fromPublicId('vch', id), code });
    return voucher && new LoyaltyVoucher(voucher);
  }

  @Query(() => LoyaltyVoucherConnection, {
    description: 'Vouchers of a pool or of a customer, the newest first. Needs the scope `loyalty:read`.',
  })
  async loyaltyVouchers(
    @Ctx() ctx: Context,
    @Arg('programId', () => ID, {
      nullable: true,
      description: 'The programme, `prg_…`. Left out: the only one there is.',
    })
    programId: string | null,
    @Arg('pool', () => String, { nullable: true, description: 'Those of this pool. Give this or `customerId`.' })
    pool: string | null,
    @Arg('customerId', () => ID, { nullable: true, description: 'Those of this customer (`cus_…`), by any record.' })
    customerId: string | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<LoyaltyVoucherConnection> {
    const page = await this.#vouchers.list(ctx, {
      programId: givenProgram(programId, 'programId'),
      pool,
      customerId: customerId == null ? null : fromPublicId('cus', customerId, 'customerId'),
      ...{ first, after },
    });
    const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: new LoyaltyVoucher(node) }));
    return { edges, nodes: edges.map(({ node }) => node), pageInfo: page.pageInfo };
  }

  @Mutation(() => LoyaltyVoucherPayload, {
    description:
      'Issues one voucher. Needs the scope `loyalty:manage`. Codes: `VOUCHER_CODE_TAKEN`, `NOT_FOUND`, `NOT_A_MEMBER`, ' +
      '`BAD_USER_INPUT`, `IDEMPOTENCY_CONFLICT`.',
  })
  async issueVoucher(
    @Ctx() ctx: Context,
    @Arg('input', () => IssueVoucherInput, { description: 'Whose, and what it is worth.' }) input: IssueVoucherInput,
  ): Promise<LoyaltyVoucherPayload> {
    return new LoyaltyVoucherPayload(await this.#vouchers.issue(ctx, withIds(input)));
  }

  @Mutation(() => VoucherPoolPayload, {
    description:
      'Issues up to 10,000 vouchers at once, with codes that are made up (nobody can guess them) or given. Needs the scope ' +
      '`loyalty:manage`. Codes: `VOUCHER_CODE_TAKEN` with `codes`, `BAD_USER_INPUT`, `IDEMPOTENCY_CONFLICT`.',
  })
  async createVoucherPool(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateVoucherPoolInput, { description: 'How many, and what they are worth.' })
    input: CreateVoucherPoolInput,
  ): Promise<VoucherPoolPayload> {
    return new VoucherPoolPayload(
      await this.#vouchers.createPool(ctx, { ...input, programId: givenProgram(input.programId) }),
    );
  }

  @Mutation(() => VoucherUsePayload, {
    description:
      'Uses a voucher, once for each idempotency key and never more often than it can be, whoever tries at the same time. ' +
      'Needs the scope `loyalty:operate`. Codes: `NOT_FOUND`, `VOUCHER_EXPIRED`, `VOUCHER_NOT_YET_VALID`, ' +
      '`VOUCHER_USED_UP`, `VOUCHER_CANCELLED`, `VOUCHER_OF_ANOTHER_MEMBER`, `BAD_USER_INPUT`, `IDEMPOTENCY_CONFLICT`.',
  })
  async redeemVoucher(
    @Ctx() ctx: Context,
    @Arg('input', () => RedeemVoucherInput, { description: 'Its code, and who shows it.' }) input: RedeemVoucherInput,
  ): Promise<VoucherUsePayload> {
    return new VoucherUsePayload(await this.#desk.redeemVoucher(ctx, withIds(input)));
  }

  @Mutation(() => VoucherUsePayload, {
    description:
      'Takes a use of a voucher back, and points that it gave. Repeating it changes nothing. Needs the scope ' +
      '`loyalty:operate`. Codes: `NOT_FOUND`, `INSUFFICIENT_POINTS` where its points have been spent, `BAD_USER_INPUT`.',
  })
  async reverseVoucherUse(
    @Ctx() ctx: Context,
    @Arg('input', () => ReverseVoucherUseInput, { description: 'Which, and why.' }) input: ReverseVoucherUseInput,
  ): Promise<VoucherUsePayload> {
    const useId = fromPublicId(usePrefix, input.useId, 'input.useId');
    return new VoucherUsePayload(await this.#desk.reverseVoucherUse(ctx, { ...input, useId }));
  }

  @Mutation(() => LoyaltyVoucherPayload, {
    description:
      'Takes a voucher out of use. Repeating it changes nothing. Needs the scope `loyalty:manage`. Codes: `NOT_FOUND`, ' +
      '`BAD_USER_INPUT`.',
  })
  async cancelVoucher(
    @Ctx() ctx: Context,
    @Arg('input', () => CancelVoucherInput, { description: 'Which, and why.' }) input: CancelVoucherInput,
  ): Promise<LoyaltyVoucherPayload> {
    const voucherId = fromPublicId('vch', input.voucherId, 'input.voucherId');
    return new LoyaltyVoucherPayload(await this.#vouchers.cancel(ctx, { ...input, voucherId }));
  }
}

function withIds<I extends { programId?: string | null; member?: LoyaltyMemberInput | null }>(input: I) {
  const member = input.member == null ? null : givenMember(input.member);
  return { ...input, programId: givenProgram(input.programId), member };
}
