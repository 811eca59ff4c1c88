import { Extensions, Field, Float, ID, InputType, Int } from 'type-graphql';
import { IdentifierInput } from '../../identity/identifier.input.ts';
import { CurrencyCode, DateTime, Decimal } from '../../kernel/scalars.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { ChannelEnum } from '../../touchpoints/touchpoint.type.ts';
import { OfferMoneyInput } from './offer.input.ts';

const channelField = { nullable: true, description: 'Where it takes place: `POS` for a till.' } as const;
const storeField = { nullable: true, description: 'Which store, as offers name it.' } as const;
const customerField = {
  nullable: true,
  description: 'The customer, `cus_…`. Give this, `identifier`, or neither where nobody is known.',
} as const;
const identifierField = {
  nullable: true,
  description: 'Something that the customer showed: a card. Carried by nobody, it counts as nobody known.',
} as const;
const occurredAtField = {
  nullable: true,
  description: 'When it took place; now when left out. Of a till that was offline, up to 30 days ago.',
} as const;

@InputType({ description: 'A line of a basket.' })
export class BasketLineInput {
  @Field(() => String, { description: 'The article.' })
  readonly sku!: string;

  @Field(() => String, { nullable: true, description: 'What it is called.' })
  readonly name?: string | null;

  @Field(() => String, { nullable: true, description: 'Its category.' })
  readonly category?: string | null;

  @Field(() => Float, { defaultValue: 1, description: 'Above 0, with at most three decimal places.' })
  readonly quantity!: number;

  @Field(() => Decimal, { description: 'Of one piece, in units of the currency.' })
  readonly price!: string;

  @Field(() => Decimal, { nullable: true, description: 'What a piece costs the business: for margins.' })
  readonly cost?: string | null;
}

@InputType({ description: 'What somebody is about to buy.' })
export class BasketInput {
  @Field(() => CurrencyCode, { description: 'ISO 4217 code, of all prices.' })
  readonly currency!: string;

  @Field(() => [BasketLineInput], { description: 'At most 500.' })
  readonly lines!: BasketLineInput[];
}

@InputType({ description: 'For whom, where and with what basket offers are wanted.' })
export class NextBestOffersInput {
  @Field(() => ID, customerField)
  readonly customerId?: string | null;

  @Field(() => IdentifierInput, identifierField)
  readonly identifier?: IdentifierInput | null;

  @Field(() => ChannelEnum, channelField)
  readonly channel?: Channel | null;

  @Field(() => String, storeField)
  readonly store?: string | null;

  @Field(() => BasketInput, { nullable: true, description: 'What is in the basket so far.' })
  readonly basket?: BasketInput | null;

  @Field(() => CurrencyCode, { nullable: true, description: "Only offers of this currency; left out: the basket's." })
  readonly currency?: string | null;

  @Field(() => Int, { defaultValue: 3, description: 'At most so many offers: 1 to 50.' })
  readonly first!: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Also answer, behind the others, the live offers that are not made, each with its `rejection`.',
  })
  readonly includeRejected!: boolean;
}

@InputType({ description: 'An offer that is shown to somebody.' })
export class PresentOfferInput {
  @Field(() => ID, { description: 'The offer, `off_…`.' })
  readonly offerId!: string;

  @Field(() => ID, customerField)
  readonly customerId?: string | null;

  @Field(() => IdentifierInput, identifierField)
  readonly identifier?: IdentifierInput | null;

  @Field(() => ChannelEnum, channelField)
  readonly channel?: Channel | null;

  @Field(() => String, storeField)
  readonly store?: string | null;

  @Field(() => BasketInput, { nullable: true, description: 'What is in the basket.' })
  readonly basket?: BasketInput | null;

  @Field(() => DateTime, occurredAtField)
  readonly occurredAt?: Date | null;

  @Field(() => String, {
    description:
      'Up to 200 characters. The same key with the same input presents once; with another input, `IDEMPOTENCY_CONFLICT`. ' +
      'What follows can name the presentation by it.',
  })
  readonly idempotencyKey!: string;
}

@InputType({ description: 'What became of an offer that was presented. It can be sent again at will.' })
export class DecideOfferInput {
  @Field(() => ID, { nullable: true, description: 'The presentation, `prs_…`. Give this or `presentationKey`.' })
  readonly presentationId?: string | null;

  @Field(() => String, { nullable: true, description: 'The idempotency key with which this API key presented it.' })
  readonly presentationKey?: string | null;

  @Field(() => DateTime, occurredAtField)
  readonly occurredAt?: Date | null;
}

@InputType({ description: 'The use of an offer that was presented. It can be sent again at will.' })
export class RedeemOfferInput extends DecideOfferInput {
  @Field(() => OfferMoneyInput, {
    nullable: true,
    description: 'What was taken off. Left out: as much as was reserved, which is the most that it can be.',
  })
  readonly amount?: OfferMoneyInput | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'An offer by itself, or as it was presented: exactly one of these.' })
export class CheckoutOfferInput {
  @Field(() => ID, { nullable: true, description: 'The offer, `off_…`.' })
  readonly offerId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The presentation, `prs_…`: it is honoured while it is held.' })
  readonly presentationId?: string | null;
}

@InputType({ description: 'What is about to be paid, by whom.' })
export class CheckoutInput {
  @Field(() => ID, customerField)
  readonly customerId?: string | null;

  @Field(() => IdentifierInput, identifierField)
  readonly identifier?: IdentifierInput | null;

  @Field(() => BasketInput, { description: 'What is in the basket.' })
  readonly basket!: BasketInput;

  @Field(() => ChannelEnum, channelField)
  readonly channel?: Channel | null;

  @Field(() => String, storeField)
  readonly store?: string | null;

  @Field(() => [String], { nullable: true, description: 'Codes that the customer shows, at most 50.' })
  readonly vouchers?: string[] | null;

  @Field(() => [CheckoutOfferInput], {
    nullable: true,
    description: 'Only these offers, at most 100. Left out: all for which customer and basket qualify.',
  })
  readonly offers?: CheckoutOfferInput[] | null;
}
