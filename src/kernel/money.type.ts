import { Field, ObjectType } from 'type-graphql';
import { currencyExponent, toDecimal } from './money.ts';
import { CurrencyCode, Decimal } from './scalars.ts';

@ObjectType({ simpleResolvers: true, description: 'An exact amount of money.' })
export class Money {
  @Field(() => Decimal, { description: 'With all decimal places of the currency: "12.50" EUR, "1250" JPY.' })
  readonly amount: string;

  @Field(() => CurrencyCode, { description: 'ISO 4217 code, such as "EUR".' })
  readonly currency: string;

  constructor(minor: bigint, currency: string) {
    // Two places for what ISO 4217 has dropped since it was stored: a view must never fail on old data.
    this.amount = toDecimal(minor, currencyExponent(currency) ?? 2);
    this.currency = currency;
  }
}
