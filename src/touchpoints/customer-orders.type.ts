import { Field, Int, ObjectType } from 'type-graphql';
import type { CustomerView } from '../identity/customer.type.ts';
import { Money } from '../kernel/money.type.ts';
import { CurrencyCode, DateTime } from '../kernel/scalars.ts';
import { averageOrderValue, type CurrencyRevenue, readRevenue } from './customer-orders.ts';

@ObjectType({
  simpleResolvers: true,
  description: 'Orders and returns in one currency: the values of `order.completed` and `order.returned` added up.',
})
export class Revenue {
  @Field(() => CurrencyCode, { description: 'Nothing is converted: each currency stands for itself.' })
  readonly currency: string;

  @Field(() => Int, { description: 'Number of orders.' })
  readonly orders: number;

  @Field(() => Int, { description: 'Number of returns.' })
  readonly returns: number;

  @Field(() => Money, { description: 'Value of all orders.' })
  readonly gross: Money;

  @Field(() => Money, { description: 'Value of all returns, as a positive amount.' })
  readonly returned: Money;

  @Field(() => Money, {
    description: '`gross` less `returned`. Negative when more came back than is known to have been bought.',
  })
  readonly net: Money;

  @Field(() => Money, {
    nullable: true,
    description: '`gross` divided by `orders`, rounded half up. Null without orders.',
  })
  readonly averageOrderValue: Money | null;

  constructor(sums: CurrencyRevenue) {
    const average = averageOrderValue(sums);
    this.currency = sums.currency;
    this.orders = sums.orders;
    this.returns = sums.returns;
    this.gross = new Money(sums.gross, sums.currency);
    this.returned = new Money(sums.returned, sums.currency);
    this.net = new Money(sums.gross - sums.returned, sums.currency);
    this.averageOrderValue = average ? new Money(average.minor, sums.currency) : null;
  }
}

@ObjectType({ simpleResolvers: true, description: "A customer's orders and returns, added up." })
export class CustomerOrders {
  @Field(() => Int, { description: 'Number of orders with a value, in all currencies.' })
  readonly orders: number;

  @Field(() => Int, { description: 'Number of returns with a value, in all currencies.' })
  readonly returns: number;

  @Field(() => DateTime, { nullable: true, description: 'Time of the first order; null without orders.' })
  readonly firstOrderAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Time of the latest order; null without orders.' })
  readonly lastOrderAt: Date | null;

  @Field(() => [Revenue], { description: 'By currency, the one with the most orders first.' })
  readonly revenue: readonly Revenue[];

  constructor(customer: CustomerView) {
    const revenue = readRevenue(customer.revenue);
    this.orders = customer.orders;
    this.returns = revenue.reduce((sum, { returns }) => sum + returns, 0);
    this.firstOrderAt = customer.firstOrderAt;
    this.lastOrderAt = customer.lastOrderAt;
    this.revenue = revenue.map((sums) => new Revenue(sums));
  }
}
