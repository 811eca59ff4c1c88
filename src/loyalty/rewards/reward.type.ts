import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Money } from '../../kernel/money.type.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { Points } from '../points.type.ts';
import { LoyaltyDecisionPayload } from '../redeeming/decision.type.ts';
import type { RedeemedReward } from './redeem-reward.service.ts';
import type { Reward, RewardKind } from './reward.ts';
import { LoyaltyRewardKind } from './voucher.enum.ts';
import type { VoucherTerms } from './voucher.ts';
import { LoyaltyVoucher, VoucherWorth } from './voucher.type.ts';

@ObjectType({ simpleResolvers: true, description: 'The voucher that a reward issues.' })
export class RewardVoucher {
  @Field(() => VoucherWorth, { description: 'What it is worth.' })
  readonly worth: VoucherWorth;

  @Field(() => Int, { nullable: true, description: 'For how many days of 24 hours it is valid; null: for ever.' })
  readonly validDays: number | null;

  @Field(() => Int, { description: 'How often it can be used.' })
  readonly uses: number;

  constructor({ worth, validDays, uses }: VoucherTerms) {
    this.worth = new VoucherWorth(worth);
    this.validDays = validDays;
    this.uses = uses;
  }
}

@ObjectType({ implements: Node, simpleResolvers: true, description: 'What points buy.' })
export class LoyaltyReward implements Node {
  @Field(() => ID, { description: '`rwd_…`' })
  readonly id: string;

  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => String, { description: 'What it is called.' })
  readonly name: string;

  @Field(() => String, { nullable: true, description: 'What it is.' })
  readonly description: string | null;

  @Field(() => String, { description: 'Key of the wallet that pays.' })
  readonly wallet: string;

  @Field(() => Points, { description: 'Its price.' })
  readonly points: bigint;

  @Field(() => LoyaltyRewardKind, { description: 'What it is.' })
  readonly kind: RewardKind;

  @Field(() => RewardVoucher, { nullable: true, description: 'Of a VOUCHER: what is issued.' })
  readonly voucher: RewardVoucher | null;

  @Field(() => Int, { nullable: true, description: 'How many are left; null: as many as anybody wants.' })
  readonly stock: number | null;

  @Field(() => [String], { nullable: true, description: 'Keys of the tiers that it is for; null: all.' })
  readonly tiers: readonly string[] | null;

  @Field(() => Int, { nullable: true, description: 'How often one customer can have it; null: at will.' })
  readonly perMember: number | null;

  @Field(() => Money, { nullable: true, description: 'What it costs the programme.' })
  readonly cost: Money | null;

  @Field(() => Date, { nullable: true, description: 'The first instant at which it is offered.' })
  readonly validFrom: Date | null;

  @Field(() => Date, { nullable: true, description: 'The first instant at which it is not offered any more.' })
  readonly validTo: Date | null;

  @Field(() => Boolean, { description: 'Whether it is offered at all.' })
  readonly active: boolean;

  @Field(() => Date, { description: 'When it was created.' })
  readonly createdAt: Date;

  @Field(() => Date, { description: 'When somebody changed it last.' })
  readonly updatedAt: Date;

  constructor(reward: Reward) {
    const { costMinor, costCurrency } = reward;
    this.id = toPublicId('rwd', reward.id);
    this.programId = toPublicId('prg', reward.programId);
    this.name = reward.name;
    this.description = reward.description;
    this.wallet = reward.wallet;
    this.points = reward.points;
    this.kind = reward.kind;
    this.voucher = reward.voucher && new RewardVoucher(reward.voucher);
    this.stock = reward.stock;
    this.tiers = reward.tiers;
    this.perMember = reward.perMember;
    this.cost = costMinor === null || costCurrency === null ? null : new Money(costMinor, costCurrency);
    this.validFrom = reward.validFrom;
    this.validTo = reward.validTo;
    this.active = reward.active;
    this.createdAt = reward.createdAt;
    this.updatedAt = reward.updatedAt;
  }
}

@ObjectType({ description: 'A page of rewards.' })
export class LoyaltyRewardConnection extends connectionType(LoyaltyReward, 'LoyaltyReward') {}

@ObjectType({ simpleResolvers: true, description: 'A reward as it is now.' })
export class LoyaltyRewardPayload {
  @Field(() => LoyaltyReward, { description: 'The reward.' })
  readonly reward: LoyaltyReward;

  constructor(reward: Reward) {
    this.reward = new LoyaltyReward(reward);
  }
}

@ObjectType({ description: 'What a member got for points.' })
export class RedeemRewardPayload {
  @Field(() => LoyaltyDecisionPayload, { description: 'The decision, and what is left.' })
  readonly redemption: LoyaltyDecisionPayload;

  @Field(() => LoyaltyVoucher, { nullable: true, description: 'The voucher that was issued, of a reward that is one.' })
  readonly voucher: LoyaltyVoucher | null;

  constructor({ decision, voucher }: RedeemedReward) {
    this.redemption = new LoyaltyDecisionPayload(decision);
    this.voucher = voucher && new LoyaltyVoucher(voucher);
  }
}
