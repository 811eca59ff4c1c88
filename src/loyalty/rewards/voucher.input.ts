import { Extensions, Field, ID, InputType, Int } from 'type-graphql';
import { CurrencyCode, DateTime, Decimal } from '../../kernel/scalars.ts';
import { Points } from '../points.type.ts';
import {
  keyField,
  LoyaltyMemberInput,
  occurredField,
  programField,
  reasonField,
} from '../redeeming/redeeming.input.ts';

@InputType({ description: 'An amount of money.' })
export class LoyaltyMoneyInput {
  @Field(() => Decimal, { description: 'Such as `"12.50"`: in whole minor units of the currency.' })
  readonly amount!: string;

  @Field(() => CurrencyCode, { description: 'ISO 4217 code, such as `"CHF"`.' })
  readonly currency!: string;
}

@InputType({ description: 'A share of the price.' })
export class VoucherPercentInput {
  @Field(() => Decimal, { description: 'Above 0 and up to 100, such as `"10"`.' })
  readonly percent!: string;

  @Field(() => LoyaltyMoneyInput, { nullable: true, description: 'At the most so much.' })
  readonly maximum?: LoyaltyMoneyInput | null;
}

@InputType({ description: 'Pieces of a product.' })
export class VoucherProductInput {
  @Field(() => String, { description: "The product's stock-keeping unit." })
  readonly sku!: string;

  @Field(() => Int, { defaultValue: 1, description: 'How many: 1 to 1000.' })
  readonly quantity!: number;
}

@InputType({ description: 'Points that a member gets for the voucher.' })
export class VoucherPointsInput {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet!: string;

  @Field(() => Points, { description: 'How many: 1 or more.' })
  readonly points!: bigint;
}

@InputType({ description: 'What a voucher is worth: exactly one of these.' })
@Extensions({ oneOf: true })
export class VoucherWorthInput {
  @Field(() => VoucherPercentInput, { nullable: true, description: 'A share of the price.' })
  readonly percent?: VoucherPercentInput | null;

  @Field(() => LoyaltyMoneyInput, { nullable: true, description: 'An amount off the price.' })
  readonly amount?: LoyaltyMoneyInput | null;

  @Field(() => VoucherProductInput, { nullable: true, description: 'A product for nothing.' })
  readonly product?: VoucherProductInput | null;

  @Field(() => VoucherPointsInput, { nullable: true, description: 'Points of a wallet.' })
  readonly points?: VoucherPointsInput | null;
}

@InputType({ description: 'What vouchers have in common, however they are issued.' })
export class VoucherTermsInput {
  @Field(() => ID, programField)
  readonly programId?: string | null;

  @Field(() => VoucherWorthInput, { description: 'What each is worth.' })
  readonly worth!: VoucherWorthInput;

  @Field(() => Int, { nullable: true, description: 'How often each can be used: 1 to 1000000; once, if left out.' })
  readonly uses?: number | null;

  @Field(() => DateTime, { nullable: true, description: 'The first instant at which they are valid.' })
  readonly validFrom?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The first instant at which they are not valid any more.' })
  readonly validTo?: Date | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;

  @Field(() => String, keyField)
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'One voucher to issue.' })
export class IssueVoucherInput extends VoucherTermsInput {
  @Field(() => LoyaltyMemberInput, { nullable: true, description: 'Whose it is; left out: whoever shows it.' })
  readonly member?: LoyaltyMemberInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'Its code, 3 to 64 characters in any spelling; made up, if left out.',
  })
  readonly code?: string | null;
}

@InputType({ description: 'Vouchers to issue together. Give `count` or `codes`.' })
export class CreateVoucherPoolInput extends VoucherTermsInput {
  @Field(() => String, { description: 'What the pool is called: 1 to 200 characters. Pools can be added to.' })
  readonly pool!: string;

  @Field(() => Int, { nullable: true, description: 'So many codes are made up: 1 to 10000.' })
  readonly count?: number | null;

  @Field(() => [String], { nullable: true, description: 'The codes themselves: 1 to 10000.' })
  readonly codes?: string[] | null;
}

@InputType({ description: 'A voucher that somebody shows.' })
export class RedeemVoucherInput {
  @Field(() => String, { description: 'Its code, in any spelling.' })
  readonly code!: string;

  @Field(() => LoyaltyMemberInput, {
    nullable: true,
    description: 'Who shows it. Needed where it is somebody’s, or worth points.',
  })
  readonly member?: LoyaltyMemberInput | null;

  @Field(() => String, { nullable: true, description: 'What it is used for, such as the number of a receipt.' })
  readonly reference?: string | null;

  @Field(() => DateTime, occurredField)
  readonly occurredAt?: Date | null;

  @Field(() => String, keyField)
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'A use of a voucher that does not count.' })
export class ReverseVoucherUseInput {
  @Field(() => ID, { description: 'The use, `vus_…`.' })
  readonly useId!: string;

  @Field(() => String, { description: 'Why, in 1 to 500 characters.' })
  readonly reason!: string;
}

@InputType({ description: 'A voucher that is no longer to be used.' })
export class CancelVoucherInput {
  @Field(() => ID, { description: 'The voucher, `vch_…`.' })
  readonly voucherId!: string;

  @Field(() => String, { description: 'Why, in 1 to 500 characters.' })
  readonly reason!: string;
}
