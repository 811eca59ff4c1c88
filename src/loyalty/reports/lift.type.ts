import { Field, Float, Int, ObjectType } from 'type-graphql';
import { currencyExponent, toDecimal } from '../../kernel/money.ts';
import { Money } from '../../kernel/money.type.ts';
import { CurrencyCode, DateTime, Decimal } from '../../kernel/scalars.ts';
import type { LiftReport } from './benefit.service.ts';
import type { Estimate, GroupRevenue } from './lift.ts';

@ObjectType({ simpleResolvers: true, description: 'What the customers of one group bought, less what came back.' })
export class LoyaltyLiftGroup {
  @Field(() => Int, { description: 'Its customers, whether they bought anything or not.' })
  readonly customers: number;

  @Field(() => Int, { description: 'Of them, those with an order in the period.' })
  readonly buyers: number;

  @Field(() => Int, { description: 'Orders of the period.' })
  readonly orders: number;

  @Field(() => Money, { description: 'Orders less returns of the period.' })
  readonly revenue: Money;

  @Field(() => Decimal, { nullable: true, description: '`revenue` ÷ `customers`. Null: there is no customer.' })
  readonly mean: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description:
      'How much customers differ: the standard deviation of their net revenue, by n − 1. Null: of fewer than two.',
  })
  readonly standardDeviation: string | null;

  constructor({ customers, buyers, orders, revenue, mean, deviation }: GroupRevenue, currency: string) {
    this.customers = customers;
    this.buyers = buyers;
    this.orders = orders;
    this.revenue = new Money(revenue, currency);
    this.mean = mean === null ? null : textOf(mean, currency);
    this.standardDeviation = deviation === null ? null : textOf(deviation, currency);
  }
}

@ObjectType({ simpleResolvers: true, description: 'How much more a customer brings who takes part, in the currency.' })
export class LoyaltyAbsoluteLift {
  @Field(() => Decimal, { description: 'The mean of those who take part less that of those who are held out.' })
  readonly value: string;

  @Field(() => Decimal, { description: 'The lower end of the 95 % confidence interval.' })
  readonly lowest: string;

  @Field(() => Decimal, { description: 'Its upper end.' })
  readonly highest: string;

  constructor({ value, lowest, highest }: Estimate, currency: string) {
    this.value = textOf(value, currency);
    this.lowest = textOf(lowest, currency);
    this.highest = textOf(highest, currency);
  }
}

@ObjectType({ simpleResolvers: true, description: 'The lift as a part of what a customer brings who is held out.' })
export class LoyaltyRelativeLift {
  @Field(() => Float, { description: '0.05: five per cent more.' })
  readonly value: number;

  @Field(() => Float, { description: 'The lower end of the 95 % confidence interval.' })
  readonly lowest: number;

  @Field(() => Float, { description: 'Its upper end.' })
  readonly highest: number;

  constructor({ value, lowest, highest }: Estimate) {
    this.value = value;
    this.lowest = lowest;
    this.highest = highest;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What a programme brings in: customers who take part, compared with those who are held out by chance (`holdoutPercent`). All ' +
    'identified customers count who were first seen before the end of the period, as they are grouped now.',
})
export class LoyaltyLift {
  @Field(() => DateTime, { description: 'From when on.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'Until when; this instant no longer belongs to it.' })
  readonly to: Date;

  @Field(() => CurrencyCode, { description: 'ISO 4217. What was bought in others is left out.' })
  readonly currency: string;

  @Field(() => LoyaltyLiftGroup, { description: 'Customers who could take part in the whole period.' })
  readonly takingPart: LoyaltyLiftGroup;

  @Field(() => LoyaltyLiftGroup, { description: 'Customers who were held out in the whole period.' })
  readonly heldOut: LoyaltyLiftGroup;

  @Field(() => Int, {
    description:
      'Customers who are in neither group: versions of the period hold out different shares. 0 if they agree.',
  })
  readonly changedCustomers: number;

  @Field(() => LoyaltyAbsoluteLift, {
    nullable: true,
    description: 'Null: a group has fewer than two customers, or no customer differs from the others of their group.',
  })
  readonly absolute: LoyaltyAbsoluteLift | null;

  @Field(() => LoyaltyRelativeLift, {
    nullable: true,
    description: 'Null: as `absolute`, or because those who are held out brought nothing.',
  })
  readonly relative: LoyaltyRelativeLift | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the interval of `absolute` leaves out 0: chance alone would rarely do that. Null: as `absolute`.',
  })
  readonly significant: boolean | null;

  constructor({ from, to, currency, takingPart, heldOut, changedCustomers, lift }: LiftReport) {
    this.from = from;
    this.to = to;
    this.currency = currency;
    this.takingPart = new LoyaltyLiftGroup(takingPart, currency);
    this.heldOut = new LoyaltyLiftGroup(heldOut, currency);
    this.changedCustomers = changedCustomers;
    this.absolute = lift && new LoyaltyAbsoluteLift(lift.absolute, currency);
    this.relative = lift?.relative ? new LoyaltyRelativeLift(lift.relative) : null;
    this.significant = lift?.significant ?? null;
  }
}

/** To a hundredth of the minor unit: these are no amounts that anybody pays. */
function textOf(minor: number, currency: string): string {
  return toDecimal(BigInt(Math.round(minor * 100)), (currencyExponent(currency) ?? 2) + 2);
}
