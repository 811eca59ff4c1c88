import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import type { AdjustmentService, GivePoints } from './adjust.service.ts';
import { balancesOfOwner } from './balance.service.ts';
import type { DecisionDesk } from './decide.service.ts';
import {
  LoyaltyDecision,
  LoyaltyDecisionConnection,
  LoyaltyDecisionPayload,
  LoyaltyWalletBalance,
} from './decision.type.ts';
import { findDecision, listDecisionsOf } from './decision-reader.service.ts';
import type { RedeemingService } from './redeem.service.ts';
import {
  GivePointsInput,
  givenMember,
  givenProgram,
  RedeemPointsInput,
  ReservationInput,
  ReservePointsInput,
  ReverseLoyaltyDecisionInput,
  TransferPointsInput,
} from './redeeming.input.ts';
import type { ReversalService } from './reversal.service.ts';
import type { TransferService } from './transfer.service.ts';

const codes =
  'Needs the scope `loyalty:operate`. Codes: `NOT_FOUND`, `NOT_A_MEMBER`, `PROGRAM_NOT_OPEN`, `INSUFFICIENT_POINTS` with ' +
  '`available` and `requested` (nothing has been written then), `BAD_USER_INPUT`, `IDEMPOTENCY_CONFLICT`; ' +
  '`SERVICE_UNAVAILABLE` while customers are being merged: try again.';

/** For `node(id)` with an `ldc_…`. */
export async function findLoyaltyDecisionNode(ctx: Context, uuid: string): Promise<LoyaltyDecision | null> {
  const decision = await findDecision(ctx, uuid);
  return decision && new LoyaltyDecision(decision);
}

export interface RedeemingParts {
  readonly desk: DecisionDesk;
  readonly redeeming: RedeemingService;
  readonly reversal: ReversalService;
  readonly adjustments: AdjustmentService;
  readonly transfers: TransferService;
}

@Resolver()
export class RedeemingResolver {
  readonly #parts: RedeemingParts;

  constructor(parts: RedeemingParts) {
    this.#parts = parts;
  }

  @Query(() => LoyaltyDecisionConnection, {
    description:
      'What was decided about the points of a customer, the latest first. Needs the scope `loyalty:read`. Codes: `NOT_FOUND`.',
  })
  async loyaltyDecisions(
    @Ctx() ctx: Context,
    @Arg('customerId', () => ID, { description: 'Any id (`cus_…`) that the customer ever had.' }) customerId: string,
    @Arg('programId', () => ID, {
      nullable: true,
      description: 'The programme, `prg_…`. Left out: the only one there is.',
    })
    programId: string | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<LoyaltyDecisionConnection> {
    const program = await this.#parts.desk.programOf(ctx, { programId: givenProgram(programId, 'programId') });
    const customer = fromPublicId('cus', customerId, 'customerId');
    const page = await listDecisionsOf(ctx, { programId: program.id, customerId: customer, first, after });
    const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: new LoyaltyDecision(node) }));
    return { edges, nodes: edges.map(({ node }) => node), pageInfo: page.pageInfo };
  }

  @Mutation(() => LoyaltyDecisionPayload, {
    description:
      'Takes points for what the caller gives for them: paying with points. Of all accounts that the member may spend ' +
      `from, those of their pool included, what expires first goes first. ${codes}`,
  })
  async redeemPoints(
    @Ctx() ctx: Context,
    @Arg('input', () => RedeemPointsInput, { description: 'Whose, and how many.' }) input: RedeemPointsInput,
  ): Promise<LoyaltyDecisionPayload> {
    return new LoyaltyDecisionPayload(await this.#parts.redeeming.redeemPoints(ctx, withMember(input)));
  }

  @Mutation(() => LoyaltyDecisionPayload, {
    description:
      'Holds points until `confirmReservation` or `releaseReservation`; when their time is up they are released by ' +
      `themselves. ${codes}`,
  })
  async reservePoints(
    @Ctx() ctx: Context,
    @Arg('input', () => ReservePointsInput, { description: 'Whose, how many, for how long.' })
    input: ReservePointsInput,
  ): Promise<LoyaltyDecisionPayload> {
    return new LoyaltyDecisionPayload(await this.#parts.redeeming.reservePoints(ctx, withMember(input)));
  }

  @Mutation(() => LoyaltyDecisionPayload, {
    description:
      'Spends the points that a reservation holds; repeating it changes nothing. Needs the scope `loyalty:operate`. Codes: ' +
      '`NOT_FOUND`, `RESERVATION_ENDED` where it was released or its time is up, `BAD_USER_INPUT`.',
  })
  async confirmReservation(
    @Ctx() ctx: Context,
    @Arg('input', () => ReservationInput, { description: 'Which.' }) input: ReservationInput,
  ): Promise<LoyaltyDecisionPayload> {
    return new LoyaltyDecisionPayload(await this.#parts.reversal.confirmReservation(ctx, withDecision(input)));
  }

  @Mutation(() => LoyaltyDecisionPayload, {
    description:
      'Frees the points that a reservation holds; repeating it changes nothing. Needs the scope `loyalty:operate`. Codes: ' +
      '`NOT_FOUND`, `RESERVATION_ENDED` where it was confirmed, `BAD_USER_INPUT`.',
  })
  async releaseReservation(
    @Ctx() ctx: Context,
    @Arg('input', () => ReservationInput, { description: 'Which.' }) input: ReservationInput,
  ): Promise<LoyaltyDecisionPayload> {
    return new LoyaltyDecisionPayload(await this.#parts.reversal.releaseReservation(ctx, withDecision(input)));
  }

  @Mutation(() => LoyaltyDecisionPayload, {
    description:
      'Undoes a decision: points go back to the lots that they came from (what of them has expired meanwhile stays expired), ' +
      'a reward to its stock, its voucher is cancelled; what it gave is taken back. Repeating it changes nothing. Needs the ' +
      'scope `loyalty:operate`. Codes: `NOT_FOUND`, `INSUFFICIENT_POINTS` where what it gave has been spent, ' +
      '`VOUCHER_USED_UP` where its voucher has been used, `BAD_USER_INPUT`.',
  })
  async reverseLoyaltyDecision(
    @Ctx() ctx: Context,
    @Arg('input', () => ReverseLoyaltyDecisionInput, { description: 'Which, and why.' })
    input: ReverseLoyaltyDecisionInput,
  ): Promise<LoyaltyDecisionPayload> {
    const reverse = { ...withDecision(input), reason: input.reason };
    return new LoyaltyDecisionPayload(await this.#parts.reversal.reverseDecision(ctx, reverse));
  }

  @Mutation(() => LoyaltyDecisionPayload, { description: `Corrects a balance by hand, up or down. ${codes}` })
  async adjustPoints(
    @Ctx() ctx: Context,
    @Arg('input', () => GivePointsInput, { description: 'Whose, by how many, and why.' }) input: GivePointsInput,
  ): Promise<LoyaltyDecisionPayload> {
    return new LoyaltyDecisionPayload(await this.#parts.adjustments.adjustPoints(ctx, withMember(input)));
  }

  @Mutation(() => LoyaltyDecisionPayload, { description: `Gives points by hand. ${codes}` })
  async grantBonus(
    @Ctx() ctx: Context,
    @Arg('input', () => GivePointsInput, { description: 'To whom, how many, and why.' }) input: GivePointsInput,
  ): Promise<LoyaltyDecisionPayload> {
    const given: GivePoints = withMember(input);
    return new LoyaltyDecisionPayload(await this.#parts.adjustments.grantBonus(ctx, given));
  }

  @Mutation(() => LoyaltyDecisionPayload, {
    description: `Gives points of a member to another. What expires goes on expiring when it did. ${codes}`,
  })
  async transferPoints(
    @Ctx() ctx: Context,
    @Arg('input', () => TransferPointsInput, { description: 'From whom, to whom, how many.' })
    input: TransferPointsInput,
  ): Promise<LoyaltyDecisionPayload> {
    const decision = await this.#parts.transfers.transferPoints(ctx, {
      ...input,
      programId: givenProgram(input.programId),
      from: givenMember(input.from, 'input.from'),
      to: givenMember(input.to, 'input.to'),
    });
    return new LoyaltyDecisionPayload(decision);
  }
}

@Resolver(() => LoyaltyDecisionPayload)
export class LoyaltyDecisionPayloadResolver {
  @FieldResolver(() => [LoyaltyWalletBalance], {
    description:
      'What the member has of each wallet now, over all records of the customer; without those of their pool.',
  })
  async balances(@Root() { of }: LoyaltyDecisionPayload, @Ctx() ctx: Context): Promise<LoyaltyWalletBalance[]> {
    return (await balancesOfOwner(ctx, of)).map((balance) => new LoyaltyWalletBalance(balance));
  }
}

function withMember<I extends { programId?: string | null; member: RedeemPointsInput['member'] }>(input: I) {
  return { ...input, programId: givenProgram(input.programId), member: givenMember(input.member) };
}

function withDecision({ decisionId }: ReservationInput): { decisionId: string } {
  return { decisionId: fromPublicId('ldc', decisionId, 'input.decisionId') };
}
