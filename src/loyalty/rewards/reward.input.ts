import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import { Points } from '../points.type.ts';
import { keyField, occurredField, programField, reasonField, TillInput } from '../redeeming/redeeming.input.ts';
import type { RewardKind } from './reward.ts';
import { LoyaltyRewardKind } from './voucher.enum.ts';
import { LoyaltyMoneyInput, VoucherWorthInput } from './voucher.input.ts';

@InputType({ description: 'The voucher that a reward issues.' })
export class RewardVoucherInput {
  @Field(() => VoucherWorthInput, { description: 'What it is worth.' })
  readonly worth!: VoucherWorthInput;

  @Field(() => Int, {
    nullable: true,
    description: 'For how many days of 24 hours it is valid; for ever, if left out.',
  })
  readonly validDays?: number | null;

  @Field(() => Int, { defaultValue: 1, description: 'How often it can be used.' })
  readonly uses!: number;
}

@InputType({ description: 'What a reward says beside its name and price.' })
export class RewardTermsInput {
  @Field(() => String, { nullable: true, description: 'Up to 2000 characters.' })
  readonly description?: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the wallet that pays; the only one, if left out.' })
  readonly wallet?: string | null;

  @Field(() => LoyaltyRewardKind, { nullable: true, description: 'PRODUCT, if left out and there is no voucher.' })
  readonly kind?: RewardKind | null;

  @Field(() => RewardVoucherInput, { nullable: true, description: 'Of a VOUCHER: what is issued.' })
  readonly voucher?: RewardVoucherInput | null;

  @Field(() => Int, { nullable: true, description: 'How many there are; null: as many as anybody wants.' })
  readonly stock?: number | null;

  @Field(() => [String], { nullable: true, description: 'Keys of the tiers that it is for; null: all.' })
  readonly tiers?: string[] | null;

  @Field(() => Int, { nullable: true, description: 'How often one customer can have it; null: at will.' })
  readonly perMember?: number | null;

  @Field(() => LoyaltyMoneyInput, { nullable: true, description: 'What it costs the programme.' })
  readonly cost?: LoyaltyMoneyInput | null;

  @Field(() => DateTime, { nullable: true, description: 'The first instant at which it is offered.' })
  readonly validFrom?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The first instant at which it is not offered any more.' })
  readonly validTo?: Date | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is offered at all; true, if left out.' })
  readonly active?: boolean | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}

@InputType({ description: 'A reward to create.' })
export class CreateRewardInput extends RewardTermsInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => String, { description: '1 to 200 characters.' })
  readonly name!: string;

  @Field(() => Points, { description: 'Its price: 0 or more.' })
  readonly points!: bigint;

  @Field(() => String, keyField)
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'How a reward is to change. What is left out stays; null takes a limit away.' })
export class UpdateRewardInput extends RewardTermsInput {
  @Field(() => ID, { description: 'The reward, `rwd_…`.' })
  readonly rewardId!: string;

  @Field(() => String, { nullable: true, description: '1 to 200 characters.' })
  readonly name?: string | null;

  @Field(() => Points, { nullable: true, description: 'Its price: 0 or more.' })
  readonly points?: bigint | null;
}

@InputType({ description: 'A reward that a member wants.' })
export class RedeemRewardInput extends TillInput {
  @Field(() => ID, { description: 'The reward, `rwd_…`. Its programme is meant.' })
  readonly rewardId!: string;

  @Field(() => DateTime, occurredField)
  readonly occurredAt?: Date | null;
}
