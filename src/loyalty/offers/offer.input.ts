import { Extensions, Field, ID, InputType, Int } from 'type-graphql';
import { ConditionInput } from '../../conditions/condition.input.ts';
import { CurrencyCode, DateTime, Decimal } from '../../kernel/scalars.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { ChannelEnum } from '../../touchpoints/touchpoint.type.ts';
import { Points } from '../points.type.ts';
import { OfferLimitPeriodEnum, OfferStatusEnum, UnknownCostsEnum } from './offer.enum.ts';
import type { LimitPeriod, OfferStatus } from './offer.ts';

const reasonField = { nullable: true, description: 'Why, for the audit log.' } as const;
const ofField = { nullable: true, description: 'Of these lines only; left out: of the whole basket.' } as const;

@InputType({ description: 'An exact amount of money.' })
export class OfferMoneyInput {
  @Field(() => Decimal, { description: 'In units of the currency, not negative: "12.50".' })
  readonly amount!: string;

  @Field(() => CurrencyCode, { description: 'ISO 4217 code. All amounts of an offer are in one currency.' })
  readonly currency!: string;
}

@InputType({ description: 'Lines of a basket: an entry of either list is enough.' })
export class OfferItemsInput {
  @Field(() => [String], { nullable: true, description: 'These articles.' })
  readonly skus?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Articles of these categories.' })
  readonly categories?: string[] | null;
}

@InputType({ description: 'So many pieces have to be in the basket.' })
export class OfferItemTestInput extends OfferItemsInput {
  @Field(() => Int, { description: 'At least so many pieces of these articles together.' })
  readonly quantity!: number;
}

@InputType({ description: 'What the basket has to be like. Everything given must hold.' })
export class OfferBasketInput {
  @Field(() => OfferMoneyInput, { nullable: true, description: 'Worth at least this much, before discounts.' })
  readonly minimum?: OfferMoneyInput | null;

  @Field(() => [OfferItemTestInput], { nullable: true, description: 'Each of these must be in it.' })
  readonly items?: OfferItemTestInput[] | null;
}

@InputType({ description: 'A share off the price.' })
export class OfferPercentInput {
  @Field(() => Decimal, { description: 'Above 0 and up to 100, with at most four decimal places.' })
  readonly percent!: string;

  @Field(() => OfferMoneyInput, { nullable: true, description: 'At most this much. Needed for a budget of money.' })
  readonly maximum?: OfferMoneyInput | null;

  @Field(() => OfferItemsInput, ofField)
  readonly of?: OfferItemsInput | null;
}

@InputType({ description: 'An amount off the price, never more than that.' })
export class OfferFixedInput {
  @Field(() => OfferMoneyInput, { description: 'How much.' })
  readonly amount!: OfferMoneyInput;

  @Field(() => OfferItemsInput, ofField)
  readonly of?: OfferItemsInput | null;
}

@InputType({ description: "Points of the offer's programme." })
export class OfferPointsInput {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet!: string;

  @Field(() => Points, { description: 'How many.' })
  readonly points!: bigint;
}

@InputType({ description: 'More points for the same basket.' })
export class OfferMultiplierInput {
  @Field(() => String, { description: 'Key of the wallet.' })
  readonly wallet!: string;

  @Field(() => Decimal, { description: 'Above 1: "3" gives twice what the basket earns on top. Several add up.' })
  readonly factor!: string;
}

@InputType({ description: 'Pieces of an article at a price.' })
export class OfferProductInput {
  @Field(() => String, { description: 'The article.' })
  readonly sku!: string;

  @Field(() => Int, { defaultValue: 1, description: 'At most so many pieces.' })
  readonly quantity!: number;

  @Field(() => OfferMoneyInput, { description: 'Of one piece; "0" for a gift.' })
  readonly price!: OfferMoneyInput;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What the customer gets: exactly one of these.' })
export class OfferValueInput {
  @Field(() => OfferPercentInput, { nullable: true, description: 'A share off the price.' })
  readonly percent?: OfferPercentInput | null;

  @Field(() => OfferFixedInput, { nullable: true, description: 'An amount off the price.' })
  readonly fixed?: OfferFixedInput | null;

  @Field(() => OfferPointsInput, { nullable: true, description: 'Points.' })
  readonly points?: OfferPointsInput | null;

  @Field(() => OfferMultiplierInput, { nullable: true, description: 'More points for the basket.' })
  readonly multiplier?: OfferMultiplierInput | null;

  @Field(() => OfferProductInput, { nullable: true, description: 'An article for less, or for free.' })
  readonly product?: OfferProductInput | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What all uses together may cost: exactly one of these.' })
export class OfferBudgetInput {
  @Field(() => OfferMoneyInput, { nullable: true, description: 'So much money: discounts and costs.' })
  readonly money?: OfferMoneyInput | null;

  @Field(() => Int, { nullable: true, description: 'So many uses.' })
  readonly uses?: number | null;
}

@InputType({ description: 'How often one customer may use it.' })
export class OfferLimitInput {
  @Field(() => OfferLimitPeriodEnum, { description: 'In which period.' })
  readonly per!: LimitPeriod;

  @Field(() => Int, { description: 'At most so many uses.' })
  readonly uses!: number;
}

@InputType({ description: 'Keeps an offer from eating up the margin.' })
export class OfferMarginInput {
  @Field(() => Decimal, { description: 'So much of the price after discount has to be left above costs, in percent.' })
  readonly minimumPercent!: string;

  @Field(() => UnknownCostsEnum, { defaultValue: 'REFUSE', description: 'What if the costs are not known.' })
  readonly ifUnknown!: 'REFUSE' | 'ALLOW';
}

@InputType({ description: 'Which offers go together, and in which order they are applied.' })
export class OfferStackingInput {
  @Field(() => Boolean, { defaultValue: false, description: 'It goes with no other offer.' })
  readonly exclusive!: boolean;

  @Field(() => String, { nullable: true, description: 'Of one group only one offer is used.' })
  readonly group?: string | null;

  @Field(() => Int, { defaultValue: 0, description: 'A higher priority goes first.' })
  readonly priority!: number;
}

@InputType({ description: 'By what offers are ranked: acceptance × (worth − costs) × lever.' })
export class OfferExpectationInput {
  @Field(() => Decimal, { defaultValue: '0.1', description: 'How many will accept it, 0 to 1, before any were asked.' })
  readonly acceptance!: string;

  @Field(() => Int, { defaultValue: 20, description: 'That guess counts as much as so many answers.' })
  readonly weight!: number;

  @Field(() => OfferMoneyInput, {
    nullable: true,
    description: 'What an acceptance is worth before discount and cost. Left out: the margin of the basket.',
  })
  readonly worth?: OfferMoneyInput | null;

  @Field(() => Decimal, { defaultValue: '1', description: 'By how much to push it.' })
  readonly lever!: string;
}

@InputType({ description: 'What an offer says.' })
export class OfferDefinitionInput {
  @Field(() => String, { nullable: true, description: 'For people, in up to 2000 characters.' })
  readonly description?: string | null;

  @Field(() => ConditionInput, { nullable: true, description: 'Which customers, as a tree. Left out: everybody.' })
  readonly eligibility?: ConditionInput | null;

  @Field(() => String, { nullable: true, description: 'Which customers, in words. Give this or `eligibility`.' })
  readonly eligibilityText?: string | null;

  @Field(() => [String], { nullable: true, description: 'Keys of tiers of its programme. Left out: all.' })
  readonly tiers?: string[] | null;

  @Field(() => [ChannelEnum], { nullable: true, description: 'Only on these channels.' })
  readonly channels?: Channel[] | null;

  @Field(() => [String], { nullable: true, description: 'Only in these stores.' })
  readonly stores?: string[] | null;

  @Field(() => OfferBasketInput, { nullable: true, description: 'Only with such a basket.' })
  readonly basket?: OfferBasketInput | null;

  @Field(() => OfferValueInput, { description: 'What the customer gets.' })
  readonly value!: OfferValueInput;

  @Field(() => DateTime, { nullable: true, description: 'From then on.' })
  readonly validFrom?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Until before then.' })
  readonly validTo?: Date | null;

  @Field(() => OfferBudgetInput, { nullable: true, description: 'What it may cost in all. Left out: no end.' })
  readonly budget?: OfferBudgetInput | null;

  @Field(() => [OfferLimitInput], { nullable: true, description: 'How often one customer may use it. All must hold.' })
  readonly limits?: OfferLimitInput[] | null;

  @Field(() => OfferMarginInput, { nullable: true, description: 'What margin has to be left.' })
  readonly margin?: OfferMarginInput | null;

  @Field(() => OfferStackingInput, { nullable: true, description: 'With which others it goes. Left out: with all.' })
  readonly stacking?: OfferStackingInput | null;

  @Field(() => Decimal, {
    defaultValue: '0',
    description: 'So many percent of all customers never get it, always the same ones: to measure its effect.',
  })
  readonly holdoutPercent!: string;

  @Field(() => OfferExpectationInput, { nullable: true, description: 'By what it is ranked.' })
  readonly expected?: OfferExpectationInput | null;

  @Field(() => OfferMoneyInput, { nullable: true, description: 'What one use costs beside a discount.' })
  readonly cost?: OfferMoneyInput | null;

  @Field(() => Int, { defaultValue: 15, description: 'So many minutes it is held after it was presented.' })
  readonly holdMinutes!: number;

  @Field(() => Int, { defaultValue: 1440, description: 'So many minutes it is held after it was accepted.' })
  readonly redeemMinutes!: number;
}

@InputType({ description: 'The offer to create, as a draft.' })
export class CreateOfferInput {
  @Field(() => String, { description: '1 to 200 characters.' })
  readonly name!: string;

  @Field(() => ID, { nullable: true, description: 'The programme whose tiers and points it uses, `prg_…`.' })
  readonly programId?: string | null;

  @Field(() => OfferDefinitionInput, { description: 'What it says.' })
  readonly definition!: OfferDefinitionInput;

  @Field(() => String, reasonField)
  readonly reason?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Up to 200 characters. The same key with the same input creates one offer; else `IDEMPOTENCY_CONFLICT`.',
  })
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'How an offer is to change. What is left out stays.' })
export class UpdateOfferInput {
  @Field(() => ID, { description: 'The offer, `off_…`.' })
  readonly offerId!: string;

  @Field(() => String, { nullable: true, description: '1 to 200 characters.' })
  readonly name?: string | null;

  @Field(() => OfferDefinitionInput, { nullable: true, description: 'All that it says from now on.' })
  readonly definition?: OfferDefinitionInput | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The `version` that you know: `VERSION_CONFLICT` if it is another.',
  })
  readonly expectedVersion?: number | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}

@InputType({ description: 'Whether an offer is to be made.' })
export class SetOfferStatusInput {
  @Field(() => ID, { description: 'The offer, `off_…`.' })
  readonly offerId!: string;

  @Field(() => OfferStatusEnum, { description: 'LIVE, PAUSED or ENDED; ENDED is for good.' })
  readonly status!: OfferStatus;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}
